"""Which migrations a database has had, and the ones that it lacks.

Each database records its own, in the collection `migrations`. One that holds nothing yet is recorded as up to date.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import pymongo
from pymongo.errors import DuplicateKeyError, PyMongoError

from schemas.errors import LoomaError
from sinks.migrations import MIGRATIONS
from sinks.migrations.migration import Migration, Progress
from sinks.mongodb import Database
from sinks.scan import SECONDS

RECORDED = "migrations"
LEASE_SECONDS = 30.0
"""How long a run that was killed keeps others out."""

_LEASE = "lease"


class MigrationError(LoomaError):
    """A database cannot be used, or not be migrated now; the text says why and what to do."""

    code = "migration"


@dataclass(frozen=True, slots=True)
class Applied:
    """A migration that a database has had; `changed` counts documents, and is empty if there was nothing to change."""

    number: int
    name: str
    applied_at: datetime
    version: str
    changed: Mapping[str, int]


async def applied(database: Database) -> list[Applied]:
    """Return the migrations that a database has had, in order; a newer version may have recorded more of each."""
    cursor = database[RECORDED].find({"number": {"$exists": True}}).sort("number", 1)
    return [Applied(**{name: d[name] for name in Applied.__slots__}) async for d in cursor]


async def missing(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """Return the migrations that a database lacks, in order; an empty database lacks none, and is recorded so.

    Raises MigrationError for a database that a newer version has migrated.
    """
    had = {a.number: a for a in await applied(database)}
    if unknown := [a for a in had.values() if a.number not in {m.number for m in migrations}]:
        newest = unknown[-1]
        raise MigrationError(
            f"the database {database.name} has migration {newest.number} ({newest.name}) of version {newest.version}, "
            "which this version does not know; update Looma Streams"
        )
    lacking = [m for m in migrations if m.number not in had]
    if lacking and await _is_empty(database):
        for migration in lacking:
            await _record(database, migration, {})
        return []
    return lacking


async def require_current(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise MigrationError unless a database is as this version reads and writes it."""
    if lacking := await missing(database, migrations):
        numbers = ", ".join(str(m.number) for m in lacking)
        raise MigrationError(
            f"the database {database.name} is of an older version and lacks migration {numbers}; "
            "stop all workers and run `looma migrate`"
        )


async def migrate(
    database: Database,
    progress: Progress = lambda *_: None,
    *,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> list[Applied]:
    """Apply to one database what it lacks, in order; return what was applied. Ended at any point, it can be repeated.

    Each is recorded when it is done, so one that was interrupted is applied again: `changed` is what was left of it.
    """
    done = []
    for migration in await missing(database, migrations):
        changed = await plan(database, migration)
        await migration.apply(database, progress)
        done.append(await _record(database, migration, changed))
    return done


async def plan(database: Database, migration: Migration) -> dict[str, int]:
    """Return how many documents a migration would change, by collection; those with none are left out."""
    return {name: count for name, count in (await migration.plan(database)).items() if count}


async def rewind(database: Database, number: int, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Record in a database that what is about to be put there is of the time of migration `number`.

    Raises MigrationError for a number of a newer version.
    """
    if number > migrations[-1].number:
        raise MigrationError(f"it is of a newer version (migration {number}); update Looma Streams")
    await database[RECORDED].delete_many({"number": {"$gt": number}})
    for migration in migrations[:number]:
        await _record(database, migration, {})


@asynccontextmanager
async def alone(base: Database, *, seconds: float = LEASE_SECONDS) -> AsyncIterator[None]:
    """Keep other migrations out for the block, and for `seconds` more if the process is killed in it.

    Raises MigrationError if another one is running. Two at once would do no harm: this is so that each can be told.
    """
    owner = uuid.uuid4().hex

    async def take(guard: Mapping[str, Any]) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        change = {"$set": {"owner": owner, "until": until}}
        await base[RECORDED].update_one({"_id": _LEASE, **guard}, change, upsert="until" in guard)

    async def keep() -> None:
        while True:
            await asyncio.sleep(seconds / 3)
            await take({"owner": owner})

    try:
        await take({"until": {"$lt": datetime.now(UTC)}})
    except DuplicateKeyError:
        raise MigrationError(
            f"another `looma migrate` is running, or was killed less than {seconds:.0f} s ago; try again then"
        ) from None
    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError, PyMongoError):  # kept out or not, nothing is done twice
            await keeping
        await base[RECORDED].delete_one({"_id": _LEASE, "owner": owner})


async def _is_empty(database: Database) -> bool:
    names = set(await database.list_collection_names()) - {RECORDED}
    for name in sorted(names):
        with pymongo.timeout(SECONDS):  # the embedded server reads all to find the first
            found = await database[name].find_one({}, {"_id": 1})
        if found:
            return False
    return True


async def _record(database: Database, migration: Migration, changed: Mapping[str, int]) -> Applied:
    found = Applied(migration.number, migration.name, datetime.now(UTC), version("looma-streams"), changed)
    document = {name: getattr(found, name) for name in Applied.__slots__}
    await database[RECORDED].update_one({"_id": migration.number}, {"$setOnInsert": document}, upsert=True)
    return found
