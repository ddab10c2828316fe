"""`looma logs`: what processes on this machine have logged, with the trace of an event beside it."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from ops.cli.context import console, json_option, load_settings, print_json
from ops.cli.durations import MOMENT
from ops.cli.tables import Column, Table
from schemas.levels import LEVELS

if TYPE_CHECKING:
    from ops.runtime.log_search import Line
    from ops.runtime.traces import SpanRecord
    from schemas.settings import Settings

FOLLOW_SECONDS = 0.5
_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red", "DEBUG": "dim"}


@click.group(invoke_without_command=True)
@click.option("--event", "event_id", help="Lines of the traces of this event; shows the traces, too.")
@click.option("--trace", "trace_id", help="Lines of this trace; shows it, too.")
@click.option("--stage", help="Lines of this stage, as `sync talent`.")
@click.option(
    "--level", "least", type=click.Choice(LEVELS), default="DEBUG", help="The least severe; all if not given."
)
@click.option("--since", type=MOMENT, help="From 2026-12-01T22:00 on, or from 30m ago.")
@click.option("--until", type=MOMENT, help="Up to then.")
@click.option("--contains", "text", help="Lines with this text, in any case.")
@click.option("--lines", "most", default=200, show_default=True, type=click.IntRange(1, 100_000), help="The newest.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what is written, until interrupted.")
@json_option
@click.pass_context
def logs(
    context: click.Context,
    event_id: str | None,
    trace_id: str | None,
    stage: str | None,
    least: str,
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    most: int,
    follow: bool,
    as_json: bool,
) -> None:
    """Search the log files of workers and of the API on this machine, or follow them.

    \b
    looma logs --since 30m --level WARNING
    looma logs --event E-17              what was logged about an event, and its trace
    looma logs --stage "sync talent" -f

    Lines hold no personal data. With --json a line of JSON each, as in the files, with its `source`.
    """
    from ops.runtime.log_search import Tail, Wanted, search

    if context.invoked_subcommand:
        return
    settings = load_settings()
    traces = _traces(settings, event_id or trace_id)
    if (event_id or trace_id) and not traces and not trace_id:
        raise click.ClickException(f"no trace of {event_id}: it was not handled here, or its trace is gone")
    ids = frozenset({spans[0].trace_id for spans in traces} | ({trace_id} if trace_id else set()))
    wanted = Wanted(ids if event_id or trace_id else None, least, since, until, stage, text)
    tail = Tail(folder_of(settings), wanted) if follow else None
    for line in search(folder_of(settings), wanted, most):
        _print(line, as_json)
    if not as_json:
        from ops.cli.tracing import trace_tree

        for spans in traces:
            console.print(trace_tree(spans))
    while tail:
        for line in tail.news():
            _print(line, as_json)
        time.sleep(FOLLOW_SECONDS)


def folder_of(settings: "Settings") -> Path:
    """Return the folder of log files."""
    return settings.data_dir / "logs"


def _traces(settings: "Settings", name: str | None) -> "list[list[SpanRecord]]":
    from ops.runtime.telemetry import traces_dir
    from ops.runtime.traces import find_traces

    return find_traces(traces_dir(settings), name) if name else []


def _print(line: "Line", as_json: bool) -> None:
    if as_json:
        print_json({**line.content, "source": line.source})
        return
    stage = f" [{line.stage}]" if line.stage else ""
    trace = f" {line.trace_id}" if line.trace_id else ""
    console.print(
        Text.assemble(
            (f"{line.time} ", "dim"),
            (f"{line.level:<7} ", _COLOURS.get(line.level, "")),
            (f"{line.source}{stage} ", "cyan"),
            line.message,
            (trace, "dim"),
        )
    )


@logs.command()
@json_option
def levels(as_json: bool) -> None:
    """List the modules that have a level of their own; all others have `telemetry.log_level`."""
    from ops.runtime.log_levels import read_levels

    settings = load_settings()
    found = read_levels(folder_of(settings))
    if as_json:
        print_json(found)
        return
    table = Table(Column("module", no_wrap=True), "level")
    for module, level in sorted(found.items()):
        table.add_row(module, level)
    table.add_row("(all others)", settings.telemetry.log_level)
    console.print(table)


@logs.command()
@click.argument("module")
@click.argument("level", type=click.Choice((*LEVELS, "default"), case_sensitive=False))
def level(module: str, level: str) -> None:
    """Set the level of a MODULE and those below it, as streams.delivery or aiokafka, in processes that run.

    They take it within two seconds, and keep it when they start again. `default` lets it have no level of its own.
    """
    from ops.runtime.log_levels import read_levels, write_levels

    folder = folder_of(load_settings())
    found = read_levels(folder)
    found.pop(module, None)
    if level != "default":
        found[module] = level  # type: ignore[assignment]
    try:
        write_levels(folder, found)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
