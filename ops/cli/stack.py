"""`looma up | down | status`: the embedded stack."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click
from rich.text import Text

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Column, Table
from ops.runtime.data_folder import forget, remember
from schemas.exits import Exit

if TYPE_CHECKING:
    from ops.local.embedded.stack import ServiceStatus
    from schemas.settings import Settings


def _show(settings: "Settings", services: "list[ServiceStatus]", as_json: bool) -> None:
    if as_json:
        print_json([s.model_dump(mode="json") for s in services])
        return
    table = Table(
        *("service", "state", "port", "pid", "memory", "up", Column("log", no_wrap=True)),
        title=f"in {settings.data_dir}",
        title_justify="left",
    )
    for s in services:
        colour = {"running": "green", "stale": "red", "not answering": "red"}.get(s.state, "yellow")
        state = s.state if s.unanswered_since is None else f"{s.state} since {s.unanswered_since:%H:%M:%S}"
        table.add_row(
            s.name,
            Text(state, style=colour),
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

    Downloads what is missing (pinned by checksum). Running it again is harmless. Commands run in the folder, below it,
    or where there is no looma.toml or .looma find the stack.
    """
    from ops.local.embedded.stack import Stack

    settings = load_settings()
    stack = Stack(settings)
    asyncio.run(stack.up(progress=lambda text: errors.print(text, style="dim")))
    remember(settings.data_dir)
    _show(settings, stack.status(), as_json)
    if not as_json:
        say_where(settings)


def say_where(settings: "Settings") -> None:
    """Say how to look at it all."""
    from ops.console.address import console_address

    console.print(f"console: run `looma api`, then open {console_address(settings)}")


@click.command()
@json_option
def down(as_json: bool) -> None:
    """Stop the embedded stack; its data stays."""
    from ops.local.embedded.stack import Stack

    settings = load_settings()
    stack = Stack(settings)
    asyncio.run(stack.down())
    forget(settings.data_dir)
    _show(settings, stack.status(), as_json)


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Ask each server of the embedded stack how it does; exit status 3 unless all of them answer."""
    from ops.local.embedded.stack import Stack

    settings = load_settings()
    services = asyncio.run(Stack(settings).health())
    _show(settings, services, as_json)
    if any(s.state != "running" for s in services):
        sys.exit(Exit.AWAY)
