"""Erases a person's messages from Kafka, on disk too, and keeps everybody else's.

Kafka removes the beginning of a partition, or, where topics are compacted, what a newer message of its key replaces.
So a partition that holds messages of the person gets a new segment; everybody else's messages before it are copied
behind it, with their ids and headers; then all before it is deleted. Events merge in any order: a replay of the copies
comes to the same records (`processors/sync/merge.py`). But a copy is appended now: an event that the clock refused then
(`processors/sync/clock.py`) could pass as a copy, so it is left out, and so is one with header names that no producer
writes; both are dead letters. In a compacted topic the person's keys get tombstones, and the cleaner is called at once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import ConsumerRecord

from processors.privacy import ERASED, NAMING, Person, is_about
from processors.sync.policy import Policy
from schemas.envelope import Headers
from schemas.errors import LoomaError
from schemas.settings import KafkaSettings
from sinks.kafka import admin, producer
from sinks.mongodb import Database
from streams import decoding
from streams.lag import committed_offsets
from streams.reading import partitions_of, read_ranges, reader

ERASURES = "log_erasures"
ROLL_PAUSE = 1.0
_DYNAMIC = 1  # Kafka's number for settings made on the topic itself
_ROLLING = {"segment.ms": "1"}
_CLEANING = {**_ROLLING, "min.cleanable.dirty.ratio": "0.001", "max.compaction.lag.ms": "1", "delete.retention.ms": "1"}


class ErasureError(LoomaError):
    """A topic could not be erased; the same command goes on."""

    code = "erasure"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text}; run the same command again")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of some generation; `kind` is its name in the base one."""

    name: str
    kind: str
    compacted: bool


@dataclass(slots=True)
class Erased:
    """What was done in one topic: messages of the person removed, of others copied."""

    topic: str
    removed: int = 0
    copied: int = 0


async def erased_before(base: Database, partition: TopicPartition) -> int | None:
    """Return where a partition begins since it was rewritten; None if it was not, or retention took something."""
    found = await base[ERASURES].find_one({"_id": f"{partition.topic}/{partition.partition}"})
    return int(found["before"][-1]) if found else None


