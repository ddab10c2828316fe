"""How far a consumer group is behind, as the brokers know it.

Lag is counted in offsets, from the first record that the group has yet to read to the last stable offset. Neither the
markers of transactions nor the records of aborted ones are a backlog by themselves; those that lie between records
that are one, and gaps which compaction left there, count with them.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Self, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata

from schemas.settings import KafkaSettings
from schemas.topics import PIPELINE
from sinks.kafka import admin, consumer
from streams.reading import partitions_of

_LOOK_SECONDS = 1.0
"""How long one question may look for records among markers; what it has not looked through counts as a backlog."""


def resume_group(group_id: str) -> str:
    """Return the group of the resume workers: documents are slow, so it is one of their own."""
    return f"{group_id}-resumes"


def chat_group(group_id: str) -> str:
    """Return the group of the chat workers."""
    return f"{group_id}-chat"


def lag(committed: int | None, beginning: int, end: int) -> int:
    """Return how many offsets a group is behind; `committed` is None where it has none.

    What is gone cannot be read: it counts from the beginning. So it does when more is committed than there is: the
    topic was made anew.
    """
    if committed is None or not beginning <= committed <= end:
        return max(0, end - beginning)
    return end - committed


async def committed_offsets(
    admin: AIOKafkaAdminClient, group_id: str, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return the committed offset of each partition, -1 where there is none; nothing if no group has ever been.

    They are asked for by name: a coordinator that has just taken over lists none, but says of which it does not know.
    Those are left out.
    """
    if not partitions:
        return {}
    try:
        known = await admin.list_consumer_group_offsets(group_id, partitions=list(partitions))
    except GroupCoordinatorNotAvailableError:
        return {}
    return cast("Mapping[TopicPartition, OffsetAndMetadata]", known)


async def workers_of(kafka: KafkaSettings, group_id: str) -> int:
    """Return how many members a consumer group has now; one that was killed counts until its session has ended."""
    async with admin(kafka) as asked:
        try:
            (response,) = await asked.describe_consumer_groups([group_id])
        except GroupCoordinatorNotAvailableError:  # there has never been a group
            return 0
    members = 5
    return sum(len(group[members]) for group in response.groups)


class LagReader:
    """Asks how far a group is behind, over connections that stay open between questions."""

    def __init__(self, kafka: KafkaSettings, group_id: str) -> None:
        self._kafka = kafka
        self._group_id = group_id
        self._opened = AsyncExitStack()
        # It reads what is committed, so that the end is the last stable offset; one record says enough.
        self._consumer = consumer(kafka, opens=False, max_partition_fetch_bytes=16 * 1024)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._admin = await stack.enter_async_context(admin(self._kafka))
            await self._consumer.start()
            stack.push_async_callback(self._consumer.stop)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Return the partitions of topics; none for a topic that does not exist."""
        return await partitions_of(self._admin, list(topics))

    async def committed(
        self, partitions: Collection[TopicPartition], group_id: str | None = None
    ) -> dict[TopicPartition, int | None]:
        """Return what the group, or another one, has committed, as far as its coordinator knows by now."""
        found = await committed_offsets(self._admin, group_id or self._group_id, partitions)
        return {p: at.offset if at.offset >= 0 else None for p, at in found.items()}

    async def ends(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Return where partitions end."""
        return dict(await self._consumer.end_offsets(list(partitions)))

    async def lags(self, committed: Mapping[TopicPartition, int | None]) -> dict[TopicPartition, int]:
        """Return how far each partition is behind; ask for `committed` before, so that it is not ahead of the ends."""
        partitions = list(committed)
        beginnings = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        found = {p: lag(committed[p], beginnings[p], ends[p]) for p in partitions}
        starts = {p: ends[p] - count for p, count in found.items()}
        return await behind(self._consumer, starts, ends, timeout_seconds=_LOOK_SECONDS)

    async def by_topic(self, topics: Sequence[str]) -> dict[str, int]:
        """Return how far the group is behind, summed by topic."""
        partitions = await self.partitions(topics)
        committed = await self.committed(partitions)
        lags = await self.lags({p: committed.get(p) for p in partitions})
        return {topic: sum(behind for p, behind in lags.items() if p.topic == topic) for topic in topics}


async def behind(
    reading: AIOKafkaConsumer,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    *,
    timeout_seconds: float,
) -> dict[TopicPartition, int]:
    """Return how many offsets there are in each partition from the first record at or after its start to its end.

    Each partition is read as far as its first record; what is not looked through in time counts as a backlog.
    """
    found = {p: 0 for p, end in ends.items() if starts.get(p, 0) >= end}
    at = {p: starts.get(p, 0) for p in ends if p not in found}
    if not at:
        return found
    reading.assign(list(at))
    for partition, start in at.items():
        reading.seek(partition, start)
    try:
        async with asyncio.timeout(timeout_seconds):
            while rest := [p for p in at if p not in found]:
                for partition, records in (await reading.getmany(*rest, timeout_ms=100, max_records=1)).items():
                    found[partition] = max(0, ends[partition] - records[0].offset)
                    reading.pause(partition)
                at |= {p: await reading.position(p) for p in rest if p not in found}
                found |= {p: 0 for p in rest if p not in found and at[p] >= ends[p]}
    except TimeoutError:
        pass
    finally:
        reading.pause(*at)  # unsubscribing ends aiokafka's fetcher
    return {p: max(0, ends[p] - offset) for p, offset in at.items()} | found


async def group_lag(kafka: KafkaSettings, group_id: str, topics: Sequence[str] = PIPELINE) -> dict[str, int]:
    """Return how far the group is behind, summed by topic."""
    async with LagReader(kafka, group_id) as reader:
        return await reader.by_topic(topics)
