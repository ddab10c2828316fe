"""`looma bench cli`: what commands cost from the shell."""

import os

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line


@click.command("cli")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@json_option
@run
async def bench_cli(rounds: int, as_json: bool) -> None:
    """Time and processor time of commands from the shell, and of a worker until it is ready.

    Each command runs once a round, after one round that is not counted. Uses a stack of its own in a temporary folder
    and removes it.
    """
    from ops.benchmarks.commands import bench_commands
    from ops.runtime.machine import machine

    figures = await bench_commands(rounds, lambda text: errors.print(text, style="dim"))
    figures["machine"] = {**machine(), "load": round(os.getloadavg()[0], 1)}
    if as_json:
        print_json(figures)
        return
    table = Table(f"median of {rounds} (least)", "seconds", "of the processor")
    for name, took in figures["commands"].items():
        seconds = (f"{took[kind]:.2f} ({took[f'{kind}_least']:.2f})" for kind in ("wall_s", "cpu_s"))
        table.add_row(name, *seconds)
    console.print(table)
    console.print(f"{figures['mongodb']}, {in_one_line(figures['machine'])}")