class LogEraser:
    """Finds and erases one person's messages. An async context manager."""

    def __init__(
        self, base: Database, policy: Policy, group: str, *, timeout_seconds: float, wait_seconds: float
    ) -> None:
        self._base = base
        self._stages = decoding.stages_to_read(policy)
        self._group = group
        self._timeout = timeout_seconds
        self._wait_seconds = wait_seconds
        self._admin: Any = None
        self._consumer: Any = None
        self._producer: Any = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        kafka: KafkaSettings,
        base: Database,
        policy: Policy,
        group: str,
        *,
        wait_seconds: float,
    ) -> AsyncIterator["LogEraser"]:
        """Connect, and disconnect at the end of the block. `group` is the one whose dead letters people look at."""
        self = cls(base, policy, group, timeout_seconds=kafka.timeout_seconds, wait_seconds=wait_seconds)
        async with AsyncExitStack() as stack:
            self._admin = await stack.enter_async_context(admin(kafka))
            self._consumer = await stack.enter_async_context(reader(kafka))
            self._producer = producer(kafka)
            await self._producer.start()
            stack.push_async_callback(self._producer.stop)
            yield self

    async def find(self, topic: Topic, person: Person) -> dict[TopicPartition, int]:
        """Return how many messages of the person each partition holds; partitions without any are left out."""
        found: Counter[TopicPartition] = Counter()
        async for records in self._read(await partitions_of(self._admin, [topic.name])):
            found.update(TopicPartition(r.topic, r.partition) for r in records if _about(r, topic, person))
        return dict(found)

    async def erase(self, topic: Topic, person: Person) -> Erased:
        """Erase the person's messages from a topic. Interrupted, doing it again is safe."""
        found = await self.find(topic, person)
        result = Erased(topic.name, sum(found.values()))
        if not found:
            return result
        if topic.compacted:
            await self._compact(topic, person, list(found))
        else:
            for partition in found:
                result.copied += await self._rewrite(partition, topic, person)
        return result

    async def _rewrite(self, partition: TopicPartition, topic: Topic, person: Person) -> int:
        async with self._configured(topic.name, _ROLLING):
            end = await self._append(partition, None, [("ce_type", ERASED.encode())])
        begin = (await self._consumer.beginning_offsets([partition]))[partition]
        read = (await committed_offsets(self._admin, self._group, [partition])).get(partition)
        copied = 0
        async for records in self._read([partition], end):
            others = [r for r in records if not _about(r, topic, person) and not _is_notice(r)]
            refused = {r.offset for r in others if self._is_refused(r)}
            if refused and max(refused) >= (read.offset if read else 0):
                raise ErasureError(f"{topic.name} holds events to be refused that no worker has come to yet")
            kept = [r for r in others if r.offset not in refused]
            await asyncio.gather(*[await self._copy(r) for r in kept])
            copied += len(kept)
        await self._note(partition, begin, end)
        await self._admin.delete_records({partition: RecordsToDelete(end)})
        return copied

    def _is_refused(self, record: ConsumerRecord[bytes, bytes]) -> bool:
        """Whether it is a dead letter that could pass as a copy, or that no producer can write again."""
        message = decoding.inbound(record)
        stage = self._stages.get(record.topic)
        refusal = decoding.refusal(stage, message) if stage else None
        return (refusal is not None and refusal.code == "clock_skew") or not decoding.has_readable_names(message)

    async def _copy(self, record: ConsumerRecord[bytes, bytes]) -> "asyncio.Future[object]":
        value = b"" if record.value is None and record.key is None else record.value  # aiokafka refuses neither
        sent: asyncio.Future[object] = await self._producer.send(
            record.topic, value, record.key, partition=record.partition, headers=list(record.headers)
        )
        return sent

    async def _append(self, partition: TopicPartition, key: bytes | None, headers: Headers) -> int:
        sent = await self._producer.send_and_wait(
            partition.topic, None if key else b"", key, partition=partition.partition, headers=headers
        )
        return int(sent.offset)

    async def _note(self, partition: TopicPartition, begin: int, end: int) -> None:
        """Remember that the log is whole though it begins late, unless retention had taken something before."""
        name = {"_id": f"{partition.topic}/{partition.partition}"}
        known = await self._base[ERASURES].find_one(name)
        if begin == 0 or (known and begin in known["before"]):
            await self._base[ERASURES].update_one(name, {"$push": {"before": end}}, upsert=True)
        elif known:
            await self._base[ERASURES].delete_one(name)

    async def _compact(self, topic: Topic, person: Person, partitions: Sequence[TopicPartition]) -> None:
        """Write tombstones, and wait until the cleaner has taken what they, or newer messages, replace."""
        async with self._configured(topic.name, _CLEANING):
            for partition in partitions:
                keys = {ERASED.encode()}  # rolls the segment where only others' messages name the person
                async for records in self._read([partition]):
                    keys |= {r.key for r in records if r.key and _about(r, topic, person) and _is_own(r, topic, person)}
                # The first is cleaned with what it replaces once the second has begun a new segment.
                for _ in range(2):
                    for key in keys:
                        await self._append(partition, key, [])
                    await asyncio.sleep(0.05)
            deadline = time.monotonic() + self._wait_seconds
            while await self.find(topic, person):
                if time.monotonic() > deadline:
                    raise ErasureError(f"the cleaner has not come to {topic.name} within {self._wait_seconds:g} s")
                await asyncio.sleep(1)

    async def _read(
        self, partitions: Sequence[TopicPartition], end: int | None = None
    ) -> AsyncIterator[list[ConsumerRecord[bytes, bytes]]]:
        """Yield the records of partitions, in order within each, up to an offset, or to where they end now."""
        ends = await self._consumer.end_offsets(partitions)
        if end is not None:
            ends = dict.fromkeys(partitions, end)
        positions = {p: at for p, at in (await self._consumer.beginning_offsets(partitions)).items() if at < ends[p]}
        wanted = {p: ends[p] for p in positions}
        async for records in read_ranges(self._consumer, positions, wanted, timeout_seconds=self._timeout):
            yield records

    @asynccontextmanager
    async def _configured(self, topic: str, forced: Mapping[str, str]) -> AsyncIterator[None]:
        """Change settings of a topic for the block; those of its own come back after it."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        (response,) = await self._admin.describe_configs([resource])
        entries = response.resources[0][4]
        own = {e[0]: e[1] for e in entries if e[3] == _DYNAMIC and e[0] not in _CLEANING}
        await self._alter(topic, {**own, **forced})
        await asyncio.sleep(ROLL_PAUSE)  # until the broker's log has heard of it
        try:
            yield
        finally:
            await self._alter(topic, own)

    async def _alter(self, topic: str, settings: Mapping[str, str]) -> None:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))
        for response in await self._admin.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise ErasureError(f"Kafka did not change the settings of {topic}: {message or code}")


def _about(record: ConsumerRecord[bytes, bytes], topic: Topic, person: Person) -> bool:
    headers = [(n, v or b"") for n, v in record.headers]
    # A tombstone holds nothing but its key.
    return record.value is not None and is_about(topic.kind, record.key, record.value, headers, person)


def _is_own(record: ConsumerRecord[bytes, bytes], topic: Topic, person: Person) -> bool:
    """Whether all that the key stands for goes, and not only what somebody else's says of the person."""
    return topic.kind in NAMING or record.key in (person.id.encode(), b"talent:" + person.id.encode())


def _is_notice(record: ConsumerRecord[bytes, bytes]) -> bool:
    return ("ce_type", ERASED.encode()) in record.headers
