"""MongoDB: many writes to one collection, durable together before they return.

A server that syncs its journal for every statement takes most of its time for that. So a bulk is written without
waiting for the journal, and one journalled write behind it makes it durable: a journal is a sequence, as long as the
server's process is the same (restarts.py).
"""

from collections.abc import Sequence
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteMany, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from pymongo.results import BulkWriteResult
from pymongo.write_concern import WriteConcern

from sinks.errors import ConflictError
from sinks.restarts import one_process
from sinks.runs import runs

Operation = InsertOne[Any] | ReplaceOne[Any] | UpdateOne | DeleteMany
_Database = AsyncDatabase[dict[str, Any]]

MARKS = "journal_marks"
"""The collection of the one document that is written to make others durable."""

MAX_OPERATIONS, MAX_BYTES = 200, 4 * 1024 * 1024
"""Of one request, so that it ends well within the time-out."""

_DUPLICATE_KEY = 11000
_MAJORITY = WriteConcern(w="majority")
_JOURNALLED = WriteConcern(w="majority", j=True)


async def guarded_write(database: _Database, collection: str, operations: Sequence[Operation]) -> None:
    """Do conditional writes, each of one document that its filter names by `_id`; what returns is durable.

    The filter of a replacement or an update is its guard. A new document is inserted, which is far cheaper than an
    upsert. Raises ConflictError if a guard of any did not hold or what is new was there; others of them may be stored
    then, and no order is kept among them. Raises RestartedError if the server was restarted meanwhile: what it had
    acknowledged may be gone. Repeating is safe if the caller reads again what is stored.

    Whatever was read before is durable, too: who does nothing since all is stored already, by another writer perhaps
    a moment ago, calls this without operations before it relies on that. That no restart was between reading and this,
    is for the caller to see to (`one_process`).
    """
    async with one_process(database):
        await _guarded_write(database, collection, operations)


async def _guarded_write(database: _Database, collection: str, operations: Sequence[Operation]) -> None:
    written = 0
    conflicts: list[BulkWriteError] = []
    alone = len(operations) == 1 or all(isinstance(o, InsertOne) for o in operations)
    durable = bool(operations) and alone  # one insert command is one statement, however many documents it has
    for run in runs(operations, MAX_OPERATIONS, MAX_BYTES, _size):
        try:
            result = await _write(database, collection, run, _JOURNALLED if durable else _MAJORITY)
            written += result.inserted_count + result.matched_count + result.upserted_count
        except BulkWriteError as error:
            if not only_duplicates(error):
                raise
            conflicts.append(error)
    if conflicts or written < len(operations):
        raise ConflictError(f"{collection} was changed by another writer") from next(iter(conflicts), None)
    if not durable:
        await make_durable(database)


async def write(database: _Database, collection: str, operations: Sequence[Operation]) -> set[Any]:
    """Do writes without a guard, in no order; they are durable when `make_durable` has returned.

    Returns the ids of documents that upserts have made.
    """
    made: set[Any] = set()
    for run in runs(operations, MAX_OPERATIONS, MAX_BYTES, _size):
        result = await _write(database, collection, run, _MAJORITY)
        made.update((result.upserted_ids or {}).values())
    return made


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether all that failed is that a document, or a unique value of it, is there already."""
    failures = (error.details or {}).get("writeErrors", [])
    return bool(failures) and all(failure.get("code") == _DUPLICATE_KEY for failure in failures)


async def make_durable(database: _Database) -> None:
    """Return when whatever was written or read before, of the same process of the server, will survive its crash."""
    marks = database.get_collection(MARKS, write_concern=_JOURNALLED)
    await marks.update_one({"_id": "bulk"}, {"$inc": {"written": 1}}, upsert=True)


async def _write(
    database: _Database, collection: str, run: Sequence[Operation], concern: WriteConcern
) -> BulkWriteResult:
    return await database.get_collection(collection, write_concern=concern).bulk_write(run, ordered=False)


def _size(operation: Operation) -> int:
    content = operation._filter if isinstance(operation, DeleteMany) else operation._doc
    return len(content.raw) if isinstance(content, RawBSONDocument) else len(bson.encode({"_": content}))
