"""An event's clock is judged by the log's alone, so a replay judges as was judged live."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_merge import BASE, event

from processors.sync.clock import in_time, is_late
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from schemas.errors import BadMessageError
from schemas.events import EntityEvent

NOW = BASE.timestamp()


def accepted(log: list[tuple[EntityEvent, float]]) -> list[EntityEvent]:
    found = []
    for each, appended in log:
        try:
            found.append(in_time(each, appended, DEFAULT))
        except BadMessageError as error:
            assert error.code == "clock_skew"
    return found


def test_up_to_five_minutes_ahead_is_believed() -> None:
    assert in_time(event(1, 5, {}), NOW, DEFAULT) == event(1, 5, {})
    with pytest.raises(BadMessageError, match="ce_time is 360 s ahead of the log; at most 300 s may be"):
        in_time(event(1, 6, {}), NOW, DEFAULT)


def test_late_is_what_its_topic_would_have_lost_already() -> None:
    kept = timedelta(days=90)
    assert not is_late(BASE - kept, NOW, kept)
    assert is_late(BASE - kept - timedelta(seconds=1), NOW, kept)


minutes = st.integers(-20, 20)
said = st.tuples(st.integers(0, 5), minutes, minutes)


@given(st.lists(said, max_size=12), st.randoms())
def test_the_record_is_a_function_of_the_set_of_messages(drawn: list[tuple[int, int, int]], random: Any) -> None:
    """Of two copies of an event one may be refused, and the other, appended later, accepted: still any order will do."""
    log = [(event(n, minute, {"title": f"t{n}"}), NOW + 60 * late) for n, minute, late in drawn]
    record = apply(State(), accepted(log))
    random.shuffle(log)
    assert apply(State(), accepted(log + log[:3])) == record
