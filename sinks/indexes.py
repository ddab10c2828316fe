"""MongoDB's indexes: declared beside what they serve, applied here."""

from sinks import identities, mongodb

INDEXES = {**mongodb.INDEXES, **identities.INDEXES}


async def apply_indexes(database: mongodb.Database) -> list[str]:
    """Create the declared indexes that are missing; return the names of all, as `collection.index`."""
    names = []
    for collection, models in INDEXES.items():
        created = await database[collection].create_indexes(list(models))
        names += [f"{collection}.{name}" for name in created]
    return names
