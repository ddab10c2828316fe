"""`looma bench api`: reads from memory, writes until Kafka has them, and what too much load does to both.

A stack of the run's own, talents that a worker has merged, the API as `looma api` runs it, and the client beside it.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from ops.benchmarks.load import Load, offer
from ops.benchmarks.stack import Progress, fresh_stack, named, prepare, workers
from ops.benchmarks.usage import cpu_seconds
from ops.benchmarks.workload import publish_in_bulk, talent
from ops.local.embedded.stack import free_ports
from ops.local.worker import WorkerError, drained
from ops.runtime.secret import secret_of
from ops.runtime.settings import environment_of
from ops.runtime.traces import percentiles
from schemas.settings import Settings
from schemas.topics import EVENTS, RECORDS
from sinks.api_keys import KeyStore
from streams.generations.database import base_database
from streams.tail import Record, Tail

RUN = "api"
ZIPF = 1.0
"""The share of the n-th most wanted talent is as 1/n."""
RATES = (1000, 1500, 2000, 2500, 3000, 3500, 4000, 5000, 6000)
P99_MS = 50.0
FAILED = 1.6
"""How far beyond what was kept up with the rates go: one rate may fail by what else the machine does."""
FIRST_RATE = 300
WRITES_PER_S = 50
CHANGES = 100
OVERLOAD = 4
STALL_SECONDS = 300
_START_SECONDS = 180
_DRAINED = 2


async def bench_api(talents: int, seconds: float, processes: int, progress: Progress) -> dict[str, Any]:
    """Return the figures. Raises WorkerError if the worker or the API does not start."""
    async with fresh_stack(progress) as settings:
        own = named(settings, RUN)
        await prepare(own)
        async with workers(own, 1, "--sync-only"):
            progress(f"publishing {talents:,} talents")
            await publish_in_bulk(own, RUN, talents)
            await drained(own, STALL_SECONDS, lambda _: None, [EVENTS["talent"]])
            own = own.changed(api__port=free_ports(1)[0], api__processes=processes, api__keys=True)
            key = await _key(own)
            async with served(own) as api:
                return await _measured(own, key, api, talents, seconds, progress)


async def _key(own: Settings) -> str:
    """Make the key that every request shows; its limit is counted and not reached."""
    async with base_database(own) as database:
        scopes = frozenset(("talents:read", "pii:read", "events:write"))
        store = KeyStore(database, secret_of(own))
        _, key = await store.create(
            name=RUN, scopes=scopes, sources=frozenset(("bench",)), requests_per_minute=1_000_000
        )
    return key


@asynccontextmanager
async def served(own: Settings) -> AsyncIterator[list[psutil.Process]]:
    """Run the API; every process of it answers in the block, where its processes are given."""
    log = own.data_dir / "api.log"
    with log.open("ab") as output:
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ops.cli", "api"), stdout=output, stderr=output, env=_environment(own)
        )
    try:
        await _ready(own, log)
        yield [p for p in psutil.Process(started.pid).children(recursive=True) if _serves(p)]
    finally:
        started.terminate()
        await started.wait()


def _environment(own: Settings) -> dict[str, str]:
    return {**os.environ, **environment_of(own)}


def _serves(process: psutil.Process) -> bool:
    """Whether a process is one that answers, and not Python's own helper of several processes."""
    return "resource_tracker" not in " ".join(process.cmdline())


async def _ready(own: Settings, log: Path) -> None:
    """Wait until enough connections in a row are answered, which are spread over the processes."""
    deadline = time.monotonic() + _START_SECONDS
    in_a_row = 0
    while in_a_row < 16 * own.api.processes:
        if time.monotonic() > deadline:
            raise WorkerError(f"the API is not ready after {_START_SECONDS} s; see {log}")
        try:
            async with httpx.AsyncClient(base_url=_url(own), trust_env=False, timeout=5) as http:
                in_a_row = in_a_row + 1 if (await http.get("/v1/ready")).status_code == 200 else 0
        except httpx.TransportError:
            in_a_row = 0
            await asyncio.sleep(0.2)


def _url(own: Settings) -> str:
    return f"http://127.0.0.1:{own.api.port}"


def _head(key: str) -> str:
    return f"host: localhost\r\nauthorization: Bearer {key}"


def reads(key: str, talents: int, seed: int = 1) -> Iterator[bytes]:
    """Yield requests for talents without end, the n-th most wanted as often as 1/n."""
    drawing = np.random.default_rng(seed)
    shares = 1 / np.arange(1, talents + 1) ** ZIPF
    drawn = drawing.permutation(talents)[drawing.choice(talents, 200_000, p=shares / shares.sum())]
    paths = [f"GET /v1/talents/{RUN}-{n} HTTP/1.1\r\n{_head(key)}\r\n\r\n".encode() for n in range(talents)]
    return itertools.cycle([paths[n] for n in drawn])


