"""`looma export`: records and matches as files that analysts read."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.interrupts import stopping
from schemas.exits import Exit
from sinks.base import TABLES
from streams.rolling import Limits

if TYPE_CHECKING:
    from streams.export import Report

LIMITS = Limits()


@click.group()
def export() -> None:
    """Write records and matches to files."""


@export.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--topics",
    default=",".join(TABLES),
    show_default=True,
    metavar="TOPIC[,TOPIC]...",
    help="What to export.",
)
@click.option("--once", is_flag=True, help="Stop when all that there is now is exported.")
@click.option("--rows", default=LIMITS.rows, show_default=True, type=click.IntRange(1), help="At most so many a file.")
@click.option(
    "--mib",
    default=LIMITS.bytes >> 20,
    show_default=True,
    type=click.IntRange(1, 4096),
    help="Of messages in memory; then the largest file is written.",
)
@click.option(
    "--seconds",
    default=LIMITS.seconds,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="The longest that a message waits for its file.",
)
@json_option
@run
async def parquet(folder: Path, topics: str, once: bool, rows: int, mib: int, seconds: float, as_json: bool) -> None:
    """Follow topics into Parquet files that DuckDB, pandas and Spark read as a table.

    \b
    DIR/TOPIC/dt=YYYY-MM-DD/TOPIC+PARTITION+FIRST+LAST.parquet

    Run again, it goes on where the files end; killed at any moment, it leaves nothing out and nothing twice. Ctrl-C
    writes what has been read, and ends. The files hold personal data: see docs/guides/export-to-parquet.md.

    \b
    Exit codes: 0 done, 1 done, but some messages could not be read or were gone already, 130 Ctrl-C.
    """
    from sinks.parquet import ParquetFolder
    from streams.export import Export
    from streams.generations.database import active_now
    from streams.generations.generation import Generation

    names = list(dict.fromkeys(name.strip() for name in topics.split(",")))
    if unknown := [name for name in names if name not in TABLES]:
        raise click.UsageError(f"{unknown[0]!r} cannot be exported; topics: {', '.join(TABLES)}")
    settings = load_settings()
    with ParquetFolder(folder) as sink, errors.status("exporting") as status:
        generation = (await active_now(settings)).generation
        tables = {Generation(generation).topic(name): TABLES[name] for name in names}

        async def is_current() -> bool:
            return (await active_now(settings)).generation == generation

        work = Export(
            settings.kafka,
            sink,
            tables,
            Limits(rows, mib << 20, seconds),
            is_current=is_current,
            show=lambda report: status.update(f"{sum(report.rows.values()):,} rows, {report.chunks:,} files"),
        )
        with stopping(work.stop) as interrupted:
            await work.run(once=once)
    _show(work.report, as_json)
    if interrupted:
        raise click.exceptions.Exit(Exit.INTERRUPTED)
    if work.report.refused_count or work.report.expired:
        raise click.exceptions.Exit(Exit.REFUSED)


def _show(report: "Report", as_json: bool) -> None:
    if as_json:
        refused = [each._asdict() for each in report.refused]
        print_json(
            {
                "rows": report.rows,
                "files": report.chunks,
                "unreadable": report.refused_count,
                "refused": refused,
                "expired": report.expired,
            }
        )
        return
    for topic, count in report.rows.items():
        console.print(f"{count:>12,} {topic}")
    console.print(f"{report.chunks:>12,} files")
    for each in report.refused:
        errors.print(f"not exported: {each.topic}/{each.partition}/{each.offset} ({each.code}): {each.detail}")
    if (more := report.refused_count - len(report.refused)) > 0:
        errors.print(f"and {more:,} more")
    for topic, count in report.expired.items():
        errors.print(f"not exported: {count:,} messages of {topic}, which its retention had deleted before")
