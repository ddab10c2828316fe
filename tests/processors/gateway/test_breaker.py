"""The breaker: who fails too often is left alone, exactly one probe tries again, and nothing keeps it shut for good."""

from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.breaker import (
    FAILURES,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PROBE_SECONDS,
    SHARE,
    WINDOW_SECONDS,
    Breaker,
    Permit,
)

STEPS = st.lists(
    st.tuples(st.sampled_from(["enter", "succeeded", "failed", "left", "lost"]), st.floats(0, 60), st.integers(0, 9)),
    max_size=80,
)


@given(STEPS)
def test_calls_in_any_order_leave_one_probe_at_most_and_never_shut_it_for_good(
    steps: list[tuple[str, float, int]],
) -> None:
    breaker, now = Breaker(), 0.0
    running: list[Permit] = []
    probes = 0
    for what, wait, which in steps:
        now += wait
        if what == "enter" or not running:
            permit = breaker.enter(now)
            if permit is None:
                assert breaker.is_open, "closed, and nobody asked for a pause"
                assert now < breaker.ready_at(now) <= now + LONGEST_PAUSE_SECONDS + PROBE_SECONDS
                continue
            assert permit.probe == breaker.is_open
            if permit.probe:
                assert breaker.enter(now) is None, "two were let in to probe"
                probes += 1
            running.append(permit)
            continue
        permit = running.pop(which % len(running))
        if what == "succeeded":
            breaker.succeeded(permit, now)
        elif what == "failed":
            breaker.failed(permit, now)
        elif what == "left":
            breaker.left(permit)
    now += LONGEST_PAUSE_SECONDS + PROBE_SECONDS
    assert breaker.ready_at(now) <= now + LONGEST_PAUSE_SECONDS
    assert breaker.enter(breaker.ready_at(now)) is not None, "it never opens again"


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        permit = breaker.enter(now)
        assert permit
        breaker.failed(permit, now)
    assert breaker.is_open
    return breaker


@given(st.integers(0, 40), st.integers(0, 40))
def test_it_opens_by_the_share_of_failures_in_its_window(good: int, bad: int) -> None:
    breaker, has_opened = Breaker(), False
    for n in range(good + bad):
        permit = breaker.enter(1.0)
        if permit is None:
            break
        breaker.succeeded(permit, 1.0) if n < good else breaker.failed(permit, 1.0)
        failures = max(0, n + 1 - good)
        has_opened = failures >= FAILURES and failures >= SHARE * (n + 1)
        assert breaker.is_open == has_opened


def test_failures_of_before_the_window_are_forgotten() -> None:
    breaker = Breaker()
    for n in range(20):
        permit = breaker.enter(n * WINDOW_SECONDS)
        assert permit
        breaker.failed(permit, n * WINDOW_SECONDS)
    assert not breaker.is_open


def test_a_failed_probe_opens_it_again_for_longer_and_a_good_one_closes_it() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(10):
        pauses.append(breaker.ready_at(now) - now)
        now = breaker.ready_at(now)
        probe = breaker.enter(now)
        assert probe
        assert probe.probe
        breaker.failed(probe, now)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    now = breaker.ready_at(now)
    probe = breaker.enter(now)
    assert probe
    breaker.succeeded(probe, now)
    assert not breaker.is_open
    assert breaker.enter(now) == breaker.enter(now)


def test_a_lost_probe_counts_as_failed_and_the_next_one_is_let_in() -> None:
    breaker = opened()
    now = breaker.ready_at(0.0)
    lost = breaker.enter(now)
    assert lost
    later = now + PROBE_SECONDS
    assert breaker.enter(later - 1) is None
    assert breaker.enter(later) is None, "it has failed just now"
    again = breaker.enter(later + 2 * FIRST_PAUSE_SECONDS)
    assert again
    assert again.probe
    breaker.succeeded(lost, later + 2 * FIRST_PAUSE_SECONDS)
    assert breaker.is_open, "the lost probe's late answer is not the other one's"


def test_a_caller_who_leaves_the_probe_lets_the_next_one_in_at_once() -> None:
    breaker = opened()
    now = breaker.ready_at(0.0)
    probe = breaker.enter(now)
    assert probe
    breaker.left(probe)
    assert breaker.is_open
    assert breaker.enter(now) is not None


def test_an_old_call_s_success_ends_no_pause() -> None:
    breaker = Breaker()
    old = breaker.enter(0.0)
    assert old
    busy = breaker.enter(0.0)
    assert busy
    breaker.failed(busy, 0.0, not_before=60.0)
    breaker.succeeded(old, 1.0)
    assert breaker.enter(59.0) is None, "a target that asked for a minute is called after a second"
    assert breaker.enter(60.0) is not None


@given(st.floats(0, 10_000))
def test_nobody_is_asked_before_it_says_or_kept_out_for_hours(wait: float) -> None:
    breaker = Breaker()
    permit = breaker.enter(0.0)
    assert permit
    breaker.failed(permit, 0.0, not_before=wait)
    if wait > 0.1:
        assert breaker.enter(min(wait, LONGEST_PAUSE_SECONDS) - 0.1) is None
    assert breaker.enter(min(wait, LONGEST_PAUSE_SECONDS)) is not None
