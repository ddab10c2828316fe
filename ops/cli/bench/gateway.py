"""`looma bench gateway`: what the AI gateway adds to a call, beside LiteLLM's proxy."""

from typing import Any

import click

from ops.cli.context import console, errors, json_option, print_json, run_as_load
from ops.cli.tables import Table, in_one_line


@click.command("gateway")
@click.option("--seconds", default=6.0, show_default=True, type=click.FloatRange(1, 300), help="Of each measurement.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 20), help="The median one counts.")
@click.option("--no-litellm", is_flag=True, help="Leave LiteLLM out, which is installed at the first run.")
@json_option
@run_as_load
async def bench_gateway(seconds: float, rounds: int, no_litellm: bool, as_json: bool) -> None:
    """Call a provider that answers at once: itself, through `looma api`, and through LiteLLM's proxy, in turn.

    Overhead is a call's latency less the median of the provider's own. Also: calls a second at full load, and by how
    much a limit is missed by two processes of which one is killed. Uses a stack of its own and removes it. Exit code 1
    if a call was not answered.
    """
    from ops.benchmarks.gateway import bench_gateway
    from ops.runtime.machine import machine

    figures = await bench_gateway(
        seconds, rounds, litellm=not no_litellm, progress=lambda text: errors.print(text, style="dim")
    )
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        console.print(_table(figures))
        console.print(in_one_line(figures["machine"]))
    if figures["errors"]:
        raise click.exceptions.Exit(1)


def _table(figures: dict[str, Any]) -> Table:
    table = Table("", "overhead p50, ms", "p99, ms", "calls/s")
    for name, each in (("looma", figures), ("litellm", figures.get("litellm"))):
        if each:
            added = each["overhead_ms"]
            table.add_row(name, str(added["p50"]), str(added["p99"]), str(each["requests_per_s"]))
    table.add_row("limit missed by", f"{figures['limit_error']:.4%}", "", "")
    return table
