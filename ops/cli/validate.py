"""`looma validate`: what would become of a file's records, and how good they are."""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectors.formats.registry import NAMES
from ops.cli.columns import mapping_of, mapping_options, say_taken, warn_ignored
from ops.cli.context import console, errors, json_option, print_json
from ops.cli.publish import open_rows, progress_bar
from ops.cli.tables import Column, Table
from schemas.base import Language
from schemas.entities import ENTITIES
from schemas.exits import Exit

if TYPE_CHECKING:
    from schemas.entities import Entity
    from schemas.quality import Validation

SHOWN = 20


@click.command("validate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--entity", type=click.Choice(ENTITIES), help="What the lines are, if they do not say so.")
@click.option("--format", "form", type=click.Choice(["auto", "events", *NAMES]), default="auto", show_default=True)
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Of the findings.")
@mapping_options
@json_option
def validate_command(
    file: Path,
    entity: "Entity | None",
    form: str,
    language: Language,
    maps: tuple[str, ...],
    map_file: Path | None,
    ignore_unknown: bool,
    as_json: bool,
) -> None:
    """Check a file that `looma publish` would publish, and publish nothing.

    Errors are why a record would be refused. Warnings are contradictions and what is hard to believe; hints say what
    is missing. The score, from 0 to 1, is of each record as it stands in the file; docs/reference/quality.md has the
    rules.

    \b
    looma validate talents.jsonl
    looma validate 候选人.csv --entity talent --language zh
    looma validate careers-page.html --json | jq '.records[] | select(.quality.score < 0.5).id'

    \b
    Exit codes: 0 every record would be accepted, 1 not all.
    """
    from connectors.rows import Row, RowError
    from processors.quality.validate import validate

    opened = open_rows(file, form, entity, "file", False, mapping_of(maps, map_file, ignore_unknown))
    now = datetime.now(UTC)
    refused: list[dict[str, Any]] = []
    judged: list[tuple[int, str, Validation]] = []
    with progress_bar() as progress:
        task = progress.add_task(file.name, total=None)
        for row in opened.rows():
            progress.update(task, advance=1)
            if isinstance(row, RowError):
                refused.append({opened.unit: row.line, "id": row.id, "error": row.text})
            elif isinstance(row, Row) and row.action == "upserted":
                judged.append((row.line, row.id, validate(row.entity, row.fields, now, row.time)))
    warn_ignored(opened.ignored)
    if opened.taken:
        say_taken({file.name: sorted(opened.taken)})
    if not judged and not refused:
        errors.print(f"there are no records in {file.name}", markup=False)
    if as_json:
        records = [{opened.unit: line, "id": id, **found.model_dump(mode="json")} for line, id, found in judged]
        print_json({"records": records, "refused": refused, "score": _mean(judged)})
    else:
        _show(judged, refused, opened.unit, language)
    if refused:
        sys.exit(Exit.REFUSED)


def _mean(judged: "list[tuple[int, str, Validation]]") -> float | None:
    scores = [found.quality.score for _, _, found in judged if found.quality]
    return round(sum(scores) / len(scores), 3) if scores else None


def _show(
    judged: "list[tuple[int, str, Validation]]", refused: list[dict[str, Any]], unit: str, language: Language
) -> None:
    for problem in refused[:SHOWN]:
        console.print(f"{unit} {problem[unit]}: {problem['error']}", markup=False)
    if len(refused) > SHOWN:
        console.print(f"and {len(refused) - SHOWN} more; --json lists all")
    found = [finding for _, _, validation in judged for finding in validation.findings]
    counts = Counter((f.level != "warning", f.level, f.code, f.path.partition(".")[0], f.text[language]) for f in found)
    if counts:
        table = Table("", Column("code", no_wrap=True), "field", "", "records")
        for (_, *cells), count in sorted(counts.items(), key=lambda each: (each[0][0], -each[1])):
            table.add_row(*map(str, cells), str(count))
        console.print(table)
    worst = sorted((v.quality.score, id) for _, id, v in judged if v.quality)[:3]
    if worst:
        lowest = ", ".join(f"{id} {score:g}" for score, id in worst)
        console.print(f"score {_mean(judged):g} of {len(judged)} records; the lowest: {lowest}", markup=False)
    console.print(f"{len(judged)} would be accepted, {len(refused)} refused")
