"""The source record: what all events of one id amount to, as stored in MongoDB and carried by the record topics.

The sources of an id know the entity by it. Source records that speak of one person or company make a golden record.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, get_type_hints

import orjson
from annotated_types import MaxLen
from pydantic import AfterValidator, Field, StringConstraints, ValidationError, create_model
from pydantic_core import from_json

from schemas.base import EntityId, Model, Revision
from schemas.entities import ENTITIES, MODELS, SPEC, Entity
from schemas.errors import BadMessageError
from schemas.problems import refusal


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """`fields` are the surviving values; `provenance` names each one's source, event time and event id.

    `revision` counts the changes of the stored record; it orders derived events, and is not part of the merge.
    """

    entity: Entity
    id: str
    revision: int
    deleted: bool
    fields: dict[str, Any]
    provenance: dict[str, dict[str, str]]

    def to_json(self) -> bytes:
        """Return the record as a record topic's value."""
        body = {
            "entity": self.entity,
            "id": self.id,
            "revision": self.revision,
            "deleted": self.deleted,
            "fields": self.fields,
            "provenance": self.provenance,
        }
        return orjson.dumps(body)

    @classmethod
    def from_json(cls, value: bytes) -> "SourceRecord":
        """Read a record topic's value. Raises BadMessageError if it is none."""
        try:
            body = from_json(value)
        except ValueError:
            raise BadMessageError("invalid_json", "the value is not JSON in UTF-8") from None
        entity = body.get("entity") if isinstance(body, dict) else None
        if entity not in ENTITIES:
            raise BadMessageError("invalid_data", "not a source record: no known entity")
        try:
            BODIES[entity].model_validate_json(value, strict=True)
        except ValidationError as error:
            raise refusal(BODIES[entity], error) from None
        return cls(**{name: body[name] for name in cls.__slots__})


def _instant(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_Instant = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"),
    AfterValidator(_instant),
]


class _Origin(Model):
    """Where a surviving value is from."""

    source: str
    time: _Instant
    event_id: str
    read_from: str | None = Field(default=None, description="the text that says it, where no source does")


class _Body(Model):
    """A record topic's value, as it is written for every entity."""

    id: EntityId
    revision: Revision
    deleted: bool
    provenance: dict[str, _Origin]


def _body(entity: Entity) -> type[_Body]:
    """Return the model of an entity's records. United lists have no limit, contact points are in normal form.

    A deleted record has no fields, not even those that an event must name.
    """
    model = MODELS[entity]
    hints = get_type_hints(model, include_extras=True)
    required: dict[str, Any] = {name: (hints[name] | None, None) for name in SPEC[entity].required}
    united = {
        name: (list[str] | None if name in ("emails", "phones") else field.annotation, None)
        for name, field in model.model_fields.items()
        if any(isinstance(rule, MaxLen) for rule in field.metadata)
    }
    fields = create_model(model.__name__, __base__=model, **required, **united)  # type: ignore[call-overload]
    kind: Any = Literal[entity]
    return create_model(f"{model.__name__}Record", __base__=_Body, entity=(kind, ...), fields=(fields, ...))


BODIES: dict[Entity, type[_Body]] = {entity: _body(entity) for entity in ENTITIES}
"""What the record topics' values are."""
