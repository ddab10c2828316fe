"""Writes the audit log: one chain a process, opened by its first event and closed when the process ends.

`record` returns when all replicas of Kafka have the event. `note` gathers what is too frequent for that, as reads of
personal data, and writes it within a second. If it cannot, what would add to it is refused: nothing happens that could
not be told.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from loguru import logger
from pydantic import ValidationError

from ops.runtime.secret import secret_of
from processors.audit import Chain, named
from schemas.audit import AUDITED, MAX_ABOUT, Action, AuditEvent, Head, now
from schemas.entities import Entity
from schemas.envelope import Envelope, derived_id
from schemas.errors import LoomaError
from schemas.settings import KafkaSettings, Settings
from schemas.topics import AUDIT
from sinks.errors import is_transient
from sinks.kafka import admin
from sinks.topic_sink import Message, TopicSink
from streams.reading import partitions_of, read_ranges, reader

NOTE_SECONDS = 1.0
MAX_NOTED = 10_000
"""Names that wait to be written; with more, what would add to them is refused."""


class AuditError(LoomaError):
    """The audit log cannot be written, so what it would tell of is not done."""

    code = "audit"


class Audit:
    """The audit log as one process writes it; made by `open_audit`."""

    def __init__(self, kafka: KafkaSettings, secret: bytes, sink: TopicSink) -> None:
        self._kafka = kafka
        self._secret = secret
        self._sink = sink
        self._chain: Chain | None = None
        self._lock = asyncio.Lock()
        self._noted: dict[tuple[Action, str], dict[str, int]] = {}
        self._waiting = 0

    def name(self, entity: Entity, id: str) -> str:
        """Return how the log names a record: a person's by a pseudonym."""
        return named(self._secret, entity, id)

    async def record(
        self,
        action: Action,
        *,
        caller: str = "local",
        about: str | Sequence[str] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write an event, or several where it is about many; return when Kafka has it. Raises AuditError."""
        names = [about] if isinstance(about, str) else list(about)
        parts = [names[start : start + MAX_ABOUT] for start in range(0, max(1, len(names)), MAX_ABOUT)]
        writing = self._write(action, caller, [{"about": part, "details": dict(details or {})} for part in parts])
        await asyncio.shield(writing)  # a caller who leaves in the middle would end the chain

    @property
    def is_full(self) -> bool:
        """Whether so much waits to be written that nothing more can be noted."""
        return self._waiting >= MAX_NOTED

    def note(self, action: Action, *, caller: str, about: str) -> None:
        """Have an event written within a second, together with others of the caller. Raises AuditError."""
        if self.is_full:
            raise AuditError("the audit log is not written; repeat the request")
        found = self._noted.setdefault((action, caller), {})
        self._waiting += about not in found
        found[about] = found.get(about, 0) + 1

    async def flush(self) -> None:
        """Write what was noted. Raises AuditError; it is kept then."""
        for key in list(self._noted):
            found = self._noted.pop(key)
            try:
                await self.record(key[0], caller=key[1], about=list(found), details={"reads": sum(found.values())})
            except BaseException:
                kept = self._noted.setdefault(key, {})
                for name, count in found.items():
                    self._waiting -= name in kept
                    kept[name] = kept.get(name, 0) + count
                raise
            self._waiting -= len(found)

    async def keep_flushing(self) -> None:
        """Write what was noted, each second, until cancelled."""
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            try:
                await self.flush()
            except AuditError as error:
                logger.error("{}", error)

    async def close(self) -> None:
        """Write what was noted and close the chain, if one was opened."""
        await self.flush()
        if self._chain is not None:
            await self._write("chain.closed", "process", [{}])
            self._chain = None

    async def _write(self, action: Action, caller: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        async with self._lock:
            try:
                events = []
                if self._chain is None:
                    self._chain = Chain(self._secret, await heads(self._kafka), now())
                    events.append(self._chain.opening)
                events += [self._chain.add(action, caller, now(), **body) for body in bodies]
                await self._sink.publish(map(_message, events))
            except BaseException as error:
                # What failed may still be appended: nothing can follow it, and another chain is begun.
                self._chain = None
                if is_transient(error):
                    raise AuditError("Kafka does not take the audit event; nothing was done") from error
                raise


@asynccontextmanager
async def open_audit(settings: Settings) -> AsyncIterator[Audit]:
    """Connect for the block; at its end the chain is closed."""
    async with TopicSink(settings.kafka, client_id="looma-audit") as sink:
        audit = Audit(settings.kafka, secret_of(settings), sink)
        flushing = asyncio.create_task(audit.keep_flushing())
        try:
            yield audit
        finally:
            flushing.cancel()
            with suppress(asyncio.CancelledError):
                await flushing
            try:
                await audit.close()
            except AuditError as error:  # what it tells of is done
                logger.error("the end of the audit log: {}", error)


async def record_now(
    settings: Settings,
    action: Action,
    about: str | Sequence[str] = (),
    *,
    records: Sequence[tuple[Entity, str]] = (),
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write what a command is about to do, and close the chain. `records` are named as the log does."""
    async with open_audit(settings) as audit:
        names = [about] if isinstance(about, str) else list(about)
        await audit.record(action, about=[*names, *(audit.name(*each) for each in records)], details=details)


async def heads(kafka: KafkaSettings) -> list[Head]:
    """Return the newest event of each partition: what a new chain bears witness to. Raises AuditError."""
    partitions = await _partitions(kafka)
    async with reader(kafka) as log:
        ends = await log.end_offsets(partitions)
        starts = {p: max(0, end - 1) for p, end in ends.items()}
        found: dict[TopicPartition, AuditEvent] = {}
        async for records in read_ranges(log, starts, ends, timeout_seconds=kafka.timeout_seconds):
            for record in records:
                if event := parse(record.value):
                    found[TopicPartition(record.topic, record.partition)] = event
    return [Head(chain=event.chain, number=event.number, hash=event.hash) for event in found.values()]


class Logged(NamedTuple):
    """An event of the log, None if it is none; `cut`: what came before it there was removed, or is not read."""

    place: str
    event: AuditEvent | None
    cut: bool


async def read(kafka: KafkaSettings, *, last: int | None = None) -> AsyncIterator[Logged]:
    """Yield the log, in the order of each chain; `last`: of each partition no more. Raises AuditError."""
    partitions = await _partitions(kafka)
    async with reader(kafka) as log:
        starts = await log.beginning_offsets(partitions)
        ends = await log.end_offsets(partitions)
        if last is not None:
            starts = {p: max(offset, ends[p] - last) for p, offset in starts.items()}
        async for records in read_ranges(log, starts, ends, timeout_seconds=kafka.timeout_seconds):
            for r in records:
                cut = starts[TopicPartition(r.topic, r.partition)] > 0
                yield Logged(f"{r.topic}/{r.partition}/{r.offset}", parse(r.value), cut)


def parse(value: bytes | None) -> AuditEvent | None:
    """Return the event that a message is; None if it is none."""
    try:
        return AuditEvent.model_validate_json(value or b"")
    except ValidationError:
        return None


async def _partitions(kafka: KafkaSettings) -> list[TopicPartition]:
    async with admin(kafka) as asked:
        found = await partitions_of(asked, [AUDIT])
    if not found:
        raise AuditError(f"there is no topic {AUDIT}; run `looma topics apply`")
    return found


def _message(event: AuditEvent) -> Message:
    id = derived_id("audit", event.chain, str(event.number))
    envelope = Envelope(id, "looma/audit", AUDITED, event.chain, event.time)
    return Message(AUDIT, event.chain.encode(), event.model_dump_json().encode(), envelope.headers("audit-event"))
