"""How far a consumer group is behind, by topic."""

from collections.abc import Mapping, Sequence
from typing import cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata

from schemas.entities import ENTITIES
from streams.reading import partitions_of
from streams.topics import EVENTS, IDENTITY_EVENTS, MATCH_FEEDBACK, MATCH_REQUESTS, RECORDS

PIPELINE: tuple[str, ...] = (
    *(EVENTS[e] for e in ENTITIES),
    *(RECORDS[e] for e in ENTITIES),
    MATCH_REQUESTS,
    IDENTITY_EVENTS,
    MATCH_FEEDBACK,
)
"""The topics that the worker consumes, in the order events flow."""


async def committed_offsets(admin: AIOKafkaAdminClient, group_id: str) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return the committed offsets; none while the cluster has never had a group."""
    try:
        return cast("Mapping[TopicPartition, OffsetAndMetadata]", await admin.list_consumer_group_offsets(group_id))
    except GroupCoordinatorNotAvailableError:
        return {}


async def group_lag(
    bootstrap_servers: str, group_id: str, topics: Sequence[str] = PIPELINE, *, timeout_seconds: float = 10
) -> dict[str, int]:
    """Return the messages between the committed and the end offset, summed by topic."""
    timeout = int(timeout_seconds * 1000)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=timeout)
    await admin.start()
    try:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers, request_timeout_ms=timeout, enable_auto_commit=False
        )
        await consumer.start()
        try:
            committed = await committed_offsets(admin, group_id)
            partitions = await partitions_of(admin, list(topics))
            ends = await consumer.end_offsets(partitions)
        finally:
            await consumer.stop()
    finally:
        await admin.close()
    lag = dict.fromkeys(topics, 0)
    for partition, end in ends.items():
        metadata = committed.get(partition)
        done = max(0, metadata.offset) if metadata else 0
        lag[partition.topic] += max(0, end - done)
    return lag
