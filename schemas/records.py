"""The golden record: the merged state of one entity, as stored in MongoDB and carried by the record topics."""

import json
from dataclasses import dataclass
from typing import Any

from schemas.entities import Entity


@dataclass(frozen=True, slots=True)
class Record:
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
        return json.dumps(body, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, value: bytes) -> "Record":
        """Read a record topic's value. Raises ValueError, KeyError or TypeError if it is none."""
        body = json.loads(value)
        return cls(**{name: body[name] for name in cls.__slots__})
