"""Whether MongoDB was restarted meanwhile: what it acknowledged without its journal, or showed a reader, may be gone.

A journal is a sequence, but only of one process. A write that is journalled after a restart says nothing of one that
was acknowledged before it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

Processes = frozenset[tuple[tuple[str, int | None], Any]]


class RestartedError(ConnectionError):
    """The server that a block of work began with is not the one that it ended with: do it again."""


@asynccontextmanager
async def one_process(database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[None]:
    """Raise RestartedError at the end of a block if MongoDB has another process by then, or is away.

    It costs no round trip: the driver's monitor holds a connection of its own, which ends with the process, and servers
    name their process (`topologyVersion`, since MongoDB 4.4). What is done in the block must bear to be repeated.
    """
    before = _processes(database.client)
    if not before:
        await database.command("ping")  # who was away is known again
        before = _processes(database.client)
    yield
    if not before or _processes(database.client) != before:
        raise RestartedError(f"{database.name}: MongoDB was restarted meanwhile")


def _processes(client: AsyncMongoClient[dict[str, Any]]) -> Processes:
    """Return the processes that take writes, as the driver knows them."""
    return frozenset(
        (address, (server.topology_version or {}).get("processId"))
        for address, server in client.topology_description.server_descriptions().items()
        if server.is_writable
    )
