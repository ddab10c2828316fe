"""`looma topics` and `looma indexes`: what must exist before a worker starts."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.exits import Exit
from schemas.topics import ROLES

if TYPE_CHECKING:
    from streams.retention import Kept
    from streams.rights import Right

WIDE = 120


@click.group()
def topics() -> None:
    """Provision the Kafka topics, list them, and say who may do what with them.

    \b
    looma topics apply                     what is missing, and which topics keep messages otherwise
    looma topics list                      what each keeps, and how far the workers are behind
    looma topics acl --role worker         the rights of a process, as calls of kafka-acls.sh
    """


@topics.command("apply")
@click.option(
    "--retention", "is_changed", is_flag=True, help="Have existing topics keep messages as `retention` in the settings."
)
@json_option
@run
async def topics_apply(is_changed: bool, as_json: bool) -> None:
    """Create the declared topics that are missing. Those that exist stay as they are, and are listed if they differ.

    With --retention they keep messages for as long as the settings say. Kafka deletes at once what is older.
    """
    from schemas.topics import TOPICS
    from sinks.provisioning import apply_retention, apply_topics, other_retention

    s = load_settings()
    created = await apply_topics(s.kafka, s.retention)
    others = await (apply_retention if is_changed else other_retention)(s.kafka, s.retention)
    if as_json:
        said = {"created": created, "declared": len(TOPICS)}
        print_json(said | {"changed" if is_changed else "different": [each._asdict() for each in others]})
        return
    console.print(f"{len(created)} created, {len(TOPICS) - len(created)} there already")
    for each in others:
        text = (
            f"{each.wanted} instead of {each.has}" if is_changed else f"has {each.has}, the settings say {each.wanted}"
        )
        console.print(f"{each.topic}: {each.name} {text}")
    if others and not is_changed:
        console.print("`looma topics apply --retention` changes that")


@topics.command("list")
@json_option
@run
async def topics_list(as_json: bool) -> None:
    """List the topics: what each keeps, since when it can be replayed, and how far the workers are behind.

    A topic with `all` has every message it ever had, so that a new generation can be built from it; of one with
    `since`, retention has removed what was before. A terminal of 120 columns shows what each is for as well. Exit code
    0, also if a topic is missing: `looma topics apply`.
    """
    from schemas.topics import PIPELINE, TOPICS
    from streams.generations.database import active_now
    from streams.generations.generation import Generation
    from streams.lag import group_lag
    from streams.retention import kept

    s = load_settings()
    generation = Generation((await active_now(s)).generation)
    names = {t: generation.topic(t.name) for t in TOPICS}
    behind, found = await asyncio.gather(
        group_lag(
            s.kafka,
            generation.named(s.kafka.group_id),
            [generation.topic(name) for name in PIPELINE],
        ),
        kept(s.kafka, list(names.values())),
    )
    if as_json:
        rows = [
            {
                "name": name,
                "purpose": t.purpose,
                "retention_days": t.days(s.retention),
                "compacted": t.compacted,
                "lag": behind.get(name),
                "kept": asdict(found[name]) if name in found else None,
            }
            for t, name in names.items()
        ]
        print_json(rows)
        return
    table = Table(Column("topic", no_wrap=True), "partitions", "keeps", "replayable", "messages", "lag")
    purpose = console.width >= WIDE
    if purpose:
        table.add_column("purpose")
    for t, name in names.items():
        if has := found.get(name):
            row = (
                str(has.partitions),
                _keeps(has, t.days(s.retention)),
                _replayable(has, datetime.now(UTC)),
                str(has.messages),
            )
        else:
            row = ("missing", "-", "-", "-")
        table.add_row(name, *row, str(behind.get(name, "-")), *([t.purpose] if purpose else []))
    console.print(table)


@topics.command("acl")
@click.option("--role", type=click.Choice(ROLES), multiple=True, help="Of these only; repeat it.")
@click.option("--user", help="Kafka's principal; default: the name of the role.")
@click.option("--apply", is_flag=True, help="Give them, as the user of the settings; takes none away.")
@json_option
@run
async def topics_acl(role: tuple[str, ...], user: str | None, apply: bool, as_json: bool) -> None:
    """Print what each kind of process may do in Kafka, as calls of its `kafka-acls.sh`, or give it to them.

    worker, resumes, chat and api are processes of ours; operator is for commands that change or delete what is there,
    as `looma forget` and `looma replay`; publisher and subscriber are systems that write events and read results;
    provisioner runs `looma topics apply`, and may need no more than Create on a cluster of your own.
    """
    from streams.rights import commands, rights

    settings = load_settings()
    group = settings.kafka.group_id
    chosen = [each for each in ROLES if each in (role or ROLES)]
    if apply:
        from streams.granting import grant

        found: dict[str, set[Right]] = {}
        for each in chosen:
            found.setdefault(user or each, set()).update(rights(each, group))
        count = await grant(settings.kafka, found)
        if as_json:
            print_json({"users": sorted(found), "rights": count})
        else:
            console.print(f"{count} rights given to {', '.join(sorted(found))}")
    elif as_json:
        print_json({each: [right._asdict() for right in rights(each, group)] for each in chosen})
    else:
        for each in chosen:
            for line in commands(rights(each, group), user or each):
                click.echo(line)


def _keeps(has: "Kept", wanted: float | None) -> str:
    if has.compacted:
        return "newest of each key"
    differs = "" if has.retention_days == wanted else f" (settings: {_time(wanted)})"
    return _time(has.retention_days) + differs


def _time(days: float | None) -> str:
    if days is None:
        return "everything"
    return f"{days:g} days" if days >= 1 else f"{days * 24:g} h"


def _replayable(has: "Kept", now: datetime) -> str:
    if has.oldest is None:
        return "nothing there" if has.complete else "all expired"
    span = (now - has.oldest).total_seconds()
    text = f"{span / 86400:.1f} d" if span >= 86400 else f"{span / 3600:.1f} h"
    return f"{'all' if has.complete else 'since'} {has.oldest:%Y-%m-%d %H:%M}Z ({text})"


@click.group()
def indexes() -> None:
    """Provision MongoDB's indexes, and compare them with what a server has.

    \b
    looma indexes apply                    what is missing, in every generation's database
    looma indexes check                    missing, different, unused, undeclared
    """


@indexes.command("apply")
@json_option
@run
async def indexes_apply(as_json: bool) -> None:
    """Create the declared indexes that are missing, in the databases of all generations."""
    from sinks.indexes import apply_indexes
    from streams.generations.database import all_databases, base_database

    settings = load_settings()
    retention = settings.retention
    async with base_database(settings) as base:
        databases = {db.name: await apply_indexes(db, retention, base=db is base) for db in await all_databases(base)}
        names = databases[base.name]
    if as_json:
        print_json({"indexes": names, "databases": sorted(databases)})
    else:
        console.print(f"{len(names)} indexes in place in {', '.join(sorted(databases))}")


@indexes.command("check")
@json_option
@run
async def indexes_check(as_json: bool) -> None:
    """Compare the indexes of all generations' databases with those declared.

    Exit code 1 if one is missing or different. `unused` is what the server has not used since it was started, where it
    counts that: traffic of a day tells more than that of an hour. `undeclared` are your own; each costs every write.
    """
    from sinks.indexes import check_indexes
    from streams.generations.database import all_databases, base_database

    settings = load_settings()
    retention = settings.retention
    async with base_database(settings) as base:
        found = [
            each for db in await all_databases(base) for each in await check_indexes(db, retention, base=db is base)
        ]
    if as_json:
        print_json([asdict(each) for each in found])
    elif not found:
        console.print("all indexes are as declared")
    else:
        table = Table(Column("index", no_wrap=True), "problem", "detail")
        for each in found:
            table.add_row(f"{each.database}.{each.collection}.{each.index}", each.problem, each.detail)
        console.print(table)
        if any(each.problem == "missing" for each in found):
            console.print("`looma indexes apply` creates what is missing")
        if any(each.problem == "different" for each in found):
            console.print("drop what is different, then run `looma indexes apply`: until then queries may scan")
    if any(each.is_wrong for each in found):
        raise click.exceptions.Exit(int(Exit.REFUSED))
