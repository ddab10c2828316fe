"""Reads topics from one offset to another, without a consumer group and without what was never committed.

An offset need not be a record: compaction, aborted transactions and the markers of transactions leave gaps, also at the
end. A partition is read once the position has passed them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import ConsumerRecord

from schemas.settings import KafkaSettings
from sinks.kafka import admin, consumer

POLL_MS = 500
MAX_RECORDS = 2000


async def partitions_of(client: AIOKafkaAdminClient, topics: list[str]) -> list[TopicPartition]:
    """Return the partitions of topics; none for a topic that does not exist."""
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await client.describe_topics(topics)
        for partition in topic["partitions"]
    ]


@asynccontextmanager
async def reader(kafka: KafkaSettings, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Connect a consumer in no group for the block; its end offsets leave open transactions out."""
    reading = consumer(
        kafka,
        auto_offset_reset="earliest",  # where retention overtakes the reading, go on with what is left
        **options,
    )
    await reading.start()
    await asyncio.sleep(0)  # a consumer that is stopped before it has waited for anything cancels its caller
    try:
        yield reading
    finally:
        await reading.stop()


async def read_ranges(
    log: AIOKafkaConsumer,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    *,
    timeout_seconds: float,
    max_records: int = MAX_RECORDS,
) -> AsyncIterator[list[ConsumerRecord[bytes, bytes]]]:
    """Yield the records from `starts` to before `ends`, in order within each partition.

    A topic that was made again meanwhile ends where it ends now. Raises KafkaTimeoutError if no partition gets on for
    `timeout_seconds`, as when its topic was deleted.
    """
    stops = {p: end for p, end in ends.items() if starts.get(p, 0) < end}
    if not stops:
        return
    log.assign(list(stops))
    positions = {p: starts.get(p, 0) for p in stops}
    for partition, start in positions.items():
        log.seek(partition, start)
    loop = asyncio.get_running_loop()
    progressed = loop.time()
    while stops:
        try:
            async with asyncio.timeout(max(0.1, progressed + timeout_seconds - loop.time())):
                fetched = await log.getmany(*stops, timeout_ms=POLL_MS, max_records=max_records)
                now = {p: await log.position(p) for p in stops}
                if now == {p: positions[p] for p in stops}:
                    current = await log.end_offsets(list(stops))
                    stops = {p: min(stop, current[p]) for p, stop in stops.items()}
        except TimeoutError as error:
            topics = ", ".join(sorted({p.topic for p in stops}))
            raise KafkaTimeoutError(f"{topics}: the log stopped answering") from error
        if records := [r for p, batch in fetched.items() for r in batch if r.offset < ends[p]]:
            yield records
        if now != {p: positions[p] for p in stops}:
            progressed = loop.time()
        elif loop.time() - progressed > timeout_seconds:
            raise KafkaTimeoutError(f"{next(iter(stops)).topic}: the log stopped answering")
        positions = now
        done = [p for p, stop in stops.items() if positions[p] >= stop]
        log.pause(*done)
        stops = {p: stop for p, stop in stops.items() if p not in done}


async def read_topic(
    kafka: KafkaSettings, topic: str, *, last: int | None = None
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """Yield the records a topic has now, in order within each partition; `last` limits how many offsets of each."""
    async with admin(kafka) as asked:
        partitions = await partitions_of(asked, [topic])
    if not partitions:
        return
    async with reader(kafka) as log:
        ends = await log.end_offsets(partitions)
        starts = await log.beginning_offsets(partitions)
        if last is not None:
            starts = {p: max(offset, ends[p] - last) for p, offset in starts.items()}
        async for records in read_ranges(log, starts, ends, timeout_seconds=kafka.timeout_seconds):
            for record in records:
                yield record
