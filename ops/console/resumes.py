"""A talent's newest resume as pages show it: found in the log, read anew in confined processes, kept a while.

The resume itself is nowhere but in the log (or where it lies), so it is gone when that is. It is found by the trace of
the event that it caused, or else by that event's time near by in the log; no topic is read from its beginning.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from connectors.documents import Document
from connectors.resumes.understanding import ResumeUnderstanding
from ops.api.problems import Problem
from ops.console.kafka import asking_kafka
from ops.runtime.traces import SpanRecord
from schemas import semconv
from schemas.envelope import derived_id
from schemas.errors import BadMessageError
from schemas.settings import KafkaSettings
from schemas.submissions import ResumeParsed, Submission, decode_submission
from schemas.topics import RESUMES
from sinks.kafka import admin
from streams.reading import partitions_of, read_ranges, reader
from streams.resumes import SOURCE

MAX_RESUMES = 8
MAX_BYTES = 64 * 1024 * 1024
"""Of all resumes and pictures together that are kept."""
KEEP_SECONDS = 600.0
_NEAR = 300
"""Messages that are read of a partition, and _NEAR_BYTES of them at most."""
_NEAR_BYTES = 32 * 1024 * 1024
_EARLIER_MS = 2000


class Cause(NamedTuple):
    """The event that a resume has caused: its id, and the submission's time in ms since 1970."""

    event: str
    at_ms: int


@dataclass(slots=True)
class Read:
    """A resume that was read: the file, the document, what it says, and pictures of its pages."""

    data: bytes
    document: Document
    parsed: ResumeParsed
    pictures: dict[int, bytes] = field(default_factory=dict)
    used: float = 0.0

    @property
    def size(self) -> int:
        """Bytes that it takes up, about."""
        return len(self.data) + len(self.document.text) * 2 + sum(map(len, self.pictures.values()))


def newest(contributions: list[Mapping[str, Any]]) -> Cause | None:
    """Return the event of the newest resume that a talent's record has something from."""
    own = [each for each in contributions if each.get("source") == SOURCE]
    if not own:
        return None
    last = max(own, key=lambda each: (each["time"], each["event_id"]))
    return Cause(last["event_id"], int(datetime.fromisoformat(last["time"]).timestamp() * 1000))


class Resumes:
    """The resumes that pages show, a bounded number of them and for a while."""

    def __init__(self, kafka: KafkaSettings, open_reader: Callable[[], Awaitable[ResumeUnderstanding]]) -> None:
        self._kafka = kafka
        self._open = open_reader
        self._reading: dict[tuple[str, str], asyncio.Task[Read]] = {}

    def reading(self, talent: str, cause: Cause, spans: list[SpanRecord]) -> "asyncio.Task[Read]":
        """Return the reading of a resume, which may be under way or done; whoever fails is asked again."""
        self._evict()
        key = (talent, cause.event)
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.create_task(self._read(talent, cause, spans))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may wait for it
        elif task.done():
            task.result().used = time.monotonic()
        return task

    async def picture(self, read: Read, number: int) -> bytes:
        """Return a page as WebP. Raises BadMessageError, TimeoutError."""
        if number not in read.pictures:
            read.pictures[number] = await (await self._open()).draw(read.data, read.document, number)
        return read.pictures[number]

    async def close(self) -> None:
        """Stop what is under way."""
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def _read(self, talent: str, cause: Cause, spans: list[SpanRecord]) -> Read:
        with asking_kafka(TimeoutError):
            submission = await self._find(talent, cause, spans)
        if submission is None:
            raise Problem(404, "resume_gone", "the log no longer has the resume")
        resumes = await self._open()
        data = await resumes.fetch(submission.resume)
        document = await resumes.read(data)
        understood = await resumes.parse(talent, document, submission.envelope.time.date())
        return Read(data, document, ResumeParsed.model_validate_json(understood.parsed), used=time.monotonic())

    async def _find(self, talent: str, cause: Cause, spans: list[SpanRecord]) -> Submission | None:
        """Return the submission that has caused an event; None if it is not where it should be."""
        async with admin(self._kafka) as asked:
            known = {each.partition: each for each in await partitions_of(asked, [RESUMES])}
        if not known:
            return None
        place = _traced(spans)
        async with reader(self._kafka, max_partition_fetch_bytes=4 * 1024 * 1024) as log:
            if place and place[0] in known:
                partition, start = known[place[0]], place[1]
                stop = start + 1
            else:
                numbers = sorted(known)
                partition = known[DefaultPartitioner()(talent.encode(), numbers, numbers)]
                at = (await log.offsets_for_times({partition: cause.at_ms - _EARLIER_MS}))[partition]
                if at is None:
                    return None
                start, stop = at.offset, at.offset + _NEAR
            begin, end = (await log.beginning_offsets([partition]))[partition], (await log.end_offsets([partition]))
            return await self._within(log, talent, cause, partition, max(start, begin), min(stop, end[partition]))

    async def _within(
        self, log: Any, talent: str, cause: Cause, partition: TopicPartition, start: int, stop: int
    ) -> Submission | None:
        size = 0
        wanted = read_ranges(
            log, {partition: start}, {partition: stop}, timeout_seconds=self._kafka.timeout_seconds, max_records=50
        )
        async for records in wanted:
            for record in records:
                size += len(record.value or b"")
                if record.key != talent.encode():
                    continue
                try:
                    found = decode_submission(record.key, record.value, record.headers)
                except BadMessageError:  # it is a dead letter
                    continue
                if derived_id("resume-talent", found.envelope.source, found.envelope.id) == cause.event:
                    return found
            if size > _NEAR_BYTES:
                break
        return None

    def _evict(self) -> None:
        now = time.monotonic()
        done = {k: t.result() for k, t in self._reading.items() if t.done() and not t.cancelled() and not t.exception()}
        kept = sorted(done, key=lambda key: -done[key].used)
        size = 0
        for n, key in enumerate(kept):
            size += done[key].size
            if n >= MAX_RESUMES or size > MAX_BYTES or now - done[key].used > KEEP_SECONDS:
                del self._reading[key]
        for key in [k for k, t in self._reading.items() if t.done() and (t.cancelled() or t.exception())]:
            del self._reading[key]


def _traced(spans: list[SpanRecord]) -> tuple[int, int] | None:
    """Return partition and offset of a submission, as a trace says."""
    for span in spans:
        told = span.attributes
        if told.get(semconv.DESTINATION) == RESUMES and semconv.OFFSET in told and semconv.PARTITION in told:
            return int(str(told[semconv.PARTITION])), int(str(told[semconv.OFFSET]))
    return None
