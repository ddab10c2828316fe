"""Following a topic from a position that the reader keeps: no consumer group, so any process can serve the next part.

A position says of which topic it is, by the topic's id, and where in each partition the reader goes on. A topic that
was deleted and made again has another id: its offsets are not those of before.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.errors import LoomaError
from schemas.settings import KafkaSettings
from sinks.kafka import admin, client
from sinks.topic_ids import topic_ids
from streams.reading import partitions_of, reader
from streams.tail import Record

FETCH_BYTES = 64 * 1024
"""Of one partition, ahead of the reader: what a slow one makes us hold."""
WAIT_MS = 1000


class PositionError(LoomaError):
    """The log no longer has what comes next at this position; begin without one."""

    code = "position_gone"


@dataclass(slots=True)
class Position:
    """Where a reader goes on: the offset of the next message of each partition."""

    topic_id: str
    offsets: dict[int, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as text."""
        return ":".join((self.topic_id, ",".join(f"{p}.{offset}" for p, offset in sorted(self.offsets.items()))))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` gives. Raises PositionError."""
        topic_id, separator, rest = text.partition(":")
        try:
            offsets = {
                int(p): int(offset) for p, _, offset in (each.partition(".") for each in rest.split(",") if each)
            }
        except ValueError:
            raise PositionError("this is no position") from None
        if not separator:
            raise PositionError("this is no position")
        return cls(topic_id, offsets)


class Subscription:
    """One reader's way through a topic. `position` is behind the last message that `next` has returned."""

    def __init__(self, log: AIOKafkaConsumer, topic: str, position: Position) -> None:
        self._log = log
        self._topic = topic
        self._waiting: list[Record] = []
        self.position = position

    async def next(self) -> Record | None:
        """Return the next message; None if there was none for WAIT_MS, or none in the topic yet."""
        if not self._waiting:
            fetched = await self._log.getmany(timeout_ms=WAIT_MS, max_records=100)
            self._waiting = [record for records in fetched.values() for record in reversed(records)]
            # Taken from the end: within each partition that is the order of its offsets.
        if not self._waiting:
            return None
        record = self._waiting.pop()
        self.position.offsets[record.partition] = record.offset + 1
        return record


@asynccontextmanager
async def subscription(kafka: KafkaSettings, topic: str, after: Position | None) -> AsyncIterator[Subscription]:
    """Follow a topic for the block from behind `after`; None: from what comes next. Raises PositionError."""
    async with client(kafka) as asked:
        topic_id = (await topic_ids(asked, [topic])).get(topic, b"").hex()
    if not topic_id or (after is not None and after.topic_id != topic_id):
        raise PositionError("the topic was made anew since; begin without a position")
    async with admin(kafka) as asked:
        partitions = await partitions_of(asked, [topic])
    async with reader(
        kafka, max_partition_fetch_bytes=FETCH_BYTES, fetch_max_bytes=16 * FETCH_BYTES, fetch_max_wait_ms=WAIT_MS
    ) as log:
        ends = await log.end_offsets(partitions)
        beginnings = await log.beginning_offsets(partitions)
        starts = _starts(after, beginnings, ends)
        log.assign(partitions)
        for partition, offset in starts.items():
            log.seek(partition, offset)
        position = Position(topic_id, {p.partition: offset for p, offset in starts.items()})
        yield Subscription(log, topic, position)


def _starts(
    after: Position | None, beginnings: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """Return where to begin; a partition that was added since the position was given is read whole."""
    if after is None:
        return dict(ends)
    starts = {p: after.offsets.get(p.partition, beginnings[p]) for p in ends}
    if any(not beginnings[p] <= start <= ends[p] for p, start in starts.items()):
        raise PositionError("retention has taken what comes next; begin without a position")
    return starts
