"""One step from what an older version has stored to what the code reads and writes now."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pymongo

from sinks.mongodb import Database
from sinks.scan import SECONDS

BATCH = 1000

Progress = Callable[[str, int, int], None]
"""Told of a collection, how many of its documents were looked at, and about how many there are."""


@dataclass(frozen=True, slots=True)
class Migration:
    """`plan` says, without changing anything, how many documents of each collection `apply` would change.

    `apply` may be ended at any point and run again, also beside another one: it changes only what is not changed yet.
    Both are called with the database of every generation, the base one last; a collection may be empty there.
    """

    number: int
    name: str
    description: str
    plan: Callable[[Database], Awaitable[Mapping[str, int]]]
    apply: Callable[[Database, Progress], Awaitable[None]]


async def batches_of(database: Database, collection: str, progress: Progress) -> AsyncIterator[list[Any]]:
    """Yield the ids in a collection, BATCH at a time and in order, so that no cursor has to live long."""
    stored = database[collection]
    total, done = await stored.estimated_document_count(), 0
    query: dict[str, Any] = {}
    while True:
        with pymongo.timeout(SECONDS):
            ids = [d["_id"] async for d in stored.find(query, {"_id": 1}).sort("_id", 1).limit(BATCH)]
        if not ids:
            return
        yield ids
        done += len(ids)
        progress(collection, done, max(done, total))
        query = {"_id": {"$gt": ids[-1]}}
