"""Chat: what participants and upstream systems say in a conversation, and what is answered."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic_core import from_json

from schemas.base import EntityId, Language, Model, ShortText, read_data
from schemas.envelope import Envelope, parse_headers
from schemas.errors import BadMessageError

MESSAGE: Final = "looma.chat.message"
HANDOVER: Final = "looma.chat.handover"
CLOSED: Final = "looma.chat.closed"
NOTICE: Final = "looma.chat.notice"
REPLY: Final = "looma.chat.reply"
DELTA: Final = "looma.chat.delta"
VERSION = 2
"""Of a message's data. Version 1 named no participant."""

MAX_TEXT_BYTES = 32 * 1024
MAX_EVENT_BYTES = 256 * 1024
"""JSON may take six bytes for one."""
DEFAULT_ZONE = "Asia/Shanghai"
_ENTITY_ID = TypeAdapter(EntityId)
_EARLIEST_YEAR = 1970

Outcome = Literal["replied", "merged", "silent"]
"""What becomes of a message: answered, answered by the reply to a later one, or left to a person.

A notice is told, kept for a later one, or, if nobody wants it, silent.
"""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("write an IANA time zone, e.g. Asia/Shanghai") from None
    return name


def _utf8_size(text: str) -> str:
    if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise ValueError(f"at most {MAX_TEXT_BYTES} bytes in UTF-8")
    return text


Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
ChatText = Annotated[str, StringConstraints(min_length=1), AfterValidator(_utf8_size)]


class Participant(Model):
    """Who speaks, as the publisher has authenticated them; nothing in a text can change it."""

    kind: Literal["candidate", "recruiter", "anonymous"]
    id: EntityId | None = Field(
        default=None,
        description="of a candidate the talent's id; of anonymous people whose key or token it is, if any",
    )

    @model_validator(mode="after")
    def _identified(self) -> Self:
        if self.kind != "anonymous" and self.id is None:
            raise ValueError("candidates and recruiters have an id")
        return self

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the participant of a `name`. Raises ValidationError."""
        kind, _, id = name.partition(":")
        return cls.model_validate({"kind": kind, "id": id or None})

    @property
    def name(self) -> str:
        """The participant in one word: `kind` or `kind:id`."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


ANONYMOUS = Participant(kind="anonymous")


class ChatMessage(Model):
    """One message of a conversation: of its participant (`user`), or of a person who answers (`assistant`)."""

    conversation_id: EntityId
    role: Literal["user", "assistant", "system"] = "user"
    text: ChatText
    language: Language | None = Field(default=None, description="to answer in; default: that of the text")
    participant: Participant = ANONYMOUS
    timezone: Zone = Field(default=DEFAULT_ZONE, description="of the participant: what `tomorrow` means")
    channel: ShortText = Field(default="api", description="where the conversation takes place")
    contacts: bool = Field(default=False, description="whether a recruiter may be told how to reach candidates")


class ChatHandover(Model):
    """A person takes a conversation over, or gives it back."""

    conversation_id: EntityId
    status: Literal["taken", "returned"]
    minutes: int = Field(default=60, ge=1, le=10_080, description="after which it is given back by itself")


class ChatClosed(Model):
    """A conversation is over; its next message begins anew."""

    conversation_id: EntityId


class ChatNotice(Model):
    """A new match for the participant: a job for a candidate, a talent for whoever recruits for `job_id`.

    Without either: what has waited is due.
    """

    conversation_id: EntityId
    participant: Participant
    job_id: EntityId | None = None
    job_revision: int = Field(default=0, ge=0)
    talent_id: EntityId | None = Field(default=None, description="for a recruiter")
    talent_revision: int = Field(default=0, ge=0)


class Citation(Model):
    """Where a fact of a reply stands: a field of one revision of a record."""

    entity: Literal["talent", "job", "company", "match"]
    id: ShortText
    field: ShortText
    revision: int = Field(ge=0)


class Usage(Model):
    """What a reply has cost, with the requests that failed."""

    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    cost: float = Field(default=0, ge=0, description="in the currency of the providers' prices")


