"""`looma archive`: events in Parquet files before their topic's retention deletes them, and back."""

from datetime import date, datetime
from pathlib import Path

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.exits import Exit

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def archive() -> None:
    """Keep events for longer than Kafka does, and bring them back.

    \b
    looma archive run /var/archive            every night: what is new, byte for byte
    looma archive list /var/archive
    looma archive restore /var/archive --from 2026-01-01 --until 2026-01-31

    The files hold personal data, readable for their owner only. `looma forget PERSON --export DIR` reaches them.
    """


@archive.command("run")
@_FOLDER
@json_option
@run
async def run_(folder: Path, as_json: bool) -> None:
    """Write what the topics of events, resumes and feedback have more than the archive; for cron.

    It goes on where the last run ended. What no stage can tell the owner of is left out: it is a dead letter. Exit code
    1 if retention had deleted messages before they were archived: run it more often.
    """
    from sinks.base import ARCHIVE
    from sinks.parquet import ParquetFolder
    from streams.export import Export
    from streams.rolling import Limits

    settings = load_settings()
    with ParquetFolder(folder) as sink, errors.status("archiving") as status:

        def show(rows: int) -> None:
            status.update(f"archiving: {rows:,} messages")

        work = Export(settings.kafka, sink, ARCHIVE, Limits(), show=lambda report: show(sum(report.rows.values())))
        await work.run(once=True)
        for topic, archived in ARCHIVE.items():
            sink.note(archived, work.positions(topic))
    report = work.report
    if as_json:
        said = {"messages": report.rows, "files": report.chunks, "left_out": report.refused_count}
        print_json(said | {"expired": report.expired})
    else:
        for topic, count in report.rows.items():
            console.print(f"{count:>12,} {topic}")
        for topic, count in report.expired.items():
            errors.print(f"not archived: {count:,} messages of {topic}, which its retention had deleted before")
    if report.expired:
        raise click.exceptions.Exit(int(Exit.REFUSED))


@archive.command("list")
@_FOLDER
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """Show how many messages of each topic there are, by the day on which Kafka appended them."""
    from ops.archive import days
    from sinks.base import ARCHIVE

    found = days(folder)
    if as_json:
        print_json({str(day): dict(counts) for day, counts in found.items()})
        return
    table = Table("day", *(Column(topic, justify="right") for topic in ARCHIVE))
    for day, counts in found.items():
        table.add_row(str(day), *(f"{counts[topic]:,}" for topic in ARCHIVE))
    console.print(table)


@archive.command()
@_FOLDER
@click.option("--from", "since", type=_DAY, help="The first day; default: the archive's.")
@click.option("--until", type=_DAY, help="The last day; default: the archive's.")
@json_option
@run
async def restore(folder: Path, since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """Publish archived messages into their topics again; workers read them as they read any.

    Records that exist do not change: each event counts once, whenever it comes. To build records anew from them, let a
    new generation read the topics: `looma replay start`. Messages of forgotten people are passed over.
    """
    from ops import archive as archives

    with errors.status("restoring") as status:
        counts = await archives.restore(
            load_settings(),
            folder,
            since=_day(since),
            until=_day(until),
            progress=lambda n: status.update(f"{n:,} messages"),
        )
    if as_json:
        print_json(dict(counts))
        return
    for topic, count in counts.items():
        console.print(f"{count:>12,} {topic}")


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
