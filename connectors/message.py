"""Builds the Kafka message of an entity event, and refuses what a consumer would refuse."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from schemas.base import Language, Model
from schemas.chat import ANONYMOUS, DEFAULT_ZONE, MESSAGE, Participant, decode_chat
from schemas.chat import VERSION as CHAT_VERSION
from schemas.entities import MODELS, Entity, Resolvable
from schemas.envelope import Envelope, Headers
from schemas.errors import BadMessageError
from schemas.events import ACTIONS, Action, EntityEvent, decode, encode, event_type
from schemas.feedback import FEEDBACK, FeedbackOutcome, decode_feedback, pair_id
from schemas.submissions import SUBMITTED, decode_submission
from schemas.topics import CHAT_EVENTS, EVENTS, IDENTITY_EVENTS, MATCH_FEEDBACK, RESUMES
from schemas.verdicts import Action as VerdictAction
from schemas.verdicts import decode_verdict
from schemas.versions import CURRENT

Fields = Mapping[str, Any] | Model


@dataclass(frozen=True, slots=True)
class EventMessage:
    """A Kafka record ready to send. `envelope` is None for raw bytes, which may be no event at all."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    envelope: Envelope | None = None


def topic_of(entity: Entity) -> str:
    """Return the topic that carries an entity's events."""
    return EVENTS[entity]


def build_message(
    entity: Entity,
    id: str,
    fields: Fields | None = None,
    *,
    source: str,
    action: Action = "upserted",
    event_id: str | None = None,
    time: datetime | None = None,
    version: int | None = None,
) -> EventMessage:
    """Return the message that says: `source` has `action` the entity `id`, as of `time`.

    A mapping holds plain JSON values; a model contributes the fields set on it. `version` is that of the data's
    schema, the current one by default. Raises BadMessageError for whatever a consumer would dead-letter.
    """
    return _build(entity, id, fields, source, action, event_id, time, version)[0]


def normalise(entity: Entity, id: str, fields: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return `fields` as a consumer will read them: current version, right types. Raises BadMessageError."""
    return _build(entity, id, fields, source, "upserted", "-", None, None)[1].fields


def _build(
    entity: Entity,
    id: str,
    fields: Fields | None,
    source: str,
    action: Action,
    event_id: str | None,
    time: datetime | None,
    version: int | None,
) -> tuple[EventMessage, EntityEvent]:
    if entity not in MODELS:
        raise BadMessageError("unknown_type", f"unknown entity; known: {', '.join(MODELS)}")
    if action not in ACTIONS:
        raise BadMessageError("unknown_type", f"unknown action; known: {', '.join(ACTIONS)}")
    envelope = _envelope(source, event_type(entity, action), id, event_id, time)
    envelope = replace(envelope, version=CURRENT[entity] if version is None else version)
    with _refusing():
        key, value, headers = encode(EntityEvent(envelope, entity, action, _plain(entity, fields)))
    return EventMessage(topic_of(entity), key, value, headers, envelope), decode(entity, key, value, headers)


def _envelope(source: str, type: str, subject: str, event_id: str | None, time: datetime | None) -> Envelope:
    if time is not None and time.tzinfo is None:
        raise BadMessageError("bad_header", "the time needs a time zone, e.g. Z or +08:00")
    return Envelope(event_id or str(uuid.uuid4()), source, type, subject, time or datetime.now(UTC))


def _checked(
    topic: str,
    envelope: Envelope,
    kind: str,
    data: Mapping[str, Any],
    decode: Callable[[bytes, bytes, Headers], object],
) -> EventMessage:
    """Return the message of an event about its subject, without what is None, once `decode` takes it."""
    with _refusing():
        key, headers = envelope.subject.encode(), envelope.headers(kind)
        value = json.dumps({n: v for n, v in data.items() if v is not None}, ensure_ascii=False).encode()
    decode(key, value, headers)
    return EventMessage(topic, key, value, headers, envelope)


@contextmanager
def _refusing() -> Iterator[None]:
    """Refuse what cannot be written: text that no encoding has, values that JSON lacks, times that no calendar has."""
    try:
        yield
    except BadMessageError:
        raise
    except OverflowError:
        raise BadMessageError("bad_header", "the time lies outside the years 1 to 9999 in UTC") from None
    except (TypeError, ValueError, RecursionError):
        raise BadMessageError("invalid_json", "id, headers and fields must be text and plain JSON values") from None


def _plain(entity: Entity, fields: Fields | None) -> dict[str, Any]:
    if fields is None:
        return {}
    if isinstance(fields, Model):
        if not isinstance(fields, MODELS[entity]):
            raise BadMessageError("invalid_data", f"a {type(fields).__name__} is no {entity}")
        return fields.model_dump(mode="json", exclude_unset=True)
    return dict(fields)


def build_resume(
    talent_id: str,
    *,
    text: str | None = None,
    content: bytes | None = None,
    reference: str | None = None,
    source: str,
    event_id: str | None = None,
    time: datetime | None = None,
) -> EventMessage:
    """Return the message that submits a resume; raises BadMessageError if a consumer would refuse it."""
    envelope = _envelope(source, SUBMITTED, talent_id, event_id, time)
    data = {
        "talent_id": talent_id,
        "text": text,
        "content": base64.b64encode(content).decode() if content is not None else None,
        "reference": reference,
    }
    return _checked(RESUMES, envelope, "resume", data, decode_submission)


def build_chat(
    conversation_id: str,
    text: str,
    *,
    participant: Participant = ANONYMOUS,
    language: Language | None = None,
    timezone: str = DEFAULT_ZONE,
    channel: str = "api",
    contacts: bool = False,
    source: str,
    event_id: str | None = None,
    time: datetime | None = None,
) -> EventMessage:
    """Return the message that says something in a conversation; raises BadMessageError if a consumer would refuse it.

    Who publishes it has authenticated the participant, and grants `contacts` to a recruiter who may reach candidates.
    """
    envelope = replace(_envelope(source, MESSAGE, conversation_id, event_id, time), version=CHAT_VERSION)
    data = {
        "conversation_id": conversation_id,
        "text": text,
        "participant": participant.model_dump(exclude_none=True),
        "language": language,
        "timezone": timezone,
        "channel": channel,
        **({"contacts": True} if contacts else {}),
    }
    return _checked(CHAT_EVENTS, envelope, "chat-message", data, decode_chat)


def build_feedback(
    talent_id: str,
    job_id: str,
    outcome: FeedbackOutcome,
    *,
    reason: str | None = None,
    source: str,
    event_id: str | None = None,
    time: datetime | None = None,
) -> EventMessage:
    """Return the message that says what became of a pair; raises BadMessageError if a consumer would refuse it.

    `reason` is a code: lower-case letters, digits and underscores.
    """
    pair = pair_id(talent_id, job_id)
    envelope = _envelope(source, FEEDBACK, pair, event_id, time)
    data = {"talent_id": talent_id, "job_id": job_id, "outcome": outcome, "reason": reason}
    return _checked(MATCH_FEEDBACK, envelope, "match-feedback", data, decode_feedback)


def build_verdict(
    action: VerdictAction, entity: Resolvable, left: str, right: str, *, source: str, event_id: str, time: datetime
) -> EventMessage:
    """Return the message by which a person says whether two records are one.

    Raises BadMessageError if a consumer would refuse it.
    """
    subject = f"{entity}:{min(left, right)}|{max(left, right)}"
    envelope = _envelope(source, f"looma.identity.{action}", subject, event_id, time)
    data = {"entity": entity, "left": left, "right": right}
    return _checked(IDENTITY_EVENTS, envelope, "identity-verdict", data, decode_verdict)
