"""`looma publish`: events from files."""

import sys
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.files import Row, read_events
from connectors.publisher import EventPublisher
from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.telemetry import telemetry
from schemas.entities import ENTITIES, Entity

SHOWN_ERRORS = 20


async def send(publisher: EventPublisher, row: Row) -> None:
    """Publish what a row holds."""
    if row.event is not None:
        e = row.event
        await publisher.publish(
            e.entity,
            e.id,
            e.fields,
            action=e.action,
            event_id=e.envelope.id,
            time=e.envelope.time,
            source=e.envelope.source,
        )
    elif row.raw is not None:
        await publisher.publish_raw(row.raw.topic, row.raw.key, row.raw.value, row.raw.headers)


def progress_bar() -> Progress:
    """Return the progress bar of long reads; it goes to stderr."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors
    )


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--entity", type=click.Choice(ENTITIES), help="What the lines are, if they do not say so.")
@click.option("--source", default="file", show_default=True, help="The system that says so: provenance.")
@click.option("--dry-run", is_flag=True, help="Only check the files.")
@click.option("--allow-raw", is_flag=True, help="Accept raw messages, which are published unchecked.")
@json_option
@run
async def publish(
    files: tuple[Path, ...], entity: Entity | None, source: str, dry_run: bool, allow_raw: bool, as_json: bool
) -> None:
    """Publish events from JSON Lines (.jsonl) or CSV (.csv) files.

    A line is {"entity": "talent", "id": "t-1", "fields": {"name": "..."}}; see docs/events.md. Publishing a file
    again changes nothing. Exit code 1 if any line was refused; the others are published.
    """
    settings = load_settings()
    published, refused = 0, []
    publisher = EventPublisher(settings.bootstrap_servers, source=source)
    with telemetry(settings, "publish"), progress_bar() as progress:
        if not dry_run:
            await publisher.__aenter__()
        try:
            for file in files:
                task = progress.add_task(file.name, total=sum(1 for _ in file.open("rb")))
                for row in read_events(file, entity=entity, source=source, allow_raw=allow_raw):
                    progress.update(task, completed=row.line)
                    if row.error:
                        refused.append({"file": file.name, "line": row.line, "error": row.error})
                        continue
                    if not dry_run:
                        await send(publisher, row)
                    published += 1
        finally:
            if not dry_run:
                await publisher.__aexit__(None, None, None)
    if as_json:
        print_json({"published": published, "refused": refused, "dry_run": dry_run})
    else:
        console.print(f"{published} {'would be ' if dry_run else ''}published, {len(refused)} refused")
        for problem in refused[:SHOWN_ERRORS]:
            console.print(f"  {problem['file']} line {problem['line']}: {problem['error']}", markup=False)
        if len(refused) > SHOWN_ERRORS:
            console.print(f"  and {len(refused) - SHOWN_ERRORS} more; --json lists all")
    if refused:
        sys.exit(1)
