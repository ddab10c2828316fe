"""`looma bench alerts`: how long it takes from a fault to the notice."""

import sys

import click

from ops.cli.bench.faults import terminated_as_interrupted
from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line


def _known(context: click.Context, parameter: click.Parameter, chosen: tuple[str, ...]) -> tuple[str, ...]:
    from ops.faults.alarms import names

    if unknown := sorted(set(chosen).difference(names() if chosen else ())):
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(names())}.")
    return chosen


@click.command("alerts")
@click.option(
    "--prometheus",
    "with_prometheus",
    is_flag=True,
    help="Have Prometheus and Alertmanager look on beside `looma watch`.",
)
@click.option(
    "--alert", "only", multiple=True, metavar="NAME", callback=_known, help="Time only this; may be repeated."
)
@json_option
@run
async def bench_alerts(with_prometheus: bool, only: tuple[str, ...], as_json: bool) -> None:
    """Kill servers and workers, fill disks, publish what is no event; time each until a receiver is told.

    Uses a stack of its own in a temporary folder and removes it; takes about twenty minutes. One fault needs the
    rights of root, to mount a small disk. Exit code 1 if an alert was not told within a minute.
    """
    from ops.faults.alarms import time_alarms
    from ops.runtime.machine import machine

    with terminated_as_interrupted():
        figures = await time_alarms(
            lambda text: errors.print(text, style="dim"), with_prometheus=with_prometheus, only=only
        )
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        looking = ("watch", *(["prometheus"] if with_prometheus else []))
        table = Table("fault", "alert", *(f"told by {name} after, s" for name in looking))
        for each in figures["faults"]:
            table.add_row(each["fault"], each["alert"], *(str(each[name] or "never") for name in looking))
        console.print(table)
        for fault in figures["left_out"]:
            console.print(f"left out, for it needs root: {fault}")
        console.print(in_one_line(figures["machine"]))
    if figures["missed"]:
        sys.exit(1)
