"""The demo: the sample goes through the whole pipeline, and what came of it is counted."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ops import deadletters
from ops.settings import Settings
from ops.telemetry import traces_dir
from ops.traces import SpanRecord, by_trace, latency_ms, missing_hops, percentiles, read_spans
from schemas import semconv
from sinks import mongodb, qdrant
from streams.lag import PIPELINE, group_lag

Progress = Callable[[str], None]


class DemoError(RuntimeError):
    """The demo cannot go on; the text says why and where to look."""


@dataclass
class Summary:
    """What the demo shows; `matches` are active ones, `traces_complete` a share of this run's published events."""

    published: int = 0
    talents: int = 0
    jobs: int = 0
    companies: int = 0
    vectors: int = 0
    matches: int = 0
    dead_letters: int = 0
    changed: int = 0
    unchanged: int = 0
    traces_complete: float = 0.0
    latency_ms: dict[str, float] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)


async def wait_ready(port: int, process: asyncio.subprocess.Process, log: Path, timeout_seconds: float = 90) -> None:
    """Wait until the worker on `port` is ready; raises DemoError if it ends or takes too long."""
    deadline = asyncio.get_running_loop().time() + timeout_seconds
    while asyncio.get_running_loop().time() < deadline:
        if process.returncode is not None:
            raise DemoError(f"the worker ended with exit code {process.returncode}; see {log}")
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
            writer.write(b"GET /ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = await asyncio.wait_for(reader.readline(), 2)
            writer.close()
            if b" 200 " in answer:
                return
        except (OSError, TimeoutError):
            pass
        await asyncio.sleep(0.2)
    raise DemoError(f"the worker was not ready after {timeout_seconds:.0f} s; see {log}")


async def drained(
    settings: Settings, timeout_seconds: float, progress: Progress, topics: Sequence[str] = PIPELINE
) -> None:
    """Wait until the group has nothing left to do, seen twice in a row; raises DemoError after the time-out."""
    deadline = asyncio.get_running_loop().time() + timeout_seconds
    quiet = 0
    lag: dict[str, int] = {}
    while quiet < 2:
        if asyncio.get_running_loop().time() > deadline:
            raise DemoError(f"still {sum(lag.values())} messages behind after {timeout_seconds:.0f} s: {lag}")
        lag = await group_lag(settings.bootstrap_servers, settings.group_id, topics)
        quiet = 0 if any(lag.values()) else quiet + 1
        progress(f"{sum(lag.values())} messages to go")
        await asyncio.sleep(0.4)


async def start_worker(settings: Settings, log: Path) -> asyncio.subprocess.Process:
    """Start a worker process of this installation, logging to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ops.cli", "worker", stdout=output, stderr=output, env=os.environ
        )


async def stop_worker(process: asyncio.subprocess.Process, timeout_seconds: float) -> None:
    """Let the worker drain; end it if it does not."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), timeout_seconds)
    except TimeoutError:
        process.kill()
        await process.wait()


def judge(spans: list[SpanRecord], trace_ids: set[str]) -> Summary:
    """Fill in what the traces of this run's events say."""
    summary = Summary(published=len(trace_ids))
    traces = by_trace(s for s in spans if s.trace_id in trace_ids)
    complete, latencies = 0, []
    for trace_id in trace_ids:
        own = traces.get(trace_id, [])
        missing = missing_hops(own)
        if missing:
            summary.incomplete.append(f"{trace_id}: {', '.join(missing)}")
            continue
        complete += 1
        latencies.append(latency_ms(own))
        outcomes = {s.attributes.get(semconv.OUTCOME) for s in own if s.name.endswith("-events")}
        summary.unchanged += "unchanged" in outcomes
        summary.changed += bool(outcomes & {"applied", "superseded", "confirmed"})
    summary.traces_complete = round(complete / len(trace_ids), 4) if trace_ids else 0.0
    summary.latency_ms = percentiles(latencies)
    return summary


async def count(settings: Settings, summary: Summary) -> None:
    """Fill in what is stored."""
    client, database = mongodb.connect(
        settings.mongodb_url.get_secret_value(), settings.mongodb_database, settings.request_timeout_seconds
    )
    vectors = qdrant.connect(settings.qdrant_url, settings.request_timeout_seconds)
    try:
        stored = await mongodb.counts(database)
        summary.talents, summary.jobs = stored["talents"], stored["jobs"]
        summary.companies, summary.matches = stored["companies"], stored["matches"]
        summary.vectors = await qdrant.VectorStore(vectors).count()
        letters = await deadletters.pending(settings.bootstrap_servers, database, timeout_seconds=10)
        summary.dead_letters = len(letters)
    finally:
        await client.close()
        await vectors.close()


def spans_of_run(settings: Settings) -> list[SpanRecord]:
    """Return all spans in the trace files."""
    return list(read_spans(traces_dir(settings)))


def published_traces(file: str) -> set[str]:
    """Return the ids of the traces that the publisher began in `file`."""
    path = Path(file)
    return {s.trace_id for s in read_spans(path.parent, "", path.name) if s.name.startswith("publish ")}
