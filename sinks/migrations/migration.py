"""One step from what an older version has stored to what the code reads and writes now."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sinks.mongodb import Database
from sinks.scan import in_batches

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
    """Yield the ids in a collection, some at a time and in order.

    One query finds all of them, since the embedded server reads the whole collection for any.
    """
    stored = database[collection]
    total, done = await stored.estimated_document_count(), 0
    async for found in in_batches(stored.find({}, {"_id": 1}).sort("_id", 1)):
        yield [document["_id"] for document in found]
        done += len(found)
        progress(collection, done, max(done, total))
