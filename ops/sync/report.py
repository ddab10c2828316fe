"""The account of a run: what became of every record read, computed anew from what is durable, never counted up.

    read = refused + published                      refused by the reader, published to Kafka: both in the checkpoint
    published = dead-lettered + handled + waiting   the run's dead letters; committed by the active generation; the rest

A dead letter belongs to a run by its `looma_run` header and its original offset, which must lie in a range of the
checkpoint. While the run's messages are interleaved with others', `waiting` may count some of those too; it is exact
when it is 0, and so is then the whole account.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from connectors.checkpoint import OTHER_SOURCES, Checkpoint, RunFile
from ops.sync.backfill import MAX_LISTED, RUN_HEADER
from schemas.envelope import Envelope, derived_id, timestamp
from schemas.settings import Settings
from schemas.sync_reports import Counts, Rejection, State, SyncReport
from schemas.topics import DEAD_LETTERS, EVENTS, SYNC_REPORTS
from sinks.kafka import admin
from sinks.mongodb import Database
from sinks.topic_sink import Message, TopicSink
from streams.dead_letters import letter_id
from streams.generations.database import active_now
from streams.generations.generation import Generation
from streams.lag import committed_offsets
from streams.reading import read_topic, reader

COLLECTION = "sync_reports"
_PUBLISHED_REJECTIONS = 1000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_ENTITY_OF = {topic: entity for entity, topic in EVENTS.items()}
Ends = Mapping[TopicPartition, int]


@dataclass(slots=True)
class _Letters:
    """The dead letters of one run; a letter delivered twice counts once."""

    seen: set[str] = field(default_factory=set)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    listed: list[Rejection] = field(default_factory=list)


async def account(settings: Settings, files: Sequence[RunFile]) -> list[SyncReport]:
    """Return the reports of runs as of now, without those that have no checkpoint yet."""
    loaded = [(file, checkpoint) for file in files if (checkpoint := file.load())]
    if not loaded:
        return []
    generation = Generation((await active_now(settings)).generation)
    group = generation.named(settings.kafka.group_id)
    committed, oldest = await _progress(settings, group, [checkpoint for _, checkpoint in loaded])
    runs = {c.run: c for _, c in loaded if c.published_count}
    letters = await _dead_letters(settings, (DEAD_LETTERS, generation.private(DEAD_LETTERS)), runs)
    return [_report(file, c, letters.get(c.run, _Letters()), committed, oldest) for file, c in loaded]


async def _progress(settings: Settings, group: str, checkpoints: Iterable[Checkpoint]) -> tuple[Ends, Ends]:
    """Return the group's committed offset of each partition, and the time (ms) of the first message behind it."""
    ends: dict[TopicPartition, int] = {}
    for checkpoint in checkpoints:
        for topic, partitions in checkpoint.ranges.items():
            for partition, ranges in partitions.items():
                place = TopicPartition(topic, partition)
                ends[place] = max(ends.get(place, 0), ranges[-1][1] + 1)
    if not ends:
        return {}, {}
    async with admin(settings.kafka) as asked:
        offsets = await committed_offsets(asked, group, ends)
    committed = {p: max(0, offsets[p].offset) if p in offsets else 0 for p in ends}
    return committed, await _times(settings, {p: at for p, at in committed.items() if at < ends[p]})


async def _times(settings: Settings, places: Ends) -> Ends:
    """Return the time (ms) of the message at, or the first one after, each offset."""
    if not places:
        return {}
    found: dict[TopicPartition, int] = {}
    async with reader(settings.kafka) as log:
        for place, offset in places.items():
            log.assign([place])
            log.seek(place, offset)
            records = await log.getmany(timeout_ms=1000, max_records=1)
            found |= {p: batch[0].timestamp for p, batch in records.items() if batch}
    return found


async def _read(settings: Settings, topics: Iterable[str]) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    for topic in topics:
        async for record in read_topic(settings.kafka, topic):
            yield record


