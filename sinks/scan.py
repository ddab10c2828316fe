"""MongoDB: whole collections, read without haste."""

from collections.abc import AsyncIterator
from typing import Any

import pymongo
from pymongo.asynchronous.cursor import AsyncCursor

SECONDS = 600.0
"""For an answer: the embedded server reads all documents before it gives the first (100,000 records: 10 s and more)."""
AT_ONCE = 500

_Document = dict[str, Any]


async def everything(cursor: AsyncCursor[_Document]) -> AsyncIterator[_Document]:
    """Yield what a query of a whole collection finds; `mongodb.timeout_seconds` is for single requests, not for this.

    A server that is away is still told after that time, since it cannot be selected.
    """
    while True:
        with pymongo.timeout(SECONDS):
            found = await cursor.to_list(AT_ONCE)
        if not found:
            return
        for document in found:
            yield document
