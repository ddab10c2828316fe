"""MongoDB: up to which offset a record topic holds a restored backup, whose vectors came with it."""

from collections.abc import Mapping

from pymongo import UpdateOne

from sinks.mongodb import Database

RESTORED = "restored"
Ends = Mapping[tuple[str, int], int]
"""The offset behind the last restored message of each topic's partition."""


async def note(base: Database, ends: Ends) -> None:
    """Remember where restored messages end."""
    operations = [
        UpdateOne({"_id": f"{topic}/{partition}"}, {"$set": {"topic": topic, "partition": partition, "end": end}}, True)
        for (topic, partition), end in ends.items()
    ]
    if operations:
        await base[RESTORED].bulk_write(operations, ordered=False)


async def ends(base: Database) -> Ends:
    """Return where restored messages end; empty if nothing was restored."""
    return {(d["topic"], d["partition"]): d["end"] async for d in base[RESTORED].find({})}
