"""`looma topics` and `looma indexes`: what must exist before a worker starts."""

import click
from rich.table import Table

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.database import base_database
from sinks.indexes import apply_indexes
from streams.lag import group_lag
from streams.topics import TOPICS, apply_topics


@click.group()
def topics() -> None:
    """Provision and list the Kafka topics."""


@topics.command("apply")
@json_option
@run
async def topics_apply(as_json: bool) -> None:
    """Create the declared topics that are missing."""
    s = load_settings()
    created = await apply_topics(
        s.bootstrap_servers,
        partitions=s.partitions,
        replication_factor=s.replication_factor,
        timeout_seconds=s.request_timeout_seconds,
    )
    if as_json:
        print_json({"created": created, "declared": len(TOPICS)})
    else:
        console.print(f"{len(created)} created, {len(TOPICS) - len(created)} there already")


@topics.command("list")
@json_option
@run
async def topics_list(as_json: bool) -> None:
    """List the topics: how long each can be replayed, and how far the workers are behind."""
    s = load_settings()
    lag = await group_lag(s.bootstrap_servers, s.group_id, timeout_seconds=s.request_timeout_seconds)
    rows = [
        {
            "name": t.name,
            "purpose": t.purpose,
            "retention_days": t.retention_days,
            "compacted": t.compacted,
            "lag": lag.get(t.name),
        }
        for t in TOPICS
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("topic", "kept", "lag", "purpose")
    for t in TOPICS:
        kept = "newest of each key" if t.compacted else f"{t.retention_days} days"
        table.add_row(t.name, kept, str(lag.get(t.name, "-")), t.purpose)
    console.print(table)


@click.group()
def indexes() -> None:
    """Provision MongoDB's indexes."""


@indexes.command("apply")
@json_option
@run
async def indexes_apply(as_json: bool) -> None:
    """Create the declared indexes that are missing."""
    async with base_database(load_settings()) as db:
        names = await apply_indexes(db)
    if as_json:
        print_json({"indexes": names})
    else:
        console.print(f"{len(names)} indexes in place")
