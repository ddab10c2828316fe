"""The breaker: who keeps failing is left alone, one request tries again, and a success forgets all."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.providers.breaker import FAILURES, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Breaker

STEPS = st.lists(st.tuples(st.sampled_from(["succeeded", "failed", "left"]), st.floats(0, 400)), max_size=60)


@given(STEPS)
def test_it_opens_only_after_failures_in_a_row_and_never_for_good(steps: list[tuple[str, float]]) -> None:
    breaker, now, row, opened_at = Breaker(), 0.0, 0, None
    for what, wait in steps:
        now += wait
        passes = breaker.enter(now)
        if opened_at is None:
            assert passes, "closed, and nobody asked for a pause"
        else:
            assert passes or now - opened_at < LONGEST_PAUSE_SECONDS, "left alone for longer than the longest pause"
        if not passes:
            continue
        is_probe = opened_at is not None
        if is_probe:
            assert not breaker.enter(now), "two were let through to try"
        if what == "succeeded":
            breaker.succeeded()
            row, opened_at = 0, None
        elif what == "left":
            breaker.left()
        else:
            breaker.failed(now)
            row += 1
            if is_probe or row >= FAILURES:
                opened_at = now
                assert not breaker.enter(now + FIRST_PAUSE_SECONDS * 0.99)


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=5))
def test_nobody_is_asked_before_it_says_or_kept_out_for_hours(waits: list[float]) -> None:
    for wait in waits:
        breaker = Breaker()
        breaker.failed(0.0, not_before=wait)
        assert breaker.enter(min(wait, LONGEST_PAUSE_SECONDS))
        if wait > 0.1:
            assert not breaker.enter(min(wait, LONGEST_PAUSE_SECONDS) - 0.1)


def test_pauses_grow_and_a_success_forgets_them() -> None:
    breaker, now, pauses = Breaker(), 0.0, []
    for _ in range(FAILURES - 1):
        breaker.failed(now)
    for _ in range(10):
        breaker.failed(now)
        start = now
        while not breaker.enter(now):
            now += 0.5
        pauses.append(now - start)
    assert pauses == sorted(pauses)
    assert pauses[0] == FIRST_PAUSE_SECONDS
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    breaker.succeeded()
    breaker.failed(now)
    assert breaker.enter(now)