async def _dead_letters(
    settings: Settings, topics: Sequence[str], checkpoints: Mapping[str, Checkpoint]
) -> dict[str, _Letters]:
    found: dict[str, _Letters] = {}
    if not checkpoints:
        return found
    async for record in _read(settings, topics):
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        checkpoint = checkpoints.get(headers.get(RUN_HEADER, ""))
        place = (headers.get("dlq_topic", ""), headers.get("dlq_partition", ""), headers.get("dlq_offset", ""))
        if checkpoint is None or not (place[1].isdecimal() and place[2].isdecimal()):
            continue
        topic, partition, offset = place[0], int(place[1]), int(place[2])
        ranges = checkpoint.ranges.get(topic, {}).get(partition, [])
        letters = found.setdefault(checkpoint.run, _Letters())
        identity = letter_id(record)
        if identity in letters.seen or not any(a <= offset <= b for a, b in ranges):
            continue
        letters.seen.add(identity)
        source = headers.get("ce_source", "")
        counted = (source if source in checkpoint.published else OTHER_SOURCES, _ENTITY_OF.get(topic, topic))
        letters.counts[counted] = letters.counts.get(counted, 0) + 1
        if len(letters.listed) < MAX_LISTED:
            reason = f"{headers.get('dlq_reason', 'unknown')}: {headers.get('dlq_detail', '')}"
            key = (record.key or b"").decode(errors="replace")
            letters.listed.append(Rejection(at=identity, id=key, reason=reason))
    return found


def _report(file: RunFile, checkpoint: Checkpoint, letters: _Letters, committed: Ends, oldest: Ends) -> SyncReport:
    waiting: dict[str, int] = {}
    ages: dict[str, float] = {}
    now = datetime.now(UTC)
    for topic, partitions in checkpoint.ranges.items():
        for partition, ranges in partitions.items():
            place = TopicPartition(topic, partition)
            at = committed.get(place, 0)
            left = sum(max(0, last + 1 - max(at, first)) for first, last in ranges)
            entity = _ENTITY_OF.get(topic, topic)
            waiting[entity] = waiting.get(entity, 0) + left
            if left and place in oldest:
                ages[entity] = max(ages.get(entity, 0.0), now.timestamp() - oldest[place] / 1000)
    counts = list(_counts(checkpoint, letters, waiting, ages))
    rate = checkpoint.read_count / checkpoint.working_seconds if checkpoint.working_seconds else 0.0
    rejections = [*_refusals(file, checkpoint), *letters.listed]
    dead, handled, left = (sum(getattr(c, n) for c in counts) for n in ("dead_lettered", "handled", "waiting"))
    return SyncReport(
        run=checkpoint.run,
        source=checkpoint.source,
        state=_state(file, checkpoint, left),
        started_at=checkpoint.started_at,
        at=now,
        working_seconds=round(checkpoint.working_seconds, 2),
        records_per_second=round(rate, 1),
        seconds_left=seconds_left(checkpoint),
        read=checkpoint.read_count,
        refused=checkpoint.refused,
        published=checkpoint.published_count,
        dead_lettered=dead,
        handled=handled,
        waiting=left,
        counts=counts,
        rejections=rejections,
        rejections_omitted=checkpoint.refused + dead - len(rejections),
    )


def _counts(
    checkpoint: Checkpoint, letters: _Letters, waiting: dict[str, int], ages: Mapping[str, float]
) -> Iterator[Counts]:
    """Yield the counts by source and entity; what an entity's topic still holds is shared out among its sources."""
    for source, by_entity in sorted(checkpoint.published.items()):
        for entity, published in sorted(by_entity.items()):
            dead = min(published, letters.counts.get((source, entity), 0))
            left = min(published - dead, waiting.get(entity, 0))
            waiting[entity] = waiting.get(entity, 0) - left
            yield Counts(
                source=source,
                entity=entity,
                published=published,
                late=checkpoint.late.get(source, {}).get(entity, 0),
                handled=published - dead - left,
                dead_lettered=dead,
                waiting=left,
                lag_seconds=round(ages.get(entity, 0.0), 1) if left else 0.0,
            )


