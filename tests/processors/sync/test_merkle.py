"""The tree says where two sides differ, whatever the order in which they were read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sync.merkle import (
    MAX_DEPTH,
    POSITION_BITS,
    MerkleTree,
    canonical,
    depth_for,
    digest,
    leaf_range,
    position,
)

ENTRIES = st.dictionaries(st.text(max_size=8), st.integers(0, 3), max_size=40)
DEPTH = 4


def tree(entries: dict[str, int], depth: int = DEPTH) -> MerkleTree:
    built = MerkleTree(depth)
    for key, content in entries.items():
        built.add(key, digest(content))
    return built


@given(ENTRIES, st.randoms(use_true_random=False))
def test_order_does_not_matter(entries, random) -> None:
    shuffled = list(entries.items())
    random.shuffle(shuffled)
    assert tree(entries).root == tree(dict(shuffled)).root


@given(ENTRIES, ENTRIES)
def test_exactly_the_leaves_of_differing_entries_differ(left, right) -> None:
    ours, theirs = tree(left), tree(right)
    differing_keys = {k for k in left.keys() | right.keys() if left.get(k) != right.get(k)}
    found = list(ours.differing(theirs))
    assert set(found) == {ours.leaf_of(k) for k in differing_keys}
    assert found == sorted(found)
    assert (ours.root == theirs.root) == (not differing_keys)


@given(ENTRIES, st.integers(0, 10))
def test_every_depth_sees_the_same_equality(entries, depth) -> None:
    changed = {**entries, "one more": 1}
    assert tree(entries, depth).root != tree(changed, depth).root
    assert list(tree(entries, depth).differing(tree(entries, depth))) == []


@given(st.text(max_size=20), st.integers(0, MAX_DEPTH))
def test_a_leaf_covers_the_positions_of_its_keys(key, depth) -> None:
    leaf = position(key) >> (POSITION_BITS - depth)
    first, last = leaf_range(leaf, depth)
    assert first <= position(key) <= last
    assert leaf_range(leaf + 1, depth)[0] == last + 1
    assert 0 <= position(key) < 2**POSITION_BITS


def test_two_entries_do_not_cancel_out() -> None:
    assert tree({"a": 1, "b": 2}, 0).root != tree({"a": 2, "b": 1}, 0).root
    assert tree({"ab": 1}, 0).root != tree({"a": 1}, 0).root
    twice = MerkleTree(0)
    twice.add("a", digest(1))
    twice.add("a", digest(1))
    assert twice.root != MerkleTree(0).root
    assert twice.entries == 2


def test_canonical_form_keeps_types_apart_and_orders_keys() -> None:
    assert canonical({"b": 1, "a": [True]}) == canonical({"a": [True], "b": 1})
    assert len({digest(v) for v in (1, 1.0, True, "1", None, [1])}) == 6
    when = datetime(2026, 1, 5, tzinfo=UTC)
    assert digest({"at": when}) == digest({"at": when})
    assert digest({"at": when}) != digest({"at": str(when)})
    assert digest("\ud800") != digest("?"), "a lone surrogate is no reason to fail"
    assert digest(float("nan")) == digest(float("nan"))


def test_depth_follows_the_number_of_entries_and_is_bounded() -> None:
    assert [depth_for(n) for n in (0, 1, 2, 1000, 10**12)] == [1, 1, 2, 10, MAX_DEPTH]
    with pytest.raises(ValueError, match="depth"):
        MerkleTree(MAX_DEPTH + 1)
    with pytest.raises(ValueError, match="different depths"):
        list(MerkleTree(1).differing(MerkleTree(2)))
