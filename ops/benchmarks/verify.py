"""`looma bench verify`: damage some of many records in every way, find it, and repair it.

The stack is of the run's own. Events are published and records stored directly, without a worker; vectors are made by
the embedding stage itself with a model of eight dimensions, since verification reads payloads and not vectors.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psutil
from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata
from opentelemetry.trace import INVALID_SPAN
from qdrant_client import AsyncQdrantClient

from connectors.message import EventMessage, build_message
from ops.benchmarks.stack import Progress, fresh_stack
from ops.benchmarks.workload import talent
from ops.verify import Report, Verification
from ops.verify.batches import batches
from processors.embedding.model import Vectors
from processors.embedding.pool import EmbeddingPool
from processors.embedding.texts import text_hash
from processors.sync.golden import golden_document
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.events import EntityEvent, decode
from schemas.records import SourceRecord
from schemas.settings import Settings
from schemas.topics import EVENTS, RECORDS
from sinks import mongodb, qdrant
from sinks.identities import GOLDEN, IdentityStore
from sinks.indexes import apply_indexes
from sinks.kafka import producer
from sinks.migrations.runner import require_current
from sinks.qdrant import VECTOR_COLLECTIONS, VectorStore, point_id
from sinks.topic_sink import TopicSink
from streams.delivery import Delivery, Inbound
from streams.reading import read_topic, reader
from streams.vectors import VectorStage

Planted = tuple[str, str, str]
DAMAGED_SHARE = 0.001
PARTITIONS = 8
COLLECTION = VECTOR_COLLECTIONS["talent"]
_BASE = datetime(2026, 1, 5, 8, tzinfo=UTC)
_CRM_FIELDS = ("name", "title", "summary", "skills", "years_experience", "status")


class _TinyModel:
    """Turns a text into eight numbers; enough for a vector to exist."""

    version = "tiny@1"
    dimensions = 8

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text."""
        rows = [np.frombuffer(bytes.fromhex(text_hash(text))[:8], np.uint8) for text in texts]
        vectors = np.array(rows, dtype=np.float32) + 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def key_of(number: int) -> str:
    """Return the id of the `number`-th record."""
    return f"v-{number}"


def events_of(number: int) -> list[tuple[EventMessage, EntityEvent]]:
    """Return the events of the `number`-th record: one of the CRM's, one of Zervigo's an hour later."""
    fields = talent(number)
    said = (
        ("crm", {name: fields[name] for name in _CRM_FIELDS}),
        ("zervigo", {"title": f"{fields['title']} II", "seniority": fields["seniority"], "locations": ["上海"]}),
    )
    events = []
    for hour, (source, part) in enumerate(said):
        when = _BASE + timedelta(hours=hour, seconds=number)
        message = build_message("talent", key_of(number), part, source=source, event_id=f"e-{number}-{hour}", time=when)
        events.append((message, decode("talent", message.key, message.value, message.headers)))
    return events


def stored(events: Sequence[EntityEvent], revision: int) -> StoredRecord:
    """Return the record that events make."""
    return StoredRecord.of("talent", events[0].id, revision, apply(State(), events), DEFAULT)


def golden_of(key: str, states: Mapping[str, State]) -> mongodb.Document:
    """Return the golden record of a record that is alone."""
    return golden_document("talent", key, frozenset((key,)), states, DEFAULT)


@dataclass(frozen=True, slots=True)
class Stores:
    """The run's connections."""

    settings: Settings
    database: mongodb.Database
    points: AsyncQdrantClient
    stage: VectorStage

    async def resolve(self, records: Sequence[StoredRecord]) -> None:
        """Store identities and golden records as of records that are each alone."""
        store, states = IdentityStore(self.database, "talent"), {r.record.id: r.state for r in records}
        await store.enter(dict.fromkeys(states, ()), dict.fromkeys(states, _BASE))
        await store.save_golden([golden_of(key, states) for key in states], ())

    async def embed(self, records: Sequence[SourceRecord]) -> None:
        """Let the embedding stage have records."""
        for batch in batches(records):
            await self.stage.process([Delivery(NOWHERE, record, INVALID_SPAN) for record in batch])


NOWHERE = Inbound(RECORDS["talent"], 0, 0, None, None, [], 0.0)


