"""Decoding is total: any message becomes an event or a BadMessageError."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import MAX_VALUE_BYTES, Envelope, derived_id, parse_headers
from schemas.errors import BadMessageError
from schemas.events import EntityEvent, decode, encode

TIME = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def event(**changes: object) -> EntityEvent:
    attributes = {
        "id": "e1",
        "source": "crm",
        "type": "looma.talent.upserted",
        "subject": "t-1",
        "time": TIME,
        "version": 2,
    }
    return EntityEvent(Envelope(**{**attributes, **changes}), "talent", "upserted", {"name": "王小明", "title": None})


def test_encode_then_decode_is_the_same_event() -> None:
    key, value, headers = encode(event())
    assert decode("talent", key, value, headers) == event()


def test_an_explicit_null_is_kept_and_an_absent_field_is_not() -> None:
    key, value, headers = encode(event())
    assert decode("talent", key, value, headers).fields == {"name": "王小明", "title": None}


def without(name: str) -> list[tuple[str, bytes]]:
    return [h for h in encode(event())[2] if h[0] != name]


def replaced(name: str, value: bytes) -> list[tuple[str, bytes]]:
    return [*without(name), (name, value)]


@pytest.mark.parametrize(
    ("key", "value", "headers", "code"),
    [
        (b"t-1", b"{}", without("ce_id"), "missing_header"),
        (b"t-1", b"{}", replaced("ce_time", b"yesterday"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_time", b"2026-01-01T00:00:00"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_specversion", b"0.3"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_source", b"\xff"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_id", b"a b"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_dataschema", b"http://x"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_dataschema", b"urn:looma:talent:99"), "unknown_version"),
        (b"t-1", b"{}", replaced("ce_dataschema", b"urn:looma:job:2"), "wrong_topic"),
        (b"t-1", b"{}", replaced("ce_type", b"looma.job.upserted"), "wrong_topic"),
        (b"t-1", b"{}", replaced("ce_type", b"something.else"), "unknown_type"),
        (b"t-2", b"{}", encode(event())[2], "bad_key"),
        (None, b"{}", encode(event())[2], "bad_key"),
        ("王".encode(), b"{}", without("ce_subject"), "bad_key"),
        (b"../x", b"{}", without("ce_subject"), "bad_key"),
        (b"t-1", b"{", encode(event())[2], "invalid_json"),
        (b"t-1", b"\xff\xfe", encode(event())[2], "invalid_json"),
        (b"t-1", None, encode(event())[2], "invalid_json"),
        (b"t-1", b'{"nickname": "x"}', encode(event())[2], "invalid_data"),
        (b"t-1", b'{"years_experience": 999}', encode(event())[2], "invalid_data"),
        (b"t-1", b"[]", replaced("ce_dataschema", b"urn:looma:talent:1"), "invalid_data"),
        (b"t-1", b"[" * 100_000, replaced("ce_dataschema", b"urn:looma:talent:1"), "invalid_json"),
        (b"t-1", b" " * (MAX_VALUE_BYTES + 1), encode(event())[2], "oversized"),
        (b"t-1", b"{}", replaced("ce_time", b"0001-01-01T00:00:00+08:00"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_time", b"9999-12-31T23:59:59-01:00"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_id", b"e1\n"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_source", "cr\u202em".encode()), "bad_header"),
        (b"t-1", b"{}", replaced("ce_source", "c\u200brm".encode()), "bad_header"),
        (b"t-1", b"{}", replaced("ce_source", "c\u3000rm".encode()), "bad_header"),
        (b"t-1", b"{}", [*encode(event())[2], ("ce_id", b"e2")], "bad_header"),
        (b"t-1", b"{}", replaced("ce_dataschema", b"urn:looma:talent:2\n"), "bad_header"),
        (b"t-1", b"{}", replaced("ce_dataschema", b"urn:looma:talent:0"), "unknown_version"),
        (
            b"t-1",
            b'{"salary_min":' + b"9" * 5000 + b"}",
            replaced("ce_dataschema", b"urn:looma:talent:1"),
            "invalid_json",
        ),
        (b"t-1", b'{"name":"\\ud83d"}', replaced("ce_dataschema", b"urn:looma:talent:1"), "invalid_json"),
        (b"t-1", b'{"name":"\\ud83d"}', encode(event())[2], "invalid_json"),
        (b"t-1", b'{"years_experience":1e400}', encode(event())[2], "invalid_data"),
        (b"t-1", b'{"years_experience":NaN}', replaced("ce_dataschema", b"urn:looma:talent:1"), "invalid_data"),
        (b"t-1", b"{}", [("content-type", b"application/cloudevents+json; charset=UTF-8")], "structured_mode"),
    ],
)
def test_bad_messages_have_a_stable_code(key: bytes, value: bytes, headers: list, code: str) -> None:
    with pytest.raises(BadMessageError) as caught:
        decode("talent", key, value, headers)
    assert caught.value.code == code


def test_reasons_never_quote_values() -> None:
    key, _, headers = encode(event())
    with pytest.raises(BadMessageError) as caught:
        decode("talent", key, json.dumps({"emails": ["secret value"]}).encode(), headers)
    assert "secret" not in caught.value.detail
    assert "emails" in caught.value.detail


def test_the_first_and_the_last_moment_of_the_calendar_are_times() -> None:
    for time in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-05t08:00:00z"):
        envelope, _ = parse_headers(b"t-1", replaced("ce_time", time.encode()))
        assert len(envelope.timestamp) == len(event().envelope.timestamp)


def test_extensions_and_headers_without_a_value_are_passed_over() -> None:
    headers: list = [*encode(event())[2], ("ce_region", b"\xff"), ("ce_region", b"eu"), ("x", None)]
    assert decode("talent", b"t-1", b"{}", headers).id == "t-1"


def test_a_delete_of_an_unknown_version_is_refused() -> None:
    headers = [(n, b"looma.talent.deleted" if n == "ce_type" else v) for n, v in encode(event(version=9))[2]]
    with pytest.raises(BadMessageError) as caught:
        decode("talent", b"t-1", None, headers)
    assert caught.value.code == "unknown_version"


header_names = st.sampled_from(["ce_id", "ce_type", "ce_time", "ce_source", "ce_specversion", "ce_dataschema"])


@given(
    st.none() | st.binary(max_size=20),
    st.binary(max_size=200),
    st.lists(st.tuples(header_names, st.binary(max_size=40))),
)
def test_any_bytes_decode_or_are_refused(key: bytes | None, value: bytes, headers: list) -> None:
    try:
        decode("talent", key, value, headers)
    except BadMessageError as error:
        assert error.code


@given(st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.timezones()))
def test_timestamps_order_as_text(time: datetime) -> None:
    envelope, _ = parse_headers(b"t-1", event(time=time).envelope.headers("talent"))
    assert envelope.time == time.astimezone(UTC)
    assert (envelope.timestamp < event().envelope.timestamp) == (time.astimezone(UTC) < TIME)


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_derived_ids_are_equal_only_for_equal_causes(left: list[str], right: list[str]) -> None:
    if "\x1f" not in "".join(left + right):
        assert (derived_id(*left) == derived_id(*right)) == (left == right)
