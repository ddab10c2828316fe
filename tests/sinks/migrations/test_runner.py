"""Migrations are applied in order, once, wherever the last attempt ended; a database of another version is refused."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from schemas.settings import Settings
from sinks import mongodb, scan
from sinks.migrations import MIGRATIONS, m0001_retold
from sinks.migrations.migration import Migration, Progress, batches_of
from sinks.migrations.runner import (
    RECORDED,
    MigrationError,
    alone,
    applied,
    migrate,
    missing,
    plan,
    require_current,
    rewind,
)
from sinks.mongodb import Database

pytestmark = pytest.mark.slow

pytest.importorskip("secantus")
OLD = datetime(2026, 1, 5, tzinfo=UTC)


def adds(number: int, log: list[str], *, dies_after: int | None = None) -> Migration:
    """Return a migration that adds its number to what every document has seen."""
    lacking = {"seen": {"$ne": number}}

    async def planned(database: Database) -> Mapping[str, int]:
        log.append(f"plan {number}")
        return {"things": await database["things"].count_documents(lacking), "others": 0}

    async def apply(database: Database, progress: Progress) -> None:
        changed = 0
        async for ids in batches_of(database, "things", progress):
            for each in ids:
                if changed == dies_after:
                    raise KeyboardInterrupt
                done = await database["things"].update_one({"_id": each, **lacking}, {"$push": {"seen": number}})
                changed += done.modified_count
        log.append(f"apply {number}")

    return Migration(number, f"step{number}", "adds a number", planned, apply)


async def things(database: Database) -> list[list[int]]:
    return [d["seen"] async for d in database["things"].find({}).sort("_id", 1)]


async def put(database: Database, count: int = 5) -> None:
    await database["things"].insert_many([{"_id": n, "seen": []} for n in range(count)])


async def test_what_lacks_is_applied_in_order_and_once(database: Database) -> None:
    await put(database)
    log: list[str] = []
    two = (adds(1, log), adds(2, log))
    first = await migrate(database, migrations=two)
    assert await things(database) == [[1, 2]] * 5
    assert [(a.number, a.name, a.changed) for a in first] == [(1, "step1", {"things": 5}), (2, "step2", {"things": 5})]
    assert [(a.number, a.changed) for a in await applied(database)] == [(a.number, a.changed) for a in first]
    assert await migrate(database, migrations=two) == []
    third = adds(3, log)
    assert [a.number for a in await migrate(database, migrations=(*two, third))] == [3]
    assert await things(database) == [[1, 2, 3]] * 5
    assert log == ["plan 1", "apply 1", "plan 2", "apply 2", "plan 3", "apply 3"]


async def test_a_plan_says_what_would_be_done_and_does_nothing(database: Database) -> None:
    await put(database)
    await database["things"].update_one({"_id": 3}, {"$push": {"seen": 1}})
    log: list[str] = []
    assert await plan(database, adds(1, log)) == {"things": 4}
    assert await things(database) == [[], [], [], [1], []]
    assert await applied(database) == []


@pytest.mark.parametrize("dies_after", [0, 1, 4])
async def test_what_was_killed_in_the_middle_goes_on(database: Database, dies_after: int) -> None:
    await put(database)
    with pytest.raises(KeyboardInterrupt):
        await migrate(database, migrations=(adds(1, []), adds(2, [], dies_after=dies_after), adds(3, [])))
    assert [a.number for a in await applied(database)] == [1]
    with pytest.raises(MigrationError, match=r"lacks migration 2, 3; stop all workers and run `looma migrate`"):
        await require_current(database, (adds(1, []), adds(2, []), adds(3, [])))
    done = await migrate(database, migrations=(adds(1, []), adds(2, []), adds(3, [])))
    assert [a.changed for a in done] == [{"things": 5 - dies_after}, {"things": 5}]
    assert await things(database) == [[1, 2, 3]] * 5


async def test_a_database_of_a_newer_version_is_refused_whole(database: Database) -> None:
    await put(database)
    log: list[str] = []
    await migrate(database, migrations=(adds(1, log), adds(2, log)))
    await database[RECORDED].update_one({"number": 2}, {"$set": {"seconds": 12.5}})
    for used in (missing, require_current):
        with pytest.raises(MigrationError, match=r"migration 2 \(step2\) .*update Looma Streams"):
            await used(database, (adds(1, log),))
    with pytest.raises(MigrationError):
        await migrate(database, migrations=(adds(1, log),))
    with pytest.raises(MigrationError, match="newer version"):
        await rewind(database, 2, (adds(1, log),))


async def test_an_empty_database_is_recorded_as_up_to_date_and_one_with_anything_is_not(database: Database) -> None:
    log: list[str] = []
    await require_current(database, (adds(1, log), adds(2, log)))
    assert [(a.number, a.changed) for a in await applied(database)] == [(1, {}), (2, {})]
    await put(database)
    await require_current(database, (adds(1, log), adds(2, log)))
    assert log == []
    await rewind(database, 1, (adds(1, log), adds(2, log)))
    assert [m.number for m in await missing(database, (adds(1, log), adds(2, log)))] == [2]


async def test_of_two_at_once_one_waits_to_be_told_and_a_killed_one_is_followed(database: Database) -> None:
    refused = "another `looma migrate` is running"
    async with alone(database):
        with pytest.raises(MigrationError, match=refused):
            async with alone(database):
                raise AssertionError("both are alone")
    async with alone(database, seconds=0.2):  # longer than that, so that it must have renewed its lease
        await asyncio.sleep(0.5)
        with pytest.raises(MigrationError, match=refused):
            async with alone(database):
                raise AssertionError("both are alone")
    await database[RECORDED].update_one({"_id": "lease"}, {"$set": {"owner": "killed", "until": OLD}}, upsert=True)
    async with alone(database):
        pass
    assert await database[RECORDED].count_documents({"_id": "lease"}) == 0


async def test_two_at_once_change_everything_once_even_without_the_lease(database: Database) -> None:
    await put(database, 40)
    both = [migrate(database, migrations=(adds(1, []), adds(2, []))) for _ in range(2)]
    await asyncio.gather(*both)
    assert await things(database) == [[1, 2]] * 40
    assert [a.number for a in await applied(database)] == [1, 2]


class Queries(CommandListener):
    """Counts those that a server has to find the answer of; a getMore hands on what is found."""

    count = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.count += event.command_name == "find"

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


async def test_batches_reach_every_document_by_one_query_and_progress_ends_at_all(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "AT_ONCE", 3)
    told: list[tuple[str, int, int]] = []

    def progress(collection: str, done: int, total: int) -> None:
        told.append((collection, done, total))

    queries = Queries()
    client, watched = mongodb.connect(settings.mongodb, queries)
    assert [batch async for batch in batches_of(watched, "things", progress)] == []
    for count in (1, 3, 7, 250):  # the last is more than an answer's first part
        await database["things"].delete_many({})
        await database["things"].insert_many([{"_id": f"{n:03}"} for n in range(count)])
        queries.count = 0
        batches = [batch async for batch in batches_of(watched, "things", progress)]
        assert [i for batch in batches for i in batch] == [f"{n:03}" for n in range(count)]
        assert max(map(len, batches)) <= 3
        assert told[-1] == ("things", count, count)
        assert queries.count == 1
    await client.close()


def test_numbers_are_a_sequence_and_say_what_they_do() -> None:
    assert [m.number for m in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    assert len({m.name for m in MIGRATIONS}) == len(MIGRATIONS)
    assert all(m.description and "\n" not in m.description for m in MIGRATIONS)


document = st.dictionaries(
    st.sampled_from(["revision", "fields", "conflicts", "retold", "policy"]),
    st.none() | st.integers(0, 2**31) | st.text(max_size=5) | st.lists(st.integers(0, 9), max_size=2),
)


@given(st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda s: "\0" not in s), document, max_size=6))
@pytest.mark.slow
def test_migration_1_adds_what_lacks_and_touches_nothing_else(
    settings: Settings, documents: dict[str, dict[str, Any]]
) -> None:
    async def run() -> None:
        client, database = mongodb.connect(settings.mongodb)
        try:
            await client.drop_database(database.name)
            if documents:
                await database["jobs"].insert_many([{"_id": i, **d} for i, d in documents.items()])
            lacking = sum("retold" not in d for d in documents.values())
            assert await m0001_retold.MIGRATION.plan(database) == {"talents": 0, "jobs": lacking, "companies": 0}
            for _ in range(2):
                await m0001_retold.MIGRATION.apply(database, lambda *_: None)
                found = {d.pop("_id"): d async for d in database["jobs"].find({})}
                assert found == {i: {"retold": 0, **d} for i, d in documents.items()}
        finally:
            await client.close()

    asyncio.run(run())
