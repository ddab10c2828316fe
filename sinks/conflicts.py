"""The conflicts that wait for a person: kept in the records they are about, so that they are always of today."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from processors.sync.conflicts import Conflict
from schemas.entities import ENTITIES, Entity
from sinks.mongodb import COLLECTIONS, Database


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A conflict and the record that it is in."""

    id: str
    entity: Entity
    entity_id: str
    conflict: Conflict


async def open_conflicts(
    database: Database, *, entity: Entity | None = None, field: str | None = None, conflict_id: str | None = None
) -> AsyncIterator[OpenConflict]:
    """Yield the conflicts that nobody has decided, by entity and record id."""
    query = {"conflicts.id": conflict_id or {"$exists": True}}
    for kind in (entity,) if entity else ENTITIES:
        cursor = database[COLLECTIONS[kind]].find(query, {"conflicts": 1}).sort("_id", 1)
        async for document in cursor:
            for found in document["conflicts"]:
                if field in (None, found["field"]) and conflict_id in (None, found["id"]):
                    yield OpenConflict(found["id"], kind, document["_id"], Conflict.from_dict(found))


async def find_conflict(database: Database, conflict_id: str) -> OpenConflict | None:
    """Return one conflict; None if there is no such, or it is decided."""
    async for found in open_conflicts(database, conflict_id=conflict_id):
        return found
    return None
