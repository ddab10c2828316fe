"""Balance: priorities are never mixed, weights are shares, and who is slow, busy or failing gets less."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.balance import Load, Rank, order

TARGETS = st.dictionaries(
    st.integers(0, 50),
    st.tuples(
        st.builds(Rank, st.integers(0, 3), st.floats(0.1, 10)),
        st.builds(Load, st.integers(0, 100), st.none() | st.floats(0, 100)),
    ),
    max_size=8,
)


@given(TARGETS, st.integers(0, 1000))
def test_every_target_stands_once_in_the_order_of_priorities(targets: dict[int, tuple[Rank, Load]], seed: int) -> None:
    found = order(targets, Random(seed))
    assert sorted(found) == sorted(targets)
    assert [targets[n][0].priority for n in found] == sorted(rank.priority for rank, _ in targets.values())


def shares(targets: dict[int, tuple[Rank, Load]]) -> dict[int, float]:
    random, rounds = Random(7), 4000
    counts = Counter(order(targets, random)[0] for _ in range(rounds))
    return {n: counts[n] / rounds for n in targets}


def test_targets_that_are_alike_get_the_shares_of_their_weights() -> None:
    found = shares({0: (Rank(0, 3), Load()), 1: (Rank(0, 1), Load())})
    assert abs(found[0] - 0.75) < 0.03


def test_of_two_the_one_with_less_to_do_gets_more_and_the_other_is_not_starved() -> None:
    found = shares({0: (Rank(0), Load(in_flight=9)), 1: (Rank(0), Load(in_flight=1))})
    assert 0.7 < found[1] < 0.8


def test_a_target_that_fails_at_once_is_not_the_quickest() -> None:
    good, bad = Load(), Load()
    for n in range(10):
        good.took(0.2, n)
        bad.took(0.001, n, failed=True)
    assert bad.latency is not None
    assert good.latency is not None
    assert bad.latency > good.latency


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1))
def test_a_latency_lies_between_those_that_were_seen(seen: list[tuple[float, float]]) -> None:
    load, now = Load(), 0.0
    for wait, seconds in seen:
        now += wait
        load.took(seconds, now)
    assert load.latency is not None
    assert min(s for _, s in seen) - 1e-6 <= load.latency <= max(s for _, s in seen) + 1e-6
