"""`looma bench ingest`: the worker beside a hand-written loop."""

import click

from ops.benchmarks import ingest as runner
from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table
from ops.runtime.machine import machine


@click.command()
@click.option("--events", default=10_000, show_default=True, type=click.IntRange(1000, 1_000_000))
@click.option("--full-events", default=1_000, show_default=True, type=click.IntRange(10, 100_000))
@click.option("--rounds", default=2, show_default=True, type=click.IntRange(1, 20))
@json_option
@run
async def ingest(events: int, full_events: int, rounds: int, as_json: bool) -> None:
    """End-to-end throughput and latency, beside a hand-written aiokafka + PyMongo loop on the same events.

    Uses a stack of its own in a temporary folder and removes it. Ratios are of runs next to each other.
    """
    figures = await runner.ingest(events, full_events, rounds, lambda text: errors.print(text, style="dim"))
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
        return
    sync, full = figures["sync"], figures["full"]
    table = Table("", "worker", "hand-written", "ratio")
    table.add_row(
        "sync path, events/s",
        str(sync["events_per_s"]),
        str(sync["handwritten_events_per_s"]),
        f"{sync['ratio_to_handwritten']:.2f}",
    )
    memory, by_hand = sync["memory_mb_per_100k"], sync["handwritten_memory_mb_per_100k"]
    table.add_row("memory growth, MB per 100,000 events", str(memory), str(by_hand), "")
    table.add_row("first 1,000 events from a cold start, s", str(sync["first_1000_s"]), "", "")
    for name, part in (("sync", sync), ("full", full)):
        latency = part["latency_ms"]
        table.add_row(f"{name} path, latency p50 / p99, ms", f"{latency['p50']} / {latency['p99']}", "", "")
    table.add_row("full path (embedding, matching), events/s", str(full["events_per_s"]), "", "")
    console.print(table)
    console.print(", ".join(f"{k} {v}" for k, v in figures["machine"].items()))
