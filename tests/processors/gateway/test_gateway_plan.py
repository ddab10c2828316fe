"""Plans: bounded retries for all targets together, none after the deadline, a fallback before any retry."""

from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.plan import LEAST_SECONDS, RETRIES, RETRY_RESERVE, RETRY_SHARE, Ask, Plan, RetryBudget, Wait

OUTCOMES = st.lists(
    st.tuples(st.sampled_from(["again", "never", "skipped"]), st.floats(0, 3), st.floats(0, 5), st.floats(0, 1)),
    min_size=60,
    max_size=60,
)


@given(st.integers(0, 5), st.floats(0, 20), OUTCOMES)
def test_no_request_asks_more_than_each_target_once_and_its_retries(
    count: int, seconds: float, outcomes: list[tuple[str, float, float, float]]
) -> None:
    plan, now = Plan(range(count), seconds, lambda: True), 0.0
    asked: list[int] = []
    not_before = dict.fromkeys(range(count), 0.0)
    gone: set[int] = set()
    for what, took, pause, draw in outcomes:
        step = plan.next(now, draw)
        if step is None:
            break
        assert now + LEAST_SECONDS <= seconds, "asked after the deadline"
        if isinstance(step, Wait):
            now += step.seconds
            assert now + LEAST_SECONDS <= seconds + 1e-9, "waits for longer than there is time"
            continue
        assert step.target not in gone
        assert not_before[step.target] <= now
        if what == "skipped":
            not_before[step.target] = now + pause
            plan.skipped(step.target, now + pause)
            continue
        asked.append(step.target)
        now += took
        if what == "again":
            not_before[step.target] = now + pause
            plan.failed(step.target, again=True, not_before=now + pause)
        else:
            gone.add(step.target)
            plan.failed(step.target, again=False)
    else:
        raise AssertionError("it does not end")
    assert len(asked) <= count + RETRIES


def test_another_target_comes_before_a_retry() -> None:
    plan = Plan([0, 1], 100.0, lambda: True)
    steps = []
    for _ in range(3):
        step = plan.next(0.0, 0.5)
        steps.append(step)
        if isinstance(step, Ask):
            plan.failed(step.target, again=True)
    assert steps[:2] == [Ask(0), Ask(1)]
    assert isinstance(steps[2], Wait)


@given(st.integers(0, 2000))
def test_retries_over_all_requests_are_a_bounded_share(requests: int) -> None:
    budget, retries = RetryBudget(), 0
    for _ in range(requests):
        budget.earn()
        while budget.take():
            retries += 1
    assert retries <= requests * RETRY_SHARE + RETRY_RESERVE


def test_without_a_budget_nobody_is_asked_twice() -> None:
    plan = Plan([0], 100.0, lambda: False)
    assert plan.next(0.0, 0.0) == Ask(0)
    plan.failed(0, again=True)
    assert isinstance(plan.next(0.0, 0.0), Wait)
    assert plan.next(1.0, 0.0) is None
