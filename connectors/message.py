"""Builds the Kafka message of an entity event, and refuses what a consumer would refuse."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemas.entities import MODELS, Company, Entity, Job, Talent
from schemas.envelope import Envelope, Headers
from schemas.errors import BadMessageError
from schemas.events import Action, EntityEvent, decode, encode, event_type
from schemas.feedback import FEEDBACK, FeedbackOutcome, decode_feedback, pair_id
from schemas.submissions import SUBMITTED, decode_submission
from schemas.versions import CURRENT

RESUME_TOPIC = "resume-events"
FEEDBACK_TOPIC = "match-feedback"
Fields = Mapping[str, Any] | Talent | Job | Company


@dataclass(frozen=True, slots=True)
class Message:
    """A Kafka record ready to send. `envelope` is None for raw bytes, which may be no event at all."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    envelope: Envelope | None = None


def topic_of(entity: Entity) -> str:
    """Return the topic that carries an entity's events."""
    return f"{entity}-events"


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
) -> Message:
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
) -> tuple[Message, EntityEvent]:
    if entity not in MODELS:
        raise BadMessageError("unknown_type", f"unknown entity; known: {', '.join(MODELS)}")
    if action not in ("upserted", "deleted"):
        raise BadMessageError("unknown_type", "unknown action; known: upserted, deleted")
    if time is not None and time.tzinfo is None:
        raise BadMessageError("bad_header", "the time needs a time zone, e.g. Z or +08:00")
    envelope = Envelope(
        event_id or str(uuid.uuid4()),
        source,
        event_type(entity, action),
        id,
        time or datetime.now(UTC),
        CURRENT[entity] if version is None else version,
    )
    try:
        key, value, headers = encode(EntityEvent(envelope, entity, action, _plain(entity, fields)))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, BadMessageError):
            raise
        raise BadMessageError("invalid_json", "id, headers and fields must be text and plain JSON values") from None
    return Message(topic_of(entity), key, value, headers, envelope), decode(entity, key, value, headers)


def _plain(entity: Entity, fields: Fields | None) -> dict[str, Any]:
    if fields is None:
        return {}
    if isinstance(fields, (Talent, Job, Company)):
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
) -> Message:
    """Return the message that submits a resume; raises BadMessageError if a consumer would refuse it."""
    envelope = Envelope(event_id or str(uuid.uuid4()), source, SUBMITTED, talent_id, time or datetime.now(UTC))
    data = {
        "talent_id": talent_id,
        "text": text,
        "content": base64.b64encode(content).decode() if content is not None else None,
        "reference": reference,
    }
    value = json.dumps({n: v for n, v in data.items() if v is not None}, ensure_ascii=False).encode()
    headers = envelope.headers("resume")
    decode_submission(talent_id.encode(), value, headers)
    return Message(RESUME_TOPIC, talent_id.encode(), value, headers, envelope)


def build_feedback(
    talent_id: str,
    job_id: str,
    outcome: FeedbackOutcome,
    *,
    reason: str | None = None,
    source: str,
    event_id: str | None = None,
    time: datetime | None = None,
) -> Message:
    """Return the message that says what became of a pair; raises BadMessageError if a consumer would refuse it.

    `reason` is a code: lower-case letters, digits and underscores.
    """
    if time is not None and time.tzinfo is None:
        raise BadMessageError("bad_header", "the time needs a time zone, e.g. Z or +08:00")
    pair = pair_id(talent_id, job_id)
    envelope = Envelope(event_id or str(uuid.uuid4()), source, FEEDBACK, pair, time or datetime.now(UTC))
    data = {"talent_id": talent_id, "job_id": job_id, "outcome": outcome, "reason": reason}
    value = json.dumps({n: v for n, v in data.items() if v is not None}).encode()
    headers = envelope.headers("match-feedback")
    try:
        key = pair.encode("ascii")
    except UnicodeEncodeError:
        raise BadMessageError("bad_key", "the ids have characters outside A-Z a-z 0-9 . _ : -") from None
    decode_feedback(key, value, headers)
    return Message(FEEDBACK_TOPIC, key, value, headers, envelope)
