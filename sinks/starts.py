"""MongoDB: when which worker started, of which version of the code and with which configuration."""

import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from pymongo import DESCENDING, IndexModel

from sinks.mongodb import Database, Document

STARTS = "worker_starts"
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    STARTS: [IndexModel([("at", DESCENDING)], name="at")],
}


async def record(base: Database, group: str, port: int, configuration: str) -> None:
    """Note that a worker of a group starts here, whose health pages are on `port`."""
    start = {"at": datetime.now(UTC), "group": group, "host": socket.gethostname(), "port": port}
    await base[STARTS].insert_one({**start, "version": version("looma-streams"), "configuration": configuration})


async def newest(base: Database, limit: int) -> list[Document]:
    """Return the starts, the newest first."""
    return [d async for d in base[STARTS].find({}, {"_id": 0}).sort("at", DESCENDING).limit(limit)]
