"""What sealed topics cost: bursts through the full path of one worker, in turn with topics sealed and plain.

    python -m ops.benchmarks.sealing 300 200 6      talents a burst, jobs that they may match, rounds

One stack and one group; each burst is of new talents, by a worker of its own. What is sealed is all that we write.
"""

import asyncio
import base64
import json
import secrets
import sys
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import SecretStr

from ops.benchmarks.stack import Progress, fresh_stack, named, prepare, workers
from ops.benchmarks.usage import Costs, Processes, servers
from ops.benchmarks.workload import publish, publish_jobs
from ops.local.worker import drained
from ops.runtime.machine import machine
from schemas.settings import ALL_OURS, Settings
from sinks.sealing import KEY_BYTES, OURS

DRAIN_SECONDS = 300
WARM = 40
"""Talents before a burst is measured: a new worker loads and connects."""
_HEAD = 12  # bytes of a batch that its length does not count; the last four are the length


async def measure(events: int, jobs: int, rounds: int, progress: Progress) -> dict[str, Any]:
    """Run the benchmark; return medians, and the ratios of each round. Raises StackError or WorkerError."""
    secret = SecretStr(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    took: dict[str, list[dict[str, float]]] = {"plain": [], "sealed": []}
    async with fresh_stack(progress) as settings:
        beside = await servers(settings)
        own = named(settings, "sealing").changed(kafka__encryption_keys=[secret], kafka__sealed_topics=[])
        sides = {"plain": own, "sealed": own.changed(kafka__sealed_topics=[ALL_OURS])}
        await prepare(own)
        async with workers(own, 1):
            await publish_jobs(own, "sealing", jobs)
            await drained(own, DRAIN_SECONDS, lambda _: None)
        for number in range(2 * rounds):
            name = "plain" if number % 4 in (0, 3) else "sealed"  # either one first as often
            took[name].append(await _burst(sides[name], beside, f"b{number}", events, number * (events + WARM)))
            progress(f"burst {number + 1} of {2 * rounds}: {name} {took[name][-1]}")
    ratios = {
        what: [round(sealed[what] / plain[what], 3) for plain, sealed in zip(*took.values(), strict=True)]
        for what in took["plain"][0]
    }
    return {
        "events": events,
        "jobs": jobs,
        **{name: {what: round(median(each[what] for each in of), 3) for what in of[0]} for name, of in took.items()},
        "ratios": ratios,
        "ratio": {what: round(median(each), 3) for what, each in ratios.items()},
        "machine": machine(),
    }


async def _burst(own: Settings, beside: Processes, run: str, events: int, start: int) -> dict[str, float]:
    async with workers(own, 1) as started:
        await publish(own, f"{run}w", WARM, start=start)
        await drained(own, DRAIN_SECONDS, lambda _: None)
        stored, costs = await asyncio.to_thread(_stored, own), Costs({**beside, **started})
        await publish(own, run, events, start=start + WARM)
        await drained(own, DRAIN_SECONDS, lambda _: None)
        used = {f"cpu_ms_{name}": ms for name, ms in costs.per_event(events).items() if name != "qdrant"}
        return {**used, "stored_bytes": (await asyncio.to_thread(_stored, own) - stored) / events}


def _stored(own: Settings) -> int:
    """Return the bytes of all batches of what may be sealed; a segment has room behind them."""
    folder = own.data_dir.parent / "kafka"
    files = (file for topic in OURS for file in folder.rglob(f"{topic}-[0-9]*/*.log"))
    return sum(map(_filled, files))


def _filled(segment: Path) -> int:
    data, at = segment.read_bytes(), 0
    while at + _HEAD <= len(data) and (length := int.from_bytes(data[at + 8 : at + _HEAD])):
        at += _HEAD + length
    return at


if __name__ == "__main__":
    talents, openings, times = (int(each) for each in sys.argv[1:4])
    figures = measure(talents, openings, times, lambda text: print(text, file=sys.stderr, flush=True))
    print(json.dumps(asyncio.run(figures)))
