"""MongoDB: whole collections, read and counted without haste."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pymongo
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor

SECONDS = 600.0
"""For an answer: the embedded server reads all documents before it gives the first (100,000 records: 10 s and more)."""
AT_ONCE = 500

_Document = dict[str, Any]


async def everything(cursor: AsyncCursor[_Document]) -> AsyncIterator[_Document]:
    """Yield what a query of a whole collection finds, one document at a time; see `in_batches`."""
    async for found in in_batches(cursor):
        for document in found:
            yield document


async def in_batches(cursor: AsyncCursor[_Document]) -> AsyncIterator[list[_Document]]:
    """Yield what a query of a whole collection finds; `mongodb.timeout_seconds` is for single requests, not for this.

    A server that is away is still told after that time, since it cannot be selected.
    """
    while True:
        with pymongo.timeout(SECONDS):
            found = await cursor.to_list(AT_ONCE)
        if not found:
            return
        yield found


async def count(collection: AsyncCollection[_Document], query: Mapping[str, Any]) -> int:
    """Return how many documents a query finds for which all may have to be read."""
    with pymongo.timeout(SECONDS):
        return await collection.count_documents(query)
