"""`looma bench ingest`: the worker beside a hand-written loop and Quix Streams."""

from typing import Any

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line


@click.command()
@click.option("--events", default=10_000, show_default=True, type=click.IntRange(100, 1_000_000))
@click.option(
    "--again",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 0.9),
    help="Share of the events that are about a talent seen before.",
)
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 20))
@click.option("--quix/--no-quix", "with_quix", default=True, show_default=True, help="Whether to compare Quix Streams.")
@click.option(
    "--full-events",
    default=2_000,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Talents of the full path's burst; 0 leaves it out.",
)
@click.option("--jobs", default=1_000, show_default=True, type=click.IntRange(1, 100_000), help="That they may match.")
@json_option
@run
async def ingest(
    events: int, again: float, rounds: int, with_quix: bool, full_events: int, jobs: int, as_json: bool
) -> None:
    """End-to-end throughput, latency and cost, beside a hand-written loop and Quix Streams on the same events.

    Uses a stack of its own in a temporary folder and removes it. Ratios are of runs next to each other. Quix Streams
    is installed into an environment of its own, once. LOOMA_BENCH_MONGODB_URL names another MongoDB to measure with.
    """
    from ops.benchmarks import ingest as runner
    from ops.runtime.machine import machine

    figures = await runner.ingest(
        events, full_events, jobs, rounds, again, with_quix, lambda text: errors.print(text, style="dim")
    )
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
        return
    _show(figures)


def _show(figures: dict[str, Any]) -> None:
    sync, full = figures["sync"], figures.get("full")
    cpu = sync["cpu_ms"]
    table = Table("sync path", "worker", "hand-written", "publishing, too", "Quix Streams")
    peers = ("handwritten", "publishing", "quix")
    sides = ("", *(f"{peer}_" for peer in peers))
    table.add_row("events/s", *(_text(sync.get(f"{side}events_per_s")) for side in sides))
    table.add_row("times as fast as", "", *(_text(sync.get(f"ratio_to_{peer}")) for peer in peers))
    colds = ("ratio_cold", "", "ratio_cold_to_quix")
    table.add_row("in the first 1,000 events", "", *(_text(sync.get(cold)) for cold in colds))
    table.add_row("CPU ms an event", *(_text(cpu.get(side)) for side in ("worker", *peers)))
    beside = " / ".join(_text(cpu.get(server)) for server in ("mongodb", "kafka"))
    table.add_row("of MongoDB / Kafka beside it", beside, "", "", "")
    table.add_row("latency p50 / p99, ms", _latency(sync), "", "", "")
    console.print(table)
    if full:
        table = Table("full path", f"{full['events']} talents against {full['jobs']} jobs")
        table.add_row("events/s", str(full["events_per_s"]))
        table.add_row("CPU ms an event", ", ".join(f"{name} {ms}" for name, ms in full["cpu_ms"].items()))
        table.add_row("documents written an event", _text(full["writes_per_event"]))
        table.add_row("latency p50 / p99, ms", _latency(full))
        table.add_row("until matched", _latency(full, "matched_ms"))
        console.print(table)
    of = sync["share"]["of_talents_seen_before"]
    console.print(f"{of:.0%} of the events of the sync path are about a talent seen before, none of the full path's")
    console.print(f"{figures['mongodb']}, {in_one_line(figures['machine'])}")


def _text(value: float | None) -> str:
    return "" if value is None else str(value)


def _latency(part: dict[str, Any], which: str = "latency_ms") -> str:
    return f"{part[which]['p50']} / {part[which]['p99']}"
