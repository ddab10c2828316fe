"""`looma bench scale`: throughput, cost and memory by number of events and of workers."""

from typing import Any

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line


@click.command()
@click.option(
    "--events",
    "sizes",
    multiple=True,
    type=click.IntRange(1, 10_000_000),
    help="Of the sync path; may be repeated.  [default: 10000, 100000, 1000000]",
)
@click.option(
    "--workers", "crews", multiple=True, type=click.IntRange(1, 16), help="May be repeated.  [default: 1, 2, 4]"
)
@click.option(
    "--full-events",
    default=1_000,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Talents of the full path's burst; 0 leaves it out.",
)
@click.option("--jobs", default=500, show_default=True, type=click.IntRange(1, 100_000), help="That they may match.")
@json_option
@run
async def scale(sizes: tuple[int, ...], crews: tuple[int, ...], full_events: int, jobs: int, as_json: bool) -> None:
    """Events a second, CPU and memory of more and more events, with one worker and with several.

    Uses stacks of its own in a temporary folder and removes them. LOOMA_BENCH_MONGODB_URL names another MongoDB to
    measure with.
    """
    from ops.benchmarks import scale as runner
    from ops.runtime.machine import machine

    figures = await runner.scale(
        sizes or runner.EVENTS,
        crews or runner.WORKERS,
        full_events,
        jobs,
        lambda text: errors.print(text, style="dim"),
    )
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
        return
    table = Table("events", "workers", "events/s", "CPU ms an event", "worker's resident MB")
    for events, by_crew in figures["sync"].items():
        for count, f in by_crew.items():
            table.add_row(events, count, str(f["events_per_s"]), _costs(f), _sizes(f))
    for count, f in figures["full"].items():
        table.add_row(f"{f['events']}, full path", count, str(f["events_per_s"]), _costs(f), "")
    console.print(table)
    console.print(f"{figures['mongodb']}, {in_one_line(figures['machine'])}")


def _costs(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {ms}" for name, ms in figures["cpu_ms"].items())


def _sizes(figures: dict[str, Any]) -> str:
    return ", ".join(f"{sizes['worker']} at {mark}" for mark, sizes in figures["resident_mb"].items())
