"""`looma doctor`: what is wrong, and what to do."""

from dataclasses import asdict

import click
from rich.text import Text

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.failures import failure_of
from ops.cli.tables import Column, Table
from schemas.exits import Exit

_COLOURS = {"fine": "green", "warning": "yellow", "wrong": "red"}


@click.command()
@json_option
@run
async def doctor(as_json: bool) -> None:
    """Examine the installation: settings, servers, topics, indexes, migrations, disk, rights of files, clocks.

    Says what to do about each thing that is wrong, or soon will be. Nothing is written. Exit code 0 if nothing is
    wrong, 1 if something is; settings that are refused end it with 2, as any command.
    """
    from ops.doctor import examine

    def explain(error: Exception) -> str | None:
        failure = failure_of(error)
        return failure.format_message() if failure else None

    found = await examine(load_settings(), explain)
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        table = Table(Column("check", no_wrap=True), "state", "what", "do")
        for each in found:
            table.add_row(each.check, Text(each.state, style=_COLOURS[each.state]), each.said, each.do)
        console.print(table)
    if any(each.state == "wrong" for each in found):
        raise click.exceptions.Exit(int(Exit.REFUSED))
