"""`looma show`: one record, where its values are from, and how good it is."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.base import Language
from schemas.entities import ENTITIES

if TYPE_CHECKING:
    from schemas.entities import Entity

LONGEST = 60


@click.command()
@click.argument("entity", type=click.Choice(ENTITIES))
@click.argument("id")
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Of the findings.")
@json_option
@run
async def show(entity: "Entity", id: str, language: Language, as_json: bool) -> None:
    """Show a source record: each value with its source and time, and its quality with the reasons."""
    from processors.quality.score import findings, heard_of, judge
    from sinks.mongodb import COLLECTIONS
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        wanted = {"fields": 1, "provenance": 1, "revision": 1, "deleted": 1}
        found: dict[str, Any] | None = await db[COLLECTIONS[entity]].find_one({"_id": id}, wanted)
    if found is None:
        raise click.ClickException(f"no {entity} {id}")
    quality, reasons = judge(entity, found["fields"], datetime.now(UTC), heard_of(found["provenance"]))
    told = findings(reasons)
    if as_json:
        shown = {n: v for n, v in found.items() if n != "_id"}
        quality_shown = {**quality.model_dump(), "findings": [f.model_dump() for f in told]}
        print_json({"entity": entity, "id": id, **shown, "quality": quality_shown})
        return
    table = Table(
        Column("field", no_wrap=True), "value", "source", Column("time", no_wrap=True), title=f"{entity} {id}"
    )
    for name, value in found["fields"].items():
        text = json.dumps(value, ensure_ascii=False)
        origin = found["provenance"].get(name, {})
        short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        table.add_row(name, short, origin.get("source", ""), origin.get("time", "")[:19])
    console.print(table)
    parts = quality.model_dump(exclude={"score"}, exclude_none=True)
    console.print(f"quality {quality.score:g}: " + ", ".join(f"{part} {value:g}" for part, value in parts.items()))
    for each in told:
        console.print(f"  {each.path or entity}: {each.text[language]}", markup=False)
    if found["deleted"]:
        console.print("deleted by its source")