class ChatReply(Model):
    """What became of one message, and what was answered."""

    conversation_id: EntityId
    in_reply_to: ShortText = Field(description="`ce_id` of the message or notice")
    number: int = Field(ge=1, description="of the turn in its conversation")
    outcome: Outcome
    text: str = Field(default="", description="empty unless the outcome is `replied`")
    language: Language = "zh"
    citations: list[Citation] = Field(default=[], max_length=200)
    focus: list[ShortText] = Field(default=[], max_length=50, description="ids of what the reply lists, in its order")
    handed_over: bool = Field(default=False, description="whether a person is to answer from here on")
    provider: ShortText = Field(default="templates", description="whose words these are")
    usage: Usage = Usage()


class ChatDelta(Model):
    """Partial text of an answer that is still being worded. The reply is the truth: deltas may be lost or come twice.

    Those of one `attempt` continue each other; `reset` takes back what an attempt has said, and `end` names the reply.
    """

    conversation_id: EntityId
    participant: Participant = Field(description="whose conversation it is")
    in_reply_to: ShortText = Field(description="`ce_id` of the message")
    number: int = Field(ge=1, description="of the turn in its conversation")
    attempt: ShortText = Field(description="text of another attempt is not continued but begun anew")
    status: Literal["text", "reset", "end"] = "text"
    position: int = Field(default=0, ge=0, description="how many characters of the attempt come before `text`")
    text: str = ""
    reply_id: ShortText | None = Field(default=None, description="at the end: `ce_id` of the reply")


ChatContent = ChatMessage | ChatHandover | ChatClosed | ChatNotice
_CONTENT: dict[str, tuple[str, type[ChatContent], int]] = {
    MESSAGE: ("chat-message", ChatMessage, VERSION),
    HANDOVER: ("chat-handover", ChatHandover, 1),
    CLOSED: ("chat-closed", ChatClosed, 1),
    NOTICE: ("chat-notice", ChatNotice, 1),
}


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """A message of `chat-events` with its envelope."""

    envelope: Envelope
    content: ChatContent

    @property
    def conversation(self) -> str:
        """The conversation's id."""
        return self.envelope.subject


def decode_chat(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> ChatEvent:
    """Decode a message of `chat-events`, whose key is the conversation. Raises BadMessageError and nothing else."""
    envelope, kind = parse_headers(key, headers)
    if envelope.type not in _CONTENT:
        raise BadMessageError("unknown_type", f"known types: {', '.join(_CONTENT)}")
    name, model, current = _CONTENT[envelope.type]
    if kind not in (None, name):
        raise BadMessageError("wrong_topic", f"{envelope.type} carries {name} data")
    if not 1 <= envelope.version <= current:
        raise BadMessageError("unknown_version", f"{name} version {envelope.version}; known: 1 to {current}")
    try:
        _ENTITY_ID.validate_python(envelope.subject)
    except ValidationError:
        raise BadMessageError("bad_key", "the conversation id has characters outside A-Z a-z 0-9 . _ : -") from None
    if envelope.time.year < _EARLIEST_YEAR:
        raise BadMessageError("bad_header", f"ce_time is before {_EARLIEST_YEAR}")
    if len(value or b"") > MAX_EVENT_BYTES:
        raise BadMessageError("oversized", f"{len(value or b'')} bytes; at most {MAX_EVENT_BYTES} are accepted")
    if envelope.type == MESSAGE and envelope.version == 1:
        value = _upcast_v1(value)
    content = read_data(model, value)
    if content.conversation_id != envelope.subject:
        raise BadMessageError("bad_key", "the message key must be the conversation's id")
    return ChatEvent(envelope, content)


def _upcast_v1(value: bytes | None) -> bytes:
    """Return a message of version 1 as version 2 says it: whoever speaks is anonymous."""
    try:
        data: Any = from_json(value or b"")
    except ValueError:
        raise BadMessageError("invalid_json", "the value is not JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise BadMessageError("invalid_data", "the value must be a JSON object")
    for name in ("participant", "timezone", "channel", "contacts"):
        if name in data:
            raise BadMessageError("invalid_data", f"{name}: a field of version 2; say urn:looma:chat-message:2")
    return json.dumps(data, ensure_ascii=True).encode()
