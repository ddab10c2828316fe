"""`retold` in every source record.

It counts how often a record was published once more, and is part of what a write depends on. Records that never were
had no such field, which every reader and writer had to know of.
"""

from collections.abc import Mapping

from sinks.migrations.migration import Migration, Progress, batches_of
from sinks.mongodb import Database
from sinks.scan import count

_COLLECTIONS = ("talents", "jobs", "companies")
_LACKING = {"retold": {"$exists": False}}


async def _plan(database: Database) -> Mapping[str, int]:
    return {name: await count(database[name], _LACKING) for name in _COLLECTIONS}


async def _apply(database: Database, progress: Progress) -> None:
    for name in _COLLECTIONS:
        async for ids in batches_of(database, name, progress):
            await database[name].update_many({"_id": {"$in": ids}, **_LACKING}, {"$set": {"retold": 0}})


MIGRATION = Migration(1, "retold", "every source record counts how often it was published again", _plan, _apply)
