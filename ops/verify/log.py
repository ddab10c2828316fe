"""The event log of one entity, as far as the worker's consumer group has committed it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Container, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import ConsumerRecord

from processors.sync.clock import in_time
from processors.sync.policy import Policy
from schemas.entities import Entity
from schemas.errors import BadMessageError
from schemas.events import EntityEvent, decode
from schemas.records import Record
from sinks.qdrant import point_id
from streams.generation import Generation
from streams.lag import committed_offsets
from streams.reading import partitions_of
from streams.topics import EVENTS, RECORDS

Offsets = dict[TopicPartition, int]
POLL_MS = 500
MAX_RECORDS = 2000


class EventLog:
    """Reads ranges of an entity's events and of its record topic, beside the group and without disturbing it."""

    def __init__(
        self,
        entity: Entity,
        generation: Generation,
        policy: Policy,
        group_id: str,
        admin: Any,
        consumer: Any,
        timeout_seconds: float,
    ) -> None:
        self._entity = entity
        self._generation = generation
        self._policy = policy
        self._group_id = generation.named(group_id)
        self._admin = admin
        self._consumer = consumer
        self._timeout_seconds = timeout_seconds
        self.forgotten: Container[str] = ()
        """Whose events are none."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        entity: Entity,
        generation: Generation,
        policy: Policy,
        bootstrap_servers: str,
        group_id: str,
        timeout_seconds: float,
    ) -> AsyncIterator["EventLog"]:
        """Connect, and disconnect at the end of the block."""
        timeout = int(timeout_seconds * 1000)
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=timeout)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # where retention overtakes the reading, go on with what is left
            request_timeout_ms=timeout,
        )
        await admin.start()
        try:
            await consumer.start()
            try:
                yield cls(entity, generation, policy, group_id, admin, consumer, timeout_seconds)
            finally:
                await consumer.stop()
        finally:
            await admin.close()

    async def partitions(self, topic: str) -> list[TopicPartition]:
        """Return a topic's partitions; none if there is no such topic."""
        return await partitions_of(self._admin, [topic])

    async def beginnings(self, topic: str) -> Offsets:
        """Return the offset of the oldest record kept, by partition."""
        return dict(await self._consumer.beginning_offsets(await self.partitions(topic)))

    async def ends(self, topic: str) -> Offsets:
        """Return the offset after the newest record, by partition."""
        return dict(await self._consumer.end_offsets(await self.partitions(topic)))

    async def committed(self, topic: str) -> Offsets:
        """Return up to where the group has committed, by partition; where it has not, the beginning."""
        known = await committed_offsets(self._admin, self._group_id)
        ends = await self.ends(topic)
        found = {}
        for partition, beginning in (await self.beginnings(topic)).items():
            offset = known[partition].offset if partition in known else -1
            found[partition] = min(max(offset, beginning), ends[partition])
        return found

    async def is_consumed(self, topic: str) -> bool:
        """Whether the group has ever committed anything of a topic."""
        known = await committed_offsets(self._admin, self._group_id)
        return any(p.topic == topic and at.offset >= 0 for p, at in known.items())

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[list[ConsumerRecord[bytes, bytes]]]:
        """Yield the records from `starts` to before `ends`, in order within each partition.

        Raises KafkaTimeoutError if no partition gets on for as long as a request may take.
        """
        unread = {p for p, end in ends.items() if starts.get(p, 0) < end}
        if not unread:
            return
        self._consumer.assign(list(unread))
        for partition in unread:
            self._consumer.seek(partition, starts.get(partition, 0))
        loop = asyncio.get_running_loop()
        progressed = loop.time()
        while unread:
            fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
            records = [r for batch in fetched.values() for r in batch if r.offset < ends[_partition(r)]]
            if records:
                yield records
            before = len(unread)
            for partition in list(unread):
                if await self._consumer.position(partition) >= ends[partition]:
                    unread.discard(partition)
                    self._consumer.pause(partition)
            if fetched or len(unread) < before:
                progressed = loop.time()
            elif loop.time() - progressed > self._timeout_seconds:
                raise KafkaTimeoutError(f"{self._entity}: the log stopped answering")

    async def events(self, starts: Offsets, ends: Offsets) -> AsyncIterator[tuple[list[EntityEvent], int]]:
        """Yield events from `starts` to before `ends`, each batch with the number of records that it was read from.

        What the worker would send to the dead letters changes no record, here as there.
        """
        async for records in self.read(starts, ends):
            yield [event for event in map(self._event, records) if event], len(records)

    def _event(self, record: ConsumerRecord[bytes, bytes]) -> EntityEvent | None:
        try:
            event = decode(self._entity, record.key, record.value, [(n, v or b"") for n, v in record.headers])
            event = in_time(event, record.timestamp / 1000, self._policy)
        except BadMessageError:
            return None
        return None if self._entity == "talent" and event.id in self.forgotten else event

    async def keys_beyond(self, marks: Offsets, wanted: Collection[str]) -> set[str]:
        """Return which of the range keys `wanted` have records at or after `marks`."""
        topics = {p.topic for p in marks}
        ends: Offsets = {}
        for topic in topics:
            ends |= await self.ends(topic)
        found: set[str] = set()
        async for records in self.read(marks, ends):
            keys = (point_id((r.key or b"").decode("utf-8", "replace")) for r in records)
            found.update(k for k in keys if k in wanted)
        return found

    async def published_revisions(self, wanted: Collection[str]) -> dict[str, int]:
        """Return the newest revision published of each range key in `wanted`, from the compacted record topic."""
        topic = self.records_topic
        newest: dict[str, int] = {}
        async for records in self.read(await self.beginnings(topic), await self.ends(topic)):
            for record in records:
                range_key = point_id((record.key or b"").decode("utf-8", "replace"))
                if range_key in wanted:
                    newest[range_key] = max(newest.get(range_key, 0), _revision(record.value))
        return newest

    @property
    def events_topic(self) -> str:
        """The topic of the entity's events."""
        return EVENTS[self._entity]

    @property
    def records_topic(self) -> str:
        """The topic of the entity's golden records."""
        return self._generation.topic(RECORDS[self._entity])


def _partition(record: ConsumerRecord[bytes, bytes]) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def _revision(value: bytes | None) -> int:
    try:
        revision = Record.from_json(value or b"").revision
    except (ValueError, KeyError, TypeError):
        return 0
    return revision if isinstance(revision, int) else 0
