"""The conflicts that wait for a person: kept in the records they are about, so that they are always of today."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from processors.sync.conflicts import Conflict
from schemas.entities import ENTITIES, SPEC, Entity
from sinks.mongodb import COLLECTIONS, Database


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A conflict and the record that it is in. `required` is what every event of the record repeats."""

    id: str
    entity: Entity
    entity_id: str
    conflict: Conflict
    required: Mapping[str, Any]


async def open_conflicts(
    database: Database,
    *,
    entity: Entity | None = None,
    field: str | None = None,
    conflict_id: str | None = None,
    after: tuple[Entity, str] | None = None,
) -> AsyncIterator[OpenConflict]:
    """Yield the conflicts that nobody has decided, by entity and record id; from the record `after` on, if given."""
    kinds = (entity,) if entity else ENTITIES
    for kind in kinds[kinds.index(after[0]) :] if after else kinds:
        query: dict[str, Any] = {"conflicts.id": conflict_id or {"$exists": True}}
        if after and kind == after[0]:
            query["_id"] = {"$gte": after[1]}
        required = SPEC[kind].required
        wanted = {"conflicts": 1, **{f"fields.{name}": 1 for name in required}}
        async for document in database[COLLECTIONS[kind]].find(query, wanted).sort("_id", 1):
            repeated = {name: document["fields"][name] for name in required if name in document.get("fields", {})}
            for found in document["conflicts"]:
                if field in (None, found["field"]) and conflict_id in (None, found["id"]):
                    yield OpenConflict(found["id"], kind, document["_id"], Conflict.from_dict(found), repeated)


async def find_conflict(database: Database, conflict_id: str) -> OpenConflict | None:
    """Return one conflict; None if there is no such, or it is decided."""
    async for found in open_conflicts(database, conflict_id=conflict_id):
        return found
    return None
