import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.limits import Limit, charge, headers, refund, take

NS = 1_000_000_000
limits = st.builds(Limit, st.just("requests"), st.integers(1, 10**9), st.integers(1, 86_400), st.integers(0, 10**6))
steps = st.lists(st.tuples(st.integers(0, 10 * NS), st.integers(0, 2000)), max_size=60)


@given(limits, steps, st.integers(0, 10**18))
def test_no_stretch_of_time_lets_more_pass_than_the_burst_and_what_the_rate_gives(limit, steps, start):
    now, cell, passed = start, 0, []
    for wait, units in steps:
        now += wait
        cell, decision = take(limit, cell, now, units)
        passed += [(now, units)] * decision.allowed
    for first in range(len(passed)):
        total = 0
        for at, units in passed[first:]:
            total += units
            assert total <= limit.most + limit.units(at - passed[first][0]) + 1


@given(limits, steps)
def test_what_a_decision_says_comes_true(limit, steps):
    now, cell = 5, 0
    for wait, units in steps:
        now += wait
        cell, decision = take(limit, cell, now, units)
        assert take(limit, cell, now, decision.remaining)[1].allowed
        assert not take(limit, cell, now, decision.remaining + 1)[1].allowed
        if decision.allowed:
            assert decision.retry_seconds == 0
        elif decision.retry_seconds is None:
            assert units > limit.most
        else:
            assert take(limit, cell, now + round(decision.retry_seconds * NS) + 100, units)[1].allowed
        assert take(limit, cell, now + round(decision.full_seconds * NS) + 100, limit.most)[1].allowed


@given(limits, steps)
def test_a_refusal_takes_nothing(limit, steps):
    now, cell = 0, 0
    for wait, units in steps:
        now += wait
        after, decision = take(limit, cell, now, units)
        if not decision.allowed:
            assert take(limit, after, now, 0)[1].remaining == take(limit, cell, now, 0)[1].remaining
        cell = after


@given(limits, st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_given_back_can_be_taken_again(limit, taken, used):
    taken = min(taken, limit.most)
    used = min(used, taken)
    cell, _ = take(limit, 0, 7, taken)
    settled = refund(limit, cell, 7, taken - used)
    direct, _ = take(limit, 0, 7, used)
    assert abs(settled - direct) <= 2  # of rounding, ns
    assert refund(limit, cell, 7, 10**12) == 7  # never fuller than full


def test_a_debt_ends_within_a_burst_and_a_period():
    limit = Limit("tokens", 1000, 60)
    cell = charge(limit, 0, 0, 10**9)
    refused = take(limit, cell, 0, 1)[1]
    assert not refused.allowed
    assert refused.remaining == 0
    assert refused.retry_seconds == pytest.approx(60.06)
    assert take(limit, cell, 61 * NS, 1)[1].allowed


def test_a_clock_that_began_anew_locks_nobody_out():
    limit = Limit("requests", 10, 60)
    assert take(limit, 10**18, 0, 10)[1].retry_seconds <= 120


def test_the_fields_of_a_response():
    limit, tokens = Limit("requests", 2, 60), Limit("tokens", 1000, 60)
    cell, first = take(limit, 0, 0, 2)
    assert headers([first]) == {"RateLimit-Policy": '"requests";q=2;w=60', "RateLimit": '"requests";r=0;t=60'}
    refused = take(limit, cell, NS, 1)[1]
    never = take(tokens, 0, 0, 1001)[1]
    assert headers([refused])["Retry-After"] == "29"
    assert headers([first, never])["Retry-After"] == "60"
    assert headers([]) == {}


@pytest.mark.parametrize("values", [(0, 60, 0), (1, 0, 0), (1, 1, -1)])
def test_a_limit_that_lets_nothing_pass_is_refused(values):
    with pytest.raises(ValueError, match="requests"):
        Limit("requests", *values)
    with pytest.raises(ValueError, match="refund"):
        take(Limit("requests", 1), 0, 0, -1)