@asynccontextmanager
async def _stores(settings: Settings) -> AsyncIterator[Stores]:
    client, database = mongodb.connect(settings.mongodb)
    points = qdrant.connect(settings.qdrant)
    try:
        await require_current(database)
        async with (
            EmbeddingPool(_TinyModel()) as pool,
            TopicSink(settings.kafka, client_id="bench") as sink,
        ):
            vectors = VectorStore(points)
            await vectors.prepare(pool.dimensions)
            yield Stores(settings, database, points, VectorStage("talent", pool, vectors, sink))
    finally:
        await client.close()
        await points.close()


async def load(stores: Stores, count: int, progress: Progress) -> None:
    """Publish the events of `count` records and store what a worker would have made of them."""
    producing = producer(stores.settings.kafka)
    await producing.start()
    try:
        for numbers in batches(range(count)):
            said = [events_of(number) for number in numbers]
            futures = [
                await producing.send(m.topic, m.value, m.key, headers=m.headers) for pairs in said for m, _ in pairs
            ]
            records = [stored([event for _, event in pairs], 2) for pairs in said]
            await stores.database["talents"].insert_many([r.to_document() for r in records], ordered=False)
            await stores.embed([r.record for r in records])
            await stores.resolve(records)
            await asyncio.gather(*futures)
            if numbers[0] % 5000 == 0:
                progress(f"loading: {numbers[0]} of {count}")
    finally:
        await producing.stop()
    await commit(stores.settings)


async def commit(settings: Settings) -> None:
    """Let the group have committed all that there is."""
    async with reader(settings.kafka, group_id=settings.kafka.group_id) as log:
        topics = (EVENTS["talent"], RECORDS["talent"])
        partitions = [TopicPartition(t, p) for t in topics for p in range(PARTITIONS)]
        log.assign(partitions)
        ends = await log.end_offsets(partitions)
        await log.commit({p: OffsetAndMetadata(end, "") for p, end in ends.items()})


class Damage:
    """The ways in which a record can be wrong; each method damages one and returns (replica, kind, id)."""

    def __init__(self, stores: Stores) -> None:
        self._talents = stores.database["talents"]
        self._golden = stores.database[GOLDEN["talent"]]
        self._points = stores.points
        self._stores = stores

    def ways(self) -> list[Callable[[int], Awaitable[Planted]]]:
        """Return the ways."""
        return [
            self.lost_document,
            self.changed_field,
            self.older_document,
            self.corrupt_state,
            self.extra_document,
            self.lost_vector,
            self.older_vector,
            self.changed_payload,
            self.extra_vector,
            self.lost_golden,
            self.changed_golden,
            self.older_golden,
            self.extra_golden,
        ]

    async def lost_document(self, number: int) -> Planted:
        """A record is gone from MongoDB."""
        await self._talents.delete_one({"_id": key_of(number)})
        return "mongodb", "missing", key_of(number)

    async def changed_field(self, number: int) -> Planted:
        """Somebody edits a field by hand."""
        await self._talents.update_one({"_id": key_of(number)}, {"$set": {"fields.years_experience": 99}})
        return "mongodb", "corrupt", key_of(number)

    async def older_document(self, number: int) -> Planted:
        """A backup puts an older revision back."""
        document = stored([events_of(number)[0][1]], 1).to_document()
        await self._talents.replace_one({"_id": key_of(number)}, document)
        return "mongodb", "stale", key_of(number)

    async def corrupt_state(self, number: int) -> Planted:
        """The merge state loses a contribution."""
        await self._talents.update_one({"_id": key_of(number)}, {"$pop": {"contributions": 1}})
        return "mongodb", "corrupt", key_of(number)

    async def extra_document(self, number: int) -> Planted:
        """A record appears that no event speaks of."""
        document = stored([event for _, event in events_of(number)], 2).to_document()
        await self._talents.insert_one({**document, "_id": f"{key_of(number)}-extra"})
        return "mongodb", "extra", f"{key_of(number)}-extra"

    async def lost_vector(self, number: int) -> Planted:
        """A vector is gone from Qdrant."""
        await self._points.delete(COLLECTION, [point_id(key_of(number))], wait=True)
        return "qdrant", "missing", key_of(number)

    async def older_vector(self, number: int) -> Planted:
        """A vector is of an older revision."""
        await self._stores.embed([stored([events_of(number)[0][1]], 1).record])
        return "qdrant", "stale", key_of(number)

    async def changed_payload(self, number: int) -> Planted:
        """A payload says something else."""
        await self._points.set_payload(COLLECTION, {"status": "hired"}, points=[point_id(key_of(number))], wait=True)
        return "qdrant", "corrupt", key_of(number)

    async def extra_vector(self, number: int) -> Planted:
        """A vector appears that stands for nobody."""
        record = stored([event for _, event in events_of(number)], 2).record
        await self._stores.embed([replace(record, id=f"{key_of(number)}-ghost")])
        return "qdrant", "extra", f"{key_of(number)}-ghost"

    async def lost_golden(self, number: int) -> Planted:
        """A golden record is gone."""
        await self._golden.delete_one({"_id": key_of(number)})
        return "golden", "missing", key_of(number)

    async def changed_golden(self, number: int) -> Planted:
        """Somebody edits a golden record by hand."""
        await self._golden.update_one({"_id": key_of(number)}, {"$set": {"fields.years_experience": 99}})
        return "golden", "corrupt", key_of(number)

    async def older_golden(self, number: int) -> Planted:
        """A golden record is of before the last event."""
        state = stored([events_of(number)[0][1]], 1).state
        await self._golden.replace_one({"_id": key_of(number)}, golden_of(key_of(number), {key_of(number): state}))
        return "golden", "stale", key_of(number)

    async def extra_golden(self, number: int) -> Planted:
        """A golden record appears that no record is part of."""
        await self._golden.insert_one(golden_of(f"{key_of(number)}-ghost", {}))
        return "golden", "extra", f"{key_of(number)}-ghost"


