"""`looma bench ingest`: the worker beside a hand-written aiokafka + PyMongo loop and Quix Streams, on the same events.

The stack is of the run's own, in a temporary folder. All sides read the same backlog, each into a database of its own
with the same indexes, in rounds one after the other.
The hand-written loop and Quix Streams (peers/quix.py) do the same decode and merge, write bulks as the worker does
(sinks/bulk.py), as durably, and commit offsets after it; they have no dead letters, no derived events, no guard against
a second writer and no traces. The loop is run a second time publishing every record before it is stored, as the worker
does: then both have the same output.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer
from pymongo import InsertOne, ReplaceOne
from pymongo.write_concern import WriteConcern

from ops.benchmarks import peers
from ops.benchmarks.peers.environment import QUIX, PeerError, project
from ops.benchmarks.stack import Progress, drop_databases, fresh_stack, given_mongodb, named, prepare, workers
from ops.benchmarks.usage import Costs, Processes, Writes, mongodb_server, servers
from ops.benchmarks.workload import TOPIC, publish, publish_jobs
from ops.local.worker import drained
from ops.runtime.settings import environment_of
from ops.runtime.settings_errors import read_settings
from ops.runtime.telemetry import TRACES, telemetry, traces_dir
from ops.runtime.traces import SpanRecord, by_trace, latency_ms, percentiles, read_spans
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas import semconv
from schemas.events import EntityEvent, decode
from schemas.settings import Settings
from schemas.topics import MATCH_REQUESTS, PIPELINE, RECORDS
from sinks import mongodb
from sinks.bulk import MARKS, Operation
from sinks.indexes import apply_indexes
from sinks.kafka import producer
from sinks.topic_sink import BATCH_BYTES
from streams.lag import group_lag

_QUIX = Path(peers.__file__).with_name("quix.py")
BATCH = 500
COLD = 1000
"""Events of a cold start."""
DRAIN_SECONDS = 900
EXPORT_SECONDS = 1.5
PACED_SECONDS = 30
POLL_SECONDS = 0.5

Round = dict[str, float]
_PROCESSES = ("worker", "mongodb", "kafka")
"""Of the sync path, while a worker is measured."""


async def handwritten(settings: Settings, name: str, count: int, *, publishes: bool = False) -> dict[str, float]:
    """Read `count` events the way a user would write it by hand; return seconds and growth of memory.

    If it `publishes`, every record is on its topic before it is stored.
    """
    client, database = mongodb.connect(settings.changed(mongodb__database=name).mongodb)
    await apply_indexes(database, base=True)
    collection = database["talents"]
    unjournalled = collection.with_options(write_concern=WriteConcern(w="majority"))
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=settings.kafka.bootstrap_servers,
        group_id=name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    sending = producer(settings.kafka, linger_ms=2, max_batch_size=BATCH_BYTES)
    await sending.start()
    process, started, done, quarter, cold = psutil.Process(), 0.0, 0, 0, 0.0
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
            operations: list[Operation] = []
            sent = []
            for entity_id, events in by_id.items():
                old = stored.get(entity_id)
                state = apply(old.state if old else State(), events)
                revision = (old.record.revision if old else 0) + 1
                new = StoredRecord.of("talent", entity_id, revision, state, DEFAULT)
                document = new.to_document()
                operations.append(ReplaceOne({"_id": entity_id}, document) if old else InsertOne(document))
                if publishes:
                    sent.append(await sending.send(RECORDS["talent"], new.record.to_json(), entity_id.encode()))
            await asyncio.gather(*sent)
            if stored:  # as sinks/bulk.py does it: the bulk waits for the journal once, not for every document
                await unjournalled.bulk_write(operations, ordered=False)
                await database[MARKS].update_one({"_id": "bulk"}, {"$inc": {"written": 1}}, upsert=True)
            else:
                await collection.bulk_write(operations, ordered=False)
            await consumer.commit()
            done += len(messages)
            if not cold and done >= min(COLD, count):
                cold = time.perf_counter() - started
            if not quarter and done >= count // 4:
                quarter = process.memory_info().rss
        seconds = time.perf_counter() - started
        grown = process.memory_info().rss - quarter
    finally:
        await sending.stop()
        await consumer.stop()
        await client.close()
    return {"seconds": seconds, "cold_seconds": cold, "grown_mb_per_100k": grown / 1e6 / (count * 0.75) * 1e5}


async def sync_round(processes: Processes, own: Settings, count: int) -> Round:
    """Let a sync-only worker eat the backlog; its spans say from when to when it worked, and on how many events."""
    await prepare(own)
    samples: list[tuple[float, int]] = []
    async with workers(own, 1, "--sync-only") as started:
        [process] = started.values()
        costs, begun = Costs({**processes, **started}), time.time_ns()
        lag = count
        while lag:
            lag = (await group_lag(own.kafka, own.kafka.group_id, [TOPIC]))[TOPIC]
            samples.append((1 - lag / count, process.memory_info().rss))
            await asyncio.sleep(POLL_SECONDS)
        ended = time.time_ns()
        used = costs.per_event(1)
    spans = [s for s in read_spans(traces_dir(own)) if s.name == f"process {TOPIC}"]
    first = min(s.start for s in spans)
    ends = sorted(s.end for s in spans)
    counted = sum(begun < end <= ended for end in ends)
    share, before = next((s for s in samples if s[0] >= 0.25), samples[-1])
    grown = samples[-1][1] - before
    return {
        "seconds": (ends[-1] - first) / 1e9,
        "cold_seconds": (ends[min(COLD, len(ends)) - 1] - first) / 1e9,
        "grown_mb_per_100k": grown / 1e6 / max(1.0, (1 - share) * count) * 1e5,
        **{f"cpu_{name}": milliseconds / max(1, counted) for name, milliseconds in used.items()},
    }


async def quix_round(own: Settings, count: int) -> Round:
    """Let Quix Streams read the same backlog. Raises PeerError."""
    await prepare(own)
    return await _process(
        (str(QUIX.program()), str(_QUIX), own.kafka.bootstrap_servers, own.mongodb.database, str(count)),
        {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(project(own.data_dir / "packages")),
            "LOOMA_MONGODB__URL": own.mongodb.url.get_secret_value(),
        },
        own.data_dir / "quix.log",
    )


async def handwritten_round(own: Settings, count: int, *options: str) -> Round:
    """Let the hand-written loop read the same backlog, in a process of its own; it may be told to `publish`."""
    return await _process(
        (sys.executable, "-m", "ops.benchmarks.ingest", own.mongodb.database, str(count), *options),
        {**os.environ, **environment_of(own)},  # everybody on the machine can read the arguments
        own.data_dir / "handwritten.log",
    )


async def _process(command: Sequence[str], environment: dict[str, str], log: Path) -> Round:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as problems:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=problems, env=environment
        )
        output, _ = await process.communicate()
    if process.returncode:
        *_, said = ["", *log.read_text("utf-8", "replace").strip().splitlines()]
        raise PeerError(f"{log.stem} ended with exit code {process.returncode}: {said}")
    return dict(json.loads(output))


async def paced(
    own: Settings, published_in: Path, run: str, rate: float, count: int, topics: Sequence[str], start: int
) -> list[list[SpanRecord]]:
    """Publish at `rate` events/s to running, idle workers; return the trace of each event.

    Talents are numbered from `start` on: those of an earlier number would be the same people once more, to be merged.
    """
    await publish(own, run, count, per_second=rate, start=start)
    await drained(own, DRAIN_SECONDS, lambda _: None, topics)
    await asyncio.sleep(EXPORT_SECONDS)
    spans = [*read_spans(traces_dir(own)), *read_spans(published_in / TRACES)]
    published = {
        s.trace_id
        for s in spans
        if s.name == f"publish {TOPIC}" and s.attributes[semconv.EVENT_ID].startswith(f"{run}-")
    }
    return list(by_trace(s for s in spans if s.trace_id in published).values())


def _matched(traces: Iterable[list[SpanRecord]]) -> list[list[SpanRecord]]:
    """Return what each trace has until its event is matched, without the last hops of others, as of resolution."""
    found = ((t, [s.end for s in t if s.name == f"process {MATCH_REQUESTS}"]) for t in traces)
    return [[s for s in t if s.end <= max(ends)] for t, ends in found if ends]


def _latencies(traces: Iterable[list[SpanRecord]]) -> dict[str, float]:
    return percentiles([latency_ms(t) for t in traces])


async def burst(own: Settings, count: int, jobs: int, processes: dict[str, psutil.Process]) -> dict[str, Any]:
    """Publish talents as fast as it goes to running workers, against so many jobs; return what it took.

    Every talent is one of its own: an event that a newer one overtakes is superseded, and matched once for both.
    """
    await publish_jobs(own, own.kafka.group_id, jobs)
    await drained(own, DRAIN_SECONDS, lambda _: None)
    writes = Writes(own)
    await writes.begin()
    costs, begun = Costs(processes), time.time_ns()
    await publish(own, own.kafka.group_id, count)
    await drained(own, DRAIN_SECONDS, lambda _: None)
    cpu = costs.per_event(count)
    written = await writes.by_collection()
    await asyncio.sleep(EXPORT_SECONDS)
    spans = [s for s in read_spans(traces_dir(own)) if s.name.startswith("process ") and s.start >= begun]
    outcomes = Counter((s.name.removeprefix("process "), str(s.attributes.get(semconv.OUTCOME))) for s in spans)
    return {
        "events": count,
        "jobs": jobs,
        "events_per_s": round(count / ((max(s.end for s in spans) - begun) / 1e9), 1),
        "cpu_ms": {**cpu, "sum": round(sum(cpu.values()), 3)},
        "writes_per_event": None if written is None else round(written.total() / count, 2),
        "writes_by_collection": None if written is None else {c: round(n / count, 2) for c, n in written.items()},
        "outcomes": {f"{topic}: {outcome}": number for (topic, outcome), number in sorted(outcomes.items())},
    }


async def ingest(
    events: int, full_events: int, jobs: int, rounds: int, again: float, with_quix: bool, progress: Progress
) -> dict[str, Any]:
    """Run the benchmark; return its figures. Raises StackError, WorkerError or PeerError if a part does not work."""
    url = given_mongodb()
    if with_quix:
        await asyncio.to_thread(QUIX.install, progress)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="looma-bench-") as folder:
        spans = Path(folder)
        with telemetry(Settings(data_dir=spans), "bench"):
            async with fresh_stack(progress, url) as settings:
                figures["mongodb"] = await mongodb_server(settings)
                figures["sync"] = await _sync(settings, spans, events, rounds, again, with_quix, progress)
            if full_events:
                async with fresh_stack(progress, url) as settings:
                    figures["full"] = await _full(settings, spans, full_events, jobs, progress)
    return figures


async def _sync(
    settings: Settings, spans: Path, events: int, rounds: int, again: float, with_quix: bool, progress: Progress
) -> dict[str, Any]:
    progress(f"publishing {events} events")
    await publish(settings, "sync", events, again=again)
    sides: dict[str, Callable[[Settings, int], Awaitable[Round]]] = {
        "worker": partial(sync_round, await servers(settings)),
        "handwritten": handwritten_round,
        "publishing": lambda own, count: handwritten_round(own, count, "publish"),
        **({"quix": quix_round} if with_quix else {}),
    }
    took: dict[str, list[Round]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, side in sides.items():
            own = named(settings, f"{name}{number}")
            took[name].append(await side(own, events))
            progress(f"round {number + 1} of {rounds}: {name}, {events / took[name][-1]['seconds']:.0f} events/s")
            await drop_databases(own, own.mongodb.database)  # every round finds an equally empty server
    by_worker, by_hand = took["worker"], took["handwritten"]
    rate = events / _middle(by_worker, "seconds")
    progress("worker, sync path: latency at a quarter of its throughput")
    figures = {
        "events": events,
        "share": {"of_new_talents": round(1 - again, 3), "of_talents_seen_before": again},
        "rounds": rounds,
        "events_per_s": round(rate),
        "handwritten_events_per_s": round(events / _middle(by_hand, "seconds")),
        **_ratios("handwritten", by_hand, by_worker),
        "publishing_events_per_s": round(events / _middle(took["publishing"], "seconds")),
        **_ratios("publishing", took["publishing"], by_worker),
        "ratio_cold": round(median(h["cold_seconds"] / w["cold_seconds"] for h, w in _pairs(by_hand, by_worker)), 3),
        "first_1000_s": round(_middle(by_worker, "cold_seconds"), 2),
        "cpu_ms": {
            **{name: _milliseconds(by_worker, f"cpu_{name}") for name in _PROCESSES if f"cpu_{name}" in by_worker[0]},
            **{name: _milliseconds(took[name], "cpu_ms") for name in took if name != "worker"},
        },
        "memory_mb_per_100k": round(_middle(by_worker, "grown_mb_per_100k"), 1),
        "handwritten_memory_mb_per_100k": round(_middle(by_hand, "grown_mb_per_100k"), 1),
    }
    if by_quix := took.get("quix"):
        figures["quix_events_per_s"] = round(events / _middle(by_quix, "seconds"))
        figures |= _ratios("quix", by_quix, by_worker)
        cold = (q["cold_seconds"] / w["cold_seconds"] for q, w in _pairs(by_quix, by_worker))
        figures["ratio_cold_to_quix"] = round(median(cold), 3)
    own = named(settings, "paced")
    await prepare(own)
    async with workers(own, 1, "--sync-only"):
        await drained(own, DRAIN_SECONDS, lambda _: None, [TOPIC])
        count = min(events, round(rate / 4 * PACED_SECONDS))
        figures["latency_ms"] = _latencies(await paced(own, spans, "paced-sync", rate / 4, count, [TOPIC], events))
    return figures


def _pairs(peers: list[Round], own: list[Round]) -> list[tuple[Round, Round]]:
    return list(zip(peers, own, strict=True))


def _middle(rounds: list[Round], value: str) -> float:
    return median(each[value] for each in rounds)


def _milliseconds(rounds: list[Round], value: str) -> float:
    return round(_middle(rounds, value), 3)


def _ratios(peer: str, peers: list[Round], own: list[Round]) -> dict[str, Any]:
    """Return how many times as fast as the peer we are, of rounds next to each other."""
    ratios = [p["seconds"] / w["seconds"] for p, w in _pairs(peers, own)]
    return {f"ratio_to_{peer}": round(median(ratios), 3), f"ratios_to_{peer}": [round(r, 3) for r in ratios]}


async def _full(settings: Settings, spans: Path, events: int, jobs: int, progress: Progress) -> dict[str, Any]:
    own = named(settings, "full")
    await prepare(own)
    async with workers(own, 1) as started:
        progress(f"worker, full path: {events} talents against {jobs} jobs")
        figures = await burst(own, events, jobs, {**await servers(settings), **started})
        progress("worker, full path: latency at a quarter of its throughput")
        rate = figures["events_per_s"] / 4
        count = max(1, min(events, round(rate * PACED_SECONDS)))
        traces = await paced(own, spans, "paced-full", rate, count, PIPELINE, events)
        figures["latency_ms"], figures["matched_ms"] = _latencies(traces), _latencies(_matched(traces))
    return figures


if __name__ == "__main__":
    begun = time.process_time()
    database_name, events, *options = sys.argv[1:]
    done = asyncio.run(handwritten(read_settings(), database_name, int(events), publishes=options == ["publish"]))
    cpu_ms = (time.process_time() - begun) * 1000 / int(events)
    print(json.dumps({**done, "cpu_ms": cpu_ms}))
