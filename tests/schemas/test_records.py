"""Records as stages pass them on: what is written is read back, and nothing else is a record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadMessageError
from schemas.records import SourceRecord

ORIGIN = {"source": "crm", "time": "2026-01-05T08:00:00.000000Z", "event_id": "e1"}
FIELDS = {"emails": [f"a{n}@example.com" for n in range(60)], "name": "王", "skills": [{"name": "Go", "level": None}]}
RECORD = SourceRecord("talent", "t-1", 3, False, FIELDS, dict.fromkeys(FIELDS, ORIGIN))


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(RECORD.to_json()), **changes}).encode()


def test_what_is_written_is_read_also_where_lists_were_united() -> None:
    assert SourceRecord.from_json(RECORD.to_json()) == RECORD
    odd = SourceRecord("talent", "t-1", 0, True, {"emails": ["a@@b", " "], "phones": [""]}, {})
    assert SourceRecord.from_json(odd.to_json()) == odd, "normal forms need not be as events write them"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b"9" * 5000, "invalid_json"),
        (b"[]", "invalid_data"),
        (changed(entity=["talent"]), "invalid_data"),
        (changed(entity="person"), "invalid_data"),
        (changed(id="../x"), "invalid_data"),
        (changed(revision=-1), "invalid_data"),
        (changed(revision=2**63), "invalid_data"),
        (changed(revision="1"), "invalid_data"),
        (changed(deleted=0), "invalid_data"),
        (changed(fields=[]), "invalid_data"),
        (changed(fields={"skills": ["Go"]}), "invalid_data"),
        (changed(fields={"skills": [{}]}), "invalid_data"),
        (changed(fields={"years_experience": "5"}), "invalid_data"),
        (changed(fields={"secret": 1}), "invalid_data"),
        (changed(provenance={"name": {**ORIGIN, "time": "2026-13-05T08:00:00.000000Z"}}), "invalid_data"),
        (changed(provenance={"name": {**ORIGIN, "time": "2026-01-05"}}), "invalid_data"),
        (changed(provenance={"secret": 1}), "invalid_data"),
    ],
)
def test_nothing_else_is_a_record(value: bytes, code: str) -> None:
    with pytest.raises(BadMessageError) as caught:
        SourceRecord.from_json(value)
    assert caught.value.code == code
    assert "secret" not in caught.value.detail


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(value: bytes) -> None:
    with pytest.raises(BadMessageError):
        SourceRecord.from_json(value)
