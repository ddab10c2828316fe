"""MongoDB's indexes: declared beside what they serve, applied here."""

from sinks import conversations, feedback, identities, matches, mongodb, requests

INDEXES = {**mongodb.INDEXES, **matches.INDEXES, **identities.INDEXES}
"""Of every generation's database."""

SHARED = {**feedback.INDEXES, **conversations.INDEXES, **requests.INDEXES}
"""Of the base database alone: what all generations share."""


async def apply_indexes(database: mongodb.Database, *, base: bool = False) -> list[str]:
    """Create the declared indexes that are missing; return the names of all, as `collection.index`."""
    names = []
    for collection, models in {**INDEXES, **(SHARED if base else {})}.items():
        created = await database[collection].create_indexes(list(models))
        names += [f"{collection}.{name}" for name in created]
    return names
