"""The merge is a function of the set of events: order, repetition, splitting and restarts do not matter."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import bson
from hypothesis import given
from hypothesis import strategies as st

from processors.sync.conflicts import conflicts, count
from processors.sync.contribution import DECISION
from processors.sync.merge import State, apply, merge, survivors
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.envelope import Envelope
from schemas.events import EntityEvent

BASE = datetime(2026, 1, 5, tzinfo=UTC)


def event(
    number: int, minute: float, fields: dict[str, Any], source: str = "crm", action: str = "upserted"
) -> EntityEvent:
    time = BASE + timedelta(minutes=minute)
    envelope = Envelope(f"e{number}", source, f"looma.talent.{action}", "t-1", time, 2)
    return EntityEvent(envelope, "talent", action, fields)  # type: ignore[arg-type]


values = {
    "name": st.none() | st.sampled_from(["王小明", "王 小明", "王明", "Wang Xiaoming", "W. Xiaoming", "李雷"]),
    "title": st.none() | st.sampled_from(["工程师", "ＥＮＧＩＮＥＥＲ", "Engineer", "经理"]),
    "emails": st.none() | st.lists(st.sampled_from(["a@x.cn", "b@x.cn", "A@x.cn"]), max_size=3),
    "phones": st.none()
    | st.lists(st.sampled_from(["13800138000", "+86 138 0013 8000", "13800138001", "x"]), max_size=3),
    "skills": st.none() | st.lists(st.fixed_dictionaries({"name": st.sampled_from(["Go", "go", "SQL"])}), max_size=3),
    "salary_expected": st.none()
    | st.fixed_dictionaries(
        {"minimum": st.sampled_from([1.0, 2.0])}, optional={"maximum": st.sampled_from([3.0, None])}
    ),
    "education_level": st.none() | st.sampled_from(["bachelor", "master"]),
}
fields = st.fixed_dictionaries({}, optional=values)
rows = st.lists(
    st.tuples(
        st.integers(0, 6),  # few ids, so that sources share them and break the contract with them
        st.sampled_from([0, 1, 2, 60, 1440, 150_000, 600_000]),
        fields,
        st.sampled_from(["crm", "zervigo", "resume", "import", "a.b/c", DECISION]),
        st.sampled_from(["upserted"] * 6 + ["deleted"]),
    ),
    max_size=12,
)
histories = rows.map(lambda found: [event(n, m, {} if a == "deleted" else f, s, a) for n, m, f, s, a in found])


def stored(state: State) -> StoredRecord:
    return StoredRecord.of("talent", "t-1", 1, state, DEFAULT)


def restarted(state: State) -> State:
    """What another process finds in MongoDB."""
    return StoredRecord.from_document("talent", bson.decode(bson.encode(stored(state).to_document()))).state


def assert_same(left: State, right: State) -> None:
    assert left == right
    assert stored(left).record.to_json() == stored(right).record.to_json()
    assert conflicts(left) == conflicts(right)


@given(histories, st.randoms())
def test_any_order_with_repetition_gives_the_same_record(history: list[EntityEvent], random: Any) -> None:
    shuffled = history + history[: len(history) // 2]
    random.shuffle(shuffled)
    assert_same(apply(State(), shuffled), apply(State(), history))


@given(histories, histories, histories)
def test_merge_is_a_join(a: list[EntityEvent], b: list[EntityEvent], c: list[EntityEvent]) -> None:
    x, y, z = (apply(State(), history) for history in (a, b, c))
    assert_same(merge(x, y), merge(y, x))
    assert_same(merge(merge(x, y), z), merge(x, merge(y, z)))
    assert_same(merge(x, x), x)


@given(histories, st.lists(st.integers(0, 12), max_size=4), st.randoms())
def test_batches_restarts_and_partial_states_change_nothing(
    history: list[EntityEvent], cuts: list[int], random: Any
) -> None:
    whole = apply(State(), history)
    bounds = [0, *sorted(cuts), len(history)]
    batches = [history[a:b] for a, b in pairwise(bounds)]
    random.shuffle(batches)
    batches.append(history[: bounds[1]])
    one_after_another = partial = State()
    for batch in batches:
        one_after_another = restarted(apply(restarted(one_after_another), batch))
        partial = merge(restarted(apply(State(), batch)), partial)
    assert_same(one_after_another, whole)
    assert_same(partial, whole)


@given(histories)
def test_interleaving_sources_changes_nothing(history: list[EntityEvent]) -> None:
    by_source = sorted(history, key=lambda e: e.envelope.source)
    assert_same(apply(State(), by_source), apply(State(), history))


@given(histories)
def test_counts_follow_from_the_state(history: list[EntityEvent]) -> None:
    found = conflicts(apply(State(), history))
    counts = count(found)
    assert counts["decided"] + counts["undecided"] == len(found)
    assert len({c.id("talent", "t-1") for c in found}) == len(found)


def test_a_partial_update_changes_only_what_it_names() -> None:
    state = apply(State(), [event(1, 0, {"name": "王小明", "title": "工程师"}), event(2, 1, {"title": "架构师"})])
    record = survivors(state)
    assert record.fields == {"name": "王小明", "title": "架构师"}
    assert record.provenance["name"] == {"source": "crm", "time": "2026-01-05T00:00:00.000000Z", "event_id": "e1"}
    assert record.provenance["title"]["event_id"] == "e2"


def test_a_late_event_loses_to_a_newer_one() -> None:
    state = apply(State(), [event(2, 5, {"title": "架构师"}), event(1, 0, {"title": "工程师"}, source="zervigo")])
    assert survivors(state).fields == {"title": "架构师"}


def test_null_deletes_a_field_and_a_delete_the_record() -> None:
    state = apply(State(), [event(1, 0, {"title": "工程师", "name": "王"}), event(2, 1, {"title": None})])
    assert survivors(state).fields == {"name": "王"}
    deleted = apply(state, [event(3, 2, {}, action="deleted")])
    assert survivors(deleted).deleted
    assert survivors(deleted).fields == {}
    assert not deleted.contributions, "nothing of a deleted person stays in the state"
    again = apply(deleted, [event(4, 3, {"name": "王"}), event(5, 1, {"title": "旧"})])
    assert survivors(again).fields == {"name": "王"}
    assert not survivors(again).deleted


def test_a_null_erases_what_equals_said_before_it_and_nothing_newer() -> None:
    older = event(1, 0, {"title": "工程师"}, "zervigo")
    null = event(2, 1, {"title": None}, "crm")
    assert survivors(apply(State(), [older, null])).fields == {}
    newer = event(3, 2, {"title": "经理"}, "a.b/c")
    assert survivors(apply(State(), [older, null, newer])).fields == {"title": "经理"}


def test_a_null_of_a_less_trusted_source_withdraws_only_its_own_word() -> None:
    trusted = event(1, 0, {"title": "工程师"}, "crm")
    null = event(3, 2, {"title": None}, "resume")
    assert survivors(apply(State(), [trusted, event(2, 1, {"title": "经理"}, "resume"), null])).fields == {
        "title": "工程师"
    }


def test_a_null_list_withdraws_only_its_own_sources_elements() -> None:
    state = apply(State(), [event(1, 0, {"emails": ["a@x.cn"]}), event(2, 1, {"emails": None}, "zervigo")])
    assert survivors(state).fields == {"emails": ["a@x.cn"]}
    assert survivors(apply(state, [event(3, 2, {"emails": None})])).fields == {}


def test_contacts_and_skills_of_all_sources_are_united() -> None:
    state = apply(
        State(),
        [
            event(1, 0, {"emails": ["a@x.cn"], "phones": ["138 0013 8000"], "skills": [{"name": "go", "years": 1}]}),
            event(
                2,
                1,
                {"emails": ["b@x.cn", "A@x.cn"], "phones": ["+8613800138000"], "skills": [{"name": "Go", "years": 3}]},
                source="zervigo",
            ),
        ],
    )
    record = survivors(state)
    assert record.fields["emails"] == ["b@x.cn", "a@x.cn"]
    assert record.fields["phones"] == ["+8613800138000"]
    assert record.fields["skills"] == [{"name": "Go", "years": 3}]


def test_one_event_id_with_two_contents_still_converges() -> None:
    one, other = event(1, 0, {"title": "工程师"}), event(1, 0, {"title": "经理"})
    assert apply(State(), [one, other]) == apply(State(), [other, one])
