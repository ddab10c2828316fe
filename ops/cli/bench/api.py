"""`looma bench api`: how many reads the HTTP API answers, how soon writes are accepted and seen, and overload."""

from typing import Any

import click

from ops.cli.context import console, errors, json_option, print_json, run_as_load
from ops.cli.tables import Table, in_one_line


@click.command("api")
@click.option("--talents", default=10_000, show_default=True, type=click.IntRange(100, 1_000_000), help="Records read.")
@click.option("--seconds", default=8.0, show_default=True, type=click.FloatRange(1, 300), help="Of each rate.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 16), help="Of the API.")
@json_option
@run_as_load
async def bench_api(talents: int, seconds: float, processes: int, as_json: bool) -> None:
    """Offer reads at rising rates until the API no longer keeps up, writes beside reads, then four times the load.

    Requests leave at their rate whatever the answers do, from a client on the same machine; latency counts from when a
    request was due. Uses a stack of its own and removes it. Exit code 1 if an answer was an error.
    """
    from ops.benchmarks.api import bench_api
    from ops.runtime.machine import machine

    figures = await bench_api(talents, seconds, processes, lambda text: errors.print(text, style="dim"))
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        console.print(_table(figures))
        console.print(in_one_line(figures["machine"]))
    if figures["errors"]:
        raise click.exceptions.Exit(1)


def _table(figures: dict[str, Any]) -> Table:
    table = Table("", "")
    over = figures["overload"]
    rows = {
        "reads a second, p99 under 50 ms": figures["requests_per_s"],
        "latency, p50 / p99, ms": _both(figures["latency_ms"]),
        "hit rate": figures["hit_rate"],
        "errors": figures["errors"],
        "event to 202, p50 / p99, ms": _both(figures["accepted_ms"]),
        "record appended to visible, p50 / p99, ms": _both(figures["visible_ms"]),
        "202 to visible, p50 / p99, ms": _both(figures["merged_ms"]),
        "overload, a second: offered / answered": f"{over['offered_per_s']} / {over['answered_per_s']}",
        "overload: refused": over["refused"],
        "overload: memory before / after, MB": f"{over['memory_mb_before']} / {over['memory_mb_after']}",
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def _both(latency: dict[str, float]) -> str:
    return f"{latency['p50']} / {latency['p99']}"
