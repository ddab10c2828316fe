"""The state is a fold over turns: small, the same bytes from the same turns, and what is taken back is gone."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from processors.chat.conversation import MAX_STATE_BYTES, Conversation, Effect, Shown, apply, edited, fold
from processors.chat.notices import MAX_WAITING, Notices
from processors.chat.slots import Edit

OPERATIONS = ("set", "add", "remove", "negate")
EDITS = st.builds(
    Edit,
    st.sampled_from(["skills", "places", "salary", "years", "education"]),
    st.sampled_from(OPERATIONS),
    st.text(max_size=60) | st.floats(0, 60),
    st.text(max_size=300),
)
EFFECTS = st.builds(
    Effect,
    st.sampled_from(["user", "assistant", "notice", "taken", "returned", "closed"]),
    participant=st.sampled_from(["", "candidate:t-1"]),
    edits=st.lists(EDITS, max_size=30).map(tuple),
    focus=st.none()
    | st.lists(st.builds(Shown, st.just("job"), st.text("ab12", min_size=1, max_size=128)), max_size=40).map(tuple),
    query=st.none() | st.text(max_size=400),
    goal=st.none() | st.sampled_from(["jobs", "candidates"]),
    intent=st.none() | st.sampled_from(["find_jobs", "salary", "deny"]),
    goes_on=st.booleans(),
    returns_to=st.none() | st.integers(0, 60),
    asks=st.none() | st.sampled_from(["role", "which"]),
    notices=st.none()
    | st.builds(
        Notices,
        st.just("2026-01-05T08:00:00.000000Z"),
        waiting=st.lists(st.text("ab12", min_size=1, max_size=128), max_size=MAX_WAITING).map(tuple),
    ),
)


@given(st.lists(EFFECTS, max_size=60))
def test_the_state_is_small_and_reads_back(effects: list[Effect]) -> None:
    state = fold("c-1", effects)
    assert len(state.to_json()) <= MAX_STATE_BYTES
    assert Conversation.from_json(state.to_json()) == state
    assert state.number == len(effects)
    again = fold("c-1", [Effect.from_document(e.to_document()) for e in effects])
    assert again.to_json() == state.to_json()


@given(st.lists(EDITS, max_size=20), EDITS)
def test_what_was_taken_back_is_gone_and_what_was_said_last_holds(edits: list[Edit], last: Edit) -> None:
    slots = edited({}, [*edits, last], 1)
    held = {h.value: h.wanted for h in slots.get(last.slot, ())}
    if last.operation == "remove":
        assert last.value not in held
    elif len(edits) < 20:
        assert held[last.value] is (last.operation != "negate")  # type: ignore[index]


def test_a_set_replaces_and_an_addition_keeps() -> None:
    first = edited({}, [Edit("places", "set", "shanghai", "上海")], 1)
    more = edited(first, [Edit("places", "add", "beijing", "北京")], 2)
    assert [h.value for h in more["places"]] == ["shanghai", "beijing"]
    other = edited(more, [Edit("places", "set", "hangzhou", "杭州")], 3)
    assert [h.value for h in other["places"]] == ["hangzhou"]
    assert [h.turn for h in other["places"]] == [3]


def test_a_person_has_it_until_it_is_given_back_or_time_is_up() -> None:
    state = apply(Conversation("c-1"), Effect("taken", with_person_until="2026-01-05T09:00:00.000000Z"))
    assert state.is_with_person(datetime(2026, 1, 5, 8, 59, tzinfo=UTC))
    assert not state.is_with_person(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
    assert not apply(state, Effect("returned")).is_with_person(datetime(2026, 1, 5, 8, tzinfo=UTC))


def test_a_closed_conversation_begins_anew_and_keeps_who_it_is_with() -> None:
    state = fold("c-1", [Effect("user", participant="candidate:t-1", query="java", goal="jobs"), Effect("closed")])
    assert (state.participant, state.query, state.goal) == ("candidate:t-1", "", None)
