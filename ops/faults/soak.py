"""A soak: steady load for long, a fault now and then, then an account of every event, of memory and of disk."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from ops.benchmarks.stack import Progress
from ops.benchmarks.workload import publish_jobs
from ops.faults.changes import EventTopic
from ops.faults.check import check
from ops.faults.collect import collect, read_log
from ops.faults.conductor import Conductor
from ops.faults.crew import Crew
from ops.faults.history import History, Place
from ops.faults.load import ENTITY
from ops.faults.recovery import note_recoveries
from ops.faults.run import LASTING, SHOWN, Plan, are_drained, in_a_fresh_stack, publish, report
from ops.faults.schedule import Fault, Kind, schedule
from ops.faults.stages import freshness, freshness_of_stages
from ops.faults.stores import differences
from ops.local.embedded.stack import Stack, free_ports
from schemas.settings import Settings
from schemas.topics import EVENTS, PIPELINE
from streams.reading import read_topic

KINDS: Sequence[Kind] = ("kill", "broker", "mongodb", "slow")
PAUSES = (20.0, 60.0)
"""Seconds between two faults: a year's in an hour."""
WORKERS = 2
JOBS = 20
SETTLING_SECONDS = 20.0
"""How long after a fault an event may still be late by it."""
MOST_ERRORS = 0.001
SAMPLE_SECONDS = 10.0
SAY_SECONDS = 60.0
STALL_SECONDS = 300.0
"""How long draining may come no nearer to its end."""
DRAIN_SHARE = 0.25
"""Of the load's time: what draining may take in all, and STALL_SECONDS at least."""
FOLDERS = ("kafka", "mongodb", "qdrant")


def faults(seed: int, seconds: float) -> list[Fault]:
    """Return the faults of a soak. It is always the youngest worker that is killed: the eldest shows what it keeps."""
    return [replace(fault, target=0.999) for fault in schedule(seed, seconds, PAUSES, KINDS)]


def drain_limit(seconds: float) -> float:
    """Return the seconds that draining may take after so long a load."""
    return max(STALL_SECONDS, DRAIN_SHARE * seconds)


@dataclass
class Samples:
    """Memory and disk as time goes on, in MB."""

    settings: Settings
    crew: Crew
    stack: Stack
    memory: dict[str, list[float]] = field(default_factory=dict)
    disk: dict[str, list[float]] = field(default_factory=dict)

    async def take(self) -> None:
        """Take samples until cancelled."""
        while True:
            await asyncio.to_thread(self._take, next(iter(self.crew.running), None))
            await asyncio.sleep(SAMPLE_SECONDS)

    def _take(self, eldest: int | None) -> None:
        for status in self.stack.status():
            if status.rss_mb:
                self.memory.setdefault(status.name, []).append(status.rss_mb)
        if eldest is not None:
            with suppress(psutil.Error):
                self.memory.setdefault("worker", []).append(psutil.Process(eldest).memory_info().rss / 1024**2)
        for name in FOLDERS:
            self.disk.setdefault(name, []).append(_size(self.settings.data_dir / name))
        own = sum(_size(path) for path in self.settings.data_dir.glob("worker-*"))
        self.disk.setdefault("logs and traces", []).append(own)


def _size(folder: Path) -> float:
    """Return the megabytes that a folder takes on the disk; what goes meanwhile counts for nothing."""
    found = 0
    for where, _, names in os.walk(folder):  # which passes over a folder that goes, as `rglob` does not
        for name in names:
            with suppress(OSError):
                found += os.lstat(os.path.join(where, name)).st_blocks * 512
    return found / 1024**2


