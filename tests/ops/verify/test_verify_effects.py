"""An event has an effect if the stored state holds it, or something newer in place of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ops.verify.log import has_effect
from processors.sync.merge import State, apply
from schemas.envelope import Envelope
from schemas.events import EntityEvent

BASE = datetime(2024, 1, 1, tzinfo=UTC)


def event(number: int, minute: int, source: str, fields: dict[str, str]) -> EntityEvent:
    time = BASE + timedelta(minutes=minute)
    return EntityEvent(
        Envelope(f"e{number}", source, "looma.company.upserted", "c", time, 1), "company", "upserted", fields
    )


fields = st.dictionaries(st.sampled_from(["name", "size", "industry"]), st.sampled_from(["a", "b"]), min_size=1)
said = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["crm", "ats"]), fields), min_size=1, max_size=8)


@given(said)
def test_events_that_were_applied_have_effects_whatever_came_later(history) -> None:
    events = [event(n, *each) for n, each in enumerate(history)]
    state = apply(State(), events)
    assert all(has_effect(state, e) for e in events)


@given(said)
def test_the_newest_event_has_none_where_it_was_not_applied(history) -> None:
    events = [event(n, *each) for n, each in enumerate(history)]
    newest = event(99, 60, "crm", {"name": "z"})
    assert not has_effect(apply(State(), events), newest)
    assert has_effect(apply(State(), [*events, newest]), newest)


def test_nothing_has_an_effect_without_a_record() -> None:
    assert not has_effect(None, event(1, 1, "crm", {}))
