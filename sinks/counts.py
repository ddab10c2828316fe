"""How much is stored."""

from schemas.entities import ENTITIES
from sinks.matches import MATCHES
from sinks.mongodb import COLLECTIONS, Database


async def counts(database: Database) -> dict[str, int]:
    """Return how many live records of each entity, and how many active matches, are stored."""
    found = {
        COLLECTIONS[entity]: await database[COLLECTIONS[entity]].count_documents({"deleted": False})
        for entity in ENTITIES
    }
    total = [{"$group": {"_id": None, "matches": {"$sum": {"$size": "$matches"}}}}]
    found[MATCHES] = sum([d["matches"] async for d in await database[MATCHES].aggregate(total)])
    return found
