"""Reads the source topics between two bounds, without a consumer group, so that nobody's offsets change."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import ConsumerRecord

from ops.replay.checkpoint import Position
from ops.replay.selection import Selection
from schemas.settings import Settings
from sinks.kafka import admin
from streams.reading import POLL_MS, partitions_of, reader


class SourceLog:
    """The partitions of the source topics as they are kept now."""

    def __init__(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition], timeout_seconds: float) -> None:
        self._consumer = consumer
        self._timeout_seconds = timeout_seconds
        self._partitions = partitions
        self._read: dict[TopicPartition, int] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, topics: Iterable[str]) -> AsyncIterator["SourceLog"]:
        """Connect; close in the end."""
        async with admin(settings.kafka) as asked:
            partitions = await partitions_of(asked, list(topics))
        async with reader(settings.kafka) as consumer:
            yield cls(consumer, partitions, settings.kafka.timeout_seconds)

    async def bounds(self, selection: Selection) -> list[Position]:
        """Return what is selected of each partition. Only chosen partitions are read if offsets are given."""
        chosen = [p for p in self._partitions if p.topic in selection.topics]
        ends = await self._consumer.end_offsets(chosen)
        starts = await self._starts(selection, ends)
        stops = await self._at(selection.until, ends) if selection.until else ends
        return [
            Position(topic=p.topic, partition=p.partition, start=start, next=start, end=max(start, stops[p]))
            for p, start in starts.items()
        ]

    async def _starts(self, selection: Selection, ends: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        if selection.since:
            return await self._at(selection.since, ends)
        if selection.offsets:
            chosen = {TopicPartition(s.topic, s.partition): s.offset for s in selection.offsets}
            return {p: offset for p, offset in chosen.items() if p in ends}
        return cast("Mapping[TopicPartition, int]", await self._consumer.beginning_offsets(list(ends)))

    async def _at(self, time: datetime, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return the first offsets whose messages are of `time` or later."""
        milliseconds = int(time.timestamp() * 1000)
        found = await self._consumer.offsets_for_times(dict.fromkeys(ends, milliseconds))
        return {p: at.offset if (at := found.get(p)) else end for p, end in ends.items()}

    async def seek(self, positions: Iterable[Position]) -> int:
        """Go to where each partition is to be read next; return how many offsets are no longer kept."""
        unread = {p.of: p for p in positions if p.next < p.end}
        self._consumer.assign(list(unread))
        expired = 0
        for partition, beginning in (await self._consumer.beginning_offsets(list(unread))).items():
            position = unread[partition]
            kept = min(max(position.next, beginning), position.end)
            expired += kept - position.next
            position.next = kept
            self._consumer.seek(partition, kept)
        return expired

    async def batches(
        self, positions: Iterable[Position], max_records: int
    ) -> AsyncIterator[Mapping[TopicPartition, list[ConsumerRecord[bytes, bytes]]]]:
        """Yield what comes next, in order within each partition; `advance` when it is done with.

        Raises KafkaTimeoutError if no partition gets on for as long as a request may take.
        """
        unread = {p.of: p for p in positions if p.next < p.end}
        waiting_since = time.monotonic()
        while unread:
            before = {p: self._read.get(p) for p in unread}
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    found = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=max_records)
                    for partition, position in unread.items():
                        self._read[partition] = min(await self._consumer.position(partition), position.end)
            except TimeoutError:
                raise _silent(unread) from None
            if {p: self._read.get(p) for p in unread} != before:
                waiting_since = time.monotonic()
            elif time.monotonic() - waiting_since > self._timeout_seconds:
                raise _silent(unread)
            for partition in [p for p, position in unread.items() if self._read[p] >= position.end]:
                self._consumer.pause(partition)
                del unread[partition]
            yield {
                p: [r for r in records if r.offset < self._read[p]] for p, records in found.items() if p in self._read
            }
            if found:  # whoever takes it may take long
                waiting_since = time.monotonic()

    def advance(self, positions: Iterable[Position]) -> None:
        """Move the positions past what `batches` has yielded last."""
        for position in positions:
            position.next = max(position.next, self._read.get(position.of, 0))


def _silent(partitions: Iterable[TopicPartition]) -> KafkaTimeoutError:
    topics = ", ".join(sorted({p.topic for p in partitions}))
    return KafkaTimeoutError(f"{topics}: the log stopped answering; the same command goes on from the checkpoint")
