"""Follows whole topics into a sink, which remembers how far it has come: no consumer group, no offset committed."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from processors.privacy import ERASED, people_of
from schemas.archived import Archived, ArchivedHeader
from schemas.base import Model
from schemas.chain import CAUSE, said
from schemas.entities import ENTITIES
from schemas.errors import BadMessageError
from schemas.problems import refusal
from schemas.settings import KafkaSettings
from schemas.topics import RECORDS, TOPIC
from sinks.base import Chunk, Origin, Row, Sink, SinkError, Table
from sinks.batches import UNREADABLE
from sinks.kafka import admin, client
from sinks.sealing import SEALED, Ring, Sealed, ring
from sinks.topic_ids import topic_ids
from streams.decoding import inbound, is_erased
from streams.delivery import Inbound
from streams.reading import MAX_RECORDS, POLL_MS, partitions_of, read_ranges, reader
from streams.rolling import Limits, Rolling, appended, day_of

MAX_SHOWN = 100
LOOK_SECONDS = 10.0
_ENTITY = {RECORDS[entity]: entity for entity in ENTITIES}

Records = list[ConsumerRecord[bytes, bytes]]


class Refused(NamedTuple):
    """A message that cannot be read, and why."""

    topic: str
    partition: int
    offset: int
    code: str
    detail: str


@dataclass(slots=True)
class Report:
    """What was exported. `expired` counts offsets that retention took first, `refused` what is unreadable."""

    rows: dict[str, int] = field(default_factory=dict)
    chunks: int = 0
    refused_count: int = 0
    refused: list[Refused] = field(default_factory=list)
    expired: dict[str, int] = field(default_factory=dict)


class Export:
    """One run. `tables` come with the names that their topics have in the generation exported."""

    def __init__(
        self,
        kafka: KafkaSettings,
        sink: Sink,
        tables: Mapping[str, Table],
        limits: Limits,
        *,
        is_current: Callable[[], Awaitable[bool]] | None = None,
        show: Callable[[Report], None] = lambda _: None,
    ) -> None:
        self._kafka = kafka
        self._sink = sink
        self._tables = tables
        self._rolling = Rolling(limits)
        self._is_current = is_current
        self._show = show
        self._next: dict[TopicPartition, int] = {}
        self.stop = asyncio.Event()
        self.report = Report()

    def positions(self, topic: str) -> dict[int, int]:
        """Return up to which offset a topic was looked at, by partition, once `run` has returned."""
        return {p.partition: at for p, at in self._next.items() if p.topic == topic}

    async def run(self, *, once: bool) -> None:
        """Export until `stop` is set, or `once` what there is now. What has been read then is stored in any case."""
        async with AsyncExitStack() as stack:
            asked = await stack.enter_async_context(admin(self._kafka))
            partitions = await partitions_of(asked, list(self._tables))
            log = await stack.enter_async_context(reader(self._kafka))
            ends = await log.end_offsets(partitions)
            self._next = await self._starts(log, partitions, ends)
            looked = time.monotonic()
            async for records in self._read(log, ends if once else None):
                for record in records:
                    await self._take(record)
                now = time.monotonic()
                await self._write(self._rolling.due(now))
                if self.stop.is_set():
                    break
                if now - looked > LOOK_SECONDS:
                    looked = now
                    if self._is_current and not await self._is_current():
                        raise SinkError("another generation has become the active one; export into another folder")
                    if not once:
                        await self._add(log, await partitions_of(asked, list(self._tables)))
            await self._write(self._rolling.rest())

    async def _starts(
        self, log: AIOKafkaConsumer, partitions: Sequence[TopicPartition], ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        async with client(self._kafka) as asking:
            ids = await topic_ids(asking, self._tables)
        if missing := sorted(self._tables.keys() - ids.keys()):
            raise SinkError(f"there is no topic {missing[0]}: `looma topics apply` makes those that are missing")
        beginnings = await log.beginning_offsets(list(partitions))
        starts = {}
        for topic, table in self._tables.items():
            stored = await asyncio.to_thread(self._sink.prepare, table, Origin(topic, ids[topic].hex()))
            for partition in [p for p in partitions if p.topic == topic]:
                begin, start = beginnings[partition], stored.get(partition.partition)
                if start is None:  # it is looked at for the first time: what was before was not missed
                    start = begin
                if start > ends[partition]:
                    raise SinkError(f"{topic} has lost messages that are exported; export into another folder")
                if start < begin and not TOPIC[table.name].compacted:
                    self.report.expired[topic] = self.report.expired.get(topic, 0) + begin - start
                starts[partition] = max(begin, start)
        return starts

    async def _read(self, log: AIOKafkaConsumer, ends: Mapping[TopicPartition, int] | None) -> AsyncIterator[Records]:
        """Yield what comes, in order within each partition; nothing from time to time."""
        if ends is not None:
            async for records in read_ranges(log, dict(self._next), ends, timeout_seconds=self._kafka.timeout_seconds):
                yield records
            return
        self._assign(log)
        while True:
            fetched = await log.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
            yield [record for batch in fetched.values() for record in batch]

    def _assign(self, log: AIOKafkaConsumer) -> None:
        log.assign(list(self._next))
        for partition, start in self._next.items():
            log.seek(partition, start)

    async def _add(self, log: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        """Go on with the partitions that the topics have got meanwhile, too."""
        if added := [partition for partition in partitions if partition not in self._next]:
            self._next |= await log.beginning_offsets(added)
            self._assign(log)

    async def _take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        partition = TopicPartition(record.topic, record.partition)
        if record.offset < self._next[partition]:
            raise SinkError(f"{record.topic} was made anew meanwhile; export into another folder")
        self._next[partition] = record.offset + 1
        await self._write(self._rolling.add(inbound(record), time.monotonic()))

    async def _write(self, chunks: Iterable[list[Inbound]]) -> None:
        for messages in chunks:
            first, last = messages[0], messages[-1]
            table = self._tables[first.topic]
            chunk = Chunk(first.partition, first.offset, last.offset, day_of(first), self._rows(table, messages))
            await asyncio.to_thread(self._sink.write, table, chunk)
            self.report.chunks += 1
            self._show(self.report)

    def _rows(self, table: Table, messages: Iterable[Inbound]) -> Iterator[Row]:
        report = self.report
        for message in messages:
            if is_erased(message) or message.key == ERASED.encode():
                continue
            try:
                row = row_of(table, message, ring(self._kafka))
            except BadMessageError as error:
                report.refused_count += 1
                if len(report.refused) < MAX_SHOWN:
                    at = (message.topic, message.partition, message.offset)
                    report.refused.append(Refused(*at, error.code, error.detail))
                continue
            report.rows[table.name] = report.rows.get(table.name, 0) + 1
            yield row


def row_of(table: Table, message: Inbound, keys: Ring | None = None) -> Row:
    """Return a message as a row. An archived one is sealed as its topic is. Raises BadMessageError."""
    if any(name == UNREADABLE for name, _ in message.headers):
        raise BadMessageError("unreadable_batch", "a batch that cannot be unpacked")
    if any(name == SEALED for name, _ in message.headers):
        raise BadMessageError("sealed", "no key here opens it")
    try:
        key = (message.key or b"").decode()
    except UnicodeDecodeError:
        raise BadMessageError("bad_key", "the message key is not UTF-8") from None
    data: Model | None = None
    text = None
    if table.model is Archived:
        data = _archived(table, message, keys)
    elif message.value is not None or not TOPIC[table.name].compacted:
        try:
            data = table.model.model_validate_json(message.value or b"", strict=True)
        except ValidationError as error:
            raise refusal(table.model, error) from None
        text = (message.value or b"").decode()
        if table.name in _ENTITY and key != getattr(data, "id", None):
            raise BadMessageError("bad_key", "the message key must be the record's id")
    return Row(
        partition=message.partition,
        offset=message.offset,
        appended=appended(message),
        key=key,
        event_id=said(message.headers, "ce_id"),
        source=said(message.headers, "ce_source"),
        time=_time(said(message.headers, "ce_time")),
        cause=said(message.headers, CAUSE),
        json=text,
        data=data,
    )


def _archived(table: Table, message: Inbound, keys: Ring | None) -> Archived:
    people = people_of(table.name, message.key, message.value)
    if people is None:
        raise BadMessageError("bad_key", "nobody can say of whom it speaks")
    sealed = Sealed(message.value, message.headers)
    if keys is not None:
        sealed = keys.seal(table.name, message.key, *sealed)
    headers = [ArchivedHeader(name=name, value=value) for name, value in sealed.headers]
    return Archived(people=sorted(people), key=message.key, value=sealed.value, headers=headers)


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None
