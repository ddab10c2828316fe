"""Resumes on their way in: one of three ways, and never a crash."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Envelope
from schemas.errors import BadMessageError
from schemas.submissions import MAX_INLINE_BYTES, MAX_SUBMISSION_BYTES, SUBMITTED, Submission, decode_submission


def headers(kind: str = SUBMITTED) -> list[tuple[str, bytes]]:
    return Envelope("e1", "crm", kind, "t1", datetime(2026, 1, 1, tzinfo=UTC)).headers("resume")


def decoded(data: Any, key: bytes = b"t1", kind: str = SUBMITTED) -> Submission:
    return decode_submission(key, json.dumps(data).encode(), headers(kind))


def code(*arguments: Any, **named: Any) -> str:
    with pytest.raises(BadMessageError) as error:
        decoded(*arguments, **named)
    return error.value.code


@pytest.mark.parametrize(
    ("way", "sent", "value"),
    [
        ("text", "张三\n工程师", "张三\n工程师"),
        ("content", base64.b64encode(b"%PDF-\0").decode(), b"%PDF-\0"),
        ("reference", "2026/zhang.pdf", "2026/zhang.pdf"),
    ],
)
def test_each_way_is_read(way: str, sent: str, value: object) -> None:
    found = decoded({"talent_id": "t1", way: sent})
    assert getattr(found.resume, way) == value
    assert found.envelope.subject == "t1"


def test_what_is_wrong_has_a_code_and_tells_no_value() -> None:
    assert code({"talent_id": "t1"}) == "invalid_data"
    assert code({"talent_id": "t1", "text": "a", "reference": "b"}) == "invalid_data"
    assert code({"talent_id": "t1", "content": "not base64!"}) == "invalid_data"
    assert code({"talent_id": "t1", "text": ""}) == "invalid_data"
    assert code({"talent_id": "t2", "text": "a"}) == "bad_key"
    assert code({"talent_id": "t1", "text": "a"}, kind="looma.talent.upserted") == "unknown_type"
    with pytest.raises(BadMessageError, match="text: string_type") as error:
        decoded({"talent_id": "t1", "text": ["13800138000"]})
    assert "138" not in error.value.detail


def test_sizes_are_bounded() -> None:
    at_most = base64.b64encode(b"x" * MAX_INLINE_BYTES).decode()
    assert len(decoded({"talent_id": "t1", "content": at_most}).resume.content or b"") == MAX_INLINE_BYTES
    more = base64.b64encode(b"x" * (MAX_INLINE_BYTES + 3)).decode()
    assert code({"talent_id": "t1", "content": more}) == "invalid_data"
    assert code({"talent_id": "t1", "text": "x" * MAX_SUBMISSION_BYTES}) == "oversized"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_submission_or_an_error(value: bytes) -> None:
    with pytest.raises(BadMessageError):
        decode_submission(b"t1", value, headers())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ce_time", b"0001-01-01T00:00:00Z", "bad_header"),
        ("ce_dataschema", b"urn:looma:resume:2", "unknown_version"),
        ("ce_dataschema", b"urn:looma:talent:1", "wrong_topic"),
    ],
)
def test_a_resume_of_no_day_or_of_another_kind_is_refused(name: str, value: bytes, expected: str) -> None:
    changed = [(n, value if n == name else v) for n, v in headers()]
    with pytest.raises(BadMessageError) as error:
        decode_submission(b"t1", b'{"talent_id":"t1","text":"a"}', changed)
    assert error.value.code == expected