async def _damage(stores: Stores, count: int) -> set[Planted]:
    damage = Damage(stores)
    ways = damage.ways()
    numbers = random.Random(4).sample(range(count), max(len(ways), round(count * DAMAGED_SHARE)))
    planted = {await ways[i % len(ways)](number) for i, number in enumerate(numbers)}
    await commit(stores.settings)
    return planted


@dataclass(slots=True)
class Measured:
    """What a verification took."""

    report: Report
    seconds: float
    peak_mb: float


async def _verify(settings: Settings, progress: Progress, *, repair: bool = False) -> tuple[Measured, int]:
    process, peak, last = psutil.Process(), 0, ""

    def watch(what: str, done: int, total: int | None) -> None:
        nonlocal peak, last
        peak = max(peak, process.memory_info().rss)
        if what != last:
            last = what
            progress(f"verifying: {what}")

    async with Verification(settings, "talent", lambda: _TinyModel.version, watch) as verification:
        started = time.perf_counter()
        report = await verification.check()
        seconds = time.perf_counter() - started
        watch("done", 0, None)
        repaired = (await verification.repair(report)).repaired if repair else 0
    return Measured(report, seconds, peak / 1e6), repaired


async def _follow(stores: Stores, begun: int) -> None:
    """Embed what the repair has published, as a worker would."""
    records = []
    async for message in read_topic(stores.settings.kafka, RECORDS["talent"]):
        if message.timestamp >= begun:
            records.append(SourceRecord.from_json(message.value))
    await stores.embed(records)
    await commit(stores.settings)


async def verify(records: int, progress: Progress) -> dict[str, Any]:
    """Run the benchmark; return its figures."""
    async with fresh_stack(progress) as settings, _stores(settings) as stores:
        await apply_indexes(stores.database)
        started = time.perf_counter()
        await load(stores, records, progress)
        loaded = time.perf_counter() - started
        clean, _ = await _verify(settings, progress)
        planted = await _damage(stores, records)
        begun = time.time_ns() // 1_000_000
        damaged, repaired = await _verify(settings, progress, repair=True)
        await _follow(stores, begun)
        after, _ = await _verify(settings, progress)
    found = {(d.replica, d.kind, d.id) for d in damaged.report.differences}
    return {
        "records": records,
        "planted": len(planted),
        "found": len(found & planted),
        "missed": len(planted - found),
        "false": len(found - planted) + len(clean.report.differences),
        "read_again_share": round(damaged.report.read_again_share, 5),
        "repaired": repaired,
        "differences_after_repair": len(after.report.differences),
        "seconds": round(damaged.seconds, 1),
        "seconds_without_differences": round(clean.seconds, 1),
        "peak_memory_mb": round(damaged.peak_mb),
        "load_seconds": round(loaded, 1),
    }
