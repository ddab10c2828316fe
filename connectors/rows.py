"""Rows: what a file says, one event or one error a line, with the line's number."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.message import EventMessage, build_message
from schemas.entities import Entity
from schemas.envelope import Headers
from schemas.events import Action


@dataclass(frozen=True, slots=True)
class Row:
    """One event as a file states it; it has already been accepted by the schemas."""

    line: int
    entity: Entity
    id: str
    fields: dict[str, Any]
    source: str
    event_id: str
    time: datetime
    action: Action = "upserted"
    version: int | None = None
    note: str | None = None

    def message(self) -> EventMessage:
        """Return the Kafka message of this event. Raises BadMessageError."""
        return build_message(
            self.entity,
            self.id,
            self.fields,
            source=self.source,
            action=self.action,
            event_id=self.event_id,
            time=self.time,
            version=self.version,
        )


@dataclass(frozen=True, slots=True)
class RawRow:
    """Bytes to send as they are, valid or not: for tests and demonstrations of the dead-letter path."""

    line: int
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    note: str | None = None

    def message(self) -> EventMessage:
        """Return the Kafka message, unchecked."""
        return EventMessage(self.topic, self.key, self.value, self.headers)


@dataclass(frozen=True, slots=True)
class RowError:
    """What is no event, and why; the text names fields and rules, never values.

    `id` is the entity's, if it could be read, and `raw` what the source holds: both are for the refused file only.
    """

    line: int
    text: str
    id: str | None = None
    raw: str | bytes | None = field(default=None, repr=False)
