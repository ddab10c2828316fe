"""MongoDB and Kafka in memory, as far as the sync stage needs them."""

from collections.abc import Iterable, Mapping

from processors.sync.stored import StoredRecord
from sinks.topic_sink import Message


class SyncSinks:
    """The record store and the result topics in one."""

    collection = "talents"

    def __init__(self) -> None:
        self.stored: dict[str, StoredRecord] = {}
        self.published: list[Message] = []

    async def load(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        """Return what is stored of `ids`."""
        return {i: self.stored[i] for i in ids if i in self.stored}

    async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
        """Store records; nobody else writes."""
        self.stored |= {stored.record.id: stored for stored in records}

    async def publish(self, messages: Iterable[Message]) -> None:
        """Keep what is published."""
        self.published += messages
