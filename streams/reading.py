"""Reads a topic from its beginning to where it ends now, without a consumer group."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord


async def partitions_of(admin: AIOKafkaAdminClient, topics: list[str]) -> list[TopicPartition]:
    """Return the partitions of topics; none for a topic that does not exist."""
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await admin.describe_topics(topics)
        for partition in topic["partitions"]
    ]


async def read_topic(
    bootstrap_servers: str, topic: str, *, last: int | None = None, timeout_seconds: float = 10
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """Yield the records a topic has now, in order within each partition; `last` limits how many offsets of each."""
    timeout = int(timeout_seconds * 1000)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=timeout)
    await admin.start()
    try:
        partitions = await partitions_of(admin, [topic])
    finally:
        await admin.close()
    if not partitions:
        return
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, enable_auto_commit=False, request_timeout_ms=timeout
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
        if last is not None:
            beginnings = {p: max(offset, ends[p] - last) for p, offset in beginnings.items()}
        for partition, offset in beginnings.items():
            consumer.seek(partition, offset)
        unread = {p for p in partitions if beginnings[p] < ends[p]}
        while unread:
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[partition]:
                        yield record
            unread = {p for p in unread if await consumer.position(p) < ends[p]}
    finally:
        await consumer.stop()
