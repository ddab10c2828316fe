"""`looma submit`: resumes as events."""

import hashlib
import sys
from pathlib import Path

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.publish import progress_bar
from schemas.errors import BadMessageError


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--talent", help="Whose resume it is; default: the file's name without its ending.")
@click.option("--source", default="file", show_default=True, help="The system that submits it.")
@json_option
@run
async def submit(files: tuple[Path, ...], talent: str | None, source: str, as_json: bool) -> None:
    """Submit resumes of any format, at most 2 MiB each, to `resume-events`.

    A worker started by `looma worker --resumes` reads them; their profiles appear on `resume-parsed` and become part of
    the talents' records. Submitting a file again changes nothing. Exit code 1 if any file was refused.
    """
    from connectors.publisher import EventPublisher
    from ops.runtime.telemetry import telemetry

    if talent and len(files) > 1:
        raise click.UsageError("--talent names one person; submit one file, or let the files' names say whose they are")
    settings = load_settings()
    submitted: list[dict[str, str]] = []
    refused: list[dict[str, str]] = []
    with telemetry(settings, "submit"):
        async with EventPublisher(settings.kafka, source) as publisher:
            with progress_bar() as progress:
                for path in progress.track(files, description="resumes"):
                    talent_id, data = talent or path.stem, path.read_bytes()
                    event_id = hashlib.sha256(talent_id.encode() + b"\0" + data).hexdigest()[:32]
                    try:
                        await publisher.publish_resume(talent_id, content=data, event_id=event_id)
                    except BadMessageError as error:
                        refused.append({"file": path.name, "code": error.code, "error": error.detail})
                    else:
                        submitted.append({"file": path.name, "talent": talent_id, "event": event_id})
    if as_json:
        print_json({"submitted": submitted, "refused": refused})
    else:
        for one in submitted:
            console.print(f"{one['file']} → talent {one['talent']}, event {one['event']}")
        for one in refused:
            console.print(f"{one['file']} refused: {one['code']}: {one['error']}")
    if refused:
        sys.exit(1)
