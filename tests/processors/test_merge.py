"""The merge is a function of the set of events: order, repetition and splitting do not matter."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from processors.sync.merge import State, apply, merge, survivors
from schemas.envelope import Envelope
from schemas.events import EntityEvent

BASE = datetime(2026, 1, 5, tzinfo=UTC)


def event(
    number: int, minute: int, fields: dict[str, Any], source: str = "crm", action: str = "upserted"
) -> EntityEvent:
    time = BASE + timedelta(minutes=minute)
    envelope = Envelope(f"e{number}", source, f"looma.talent.{action}", "t-1", time, 2)
    return EntityEvent(envelope, "talent", action, fields)


values = {
    "title": st.none() | st.sampled_from(["工程师", "Engineer", "经理"]),
    "emails": st.none() | st.lists(st.sampled_from(["a@x.cn", "b@x.cn", "A@x.cn"]), max_size=3),
    "skills": st.none() | st.lists(st.fixed_dictionaries({"name": st.sampled_from(["Go", "go", "SQL"])}), max_size=3),
}
fields = st.fixed_dictionaries({}, optional=values)
histories = st.lists(
    st.tuples(
        st.integers(0, 5),
        fields,
        st.sampled_from(["crm", "zervigo", "a.b/c"]),
        st.sampled_from(["upserted", "upserted", "upserted", "deleted"]),
    ),
    max_size=12,
).map(lambda rows: [event(n, m, {} if a == "deleted" else f, s, a) for n, (m, f, s, a) in enumerate(rows)])


@given(histories, st.randoms())
def test_any_order_with_repetition_gives_the_same_record(history: list[EntityEvent], random: Any) -> None:
    shuffled = history + history[: len(history) // 2]
    random.shuffle(shuffled)
    assert survivors(apply(State(), shuffled)) == survivors(apply(State(), history))
    assert apply(State(), shuffled) == apply(State(), history)


@given(histories, histories, histories)
def test_merge_is_a_join(a: list[EntityEvent], b: list[EntityEvent], c: list[EntityEvent]) -> None:
    # Ids repeat between histories, so make them distinct: an id names one event.
    x, y, z = (
        apply(
            State(),
            [
                EntityEvent(
                    Envelope(f"{n}{e.envelope.id}", e.envelope.source, e.envelope.type, "t-1", e.envelope.time),
                    "talent",
                    e.action,
                    e.fields,
                )
                for e in h
            ],
        )
        for n, h in (("a", a), ("b", b), ("c", c))
    )
    assert merge(x, y) == merge(y, x)
    assert merge(merge(x, y), z) == merge(x, merge(y, z))
    assert merge(x, x) == x


@given(histories, st.integers(0, 12))
def test_splitting_a_history_changes_nothing(history: list[EntityEvent], cut: int) -> None:
    whole = apply(State(), history)
    assert apply(apply(State(), history[:cut]), history[cut:]) == whole
    assert merge(apply(State(), history[:cut]), apply(State(), history[cut:])) == whole


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


def test_contacts_and_skills_of_all_sources_are_united() -> None:
    state = apply(
        State(),
        [
            event(1, 0, {"emails": ["a@x.cn"], "skills": [{"name": "go", "years": 1}]}),
            event(2, 1, {"emails": ["b@x.cn", "A@x.cn"], "skills": [{"name": "Go", "years": 3}]}, source="zervigo"),
        ],
    )
    record = survivors(state)
    assert record.fields["emails"] == ["b@x.cn", "A@x.cn"]
    assert record.fields["skills"] == [{"name": "Go", "years": 3}]
