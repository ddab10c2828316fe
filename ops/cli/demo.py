"""`looma demo`: the whole pipeline on sample data, in one command."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.results import match_hit, matches_table, titled_matches
from ops.cli.stack import say_where
from ops.cli.tables import Table
from ops.cli.tracing import trace_tree
from ops.runtime.data_folder import remember

if TYPE_CHECKING:
    from types import ModuleType

    from ops.local import demo as runner
    from ops.runtime.traces import SpanRecord
    from schemas.settings import Settings

SHOWN_MATCHES = 1
SHOWN_TEXTS = ("TX01", "TX02", "TX03", "TX04")
DRAIN_SECONDS = 600


@click.command()
@json_option
@run
async def demo(as_json: bool) -> None:
    """Run the sample through the whole pipeline and show what came of it.

    Starts the embedded stack, publishes some hundred talents, jobs and companies in Chinese and English, with
    duplicates, late and conflicting updates, a few broken messages, and some of whom there is only a text; runs a
    worker until all is done. Running it again changes nothing: every event is known already.
    """
    from ops.local.embedded.stack import Stack
    from ops.local.worker import drained, local_worker
    from sinks.provisioning import apply_topics
    from streams.starting import all_at_once

    settings = load_settings()
    log = settings.data_dir / "logs" / "demo-worker.log"

    def say(text: str) -> None:
        errors.print(text, style="dim")

    began = time.time()
    await Stack(settings).up(progress=say)
    remember(settings.data_dir)
    await apply_topics(settings.kafka)
    async with AsyncExitStack() as running:
        # A worker imports for a second or two: time for what it does not need before the first event, and we do later.
        await all_at_once(
            running.enter_async_context(local_worker(settings, log)),
            _indexes(settings),
            asyncio.to_thread(_what_counts),
        )
        say("worker: ready; publishing the sample")
        run_file = await _publish(settings)
        with errors.status("working") as status:
            await drained(settings, DRAIN_SECONDS, lambda text: status.update(text))
        counting = _what_counts()
        summary = counting.Summary()
        await all_at_once(running.aclose(), counting.count(settings, summary))  # its last spans are written as it ends
    spans = counting.spans_since(settings, began)
    counting.judge(summary, spans, counting.published_traces(run_file))
    if as_json:
        print_json(asdict(summary))
        return
    await _show(settings, summary, spans)
    say_where(settings)


def _what_counts() -> "ModuleType":
    """Return the module that counts; importing it takes a second."""
    from ops.local import demo as runner

    return runner


async def _indexes(settings: "Settings") -> None:
    from sinks.indexes import apply_indexes
    from streams.generations.database import base_database

    async with base_database(settings) as db:
        await apply_indexes(db, base=True)


async def _publish(settings: "Settings") -> str:
    """Publish the sample; return the name of the file that holds this run's publisher spans."""
    from connectors.files import read_events
    from connectors.publisher import EventPublisher
    from connectors.rows import RowError
    from ops.local.sample import sample_paths
    from ops.runtime.telemetry import telemetry

    with telemetry(settings, "demo") as file:
        async with EventPublisher(settings.kafka, "sample") as publisher:
            for path in sample_paths():
                for row in read_events(path, allow_raw=True):
                    if isinstance(row, RowError):
                        raise click.ClickException(f"{path.name} line {row.line}: {row.text}")
                    await publisher.publish_row(row)
    return str(file)


async def _show(settings: "Settings", summary: "runner.Summary", spans: "list[SpanRecord]") -> None:
    from ops.runtime.traces import by_trace
    from sinks.matches import MATCHES
    from streams.generations.database import base_database

    async with base_database(settings) as db:
        found = db[MATCHES].find({}, {"talent_id": 1, "matches.score": 1, "matches.language": 1})
        pages = [page async for page in found if page["matches"]]
        best = [(max(page["matches"], key=lambda match: match["score"]), page["talent_id"]) for page in pages]
        for language in ("zh", "en"):
            told = [(match["score"], talent) for match, talent in best if match["language"] == language]
            for _, talent in sorted(told, reverse=True)[:1]:
                rows = await titled_matches(db, "talent", talent, SHOWN_MATCHES)
                console.print(matches_table(rows, f"talent {talent}"))
        console.print("\npeople and jobs of whom there is only a text (invented)")
        for talent in SHOWN_TEXTS:
            for match, job, title in await titled_matches(db, "talent", talent, SHOWN_MATCHES):
                console.print(f"talent {talent}")
                console.print(match_hit(match, job, title))
    traces = by_trace(spans)
    full = [t for t in traces.values() if any(s.name == "publish match-results" for s in t)]
    if full:
        console.print(trace_tree(max(full, key=lambda t: max(s.end for s in t))))
    console.print(summary_table(summary))
    for line in summary.incomplete[:5]:
        errors.print(f"incomplete trace {line}")


def summary_table(summary: "runner.Summary") -> Table:
    """Return the counts of a run."""
    table = Table("this run", "", "stored", "", show_edge=False)
    table.add_row("events published", str(summary.published), "talents", str(summary.talents))
    table.add_row("changed a record", str(summary.changed), "jobs", str(summary.jobs))
    table.add_row("changed nothing", str(summary.unchanged), "companies", str(summary.companies))
    table.add_row("traces complete", f"{summary.traces_complete:.1%}", "vectors", str(summary.vectors))
    table.add_row("latency p50", f"{summary.latency_ms['p50']:.0f} ms", "active matches", str(summary.matches))
    table.add_row("latency p99", f"{summary.latency_ms['p99']:.0f} ms", "dead letters", str(summary.dead_letters))
    return table
