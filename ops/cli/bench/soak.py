"""`looma bench soak`: steady load for long, with faults, and an account of every event."""

import random
import sys
from typing import Any

import click

from ops.cli.bench.faults import ended_in_order
from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line

_PROMISES = ("lost", "duplicated", "out_of_order", "unaccounted", "differences")


@click.command("soak")
@click.option("--minutes", default=60, show_default=True, type=click.IntRange(1, 240), help="How long the load lasts.")
@click.option("--rate", default=10, show_default=True, type=click.IntRange(1, 200), help="Messages a second.")
@click.option("--seed", type=int, help="Of load and faults; drawn and printed if not given.")
@json_option
@run
async def bench_soak(minutes: int, rate: int, seed: int | None, as_json: bool) -> None:
    """Publish steadily while workers are killed, the broker restarts and MongoDB stands still or goes away.

    Two workers run the whole pipeline. Every effect is compared with a model run, as `looma bench faults` does, and the
    stores with the log. Shown are freshness, of the first stage and of those behind it, and how memory and disk grow.

    Uses a stack of its own in a temporary folder and removes it. Exit code 1 if an event was lost, an effect done
    twice or out of order, the stores differ from the log, more than 0.1 % of the events went wrong, or the workers had
    not caught up a quarter of the load's time (five minutes at least) after its end.
    """
    from ops.faults.soak import MOST_ERRORS, soak
    from ops.runtime.machine import machine

    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    figures = await ended_in_order(soak(minutes, seed, rate, lambda text: errors.print(text, style="dim")))
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        _show(figures)
    if any(figures[name] for name in _PROMISES) or figures["errors"] >= MOST_ERRORS or not figures["drained"]:
        sys.exit(1)


def _show(figures: dict[str, Any]) -> None:
    fresh, took = figures["freshness"], figures["freshness"]["seconds"]
    table = Table("", f"seed {figures['seed']}, {figures['minutes']} minutes at {figures['rate']}/s")
    table.add_row("events", str(figures["events"]["published"]))
    for name in _PROMISES:
        table.add_row(name, str(figures[name]))
    table.add_row("errors", f"{figures['errors']:.4%}")
    table.add_row("availability", f"{figures['availability']:.4%}")
    table.add_row("freshness p50 / p99 / longest, s", f"{took['p50']} / {took['p99']} / {fresh['longest']}")
    table.add_row("within 10 s", f"{fresh['within_10_s']:.3%}")
    table.add_row("within 10 s, where no fault was near", f"{figures['freshness_in_peace']['within_10_s']:.3%}")
    for stage, each in figures["freshness_of_stages"].items():
        took, within = each["seconds"], f"{each['within_10_s']:.3%} of {each['events']:,}"
        table.add_row(f"{stage}, p50 / p99, s", f"{took['p50']} / {took['p99']}, {within}, {each['left']:,} left")
    limit = f"{figures['drain_seconds']} of {figures['drain_limit_seconds']:.0f}"
    table.add_row("drained after, s", limit if figures["drained"] else f"not in {limit}")
    table.add_row("faults", ", ".join(f"{count} {kind}" for kind, count in figures["faults"].items()))
    for what in ("memory", "disk"):
        for name, grown in figures[what].items():
            table.add_row(f"{what} of {name}, MB, early / late", f"{grown['early_mb']} / {grown['late_mb']}")
    table.add_row("disk an event, kB", str(figures["disk_kb_per_event"]))
    console.print(table)
    for name, found in figures["findings"].items():
        for text in found:
            console.print(f"{name}: {text}", highlight=False)
    for text in figures["unexpected_exits"]:
        console.print(f"unexpected: {text}", highlight=False)
    console.print(in_one_line(figures["machine"]))
