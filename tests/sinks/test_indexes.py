"""Indexes as a server has them, beside those that are declared."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from pymongo import IndexModel

from schemas.settings import RetentionSettings
from sinks import mongodb
from sinks.indexes import Finding, _compared, _shape, apply_indexes, check_indexes
from sinks.mongodb import Database
from tests.support.mongodb_alone import mongodb_alone

Work = Callable[[Database], Coroutine[Any, Any, list[Finding]]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Work], list[Finding]]]:
    with mongodb_alone(tmp_path_factory.mktemp("mongodb")) as settings:

        async def with_database(work: Work) -> list[Finding]:
            client, database = mongodb.connect(settings.mongodb)
            try:
                await client.drop_database(database.name)
                await apply_indexes(database, base=True)
                return await work(database)
            finally:
                await client.close()

        yield lambda work: asyncio.run(with_database(work))


def test_what_was_applied_is_as_declared(run: Callable[[Work], list[Finding]]) -> None:
    assert run(lambda database: check_indexes(database, base=True)) == []


def test_what_is_missing_different_or_of_nobody_is_found(run: Callable[[Work], list[Finding]]) -> None:
    async def change(database: Database) -> list[Finding]:
        await database["talents"].drop_index("employers")
        await database["jobs"].drop_index("company")
        await database["jobs"].create_index([("fields.company_id", -1)], name="company")
        await database["chat_turns"].drop_index("place")
        await database["chat_turns"].create_index([("conversation", 1), ("number", 1)], name="place")
        await database["companies"].create_index("fields.name", name="of_mine")
        await database["of_others"].create_index("x")
        return await check_indexes(database, base=True)

    found = {(f.collection, f.index, f.problem) for f in run(change)}
    assert found == {
        ("talents", "employers", "missing"),
        ("jobs", "company", "different"),
        ("chat_turns", "place", "different"),
        ("companies", "of_mine", "undeclared"),
    }


def test_how_long_documents_are_kept_follows_the_settings(run: Callable[[Work], list[Finding]]) -> None:
    shorter = RetentionSettings(tasks_days=3, starts_days=0)

    async def change(database: Database) -> list[Finding]:
        before = await check_indexes(database, shorter, base=True)
        assert {(f.collection, f.index, f.problem) for f in before} == {
            ("tasks", "begun_at", "different"),
            ("worker_starts", "at", "different"),
        }
        await apply_indexes(database, shorter, base=True)
        expiry = {i["name"]: i.get("expireAfterSeconds") async for i in await database["tasks"].list_indexes()}
        assert expiry["begun_at"] == 3 * 86_400
        return await check_indexes(database, shorter, base=True)

    assert run(change) == []


def test_what_a_server_has_never_used_is_told_if_it_counts() -> None:
    shape = _shape(IndexModel("a", name="a").document)
    assert list(_compared({"a": shape}, {"a": shape}, {"a": (0, "2026-01-01")})) == [
        ("a", "unused", "since 2026-01-01")
    ]
    assert list(_compared({"a": shape}, {"a": shape}, {"a": (3, "2026-01-01")})) == []
    assert list(_compared({"a": shape}, {"a": shape}, {})) == [], "the embedded server does not count"