async def _measured(
    own: Settings, key: str, api: list[psutil.Process], talents: int, seconds: float, progress: Progress
) -> dict[str, Any]:
    port = own.api.port
    wanted = reads(key, talents)
    progress("reading for the first time")
    first = await offer(port, wanted, FIRST_RATE, seconds)
    steps, best = [], first
    for rate in RATES:
        used = [cpu_seconds(p) for p in api]
        load = await offer(port, wanted, rate, seconds)
        cpu = [round((cpu_seconds(p) - before) / load.seconds, 2) for p, before in zip(api, used, strict=True)]
        steps.append({**_step(load), "api_cores": cpu})
        progress(json.dumps(steps[-1]))
        if _is_sustained(load):
            best = load
        elif rate > FAILED * max(best.offered, RATES[0]):
            break
    progress("writing while others read")
    accepted = await _accepted(own, key, wanted, seconds)
    changes = await _changes(own, key)
    memory = [p.memory_info().rss for p in api]
    progress(f"{OVERLOAD} times the load")
    over = await offer(port, wanted, OVERLOAD * best.offered, seconds, connections=512)
    progress(json.dumps(_step(over)))
    after = await offer(port, wanted, best.offered / 2, 3)
    return {
        "talents": talents,
        "processes": own.api.processes,
        "requests_per_s": round(best.answered_per_s),
        "latency_ms": best.latency_ms(),
        "errors": sum(load.errors for load in (first, best, accepted)),
        "hit_rate": round(best.hits / max(1, best.statuses[200]), 4),
        "first": _step(first),
        "steps": steps,
        "accepted_ms": accepted.latency_ms(202),
        **changes,
        "overload": {
            **_step(over),
            "refused": over.statuses[429] + over.statuses[503],
            "memory_mb_before": [round(m / 1e6) for m in memory],
            "memory_mb_after": [round(p.memory_info().rss / 1e6) for p in api],
            "recovered": _step(after),
        },
    }


def _is_sustained(load: Load) -> bool:
    """Whether the server keeps up: all that was offered is answered, and soon."""
    return (
        load.errors == 0
        and load.statuses[200] >= 0.98 * load.offered * load.seconds
        and load.latency_ms()["p99"] < P99_MS
    )


def _step(load: Load) -> dict[str, Any]:
    answered = max(1, load.statuses[200])
    return {
        "offered_per_s": round(load.offered),
        "answered_per_s": round(load.answered_per_s),
        "latency_ms": load.latency_ms(),
        "hit_rate": round(load.hits / answered, 4),
        "statuses": {str(status): count for status, count in sorted(load.statuses.items())},
        "unsent": load.unsent,
    }


async def _accepted(own: Settings, key: str, wanted: Iterator[bytes], seconds: float) -> Load:
    """Write events at a steady rate while others read at half of the least rate."""
    reading = asyncio.create_task(offer(own.api.port, wanted, RATES[0] / 2, seconds))
    writing = await offer(own.api.port, _writes(key), WRITES_PER_S, seconds, connections=16)
    await reading
    return writing


def _writes(key: str) -> Iterator[bytes]:
    for number in itertools.count():
        body = json.dumps(_event(f"{RUN}-w{number}", number, datetime.now(UTC))).encode()
        head = f"content-type: application/cloudevents+json\r\ncontent-length: {len(body)}"
        yield f"POST /v1/events HTTP/1.1\r\n{_head(key)}\r\n{head}\r\n\r\n".encode() + body


def _event(entity_id: str, number: int, when: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{entity_id}-{number}-{when.timestamp()}",
        "source": "bench",
        "type": "looma.talent.upserted",
        "subject": entity_id,
        "time": when.isoformat(),
        "data": talent(number),
    }


async def _changes(own: Settings, key: str) -> dict[str, Any]:
    """Change one talent again and again: from 202, and from the record's append, until a read shows it."""
    appended: dict[str, float] = {}

    def receive(records: Any) -> None:
        record: Record
        for record in records:
            title = json.loads(record.value or b"{}").get("fields", {}).get("title")
            appended.setdefault(str(title), record.timestamp / 1000)

    tail = Tail(own.kafka, [RECORDS["talent"]], receive)
    await tail.start()
    await tail.begun.wait()
    visible, merged = [], []
    path = f"/v1/talents/{RUN}-0"
    try:
        shown = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=_url(own), headers=shown, trust_env=False, timeout=10) as http:
            for number in range(CHANGES):
                title = f"change {number}"
                sent = _event(f"{RUN}-0", number, datetime.now(UTC))
                sent["data"] = {"title": title}
                headers = {"content-type": "application/cloudevents+json"}
                response = await http.post("/v1/events", content=json.dumps(sent), headers=headers)
                response.raise_for_status()
                accepted = time.time()
                async with asyncio.timeout(30):
                    while (await http.get(path)).json()["fields"].get("title") != title:  # noqa: ASYNC110
                        await asyncio.sleep(0.002)
                    seen = time.time()
                    while title not in appended:  # noqa: ASYNC110 - what polls is measured
                        await asyncio.sleep(0.01)
                visible.append(max(0.0, seen - appended[title]) * 1000)
                merged.append((seen - accepted) * 1000)
    finally:
        await tail.stop()
    return {"visible_ms": percentiles(visible), "merged_ms": percentiles(merged)}
