"""How far a consumer group is behind, by topic."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata

from schemas.entities import ENTITIES
from streams.reading import POLL_MS, partitions_of, reader
from streams.topics import EVENTS, IDENTITY_EVENTS, MATCH_FEEDBACK, MATCH_REQUESTS, RECORDS

PIPELINE: tuple[str, ...] = (
    *(EVENTS[e] for e in ENTITIES),
    *(RECORDS[e] for e in ENTITIES),
    MATCH_REQUESTS,
    IDENTITY_EVENTS,
    MATCH_FEEDBACK,
)
"""The topics that the worker consumes, in the order events flow."""

FETCH_BYTES = 64 * 1024
"""Enough to find a record by; a lag is asked for often."""


def resume_group(group_id: str) -> str:
    """Return the group of the resume workers: documents are slow, so it is one of their own."""
    return f"{group_id}-resumes"


async def committed_offsets(admin: AIOKafkaAdminClient, group_id: str) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return the committed offsets; none while the cluster has never had a group."""
    try:
        return cast("Mapping[TopicPartition, OffsetAndMetadata]", await admin.list_consumer_group_offsets(group_id))
    except GroupCoordinatorNotAvailableError:
        return {}


def acknowledged(committed: int, beginning: int, end: int) -> int:
    """Return up to where a partition is acknowledged: what was committed of a longer former life of it counts not."""
    return beginning if committed > end else max(committed, beginning)


async def behind(
    consumer: AIOKafkaConsumer,
    done: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    *,
    timeout_seconds: float,
) -> dict[TopicPartition, int]:
    """Return the offsets of each partition from the first record that can be read at or after `done` to its end.

    Markers of transactions and what was aborted are no records, so a partition that holds only them is not behind. Each
    partition is read as far as its first record; one that does not get there in time counts whole.
    """
    found = {p: max(0, end - done.get(p, 0)) for p, end in ends.items()}
    unknown = {p for p, count in found.items() if count}
    if not unknown:
        return found
    consumer.assign(list(unknown))
    for partition in unknown:
        consumer.seek(partition, done.get(partition, 0))
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_seconds):
            while unknown:
                fetched = await consumer.getmany(*unknown, timeout_ms=POLL_MS, max_records=1)
                for partition in list(unknown):
                    records = fetched.get(partition)
                    if not records and await consumer.position(partition) < ends[partition]:
                        continue
                    first = records[0].offset if records else ends[partition]
                    found[partition] = max(0, ends[partition] - first)
                    unknown.discard(partition)
                    consumer.pause(partition)
    return found


async def group_lag(
    bootstrap_servers: str, group_id: str, topics: Sequence[str] = PIPELINE, *, timeout_seconds: float = 10
) -> dict[str, int]:
    """Return how far the group is behind the ends of topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=int(timeout_seconds * 1000))
    await admin.start()
    try:
        committed = await committed_offsets(admin, group_id)
        partitions = await partitions_of(admin, list(topics))
    finally:
        await admin.close()
    lag = dict.fromkeys(topics, 0)
    if not partitions:
        return lag
    async with reader(bootstrap_servers, timeout_seconds, max_partition_fetch_bytes=FETCH_BYTES) as consumer:
        ends = await consumer.end_offsets(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
        done = {
            p: acknowledged(committed[p].offset if p in committed else -1, beginnings[p], end)
            for p, end in ends.items()
        }
        for partition, count in (await behind(consumer, done, ends, timeout_seconds=timeout_seconds)).items():
            lag[partition.topic] += count
    return lag
