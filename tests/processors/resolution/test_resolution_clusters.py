"""Golden records are a pure function of the decisions; a person's word is the last."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from processors.resolution.clusters import Link, Verdict, clusters

BASE = datetime(2026, 1, 5, tzinfo=UTC)
IDS = [f"t-{n}" for n in range(8)]
ids = st.sampled_from(IDS)
times = st.integers(0, 3).map(lambda n: BASE + timedelta(minutes=n))
records = st.dictionaries(ids, times)
links = st.lists(st.builds(Link, ids, ids, st.integers(-5, 5)), max_size=20)
verdicts = st.lists(st.tuples(ids, ids, st.sampled_from(["merge", "unmerge"]), times), max_size=5).map(
    lambda rows: [Verdict(*row, f"e{n}") for n, row in enumerate(rows)]
)


def together(found, left, right):
    return any(left in members and right in members for members in found.values())


@given(records, links, verdicts, st.randoms())
def test_order_and_repetition_do_not_matter(seen, found, said, random):
    expected = clusters(seen, found, said)
    again, said_again = found + found[:3], said + said[:2]
    random.shuffle(again)
    random.shuffle(said_again)
    turned = [Link(link.right, link.left, link.weight) for link in again]
    shuffled = dict(random.sample(list(seen.items()), len(seen)))
    assert clusters(shuffled, turned, said_again) == expected


@given(records, links, verdicts)
def test_every_record_is_in_one_golden_record_named_after_its_oldest(seen, found, said):
    golden = clusters(seen, found, said)
    assert sorted(i for members in golden.values() for i in members) == sorted(seen)
    assert all(root == min(members, key=lambda i: (seen[i], i)) for root, members in golden.items())


@given(records, links, verdicts)
def test_what_a_person_unmerged_stays_apart(seen, found, said):
    golden = clusters(seen, found, said)
    last = {}
    for verdict in sorted(said, key=lambda v: (v.time, v.id)):
        last[frozenset((verdict.left, verdict.right))] = verdict
    for pair, verdict in last.items():
        if verdict.action == "unmerge" and len(pair) == 2:
            assert not together(golden, verdict.left, verdict.right)


@given(records, links, verdicts, ids, ids)
def test_merge_then_unmerge_restores(seen, found, said, left, right):
    before = clusters(seen, found, said)
    if together(before, left, right) or any({v.left, v.right} == {left, right} for v in said):
        return
    merge = Verdict(left, right, "merge", BASE + timedelta(hours=1), "m")
    unmerge = Verdict(left, right, "unmerge", BASE + timedelta(hours=2), "u")
    assert clusters(seen, found, [*said, merge, unmerge]) == before


@given(records, links)
def test_a_persons_merge_holds(seen, found):
    if len(seen) > 1:
        left, right, *_ = sorted(seen)
        merge = Verdict(left, right, "merge", BASE, "m")
        assert together(clusters(seen, found, [merge]), left, right)


@given(records, links, verdicts, st.lists(ids, min_size=1, max_size=3, unique=True))
def test_later_records_never_rename_a_golden_record_they_join(seen, found, said, extra):
    new = {i: BASE + timedelta(days=1) for i in extra if i not in seen}
    golden = clusters({**seen, **new}, found, said)
    for root, members in golden.items():
        old = members & set(seen)
        assert not old or root == min(old, key=lambda i: (seen[i], i))


@given(records, links, verdicts)
def test_components_do_not_affect_each_other(seen, found, said):
    copy = {f"x{i}": t for i, t in seen.items()}
    links_too = [Link(f"x{link.left}", f"x{link.right}", link.weight) for link in found]
    said_too = [Verdict(f"x{v.left}", f"x{v.right}", v.action, v.time, v.id) for v in said]
    both = clusters({**seen, **copy}, found + links_too, said + said_too)
    assert both == {**clusters(seen, found, said), **clusters(copy, links_too, said_too)}


def test_a_contradicted_link_does_not_chain():
    seen = dict.fromkeys("abc", BASE)
    assert clusters(seen, [Link("a", "b", 9), Link("b", "c", 5), Link("a", "c", -7)]) == {
        "a": frozenset("ab"),
        "c": frozenset("c"),
    }


def test_evidence_from_several_members_adds_up():
    seen = dict.fromkeys("abc", BASE)
    assert len(clusters(seen, [Link("a", "b", 9), Link("b", "c", 5), Link("a", "c", -4)])) == 1


def test_unmerging_a_member_of_a_triangle_leaves_it_with_the_stronger_side():
    seen = dict.fromkeys("abc", BASE)
    strong = [Link("a", "b", 9), Link("b", "c", 5), Link("a", "c", 9)]
    apart = Verdict("a", "c", "unmerge", BASE, "e")
    assert clusters(seen, strong, [apart]) == {"a": frozenset("ab"), "c": frozenset("c")}
