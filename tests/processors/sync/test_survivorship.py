"""Contact points of many sources: which are so near that one may be a slip, without comparing each with each."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from processors.sync.survivorship import _FEW, _comparable

_points = st.lists(st.text("ab1@", max_size=6), min_size=_FEW, max_size=60, unique=True).map(sorted)


@given(_points)
def test_no_pair_that_is_one_slip_apart_is_left_out(points: list[str]) -> None:
    near = {pair for pair in combinations(points, 2) if OSA.distance(*pair) <= 1}
    assert near <= {(min(pair), max(pair)) for pair in _comparable(points, 1)}


def test_most_pairs_of_many_are_not_looked_at() -> None:
    points = [f"{n:09d}@example.com" for n in range(0, 10**9, 10**9 // 1000 + 1111)]
    assert len(set(_comparable(points, 1))) < len(points) ** 2 / 50
