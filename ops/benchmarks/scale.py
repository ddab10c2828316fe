"""`looma bench scale`: how throughput, cost and memory grow with the number of events and of workers.

Every run has a stack of its own, in a temporary folder, so that none finds what another has left. Workers wait for the
events and share the partitions before the first one comes.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from ops.benchmarks.ingest import burst
from ops.benchmarks.stack import Progress, fresh_stack, given_mongodb, named, prepare, workers
from ops.benchmarks.usage import Costs, Processes, mongodb_server, servers
from ops.benchmarks.workload import TOPIC, publish_in_bulk
from ops.local.worker import WorkerError
from schemas.settings import Settings
from streams.lag import LagReader

EVENTS = (10_000, 100_000, 1_000_000)
WORKERS = (1, 2, 4)
POLL_SECONDS = 0.5
STALL_SECONDS = 120
PROGRESS_SECONDS = 30
_MARKS = (1_000, 10_000, 100_000, 1_000_000)


@dataclass
class Growth:
    """How large the processes were when so many events were done: of the workers the largest."""

    processes: Processes
    at: dict[int, dict[str, float]] = field(default_factory=dict)

    def look(self, done: int) -> None:
        """Note the sizes at each mark that was passed."""
        if passed := [mark for mark in _MARKS if mark <= done and mark not in self.at]:
            sizes = self.sizes()
            self.at |= dict.fromkeys(passed, sizes)

    def sizes(self) -> dict[str, float]:
        """Return resident megabytes by process."""
        found: dict[str, float] = {}
        for name, process in self.processes.items():
            with suppress(psutil.NoSuchProcess):
                kind = "worker" if name.startswith("worker") else name
                found[kind] = max(found.get(kind, 0.0), round(process.memory_info().rss / 1e6, 1))
        return found


async def sync_run(settings: Settings, events: int, count: int, progress: Progress) -> dict[str, Any]:
    """Publish so many events to so many sync-only workers; return what it took. Raises WorkerError."""
    own = named(settings, "scale")
    await prepare(own)
    async with workers(own, count, "--sync-only") as started:
        processes = {**await servers(settings), **started}
        costs, growth, begun = Costs(processes), Growth(processes), time.perf_counter()
        publishing = asyncio.create_task(publish_in_bulk(own, "scale", events))
        try:
            await _until_done(own, events, growth, progress)
            seconds = time.perf_counter() - begun
        finally:
            publishing.cancel()
            with suppress(asyncio.CancelledError):
                await publishing
        return {
            "events_per_s": round(events / seconds, 1),
            "cpu_ms": costs.per_event(events),
            "resident_mb": {str(mark): sizes for mark, sizes in growth.at.items()} | {"end": growth.sizes()},
        }


async def _until_done(own: Settings, events: int, growth: Growth, progress: Progress) -> None:
    """Wait until the group has committed so many events; raises WorkerError if it comes no further."""
    done, moved, told = 0, time.monotonic(), time.monotonic()
    async with LagReader(own.kafka, own.kafka.group_id) as reader:
        partitions = await reader.partitions([TOPIC])
        while done < events:
            await asyncio.sleep(POLL_SECONDS)
            now = time.monotonic()
            before, done = done, sum(offset or 0 for offset in (await reader.committed(partitions)).values())
            growth.look(done)
            if done > before:
                moved = now
            if now - moved > STALL_SECONDS:
                raise WorkerError(f"no event was committed for {STALL_SECONDS} s, after {done} of {events}")
            if now - told > PROGRESS_SECONDS:
                told = now
                progress(f"{done} of {events} events")


async def full_run(settings: Settings, events: int, jobs: int, count: int) -> dict[str, Any]:
    """Publish a burst of talents to so many workers of the full path; return what it took. Raises WorkerError."""
    own = named(settings, "full")
    await prepare(own)
    async with workers(own, count) as started:
        return await burst(own, events, jobs, {**await servers(settings), **started})


async def scale(
    sizes: Sequence[int], crews: Sequence[int], full_events: int, jobs: int, progress: Progress
) -> dict[str, Any]:
    """Run the benchmark; return the figures by number of events and of workers. Raises StackError, WorkerError."""
    url = given_mongodb()
    sync: dict[str, Any] = {}
    full: dict[str, Any] = {}
    server = ""
    for events in sizes:
        for count in crews:
            async with fresh_stack(_silent, url) as settings:
                server = await mongodb_server(settings)
                progress(f"sync path: {events} events, {count} workers")
                figures = await sync_run(settings, events, count, progress)
            sync.setdefault(str(events), {})[str(count)] = figures
            progress(_said(figures))
    for count in crews if full_events else ():
        async with fresh_stack(_silent, url) as settings:
            server = await mongodb_server(settings)
            progress(f"full path: {full_events} talents against {jobs} jobs, {count} workers")
            full[str(count)] = await full_run(settings, full_events, jobs, count)
        progress(_said(full[str(count)]))
    return {"sync": sync, "full": full, "mongodb": server}


def _said(figures: Mapping[str, Any]) -> str:
    return f"{figures['events_per_s']} events/s, CPU ms an event: {figures['cpu_ms']}"


def _silent(_: str) -> None:
    pass
