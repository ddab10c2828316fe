"""`looma identity`: which records are one person or company, why, and a person's word on it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.entities import RESOLVABLE

if TYPE_CHECKING:
    from schemas.entities import Resolvable
    from schemas.verdicts import Action

_ENTITY = click.Choice(RESOLVABLE)


@click.group()
def identity() -> None:
    """Show golden records, the evidence for them, and merge or un-merge records.

    A merge or un-merge is an event: it is replayed like any other, and holds against what is computed.
    """


@identity.command("list")
@click.argument("entity", type=_ENTITY)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@json_option
@run
async def list_(entity: "Resolvable", limit: int, as_json: bool) -> None:
    """List the golden records of several sources, those with the most first."""
    from sinks.identities import GOLDEN
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        pipeline: list[dict[str, Any]] = [
            {"$match": {"members.1": {"$exists": True}}},
            {"$project": {"members": 1, "name": "$fields.name", "size": {"$size": "$members"}}},
            {"$sort": {"size": -1, "_id": 1}},
            {"$limit": limit},
        ]
        found = [d async for d in await db[GOLDEN[entity]].aggregate(pipeline)]
    if as_json:
        print_json([{"id": d["_id"], "name": d.get("name"), "members": d["members"]} for d in found])
        return
    table = Table(Column("golden record", no_wrap=True), "name", Column("source records", no_wrap=True))
    for d in found:
        table.add_row(d["_id"], d.get("name"), "\n".join(d["members"]))
    console.print(table if found else f"no {entity} has more than one source record")


@identity.command()
@click.argument("entity", type=_ENTITY)
@click.argument("record")
@json_option
@run
async def show(entity: "Resolvable", record: str, as_json: bool) -> None:
    """Show what RECORD is one with, and the evidence for and against, without personal values."""
    from sinks.identities import IdentityStore
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        store = IdentityStore(db, entity)
        members = await store.members(record)
        links = await store.links_of(members)
    if not members:
        raise click.ClickException(f"no {entity} {record}; records are resolved by a worker that is not --sync-only")
    if as_json:
        print_json({"members": members, "links": [_link_row(d) for d in links]})
        return
    console.print(f"{record} is one with: {', '.join(set(members) - {record}) or 'no other record'}")
    if links:
        console.print(_links_table(links))


@identity.command()
@click.argument("entity", type=_ENTITY)
@click.argument("record")
@json_option
@run
async def relations(entity: "Resolvable", record: str, as_json: bool) -> None:
    """Show what is related with the person or company that RECORD speaks of, through all its records.

    What refers to a record that became part of another is shown under the golden one, until an un-merge.
    """
    from sinks.relations import relations_of
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        found = await relations_of(db, entity, record)
    if as_json:
        print_json([r.model_dump(mode="json", exclude_none=True) for r in found])
        return
    table = Table(Column("", no_wrap=True), "relation", Column("", no_wrap=True))
    for r in found:
        table.add_row(f"{r.source.kind} {r.source.id}", r.type, f"{r.target.kind} {r.target.id}")
    console.print(table if found else f"nothing refers to {record}")


@identity.command()
@click.argument("entity", type=_ENTITY)
@json_option
@run
async def review(entity: "Resolvable", as_json: bool) -> None:
    """List the pairs that may be one but are not sure enough to merge, the likeliest first."""
    from sinks.identities import IdentityStore
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        links = await IdentityStore(db, entity).unsure(1000)
    if as_json:
        print_json([_link_row(d) for d in links])
    else:
        console.print(_links_table(links) if links else "nothing to review")


def _link_row(link: dict[str, Any]) -> dict[str, Any]:
    return {name: link[name] for name in ("left", "right", "decision", "probability", "evidence")}


def _links_table(links: list[dict[str, Any]]) -> Table:
    from processors.resolution.compare import Evidence
    from processors.resolution.words import words

    table = Table(Column("records", no_wrap=True), "decision", "probability", "evidence")
    for d in links:
        evidence = "\n".join(words([Evidence(**e) for e in d["evidence"]], "en"))
        table.add_row(f"{d['left']}\n{d['right']}", d["decision"], f"{d['probability']:.3f}", evidence)
    return table


@identity.command()
@click.argument("entity", type=_ENTITY)
@click.argument("left")
@click.argument("right")
@json_option
@run
async def merge(entity: "Resolvable", left: str, right: str, as_json: bool) -> None:
    """Say that two records are one person or company, whatever is computed."""
    await _say("merge", entity, left, right, as_json)


@identity.command()
@click.argument("entity", type=_ENTITY)
@click.argument("left")
@click.argument("right")
@json_option
@run
async def unmerge(entity: "Resolvable", left: str, right: str, as_json: bool) -> None:
    """Say that two records are not one; they are never merged again, not by way of a third either."""
    await _say("unmerge", entity, left, right, as_json)


async def _say(action: "Action", entity: "Resolvable", left: str, right: str, as_json: bool) -> None:
    from connectors.message import build_verdict
    from connectors.publisher import EventPublisher
    from ops.runtime.audit import record_now
    from ops.runtime.telemetry import telemetry
    from processors.sync.contribution import DECISION
    from schemas.envelope import derived_id

    if left == right:
        raise click.UsageError("name two records")
    settings = load_settings()
    now = datetime.now(UTC)
    event_id = derived_id("verdict", action, entity, min(left, right), max(left, right), now.isoformat())
    message = build_verdict(action, entity, left, right, source=DECISION, event_id=event_id, time=now)
    await record_now(
        settings, "identity.decided", records=[(entity, left), (entity, right)], details={"action": action}
    )
    with telemetry(settings, "identity"):
        async with EventPublisher(settings.kafka, DECISION, client_id="looma-identity") as publisher:
            await publisher.send(message)
    if as_json:
        print_json({"event_id": event_id, "action": action, "entity": entity, "left": left, "right": right})
    else:
        console.print(f"published {action} of {left} and {right}: event {event_id}")
