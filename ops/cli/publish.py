"""`looma publish`: events from files."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.formats.registry import NAMES
from ops.cli.columns import mapping_of, mapping_options, say_taken, show_record, warn_ignored
from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.publish_warnings import Warnings
from schemas.entities import ENTITIES

if TYPE_CHECKING:
    from connectors.mapping import ColumnMapping
    from connectors.publisher import EventPublisher
    from connectors.rows import RawRow, Row, RowError
    from schemas.entities import Entity

    Rows = Callable[[], Iterator[Row | RawRow | RowError]]

SHOWN_ERRORS = 20
DATA_SETS = ("resume-ner-en", "skillspan-en")


class Opened(NamedTuple):
    """A file: what reads it, the columns that it passes over, the formats that it meets, and what its numbers count."""

    path: Path
    rows: "Rows"
    ignored: set[str]
    taken: set[str]
    unit: str


def progress_bar() -> Progress:
    """Return the progress bar of long reads; it goes to stderr."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors
    )


def open_rows(
    path: Path, form: str, entity: "Entity | None", source: str, allow_raw: bool, mapping: "ColumnMapping"
) -> "Opened":
    """Return what reads a file."""
    from connectors.formats.opening import open_file
    from connectors.lines import FileError

    if form in DATA_SETS:
        from connectors import real_data

        reading = {"resume-ner-en": real_data.resume_ner_en, "skillspan-en": real_data.skillspan_en}[form]
        return Opened(path, lambda: reading(path), set(), set(), "line")
    if path.suffix.lower() == ".parquet":
        raise FileError(f"{path.name} is for `looma sync run`, which reads Parquet")
    try:
        reader = open_file(path, choice=form, entity=entity, source=source, allow_raw=allow_raw, mapping=mapping)
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}") from None

    def rows() -> "Iterator[Row | RawRow | RowError]":
        return (row for row, _ in reader.rows())

    return Opened(path, rows, reader.records.ignored, reader.taken, "line" if reader.has_lines else "record")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--entity", type=click.Choice(ENTITIES), help="What the lines are, if they do not say so.")
@click.option("--source", default="file", show_default=True, help="The system that says so: provenance.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "events", *NAMES, *DATA_SETS]),
    default="auto",
    show_default=True,
    help="What the files are. auto: events, or the format of another system that the content shows. The last two are "
    "labelled data sets, by their folder.",
)
@click.option("--dry-run", is_flag=True, help="Only check the files, and show the first record.")
@click.option("--allow-raw", is_flag=True, help="Accept raw messages, which are published unchecked.")
@mapping_options
@json_option
@run
async def publish(
    files: tuple[Path, ...],
    entity: "Entity | None",
    source: str,
    form: str,
    dry_run: bool,
    allow_raw: bool,
    maps: tuple[str, ...],
    map_file: Path | None,
    ignore_unknown: bool,
    as_json: bool,
) -> None:
    """Publish events from files: JSON Lines (.jsonl), CSV (.csv), or what another system writes.

    \b
    looma publish talents.jsonl
    looma publish --dry-run careers-page.html         # JobPosting in a page; shows the first job
    looma publish --format greenhouse jobs.json
    looma publish --format linkedin Basic_LinkedInDataExport.zip
    looma publish 候选人.csv --entity talent --map 意向岗位=title

    A line of events is {"entity": "talent", "id": "t-1", "fields": {"name": "..."}}; see docs/guides/backfill.md. Other
    formats are schema.org JobPosting (JSON-LD, also in pages), Greenhouse, Lever, Workable, HR Open and HR-XML, JSON
    Resume, LinkedIn's archive, Boss直聘 and 智联招聘; docs/guides/import.md says what becomes of their fields. Without
    --format the content decides, and the command says what was taken.

    Publishing a file again changes nothing. Exit code 1 if any record was refused; the others are published.
    """
    from connectors.publisher import EventPublisher
    from connectors.rows import Row, RowError
    from ops.runtime.telemetry import telemetry

    settings = load_settings()
    published = 0
    shown: dict[str, object] | None = None
    refused: list[dict[str, object]] = []
    warned = Warnings()
    mapping = mapping_of(maps, map_file, ignore_unknown)
    # All are opened first, so that nothing is published of a command that cannot be meant.
    opened = [open_rows(path, form, entity, source, allow_raw, mapping) for path in files]
    rows = ((file, row) for file in opened for row in file.rows())

    async def each(publisher: "EventPublisher | None") -> None:
        nonlocal published, shown
        with progress_bar() as progress:
            task = progress.add_task("events", total=None)
            for file, row in rows:
                name = file.path.name
                progress.update(task, advance=1, description=name)
                if isinstance(row, RowError):
                    refused.append({"file": name, file.unit: row.line, "id": row.id, "error": row.text})
                    continue
                if isinstance(row, Row):
                    warned.note(name, file.unit, row)
                if publisher is not None:
                    await publisher.publish_row(row)
                elif shown is None and isinstance(row, Row):
                    shown = {"entity": row.entity, "id": row.id, "fields": row.fields}
                published += 1

    if dry_run:
        await each(None)
    else:
        with telemetry(settings, "publish"):
            async with EventPublisher(settings.kafka, source) as publisher:
                await each(publisher)
    ignored = {name for file in opened for name in file.ignored}
    taken = {file.path.name: sorted(file.taken) for file in opened if file.taken}
    warn_ignored(ignored)
    say_taken(taken)
    warned.say()
    if not published and not refused:
        errors.print("there are no records in what was named", markup=False)
    if as_json:
        told = {"refused": refused, "ignored": sorted(ignored), "formats": taken, "dry_run": dry_run}
        told["warnings"] = dict(warned.counts)
        print_json({"published": published, **told, **({"first": shown} if shown else {})})
    else:
        console.print(f"{published} {'would be ' if dry_run else ''}published, {len(refused)} refused")
        for problem in refused[:SHOWN_ERRORS]:
            of = f" ({problem['id']})" if problem["id"] else ""
            where = next(f"{unit} {problem[unit]}" for unit in ("line", "record") if unit in problem)
            console.print(f"  {problem['file']} {where}{of}: {problem['error']}", markup=False)
        if len(refused) > SHOWN_ERRORS:
            console.print(f"  and {len(refused) - SHOWN_ERRORS} more; --json lists all")
        if shown:
            show_record(shown)
    if refused:
        sys.exit(1)
