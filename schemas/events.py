"""Entity events: what upstream systems publish, decoded from and encoded to Kafka messages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from schemas.base import EntityId
from schemas.entities import ENTITIES, MODELS, Entity
from schemas.envelope import MAX_VALUE_BYTES, Envelope, Headers, parse_headers
from schemas.errors import BadMessageError
from schemas.problems import refusal
from schemas.versions import known_version, means_the_same, upcast

Action = Literal["upserted", "deleted"]
ACTIONS: tuple[Action, ...] = get_args(Action)
_ENTITY_ID = TypeAdapter(EntityId)
_TYPES: dict[str, tuple[Entity, Action]] = {
    f"looma.{entity}.{action}": (entity, action) for entity in ENTITIES for action in ACTIONS
}


@dataclass(frozen=True, slots=True)
class EntityEvent:
    """One change of one entity. `fields` holds only what the event names, as plain JSON values; None deletes."""

    envelope: Envelope
    entity: Entity
    action: Action
    fields: dict[str, Any]

    @property
    def id(self) -> str:
        """The entity's id."""
        return self.envelope.subject


def event_type(entity: Entity, action: Action) -> str:
    """Return the CloudEvents type, e.g. `looma.talent.upserted`."""
    return f"looma.{entity}.{action}"


def parse_fields(entity: Entity, version: int, value: bytes) -> dict[str, Any]:
    """Return the named fields of a JSON document of `version`, upcast and validated.

    Raises BadMessageError: `oversized`, `invalid_json`, `unknown_version`, `invalid_data`.
    """
    if len(value) > MAX_VALUE_BYTES:
        raise BadMessageError("oversized", f"{len(value)} bytes; at most {MAX_VALUE_BYTES} are accepted")
    model = MODELS[entity]
    if not means_the_same(entity, version):
        value = _upcast(entity, version, value)
    try:
        record = model.model_validate_json(value)
    except ValidationError as error:
        raise refusal(model, error) from None
    return record.model_dump(mode="json", exclude_unset=True)


def _upcast(entity: Entity, version: int, value: bytes) -> bytes:
    """Return a JSON document of an older version as the current version says it, as yet unchecked."""
    try:
        data = from_json(value)  # unlike json.loads it has one way to fail, however long a number or deep a list
    except ValueError:
        raise BadMessageError("invalid_json", "the value is not JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise BadMessageError("invalid_data", "the value must be a JSON object")
    return json.dumps(upcast(entity, version, data)).encode()


def decode(entity: Entity, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> EntityEvent:
    """Decode a Kafka message from an entity's topic. Raises BadMessageError and nothing else."""
    envelope, kind = parse_headers(key, headers)
    try:
        typed_entity, action = _TYPES[envelope.type]
    except KeyError:
        raise BadMessageError("unknown_type", f"known types: {', '.join(_TYPES)}") from None
    if typed_entity != entity or kind not in (None, entity):
        raise BadMessageError("wrong_topic", f"this topic carries {entity} events only")
    try:
        _ENTITY_ID.validate_python(envelope.subject)
    except ValidationError:
        raise BadMessageError("bad_key", "the entity id has characters outside A-Z a-z 0-9 . _ : -") from None
    if action == "deleted":
        known_version(entity, envelope.version)
        return EntityEvent(envelope, entity, action, {})
    fields = parse_fields(entity, envelope.version, value or b"")
    return EntityEvent(envelope, entity, action, fields)


def encode(event: EntityEvent) -> tuple[bytes, bytes, Headers]:
    """Return the (key, value, headers) of the Kafka message that carries `event`."""
    value = b"{}" if event.action == "deleted" else json.dumps(event.fields, ensure_ascii=False).encode()
    return event.id.encode(), value, event.envelope.headers(event.entity)
