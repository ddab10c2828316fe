"""`looma keys`: who may use the HTTP API, and for what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.durations import DURATION
from ops.cli.tables import Column, Table

if TYPE_CHECKING:
    from ops.runtime.audit import Audit
    from schemas.access import ApiKey
    from sinks.api_keys import KeyStore


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke the keys of the HTTP API.

    A key is shown once, when it is made: what is stored cannot be turned back. A lost one is replaced by `rotate`.
    docs/guides/access.md explains scopes, sources and what each caller sees.
    """


@asynccontextmanager
async def _store() -> "AsyncIterator[tuple[KeyStore, Audit]]":
    from ops.runtime.audit import open_audit
    from ops.runtime.secret import secret_of
    from sinks.api_keys import KeyStore
    from streams.generations.database import base_database

    settings = load_settings()
    async with base_database(settings) as db, open_audit(settings) as audit:
        yield KeyStore(db, secret_of(settings)), audit


def _row(key: "ApiKey") -> dict[str, object]:
    values = key.model_dump(mode="json") | {"scopes": sorted(key.scopes), "sources": sorted(key.sources)}
    return values | {"state": key.state(datetime.now(UTC))}


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated. docs/reference/scopes.md.")
@click.option("--source", "sources", multiple=True, help="Whose events it may write, with events:write; * for any.")
@click.option("--candidate", metavar="TALENT", help="Bind it to a talent: it sees nothing but that one.")
@click.option("--recruiter", metavar="ID", help="Bind it to a recruiter.")
@click.option("--expires", type=DURATION, help="After so long: 90d, 12h.  [default: never]")
@click.option("--requests", type=click.IntRange(1), default=600, show_default=True, help="A minute.")
@click.option("--tokens", type=click.IntRange(1), help="Of language models, a minute.  [default: no limit]")
@json_option
@run
async def create(
    name: str,
    scopes: tuple[str, ...],
    sources: tuple[str, ...],
    candidate: str | None,
    recruiter: str | None,
    expires: timedelta | None,
    requests: int,
    tokens: int | None,
    as_json: bool,
) -> None:
    """Make a key and show it, this once.

    \b
    looma keys create crm --scope events:write --source crm --expires 365d
    looma keys create reports --scope talents:read --scope matches:read
    looma keys create portal-T0001 --candidate T0001 --scope talents:read --scope matches:read
    """
    if not scopes:
        raise click.UsageError("say what it may do: --scope talents:read, for instance")
    async with _store() as (store, audit):
        try:
            key, secret = await store.create(
                name=name,
                scopes=scopes,
                sources=sources,
                candidate=candidate,
                recruiter=recruiter,
                expires=datetime.now(UTC) + expires if expires else None,
                requests_per_minute=requests,
                tokens_per_minute=tokens,
            )
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)[0]
            raise click.UsageError(f"{'.'.join(map(str, found['loc'])) or 'key'}: {found['msg']}") from None
        await audit.record("key.created", about=f"key:{key.id}", details={"scopes": sorted(key.scopes)})
    if as_json:
        print_json({**_row(key), "key": secret})
    else:
        errors.print(f"{key.id}; keep it well, it is shown this once:")
        console.print(secret)


@keys.command("list")
@json_option
@run
async def list_(as_json: bool) -> None:
    """List the keys, without what opens anything."""
    async with _store() as (store, _):
        found = await store.all()
    if as_json:
        print_json([_row(key) for key in found])
        return
    table = Table(Column("id", no_wrap=True), "name", "state", "scopes", "sources", "for", "expires", "a minute")
    for key in found:
        whom = f"candidate {key.candidate}" if key.candidate else f"recruiter {key.recruiter}" if key.recruiter else ""
        table.add_row(
            key.id,
            key.name,
            key.state(datetime.now(UTC)),
            " ".join(sorted(key.scopes)),
            " ".join(sorted(key.sources)),
            whom,
            f"{key.expires:%Y-%m-%d %H:%M}" if key.expires else "never",
            str(key.requests_per_minute or "any"),
        )
    console.print(table if found else "no keys; `looma keys create` makes one")


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option("--grace", type=DURATION, default="24h", show_default=True, help="How long the old one opens, too.")
@json_option
@run
async def rotate(key_id: str, grace: timedelta, as_json: bool) -> None:
    """Give a key another secret and show it, this once; rights and limits stay."""
    async with _store() as (store, audit):
        secret = await store.rotate(key_id, grace)
        await audit.record("key.rotated", about=f"key:{key_id}")
    if as_json:
        print_json({"id": key_id, "key": secret})
    else:
        console.print(secret)


@keys.command()
@click.argument("key_ids", metavar="ID...", nargs=-1, required=True)
@json_option
@run
async def revoke(key_ids: tuple[str, ...], as_json: bool) -> None:
    """Close keys for good. Every API process refuses them within two seconds."""
    async with _store() as (store, audit):
        found = []
        for key_id in key_ids:
            found.append(await store.revoke(key_id))
            await audit.record("key.revoked", about=f"key:{key_id}")
    if as_json:
        print_json([_row(key) for key in found])
    else:
        console.print(f"revoked: {', '.join(key.id for key in found)}")


@keys.command()
@json_option
@run
async def prune(as_json: bool) -> None:
    """Remove keys from the list that are revoked or expired."""
    async with _store() as (store, audit):
        gone = await store.prune()
        if gone:
            await audit.record("key.pruned", details={"keys": gone})
    if as_json:
        print_json({"removed": gone})
    else:
        console.print(f"removed: {len(gone)}")
