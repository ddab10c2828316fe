"""`looma conflicts`: what the survivorship policy leaves to a person, and the person's word."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.entities import ENTITIES
from schemas.errors import BadMessageError

if TYPE_CHECKING:
    from schemas.entities import Entity
    from sinks.conflicts import OpenConflict
    from sinks.mongodb import Database

SHOWN_VALUE = 60


@click.group()
def conflicts() -> None:
    """List, show and resolve the conflicts that no policy decides.

    The record has a value meanwhile; a decision is published as an event like any other, from the source
    looma/decision, and yields to what the sources say after it.
    """


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_VALUE else text[: SHOWN_VALUE - 1] + "…"


def _row(found: "OpenConflict") -> dict[str, Any]:
    return {"id": found.id, "entity": found.entity, "entity_id": found.entity_id, **found.conflict.to_dict()}


@conflicts.command("list")
@click.option("--entity", type=click.Choice(ENTITIES))
@click.option("--field", help="Only of this field.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@json_option
@run
async def list_(entity: "Entity | None", field: str | None, limit: int, as_json: bool) -> None:
    """List the conflicts that wait for a decision."""
    from sinks.conflicts import open_conflicts
    from streams.generations.database import active_database

    found: list[OpenConflict] = []
    async with active_database(load_settings()) as db:
        async for conflict in open_conflicts(db, entity=entity, field=field):
            found.append(conflict)
            if len(found) == limit:
                break
    if as_json:
        print_json([_row(c) for c in found])
        return
    table = Table(Column("id", no_wrap=True), Column("record", no_wrap=True), "field", "value now", "others")
    for c in found:
        others = {_short(o.value) for o in c.conflict.candidates} - {_short(c.conflict.value)}
        table.add_row(c.id, f"{c.entity} {c.entity_id}", c.conflict.field, _short(c.conflict.value), "\n".join(others))
    console.print(table if found else "no open conflicts")


async def _get(db: "Database", conflict_id: str) -> "OpenConflict":
    from sinks.conflicts import find_conflict

    found = await find_conflict(db, conflict_id)
    if found is None:
        raise click.ClickException(f"no open conflict {conflict_id}; `looma conflicts list` shows those that are")
    return found


@conflicts.command()
@click.argument("conflict_id")
@json_option
@run
async def show(conflict_id: str, as_json: bool) -> None:
    """Show both sides of a conflict, with who said so and when."""
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        found = await _get(db, conflict_id)
    if as_json:
        print_json(_row(found))
        return
    table = Table(
        "",
        "value",
        "source",
        "time",
        Column("event", no_wrap=True),
        title=f"{found.entity} {found.entity_id}: {found.conflict.field}",
    )
    for number, c in enumerate(found.conflict.candidates, 1):
        table.add_row(str(number), json.dumps(c.value, ensure_ascii=False), c.source, c.time, c.event_id)
    console.print(table)
    console.print(f"the record has: {json.dumps(found.conflict.value, ensure_ascii=False)}")


@conflicts.command()
@click.argument("conflict_id")
@click.option("--take", type=click.IntRange(1), help="The candidate of this number, as `show` counts them.")
@click.option("--value", "text", help="This value, as JSON: '\"王芳\"', null for none.")
@click.option("--dry-run", is_flag=True, help="Show the event, publish nothing.")
@json_option
@run
async def resolve(conflict_id: str, take: int | None, text: str | None, dry_run: bool, as_json: bool) -> None:
    """Decide a conflict: publish the decision as an event."""
    from connectors.publisher import EventPublisher
    from ops.runtime.audit import record_now
    from ops.runtime.telemetry import telemetry
    from processors.sync.conflicts import decide
    from processors.sync.contribution import DECISION
    from streams.generations.database import active_database

    if (take is None) == (text is None):
        raise click.UsageError("say either --take NUMBER or --value JSON")
    settings = load_settings()
    async with active_database(settings) as db:
        found = await _get(db, conflict_id)
    value, now = _value(found, take, text), datetime.now(UTC)
    event = decide(found.conflict, found.entity, found.entity_id, value, now, found.required)
    if not dry_run:
        about = (found.entity, found.entity_id)
        await record_now(settings, "conflict.decided", f"conflict:{conflict_id}", records=[about])
        with telemetry(settings, "conflicts"):
            async with EventPublisher(settings.kafka, DECISION) as publisher:
                await publisher.publish(
                    event.entity, event.id, event.fields, event_id=event.envelope.id, time=event.envelope.time
                )
    if as_json:
        print_json({"event_id": event.envelope.id, "fields": event.fields, "dry_run": dry_run})
    else:
        did = "would publish" if dry_run else "published"
        console.print(f"{did} event {event.envelope.id}: {json.dumps(event.fields, ensure_ascii=False)}")


def _value(found: "OpenConflict", take: int | None, text: str | None) -> Any:
    """Return the value decided on, which must be valid for the field."""
    from processors.sync.conflicts import valid_value
    from schemas.entities import MODELS

    field = found.conflict.field
    if take is not None:
        if take > len(found.conflict.candidates):
            raise click.UsageError(f"there are {len(found.conflict.candidates)} candidates")
        return found.conflict.candidates[take - 1].value
    try:
        return valid_value(field, found.entity, json.loads(text or ""), found.required)
    except (ValueError, BadMessageError) as error:
        kind = MODELS[found.entity].model_fields[field].annotation
        raise click.UsageError(f"not a value of {field} ({kind}): {error}") from None
