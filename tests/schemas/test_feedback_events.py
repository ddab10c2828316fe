"""Feedback on its way in: what is accepted, and by which code the rest is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.message import build_feedback
from schemas.envelope import Envelope
from schemas.errors import BadMessageError
from schemas.feedback import FEEDBACK, FeedbackEvent, decode_feedback

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)
GOOD = {"talent_id": "t-1", "job_id": "j-1", "outcome": "hired"}


def decoded(
    data: Any, key: bytes = b"t-1|j-1", kind: str = FEEDBACK, schema: str = "match-feedback", version: int = 1
) -> FeedbackEvent:
    headers = Envelope("e1", "ats", kind, key.decode(), TIME, version).headers(schema)
    return decode_feedback(key, data if isinstance(data, bytes) else json.dumps(data).encode(), headers)


def test_what_the_publisher_builds_is_what_is_read() -> None:
    message = build_feedback("t-1", "j-1", "rejected", reason="salary", source="ats", event_id="e1", time=TIME)
    event = decode_feedback(message.key, message.value, message.headers)
    assert (message.topic, message.key) == ("match-feedback", b"t-1|j-1")
    assert event.feedback.model_dump() == {**GOOD, "outcome": "rejected", "reason": "salary"}
    assert (event.envelope.id, event.envelope.source, event.envelope.time) == ("e1", "ats", TIME)


@pytest.mark.parametrize(
    ("change", "named", "code"),
    [
        ({"outcome": "married"}, {}, "invalid_data"),
        ({"reason": "She was late"}, {}, "invalid_data"),
        ({"note": "free text"}, {}, "invalid_data"),
        ({"talent_id": "t|1"}, {}, "invalid_data"),
        ({"job_id": "j-2"}, {}, "bad_key"),
        ({}, {"key": b"j-1|t-1"}, "bad_key"),
        ({}, {"kind": "looma.talent.upserted"}, "unknown_type"),
        ({}, {"schema": "talent"}, "wrong_topic"),
        ({}, {"version": 2}, "unknown_version"),
    ],
)
def test_what_is_wrong_has_a_code(change: dict[str, Any], named: dict[str, Any], code: str) -> None:
    with pytest.raises(BadMessageError) as error:
        decoded(GOOD | change, **named)
    assert error.value.code == code
    assert "late" not in error.value.detail


def test_what_a_consumer_would_refuse_is_refused_before_it_is_sent() -> None:
    for talent, time in (("t 1", None), ("甲", None), ("t-1", datetime(2026, 1, 5))):
        with pytest.raises(BadMessageError):
            build_feedback(talent, "j-1", "hired", source="ats", time=time)


@given(st.binary(max_size=200))
def test_any_bytes_are_feedback_or_an_error(value: bytes) -> None:
    with pytest.raises(BadMessageError):
        decoded(value)
