"""`looma migrate`: what an older version has stored, as this one reads it."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress

from ops.cli.context import console, errors, json_option, load_own_settings, load_settings, print_json, run
from ops.cli.tables import Column, Table

if TYPE_CHECKING:
    from schemas.settings import Settings
    from sinks.migrations import runner as migrations
    from sinks.migrations.migration import Migration
    from sinks.mongodb import Database


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Say what each migration would change, and change nothing.")
@json_option
@click.pass_context
def migrate(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Bring what an older version has stored to this one's form: every generation's database.

    \b
    To upgrade:   looma backup create FILE; stop all workers; install the new version;
                  looma migrate --dry-run; looma migrate; start the workers

    Migrations go forward only, in order. Each is recorded in the database when it is done; interrupted, the same
    command goes on. A worker refuses a database that lacks one, or has one that it does not know.
    """
    if ctx.invoked_subcommand is None:
        _migrate(dry_run, as_json)


@migrate.command("list")
@json_option
@run
async def list_(as_json: bool) -> None:
    """Show every migration: in which database it was applied, when, and by which version; changes nothing."""
    async with _databases(load_settings()) as (_, databases):
        rows = [row for database in databases for row in await _rows(database)]
    if as_json:
        print_json(rows)
        return
    table = Table("database", Column("number", justify="right"), "migration", "applied", "by version")
    for row in rows:
        at = f"{row['applied_at']:%Y-%m-%d %H:%M}Z" if row["applied_at"] else "missing"
        table.add_row(row["database"], str(row["number"]), row["name"], at, row["version"] or "-")
    console.print(table)


@run
async def _migrate(dry_run: bool, as_json: bool) -> None:
    from sinks.migrations import MIGRATIONS
    from sinks.migrations import runner as migrations

    settings = load_own_settings()
    async with _databases(settings) as (base, databases):
        lacking = {d.name: await migrations.missing(d) for d in databases}
        if dry_run:
            await _preview(databases, lacking, as_json)
            return
        done: list[dict[str, Any]] = []
        if any(lacking.values()):
            async with migrations.alone(base):
                await _refuse_workers(settings, base)
                for database in databases:
                    with _bar(database.name) as progress:
                        for applied in await migrations.migrate(database, progress):
                            done.append({"database": database.name, **_values(applied)})
                            if not as_json:
                                console.print(_line(database.name, applied.number, applied.name, applied.changed))
    if as_json:
        print_json({"applied": done})
    elif not done:
        console.print(f"nothing to do: every database has migration {MIGRATIONS[-1].number}")


async def _preview(
    databases: "Sequence[Database]", lacking: "Mapping[str, Sequence[Migration]]", as_json: bool
) -> None:
    from sinks.migrations import MIGRATIONS
    from sinks.migrations import runner as migrations

    rows = []
    for database in databases:
        for migration in lacking[database.name]:
            changes = await migrations.plan(database, migration)
            row = {"database": database.name, "number": migration.number, "name": migration.name}
            rows.append({**row, "description": migration.description, "changes": changes})
            if not as_json:
                console.print(_line(database.name, migration.number, migration.name, changes))
                console.print(f"  {migration.description}", style="dim")
    if as_json:
        print_json({"dry_run": True, "missing": rows})
    elif not rows:
        console.print(f"nothing to do: every database has migration {MIGRATIONS[-1].number}")


async def _rows(database: "Database") -> list[dict[str, Any]]:
    """Return a row for every migration that is known, or was applied by a newer version."""
    from sinks.migrations import MIGRATIONS
    from sinks.migrations import runner as migrations

    had = {a.number: a for a in await migrations.applied(database)}
    rows = [{"database": database.name, **_values(a)} for a in had.values()]
    for migration in MIGRATIONS:
        if migration.number not in had:
            row = {"database": database.name, "number": migration.number, "name": migration.name}
            rows.append({**row, "applied_at": None, "version": None, "changed": {}})
    return sorted(rows, key=lambda row: row["number"])


def _values(applied: "migrations.Applied") -> dict[str, Any]:
    from sinks.migrations import runner as migrations

    return {name: getattr(applied, name) for name in migrations.Applied.__slots__}


def _line(database: str, number: int, name: str, changes: Mapping[str, int]) -> str:
    counts = ", ".join(f"{count:,} of {collection}" for collection, count in changes.items())
    return f"{database}: migration {number} ({name}): {counts or 'nothing to change'}"


@asynccontextmanager
async def _databases(settings: "Settings") -> "AsyncIterator[tuple[Database, list[Database]]]":
    from streams.generations.database import all_databases, unchecked_database

    async with unchecked_database(settings) as base:
        yield base, await all_databases(base)


async def _refuse_workers(settings: "Settings", base: "Database") -> None:
    """Raise MigrationError while a worker runs: one of the older version would write on in the older form."""
    from sinks.migrations import runner as migrations
    from streams.generations.database import known_generations
    from streams.generations.generation import Generation
    from streams.lag import chat_group, resume_group, workers_of

    own = settings.kafka.group_id
    groups = {f"of generation {name}": Generation(name).named(own) for name in await known_generations(base)}
    for which, group in {**groups, "for resumes": resume_group(own), "for chat": chat_group(own)}.items():
        if count := await workers_of(settings.kafka, group):
            raise migrations.MigrationError(f"{count} workers {which} are running; stop all workers first")


@contextmanager
def _bar(database: str) -> Iterator[Callable[[str, int, int], None]]:
    with Progress(console=errors, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(collection: str, done: int, total: int) -> None:
            if collection not in tasks:
                tasks[collection] = bar.add_task(f"{database} {collection}", total=total)
            bar.update(tasks[collection], completed=done, total=total)

        yield show