def growth(samples: Sequence[float]) -> dict[str, float]:
    """Return the medians of the second and of the last fifth: what comes at the start is no growth."""
    fifth = max(1, len(samples) // 5)
    early, late = samples[fifth : 2 * fifth] or samples, samples[-fifth:]
    return {"early_mb": round(median(early), 1), "late_mb": round(median(late), 1)}


async def soak(minutes: int, seed: int, rate: float, progress: Progress) -> dict[str, Any]:
    """Load a stack of its own for so long; return the figures.

    Raises StackError or WorkerError if a part does not start, and KafkaError if the load cannot be published.
    """
    return await in_a_fresh_stack(lambda settings: _soak(settings, minutes, seed, rate, progress), progress)


async def _soak(settings: Settings, minutes: int, seed: int, rate: float, progress: Progress) -> dict[str, Any]:
    seconds, history = minutes * 60.0, History()
    plan = Plan(seconds, WORKERS, seed, rate, faults(seed, seconds))
    crew = Crew(settings, WORKERS, clocks=False, sync_only=False)
    stack = Stack(settings, controller_port=free_ports(1)[0])
    topic = EventTopic(settings, history, partial(read_log, settings, history))
    conductor = Conductor(crew, stack, topic, progress)
    samples = Samples(settings, crew, stack)
    progress(f"{WORKERS} workers: starting")
    async with crew.at_work():
        await publish_jobs(settings, "soak", JOBS)
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(samples.take()), group.create_task(_say(begun, seconds, progress))]
            playing = group.create_task(conductor.play(plan.faults))
            publishing = group.create_task(publish(settings, history, plan, topic))
            await asyncio.wait([playing, publishing])
            for task in beside:
                task.cancel()
        progress("the load has ended; draining")
        limit = drain_limit(seconds)
        begun = time.monotonic()
        is_drained = await are_drained(settings, progress, PIPELINE, STALL_SECONDS, limit)
        drain_seconds = time.monotonic() - begun
    progress("comparing with the model, and the stores with the log")
    await collect(settings, history, [(m.process.pid, m.traces) for m in crew.members])
    history.disturbances = [h.begun for h in conductor.happened if h.fault.kind == "broker"]
    history.disturbances += [h.ended for h in conductor.happened if h.fault.kind in LASTING and h.ended]
    history.disturbances += crew.changes
    note_recoveries(conductor.happened, history.work)
    figures = report(history, await asyncio.to_thread(check, history), conductor.happened, publishing.result())
    figures.pop("timeline")
    broken = sum(figures[name] for name in ("lost", "duplicated", "out_of_order", "unaccounted"))
    events, good = len(history.log), figures["events"]["good"]
    differing = await differences(settings)
    figures["findings"]["differences"] = list(differing[:SHOWN])
    published = await _published(settings, history)
    work = [(w.place, w.ended) for w in history.work if w.outcome]
    away = [(h.begun, (h.ended or h.begun) + SETTLING_SECONDS) for h in conductor.happened]
    calm = {place: at for place, at in published.items() if not any(begun <= at <= ended for begun, ended in away)}
    return {
        "minutes": minutes,
        "seed": seed,
        "rate": rate,
        **figures,
        "errors": broken / events if events else 0.0,
        "availability": 1 - figures["lost"] / good if good else 1.0,
        "differences": len(differing),
        "freshness": freshness(published, work),
        "freshness_in_peace": freshness(calm, work),
        "freshness_of_stages": await freshness_of_stages(settings, [m.traces for m in crew.members]),
        "memory": {name: growth(found) for name, found in samples.memory.items()},
        "disk": {name: growth(found) for name, found in samples.disk.items()},
        "disk_kb_per_event": round(
            sum(1024 * (found[-1] - found[0]) for found in samples.disk.values()) / max(1, events), 2
        ),
        "load": [round(each, 1) for each in psutil.getloadavg()],
        "drained": is_drained,
        "drain_seconds": round(drain_seconds, 1),
        "drain_limit_seconds": limit,
        "unexpected_exits": crew.exits,
    }


async def _say(begun: float, seconds: float, progress: Progress) -> None:
    while True:
        await asyncio.sleep(SAY_SECONDS)
        progress(f"{(time.monotonic() - begun) / 60:.0f} of {seconds / 60:.0f} minutes")


async def _published(settings: Settings, history: History) -> dict[Place, float]:
    """Return when each event was published that has an effect: by its publisher's clock, which is this machine's."""
    found = {}
    async for message in read_topic(settings.kafka, EVENTS[ENTITY]):
        place = Place(message.partition, message.offset)
        if place in history.places:
            found[place] = message.timestamp / 1000
    return found
