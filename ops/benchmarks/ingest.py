"""`looma bench ingest`: the worker beside a hand-written aiokafka + PyMongo loop, on the same events in one run.

The stack is of the run's own, in a temporary folder. Both sides read the same backlog, each into a database of its own
with the same indexes.
The hand-written loop does the same decode, merge and bulk upsert, with the same write concern, and commits after it; it
has no dead letters, no derived events, no guard against a second writer, no retries and no traces.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer
from pymongo import ReplaceOne

from connectors.publisher import EventPublisher
from ops.local.embedded.stack import Stack, free_ports, local_settings
from ops.local.worker import drained, environment_of, local_worker
from ops.runtime.settings_errors import read_settings
from ops.runtime.telemetry import TRACES, telemetry, traces_dir
from ops.runtime.traces import by_trace, latency_ms, percentiles, read_spans
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas import semconv
from schemas.events import EntityEvent, decode
from schemas.settings import Settings
from schemas.topics import EVENTS, PIPELINE
from sinks import mongodb
from sinks.indexes import apply_indexes
from sinks.provisioning import apply_topics
from streams.generations.database import base_database
from streams.lag import group_lag

Progress = Callable[[str], None]
TOPIC = EVENTS["talent"]
BATCH = 500
DRAIN_SECONDS = 300
EXPORT_SECONDS = 1.5
_BASE = datetime(2026, 1, 5, 8, tzinfo=UTC)
_SKILLS = ("Python", "Kafka", "Go", "SQL", "Kubernetes", "Spark", "Java", "React")
_TITLES = ("后端工程师", "Data Engineer", "产品经理", "Nurse")
_CITIES = ("上海", "北京", "深圳", "Hangzhou")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建国文"


def talent(number: int) -> dict[str, Any]:
    """Return the fields of the `number`-th talent, about 900 bytes as JSON."""
    return {
        "name": _name(number),
        "title": _TITLES[number % 4],
        "seniority": ("junior", "mid", "senior", "lead")[number % 4],
        "summary": f"第 {number} 号人选。" + "Builds streaming systems in Python and Kafka. " * 8,
        "skills": [{"name": _SKILLS[(number + i) % 8], "years": (number + i) % 9} for i in range(5)],
        "years_experience": number % 20,
        "locations": [_CITIES[number % 4]],
        "status": "active",
    }


def _name(number: int) -> str:
    """Return one of 18,000 names: people of one name in one city would all be compared, to tell them apart."""
    rest, surname = divmod(number, len(_SURNAMES))
    last, first = divmod(rest, len(_GIVEN))
    return _SURNAMES[surname] + _GIVEN[first] + _GIVEN[last % len(_GIVEN)]


def job(number: int) -> dict[str, Any]:
    """Return the fields of the `number`-th job."""
    return {
        "title": _TITLES[number % 4],
        "description": "Builds streaming systems in Python and Kafka.",
        "skills": [{"name": _SKILLS[(number + i) % 8]} for i in range(4)],
        "years_experience_min": number % 8,
        "locations": [_CITIES[number % 4]],
        "status": "open",
    }


async def publish(settings: Settings, run: str, count: int, *, per_second: float | None = None) -> None:
    """Publish `count` talents, half of them twice, as fast as it goes or paced."""
    async with EventPublisher(settings.kafka, "bench") as publisher:
        started = time.perf_counter()
        for number in range(count):
            entity_id = f"{run}-{number % (count * 2 // 3 or 1)}"
            when = _BASE + timedelta(seconds=number)
            await publisher.publish("talent", entity_id, talent(number), event_id=f"{run}-e{number}", time=when)
            if per_second and (pause := started + number / per_second - time.perf_counter()) > 0:
                await asyncio.sleep(pause)


async def handwritten(settings: Settings, name: str, count: int) -> dict[str, float]:
    """Read `count` events the way a user would write it by hand; return seconds and growth of memory."""
    client, database = mongodb.connect(settings.changed(mongodb__database=name).mongodb)
    await apply_indexes(database, base=True)
    collection = database["talents"]
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=settings.kafka.bootstrap_servers,
        group_id=name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    process, started, done, quarter = psutil.Process(), 0.0, 0, 0
    try:
        while done < count:
            batches = await consumer.getmany(timeout_ms=200, max_records=BATCH)
            messages = [m for batch in batches.values() for m in batch]
            if not messages:
                continue
            started = started or time.perf_counter()
            by_id: dict[str, list[EntityEvent]] = {}
            for m in messages:
                event = decode("talent", m.key, m.value, m.headers)
                by_id.setdefault(event.id, []).append(event)
            cursor = collection.find({"_id": {"$in": list(by_id)}})
            stored = {d["_id"]: StoredRecord.from_document("talent", d) async for d in cursor}
            operations = []
            for entity_id, events in by_id.items():
                old = stored.get(entity_id)
                state = apply(old.state if old else State(), events)
                revision = (old.record.revision if old else 0) + 1
                document = StoredRecord.of("talent", entity_id, revision, state, DEFAULT).to_document()
                operations.append(ReplaceOne({"_id": entity_id}, document, upsert=True))
            await collection.bulk_write(operations, ordered=False)
            await consumer.commit()
            done += len(messages)
            if not quarter and done >= count // 4:
                quarter = process.memory_info().rss
        seconds = time.perf_counter() - started
        grown = process.memory_info().rss - quarter
    finally:
        await consumer.stop()
        await client.close()
    return {"seconds": seconds, "grown_mb_per_100k": grown / 1e6 / (count * 0.75) * 1e5}


@asynccontextmanager
async def worker(settings: Settings, name: str, *arguments: str) -> AsyncIterator[tuple[Settings, psutil.Process]]:
    """Run a worker with a group, database and trace folder of its own."""
    port = free_ports(1)[0]
    own = settings.changed(
        data_dir=settings.data_dir / name,
        kafka__group_id=name,
        mongodb__database=name,
        worker__port=port,
    )
    async with base_database(own) as database:
        await apply_indexes(database, base=True)
    async with local_worker(own, settings.data_dir / f"{name}.log", *arguments) as process:
        yield own, psutil.Process(process.pid)


async def sync_round(settings: Settings, name: str, count: int) -> dict[str, float]:
    """Let a sync-only worker eat the backlog; its spans say from when to when it worked."""
    samples: list[tuple[float, int]] = []
    async with worker(settings, name, "--sync-only") as (own, process):
        lag = count
        while lag:
            lag = (await group_lag(own.kafka, own.kafka.group_id, [TOPIC]))[TOPIC]
            samples.append((1 - lag / count, process.memory_info().rss))
            await asyncio.sleep(1)
    spans = [s for s in read_spans(traces_dir(own)) if s.name == f"process {TOPIC}"]
    begun = min(s.start for s in spans)
    ends = sorted(s.end for s in spans)
    share, before = next((s for s in samples if s[0] >= 0.25), samples[-1])
    grown = samples[-1][1] - before
    return {
        "seconds": (ends[-1] - begun) / 1e9,
        "first_1000_seconds": (ends[min(999, len(ends) - 1)] - begun) / 1e9,
        "grown_mb_per_100k": grown / 1e6 / max(1.0, (1 - share) * count) * 1e5,
    }


async def paced(
    settings: Settings, published_in: Path, name: str, run: str, rate: float, count: int, *arguments: str
) -> dict[str, float]:
    """Publish at `rate` events/s to an idle worker; return the latency from publisher to last hop."""
    topics = [TOPIC] if "--sync-only" in arguments else PIPELINE
    async with worker(settings, name, *arguments) as (own, _):
        await drained(own, DRAIN_SECONDS, lambda _: None, topics)
        await publish(own, run, count, per_second=rate)
        await drained(own, DRAIN_SECONDS, lambda _: None, topics)
    await asyncio.sleep(EXPORT_SECONDS)
    spans = [*read_spans(traces_dir(own)), *read_spans(published_in / TRACES)]
    published = {
        s.trace_id
        for s in spans
        if s.name == f"publish {TOPIC}" and s.attributes[semconv.EVENT_ID].startswith(f"{run}-")
    }
    traces = by_trace(s for s in spans if s.trace_id in published)
    return percentiles([latency_ms(t) for t in traces.values()])


async def full_round(settings: Settings, name: str, count: int) -> float:
    """Return the events/s of a burst through embedding and matching, against a hundred jobs."""
    async with worker(settings, name) as (own, _):
        async with EventPublisher(own.kafka, "bench") as publisher:
            for number in range(100):
                await publisher.publish("job", f"{name}-j{number}", job(number), event_id=f"{name}-j{number}")
        await drained(own, DRAIN_SECONDS, lambda _: None)
        begun = time.time_ns()
        await publish(own, name, count)
        await drained(own, DRAIN_SECONDS, lambda _: None)
    ends = [s.end for s in read_spans(traces_dir(own)) if s.name.startswith("process ")]
    return count / ((max(ends) - begun) / 1e9)


@asynccontextmanager
async def fresh_stack(progress: Progress) -> AsyncIterator[Settings]:
    """Run an empty stack in a temporary folder; it is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="looma-bench-", ignore_cleanup_errors=True) as folder:
        kafka, mongo, vectors, controller = free_ports(4)
        settings = local_settings(Path(folder), kafka, mongo, vectors)
        stack = Stack(settings, controller_port=controller)
        try:
            await stack.up(progress)
            await apply_topics(settings.kafka)
            yield settings
        finally:
            await stack.down()


