"""Persons' verdicts on their way in."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import MAX_VALUE_BYTES, Envelope
from schemas.errors import BadMessageError
from schemas.verdicts import VerdictEvent, decode_verdict

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)
GOOD = {"entity": "talent", "left": "t-1", "right": "t-2"}


def decoded(data: Any, kind: str = "looma.identity.merge") -> VerdictEvent:
    headers = Envelope("e1", "looma/decision", kind, "talent:t-1|t-2", TIME).headers("identity-verdict")
    value = data if isinstance(data, bytes) else json.dumps(data).encode()
    return decode_verdict(b"talent:t-1|t-2", value, headers)


def test_a_verdict_is_read() -> None:
    event = decoded(GOOD, "looma.identity.unmerge")
    assert (event.action, event.verdict.model_dump(), event.envelope.time) == ("unmerge", GOOD, TIME)


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (GOOD, "looma.identity.divorce", "unknown_type"),
        ({**GOOD, "right": "t-1"}, "looma.identity.merge", "invalid_data"),
        ({**GOOD, "entity": ["talent"]}, "looma.identity.merge", "invalid_data"),
        ({**GOOD, "entity": "job"}, "looma.identity.merge", "invalid_data"),
        ({**GOOD, "left": "\0"}, "looma.identity.merge", "invalid_data"),
        (b'{"entity":"talent","left":"\\ud800","right":"t-2"}', "looma.identity.merge", "invalid_json"),
        (b"[" * 100_000, "looma.identity.merge", "invalid_json"),
        (b" " * (MAX_VALUE_BYTES + 1), "looma.identity.merge", "oversized"),
    ],
)
def test_what_is_wrong_has_a_code(data: Any, kind: str, code: str) -> None:
    with pytest.raises(BadMessageError) as caught:
        decoded(data, kind)
    assert caught.value.code == code


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(value: bytes) -> None:
    with pytest.raises(BadMessageError):
        decoded(value)
