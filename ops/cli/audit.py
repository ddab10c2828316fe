"""`looma audit`: who did what that matters, and whether the log of it is whole."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.durations import DURATION
from ops.cli.tables import Column, Table
from schemas.audit import ACTIONS, Action, Head, now
from schemas.entities import ENTITIES
from schemas.exits import Exit

if TYPE_CHECKING:
    from schemas.audit import AuditEvent


@click.group()
def audit() -> None:
    """Show and verify the audit log: who read, decided, redrove, forgot, and made or revoked keys.

    \b
    looma audit show --about talent:T0001 --since 7d
    looma audit verify --json > heads.json           kept elsewhere, the next takes it as --anchors

    It names no person: `--about talent:T0001` finds her by a pseudonym that only the deployment's secret makes.
    """


@audit.command()
@click.option("--action", type=click.Choice(ACTIONS))
@click.option("--caller", help="local, key:… or token:…")
@click.option("--about", help="What it was done to, as ENTITY:ID.")
@click.option("--since", type=DURATION, help="Not older than 7d, 12h, 30m.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000), help="The newest.")
@json_option
@run
async def show(
    action: Action | None, caller: str | None, about: str | None, since: timedelta | None, limit: int, as_json: bool
) -> None:
    """Show the newest events that match, oldest first."""
    from ops.runtime.audit import read

    settings = load_settings()
    wanted = {about, _pseudonymous(about)} if about else set()
    first: datetime | None = now() - since if since else None

    def is_wanted(event: "AuditEvent") -> bool:
        return (
            (action is None or event.action == action)
            and (caller is None or event.caller == caller)
            and (not wanted or not wanted.isdisjoint(event.about))
            and (first is None or event.time >= first)
        )

    every = [logged.event async for logged in read(settings.kafka) if logged.event and is_wanted(logged.event)]
    found = sorted(every, key=lambda event: (event.time, event.number))[-limit:]
    if as_json:
        print_json([event.model_dump(mode="json") for event in found])
        return
    table = Table(Column("time", no_wrap=True), "action", Column("caller", no_wrap=True), "about", "details")
    for event in found:
        details = json.dumps(event.details, ensure_ascii=False) if event.details else ""
        table.add_row(event.stated(), event.action, event.caller, "\n".join(event.about), details)
    console.print(table if found else "no such event")


def _pseudonymous(about: str) -> str:
    from ops.runtime.secret import secret_of
    from processors.audit import named

    entity, _, id = about.partition(":")
    return named(secret_of(load_settings()), entity, id) if entity in ENTITIES else about


@audit.command()
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads of chains that an earlier `--json` has printed and that were kept elsewhere.",
)
@json_option
@run
async def verify(anchors: Path | None, as_json: bool) -> None:
    """Check every chain, and say where one breaks.

    Each event carries the hash of the one before, keyed with the deployment's secret; each chain begins with the heads
    of those before it. What is not closed is of a process that runs or was killed: that its last events are there, the
    next chain says, or `--anchors`.

    \b
    Exit codes: 0 whole, 1 broken.
    """
    from ops.runtime.audit import read
    from ops.runtime.secret import secret_of
    from processors.audit import Verifier

    settings = load_settings()
    verifier = Verifier(secret_of(settings), _heads(anchors))
    async for logged in read(settings.kafka):
        verifier.add(logged.place, logged.event, cut=logged.cut)
    verdict = verifier.verdict()
    if as_json:
        print_json(
            {
                "events": verdict.events,
                "closed": verdict.closed,
                "begun_before_retention": verdict.cut,
                "heads": [head.model_dump() for head in verdict.open],
                "breaks": [{"place": b.place, "chain": b.chain, "what": b.what} for b in verdict.breaks],
            }
        )
    else:
        for found in verdict.breaks:
            console.print(f"{found.place}: chain {found.chain}: {found.what}")
        state = "broken" if verdict.breaks else "whole"
        console.print(f"{state}: {verdict.events} events, {verdict.closed} chains closed, {len(verdict.open)} open")
    if verdict.breaks:
        sys.exit(Exit.REFUSED)


def _heads(file: Path | None) -> list[Head]:
    if file is None:
        return []
    try:
        return [Head.model_validate(head) for head in json.loads(file.read_text("utf-8"))["heads"]]
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{file.name} is not what `looma audit verify --json` prints") from None
