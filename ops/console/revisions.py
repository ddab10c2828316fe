"""What an event made of its record when it came: the revision that it caused, and the one before, from the log."""

from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from ops.console.kafka import asking_kafka
from schemas.chain import CAUSE
from schemas.entities import Entity
from schemas.errors import BadMessageError
from schemas.records import SourceRecord
from schemas.settings import KafkaSettings
from schemas.topics import RECORDS
from streams.generations.generation import Generation
from streams.reading import read_ranges, reader

BEFORE, AFTER = 500, 200
"""Offsets that are read around the moment: a page reads no topic from its beginning."""
_EARLIER_MS = 2000
"""A broker's clock may be so far behind a worker's."""


class Revision(NamedTuple):
    """The record as an event left it; `before` is None where the log near by does not have it."""

    after: SourceRecord
    before: SourceRecord | None


async def revision_of(
    kafka: KafkaSettings, generation: Generation, entity: Entity, key: str, partition: int, event: str, at_ms: int
) -> Revision | None:
    """Return the revision that an event, taken up `at_ms`, caused; None if it is not there.

    Raises NoKeyError, and Problem, 503, if Kafka does not answer.

    Record topics have the partitions of event topics, and the same keys in each.
    """
    place = TopicPartition(generation.topic(RECORDS[entity]), partition)
    with asking_kafka():
        async with reader(kafka) as log:
            first = (await log.beginning_offsets([place]))[place]
            end = (await log.end_offsets([place]))[place]
            found = (await log.offsets_for_times({place: at_ms - _EARLIER_MS}))[place]
            if found is None:
                return None
            wanted = read_ranges(
                log,
                {place: max(first, found.offset - BEFORE)},
                {place: min(end, found.offset + AFTER)},
                timeout_seconds=kafka.timeout_seconds,
            )
            own = [each async for records in wanted for each in records if each.key == key.encode()]
    before: SourceRecord | None = None
    for each in own:
        record = _read(each)
        if record and dict(each.headers).get(CAUSE) == event.encode():
            is_next = before is not None and before.revision == record.revision - 1
            return Revision(record, before if is_next else None)
        before = record
    return None


def _read(message: "ConsumerRecord[bytes, bytes]") -> SourceRecord | None:
    try:
        return SourceRecord.from_json(message.value or b"")
    except BadMessageError:  # as the mark of one that was erased
        return None
