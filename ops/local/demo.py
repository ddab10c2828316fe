"""The demo: the sample goes through the whole pipeline, and what came of it is counted."""

from dataclasses import dataclass, field
from pathlib import Path

from ops.runtime.telemetry import traces_dir
from ops.runtime.traces import SpanRecord, by_trace, latency_ms, missing_hops, percentiles, read_spans
from schemas import semconv
from schemas.settings import Settings
from sinks import mongodb, qdrant
from sinks.counts import counts
from streams.letter_index import pending


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


def judge(summary: Summary, spans: list[SpanRecord], trace_ids: set[str]) -> None:
    """Fill in what the traces of this run's events say."""
    summary.published = len(trace_ids)
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


async def count(settings: Settings, summary: Summary) -> None:
    """Fill in what is stored."""
    client, database = mongodb.connect(settings.mongodb)
    vectors = qdrant.connect(settings.qdrant)
    try:
        stored = await counts(database)
        summary.talents, summary.jobs = stored["talents"], stored["jobs"]
        summary.companies, summary.matches = stored["companies"], stored["matches"]
        summary.vectors = await qdrant.VectorStore(vectors).count()
        letters = await pending(settings.kafka, database)
        summary.dead_letters = len(letters)
    finally:
        await client.close()
        await vectors.close()


def spans_since(settings: Settings, began: float) -> list[SpanRecord]:
    """Return the spans in trace files that were written to after `began`, in seconds since the epoch."""
    folder = traces_dir(settings)
    files = sorted(file.name for file in folder.glob("*.jsonl") if file.stat().st_mtime >= began)
    return [span for file in files for span in read_spans(folder, files=file)]


def published_traces(file: str) -> set[str]:
    """Return the ids of the traces that the publisher began in `file`."""
    path = Path(file)
    return {s.trace_id for s in read_spans(path.parent, "", path.name) if s.name.startswith("publish ")}