async def ingest(events: int, full_events: int, rounds: int, progress: Progress) -> dict[str, Any]:
    """Run the benchmark; return its figures. Raises StackError or WorkerError if a part does not work."""
    with tempfile.TemporaryDirectory(prefix="looma-bench-") as folder:
        spans = Path(folder)
        with telemetry(Settings(data_dir=spans), "bench"):
            async with fresh_stack(progress) as settings:
                sync = await _sync(settings, spans, events, rounds, progress)
            async with fresh_stack(progress) as settings:
                return {"sync": sync, "full": await _full(settings, spans, full_events, progress)}


async def _sync(settings: Settings, spans: Path, events: int, rounds: int, progress: Progress) -> dict[str, Any]:
    progress(f"publishing {events} events")
    await publish(settings, "sync", events)
    by_hand, by_worker = [], []
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}: hand-written loop")
        by_hand.append(await _handwritten_process(settings, f"hand{number}", events))
        progress(f"round {number + 1} of {rounds}: worker, sync path")
        by_worker.append(await sync_round(settings, f"sync{number}", events))
    hand = events / median(r["seconds"] for r in by_hand)
    sync = events / median(r["seconds"] for r in by_worker)
    ratios = [h["seconds"] / w["seconds"] for h, w in zip(by_hand, by_worker, strict=True)]
    progress("worker, sync path: latency at a quarter of its throughput")
    return {
        "events": events,
        "events_per_s": round(sync),
        "handwritten_events_per_s": round(hand),
        "ratio_to_handwritten": round(median(ratios), 3),
        "ratios": [round(r, 3) for r in ratios],
        "first_1000_s": round(median(r["first_1000_seconds"] for r in by_worker), 2),
        "memory_mb_per_100k": round(median(r["grown_mb_per_100k"] for r in by_worker), 1),
        "handwritten_memory_mb_per_100k": round(median(r["grown_mb_per_100k"] for r in by_hand), 1),
        "latency_ms": await paced(settings, spans, "sync0", "paced-sync", sync / 4, min(events, 1500), "--sync-only"),
    }


async def _full(settings: Settings, spans: Path, events: int, progress: Progress) -> dict[str, Any]:
    progress("worker, full path")
    full = await full_round(settings, "full", events)
    progress("worker, full path: latency at a quarter of its throughput")
    latency = await paced(settings, spans, "full", "paced-full", full / 4, min(events, 100))
    return {"events": events, "events_per_s": round(full, 1), "latency_ms": latency}


async def _handwritten_process(settings: Settings, name: str, count: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.benchmarks.ingest", name, str(count)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment_of(settings)},  # everybody on the machine can read the arguments
    )
    output, _ = await process.communicate()
    return dict(json.loads(output))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(handwritten(read_settings(), sys.argv[1], int(sys.argv[2])))))
