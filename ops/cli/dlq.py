"""`looma dlq`: what could not be processed, and what to do about it."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_own_settings, load_settings, print_json, run
from ops.cli.tables import Column, Table

if TYPE_CHECKING:
    from sinks.mongodb import Database
    from streams.letter_index import Listed

SHOWN_BYTES = 2000


@click.group()
def dlq() -> None:
    """List, show, redrive and discard dead letters."""


async def _pending(db: "Database") -> "list[Listed]":
    from streams.letter_index import pending

    return await pending(load_settings().kafka, db)


async def _chosen(db: "Database", ids: tuple[str, ...], every: bool) -> "list[Listed]":
    letters = await _pending(db)
    if every:
        return letters
    if not ids:
        raise click.UsageError("name dead letters by their ids, or say --all")
    unknown = set(ids) - {letter.id for letter in letters}
    if unknown:
        raise click.ClickException(f"no such dead letter: {', '.join(sorted(unknown))}")
    return [letter for letter in letters if letter.id in ids]


def _row(letter: "Listed") -> dict[str, object]:
    return {
        "id": letter.id,
        "reason": letter.reason,
        "detail": letter.detail,
        "failed_at": letter.failed_at,
        "bytes": letter.bytes,
        "repeats": len(letter.repeats),
    }


@dlq.command("list")
@json_option
@run
async def list_(as_json: bool) -> None:
    """List the dead letters that nobody has settled."""
    from streams.generations.database import base_database

    async with base_database(load_settings()) as db:
        letters = await _pending(db)
    if as_json:
        print_json([_row(letter) for letter in letters])
        return
    table = Table(Column("id", no_wrap=True), "reason", "detail", "bytes", "failed at")
    for letter in letters:
        table.add_row(letter.id, letter.reason, letter.detail, str(letter.bytes), letter.failed_at[:19])
    console.print(table)


@dlq.command()
@click.argument("letter_id", metavar="ID")
@json_option
@run
async def show(letter_id: str, as_json: bool) -> None:
    """Show one dead letter: reason, headers and the start of its value. It may hold personal data."""
    from ops.runtime.audit import record_now
    from streams.generations.database import base_database
    from streams.letter_index import read_letters

    s = load_settings()
    async with base_database(s) as db:
        (listed,) = await _chosen(db, (letter_id,), every=False)
    await record_now(s, "dead_letters.read", listed.id)
    letter = next(iter(await read_letters(s.kafka, [listed])), None)
    if letter is None:
        raise click.ClickException(f"no such dead letter: {letter_id}")
    body = (letter.value or b"")[:SHOWN_BYTES].decode(errors="backslashreplace")
    headers = {n: v.decode(errors="backslashreplace") for n, v in letter.headers}
    if as_json:
        key = (letter.key or b"").decode(errors="backslashreplace")
        print_json({**_row(listed), "key": key, "headers": headers, "value": body, "stack": letter.stack})
        return
    console.print(f"{letter.id}  {letter.reason}  {letter.detail}", style="bold", highlight=False)
    for name, value in headers.items():
        console.print(f"  {name}: {value}")
    console.print(body)
    if letter.stack:
        console.print(letter.stack)


def _settling(command: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Give a command the arguments of settling dead letters."""
    decorated = run(command)
    for decorate in (
        json_option,
        click.option("--dry-run", is_flag=True, help="Only say what would be done."),
        click.option("--all", "every", is_flag=True, help="All that are pending."),
        click.argument("ids", nargs=-1, metavar="ID..."),
    ):
        decorated = decorate(decorated)
    return decorated


@dlq.command()
@_settling
async def redrive(ids: tuple[str, ...], every: bool, dry_run: bool, as_json: bool) -> None:
    """Publish dead letters again to the topics they came from, as they were."""
    from ops.runtime.audit import record_now
    from streams import dead_letters as deadletters
    from streams.generations.database import base_database
    from streams.letter_index import whole

    s = load_settings()
    async with base_database(s) as db:
        letters = await _chosen(db, ids, every)
        if letters and not dry_run:
            await record_now(s, "dead_letters.redriven", [letter.id for letter in letters])
            await deadletters.redrive(s.kafka, db, whole(s.kafka, letters))
    _report("redriven", letters, dry_run, as_json)


@dlq.command()
@_settling
async def discard(ids: tuple[str, ...], every: bool, dry_run: bool, as_json: bool) -> None:
    """Mark dead letters as settled; they stay in the topic for its retention."""
    from ops.runtime.audit import record_now
    from streams import dead_letters as deadletters
    from streams.generations.database import base_database

    s = load_own_settings()
    async with base_database(s) as db:
        letters = await _chosen(db, ids, every)
        if letters and not dry_run:
            await record_now(s, "dead_letters.discarded", [letter.id for letter in letters])
            await deadletters.discard(db, letters)
    _report("discarded", letters, dry_run, as_json)


def _report(verb: str, letters: "list[Listed]", dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({verb: [letter.id for letter in letters], "dry_run": dry_run})
    else:
        console.print(f"{'would be ' if dry_run else ''}{verb}: {len(letters)}")
