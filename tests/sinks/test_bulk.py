"""Bulks of guarded writes: each guard holds or the caller hears, whatever the number and size."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import Any

import pytest
from pymongo import AsyncMongoClient, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError
from pymongo.monitoring import CommandListener

from schemas.settings import MongoDBSettings
from sinks import bulk
from sinks.bulk import guarded_write
from sinks.errors import ConflictError, is_transient
from sinks.mongodb import Database
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow

names = (f"c{n}" for n in count())


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoDBSettings]:
    with mongodb_alone(tmp_path_factory.mktemp("bulk")) as settings:
        yield settings.mongodb


class Commands(CommandListener):
    """The write commands that were sent, with how many documents each had and whether it waited for the journal."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, int, bool]] = []

    def started(self, event: Any) -> None:
        c = event.command
        if parts := c.get("documents") or c.get("updates"):
            self.sent.append(
                (event.command_name, c[event.command_name], len(parts), c.get("writeConcern", {}).get("j", False))
            )

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


commands = Commands()


@pytest.fixture
def run(mongodb: MongoDBSettings) -> Callable[[Callable[[Database, str], Awaitable[Any]]], Any]:
    """Run a function with a database and the name of a collection of its own; `commands` tells what was sent."""

    def run(test: Callable[[Database, str], Awaitable[Any]]) -> Any:
        async def body() -> Any:
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
                mongodb.url.get_secret_value(), event_listeners=[commands]
            )
            commands.sent.clear()
            try:
                return await test(client.get_database(mongodb.database), next(names))
            finally:
                await client.close()

        return asyncio.run(body())

    return run


async def stored(database: Database, collection: str) -> dict[str, int]:
    return {d["_id"]: d["revision"] async for d in database[collection].find({})}


def new(name: str, size: int = 0) -> InsertOne[dict[str, Any]]:
    return InsertOne({"_id": name, "revision": 1, "text": "x" * size})


def next_of(name: str, revision: int) -> ReplaceOne[dict[str, Any]]:
    return ReplaceOne({"_id": name, "revision": revision}, {"_id": name, "revision": revision + 1})


def test_what_is_new_is_inserted_and_waits_for_the_journal_once(run) -> None:
    async def test(database: Database, collection: str) -> None:
        await guarded_write(database, collection, [new("a"), new("b")])
        assert commands.sent == [("insert", collection, 2, True)]
        assert await stored(database, collection) == {"a": 1, "b": 1}

    run(test)


def test_replacements_are_followed_by_one_journalled_write(run) -> None:
    async def test(database: Database, collection: str) -> None:
        await guarded_write(database, collection, [new("a"), new("b")])
        commands.sent.clear()
        await guarded_write(database, collection, [next_of("a", 1), new("c"), next_of("b", 1)])
        *bulks, last = commands.sent
        assert sorted(bulks) == [("insert", collection, 1, False), ("update", collection, 2, False)]
        assert last == ("update", bulk.MARKS, 1, True)
        assert await stored(database, collection) == {"a": 2, "b": 2, "c": 1}

    run(test)


def test_one_write_alone_waits_for_the_journal_itself(run) -> None:
    async def test(database: Database, collection: str) -> None:
        await guarded_write(database, collection, [new("a")])
        await guarded_write(database, collection, [next_of("a", 1)])
        assert commands.sent == [("insert", collection, 1, True), ("update", collection, 1, True)]

    run(test)


def test_without_operations_what_was_read_is_made_durable(run) -> None:
    async def test(database: Database, collection: str) -> None:
        await guarded_write(database, collection, [])
        assert commands.sent == [("update", bulk.MARKS, 1, True)]

    run(test)


@pytest.mark.parametrize("stale", [new("a"), next_of("a", 3), next_of("unknown", 1)])
def test_a_guard_that_does_not_hold_is_a_conflict(run, stale) -> None:
    async def test(database: Database, collection: str) -> None:
        await guarded_write(database, collection, [new("a"), new("b")])
        for operations in ([stale], [next_of("b", 1), stale, new("c")]):
            with pytest.raises(ConflictError) as caught:
                await guarded_write(database, collection, operations)
            assert is_transient(caught.value)
        assert await stored(database, collection) == {"a": 1, "b": 2, "c": 1}, "the others are stored"

    run(test)


def test_an_upsert_conflicts_if_its_guard_does_not_hold(run) -> None:
    async def test(database: Database, collection: str) -> None:
        guard = {"_id": "a", "revision": {"$lte": 2}}
        await guarded_write(database, collection, [UpdateOne(guard, {"$set": {"revision": 2}}, upsert=True)])
        await guarded_write(database, collection, [UpdateOne(guard, {"$set": {"revision": 3}}, upsert=True)])
        with pytest.raises(ConflictError):
            await guarded_write(database, collection, [UpdateOne(guard, {"$set": {"revision": 3}}, upsert=True)])
        assert await stored(database, collection) == {"a": 3}

    run(test)


def test_what_the_server_refuses_of_a_document_is_no_conflict(run) -> None:
    async def test(database: Database, collection: str) -> None:
        wrong = UpdateOne({"_id": "a"}, {"$inc": {"revision": 1}})
        await database[collection].insert_one({"_id": "a", "revision": "text"})
        with pytest.raises(BulkWriteError) as caught:
            await guarded_write(database, collection, [wrong, new("b")])
        assert not is_transient(caught.value)

    run(test)


def test_a_bulk_is_cut_by_number_and_by_bytes(run) -> None:
    async def test(database: Database, collection: str) -> None:
        await guarded_write(database, collection, [new(f"n{n}") for n in range(2 * bulk.MAX_OPERATIONS + 1)])
        assert [n for _, _, n, _ in commands.sent] == [bulk.MAX_OPERATIONS, bulk.MAX_OPERATIONS, 1]
        commands.sent.clear()
        third = bulk.MAX_BYTES // 3
        sizes = [third, third, third, 2 * bulk.MAX_BYTES, third]
        await guarded_write(database, collection, [new(f"b{n}", size) for n, size in enumerate(sizes)])
        assert [n for _, _, n, _ in commands.sent] == [2, 1, 1, 1]
        replaced = [next_of(f"n{n}", 1) for n in range(bulk.MAX_OPERATIONS + 1)]
        commands.sent.clear()
        await guarded_write(database, collection, replaced)
        assert [(n, j) for _, _, n, j in commands.sent] == [(bulk.MAX_OPERATIONS, False), (1, False), (1, True)]

    run(test)


def test_of_many_writers_of_one_document_each_revision_is_ones(run) -> None:
    async def test(database: Database, collection: str) -> None:
        keys = [f"k{n}" for n in range(5)]

        async def writer() -> int:
            done = 0
            while done < 5:
                have = await stored(database, collection)
                operations = [next_of(k, have[k]) if k in have else new(k) for k in keys]
                try:
                    await guarded_write(database, collection, operations)
                    done += 1
                except ConflictError:
                    await asyncio.sleep(0)
            return done

        await asyncio.gather(*(writer() for _ in range(3)))
        assert all(revision >= 15 for revision in (await stored(database, collection)).values())

    run(test)