def _refusals(file: RunFile, checkpoint: Checkpoint) -> Iterator[Rejection]:
    for number, error in enumerate(file.refusals(checkpoint)):
        if number >= MAX_LISTED:
            return
        # What is no id may be anything, such as an address.
        identity = error.id if error.id and _ID.fullmatch(error.id) else None
        yield Rejection(at=f"record {error.line}", id=identity, reason=error.text)


def _state(file: RunFile, checkpoint: Checkpoint, waiting: int) -> State:
    if file.is_worked_on():
        return "running"
    if not checkpoint.finished:
        return "interrupted"
    return "published" if waiting else "done"


def seconds_left(checkpoint: Checkpoint) -> float | None:
    """Return the estimated time until everything is published, if the source's size is known."""
    share = 1.0 if checkpoint.finished else checkpoint.share
    if share is None or (share == 0 and not checkpoint.finished):
        return None
    return round(checkpoint.working_seconds * (1 - share) / share, 1)


async def publish_report(settings: Settings, database: Database, report: SyncReport) -> None:
    """Publish the report to `sync-reports` and store it in MongoDB; the newest of a run replaces the others."""
    listed = report.rejections[:_PUBLISHED_REJECTIONS]
    omitted = report.rejections_omitted + len(report.rejections) - len(listed)
    body = report.model_copy(update={"rejections": listed, "rejections_omitted": omitted}).model_dump(mode="json")
    event_id = derived_id("sync-report", report.run, timestamp(report.at))
    envelope = Envelope(event_id, "looma", "looma.sync.reported", report.run, report.at)
    value = json.dumps(body, ensure_ascii=False).encode()
    async with TopicSink(settings.kafka, client_id="looma-sync") as sink:
        await sink.publish([Message(SYNC_REPORTS, report.run.encode(), value, envelope.headers("sync-report"))])
    await database[COLLECTION].replace_one({"_id": report.run}, {"_id": report.run, **body}, upsert=True)


def markdown(report: SyncReport) -> Iterator[str]:
    """Yield the lines of the report as Markdown."""
    yield f"# Sync report {report.run}"
    yield ""
    yield f"{_cell(report.source)}: {report.state}, as of {timestamp(report.at)}"
    yield ""
    yield "| read | refused | published | dead-lettered | handled | waiting | records/s | adds up |"
    yield "|--:|--:|--:|--:|--:|--:|--:|---|"
    figures = (report.read, report.refused, report.published, report.dead_lettered, report.handled, report.waiting)
    yield f"| {' | '.join(map(str, figures))} | {report.records_per_second} | {'yes' if report.adds_up else 'NO'} |"
    yield ""
    yield "| source | entity | published | dead-lettered | handled | waiting |"
    yield "|---|---|--:|--:|--:|--:|"
    for c in report.counts:
        yield f"| {_cell(c.source)} | {c.entity} | {c.published} | {c.dead_lettered} | {c.handled} | {c.waiting} |"
    if report.rejections:
        yield ""
        yield "| rejected at | id | reason |"
        yield "|---|---|---|"
        for r in report.rejections:
            yield f"| {_cell(r.at)} | {_cell(r.id or '')} | {_cell(r.reason)} |"
    if report.rejections_omitted:
        yield ""
        yield f"and {report.rejections_omitted} more"


def _cell(text: str) -> str:
    """Return text that cannot break out of its cell: it may come from whoever wrote the message."""
    printable = "".join(c if c.isprintable() else " " for c in text[:500])
    return "".join(f"\\{c}" if c in "\\|`*_<>[]#&!" else c for c in printable)


def as_json(report: SyncReport) -> dict[str, Any]:
    """Return the report as JSON values, with whether it adds up."""
    return {**report.model_dump(mode="json"), "adds_up": report.adds_up}
