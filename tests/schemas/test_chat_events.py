"""Chat events: what is read of both versions, and that any other bytes are refused with a reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.message import build_chat
from schemas.chat import CLOSED, HANDOVER, MESSAGE, ChatHandover, ChatMessage, Participant, decode_chat
from schemas.errors import BadMessageError

TEXT = {"conversation_id": "c-1", "text": "找上海的工作"}


def headers(
    type: str = MESSAGE, kind: str = "chat-message", version: int = 2, **other: bytes
) -> list[tuple[str, bytes]]:
    found = {
        "ce_specversion": b"1.0", "ce_id": b"e-1", "ce_source": b"app", "ce_type": type.encode(),
        "ce_time": b"2026-01-05T08:00:00Z", "ce_dataschema": f"urn:looma:{kind}:{version}".encode(),
    }  # fmt: skip
    return [*(found | other).items()]


def code(data: object, **kwargs: object) -> str:
    with pytest.raises(BadMessageError) as refused:
        decode_chat(b"c-1", json.dumps(data).encode(), headers(**kwargs))  # type: ignore[arg-type]
    return refused.value.code


def test_version_1_is_anonymous_and_keeps_its_role() -> None:
    event = decode_chat(b"c-1", json.dumps({**TEXT, "role": "assistant"}).encode(), headers(version=1))
    assert isinstance(event.content, ChatMessage)
    assert (event.content.participant.name, event.content.role) == ("anonymous", "assistant")
    assert event.content.timezone == "Asia/Shanghai"
    assert code({**TEXT, "participant": {"kind": "recruiter", "id": "r"}}, version=1) == "invalid_data"
    assert code(["no object"], version=1) == "invalid_data"


def test_the_publisher_says_who_speaks() -> None:
    ann = Participant(kind="candidate", id="t-1")
    message = build_chat("c-1", "hi", participant=ann, timezone="Europe/Berlin", source="app")
    event = decode_chat(message.key, message.value, message.headers)
    assert isinstance(event.content, ChatMessage)
    assert (event.content.participant, event.conversation) == (ann, "c-1")
    assert ann.name == "candidate:t-1"


def test_a_person_takes_over_and_a_conversation_is_closed() -> None:
    taken = json.dumps({"conversation_id": "c-1", "status": "taken", "minutes": 5}).encode()
    event = decode_chat(b"c-1", taken, headers(HANDOVER, "chat-handover", 1))
    assert event.content == ChatHandover(conversation_id="c-1", status="taken", minutes=5)
    closed = decode_chat(b"c-1", b'{"conversation_id":"c-1"}', headers(CLOSED, "chat-closed", 1))
    assert closed.conversation == "c-1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({**TEXT, "text": ""}, "invalid_data"),
        ({**TEXT, "text": "字" * 11_000}, "invalid_data"),
        ({**TEXT, "text": "a" * 65_536}, "invalid_data"),
        ({**TEXT, "text": "a" * 300_000}, "oversized"),
        ({**TEXT, "text": None}, "invalid_data"),
        ({**TEXT, "text": "\ud800"}, "invalid_json"),
        ({**TEXT, "participant": None}, "invalid_data"),
        ({**TEXT, "participant": {"kind": "admin", "id": "x"}}, "invalid_data"),
        ({**TEXT, "contacts": "yes please"}, "invalid_data"),
        ({**TEXT, "participant": {"kind": "candidate"}}, "invalid_data"),
        ({**TEXT, "participant": {"kind": "anonymous", "id": "t 1"}}, "invalid_data"),
        ({**TEXT, "timezone": "Mars/Olympus"}, "invalid_data"),
        ({**TEXT, "timezone": "../../etc/passwd"}, "invalid_data"),
        ({**TEXT, "conversation_id": "c-2"}, "bad_key"),
        ({**TEXT, "extra": 1}, "invalid_data"),
    ],
)
def test_bad_data_is_refused(data: object, said: str) -> None:
    assert code(data) == said


def test_bad_envelopes_are_refused() -> None:
    assert code(TEXT, type="looma.chat.nothing") == "unknown_type"
    assert code(TEXT, kind="talent") == "wrong_topic"
    assert code(TEXT, version=3) == "unknown_version"
    assert code(TEXT, ce_time=b"0001-01-01T00:00:00Z") == "bad_header"
    with pytest.raises(BadMessageError) as refused:
        decode_chat("对话".encode(), json.dumps(TEXT).encode(), headers())
    assert refused.value.code == "bad_key"


@given(st.binary() | st.text().map(str.encode), st.sampled_from([MESSAGE, HANDOVER, CLOSED]), st.integers(0, 3))
def test_any_bytes_are_read_or_refused(value: bytes, type: str, version: int) -> None:
    kind = {MESSAGE: "chat-message", HANDOVER: "chat-handover", CLOSED: "chat-closed"}[type]
    try:
        decode_chat(b"c-1", value, headers(type, kind, version))
    except BadMessageError as error:
        assert error.code
