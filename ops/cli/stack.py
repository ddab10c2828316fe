"""`looma up | down | status`: the embedded stack."""

import asyncio
import sys

import click
from rich.table import Table

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.embedded.stack import ServiceStatus, Stack


def _show(services: list[ServiceStatus], as_json: bool) -> None:
    if as_json:
        print_json([s.model_dump(mode="json") for s in services])
        return
    table = Table("service", "state", "port", "pid", "memory", "up", "log")
    for s in services:
        colour = {"running": "green", "stale": "red"}.get(s.state, "yellow")
        table.add_row(
            s.name,
            f"[{colour}]{s.state}[/]",
            str(s.port),
            str(s.pid or "-"),
            f"{s.rss_mb:.0f} MB" if s.rss_mb else "-",
            f"{s.uptime_s:.0f} s" if s.uptime_s else "-",
            str(s.log),
        )
    console.print(table)


@click.command()
@json_option
def up(as_json: bool) -> None:
    """Start Kafka, MongoDB and Qdrant on this machine; data stays in one folder.

    Downloads what is missing (pinned by checksum). Running it again is harmless.
    """
    stack = Stack(load_settings())
    asyncio.run(stack.up(progress=lambda text: errors.print(f"[dim]{text}[/]")))
    _show(stack.status(), as_json)


@click.command()
@json_option
def down(as_json: bool) -> None:
    """Stop the embedded stack; its data stays."""
    stack = Stack(load_settings())
    asyncio.run(stack.down())
    _show(stack.status(), as_json)


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show the embedded stack; exit code 3 unless all of it runs."""
    services = Stack(load_settings()).status()
    _show(services, as_json)
    if any(s.state != "running" for s in services):
        sys.exit(3)
