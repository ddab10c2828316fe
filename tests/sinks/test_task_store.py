"""Tasks on a real server: one of a lane at a time, lost without signs of life, and forgotten with whom they name."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from schemas.settings import Settings
from sinks import tasks
from sinks.tasks import TASKS, Lane, Task, TaskBusyError, TaskStore
from streams.generations.database import base_database
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow

pytest.importorskip("secantus")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mongodb_alone(tmp_path_factory.mktemp("mongodb")) as settings:
        yield settings


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[TaskStore]:
    async with base_database(settings) as base:
        await base[TASKS].delete_many({})
        yield TaskStore(base)


def task(id: str, lane: Lane = "replay", **request: Any) -> Task:
    now = datetime.now(UTC).replace(microsecond=0)
    return Task(id, "replay", lane, "local", request, "running", now)


async def test_of_many_that_begin_at_once_one_runs_and_lanes_do_not_wait_for_each_other(store: TaskStore) -> None:
    begun = await asyncio.gather(*(store.begin(task(f"t{n}")) for n in range(8)), return_exceptions=True)
    assert begun.count(None) == 1
    assert sum(isinstance(each, TaskBusyError) for each in begun) == 7
    assert await store.begin(task("other", "change")) is None
    (running,) = [each for each in await store.newest(9) if each.lane == "replay"]
    assert await store.begin(task(running.id)) == running, "the same is not begun again"
    await store.end(running, result={"n": 1})
    assert await store.begin(task("next")) is None
    found = await store.find(running.id)
    assert found is not None
    assert (found.state, found.result) == ("done", {"n": 1})
    await store.end(running, error={"code": "late", "detail": ""})
    assert await store.find(running.id) == found, "how it ended is said once"
    assert (await store.beat(task("next"), {})).is_held, "and a task that has ended takes no lane away"


async def test_who_gives_no_sign_of_life_loses_the_task(store: TaskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LEASE", timedelta(seconds=-1))
    first = task("first")
    await store.begin(first)
    found = await store.find("first")
    assert found is not None
    assert found.state == "lost"
    monkeypatch.undo()
    assert await store.begin(task("second")) is None
    assert not (await store.beat(first, {"share": 1.0})).is_held
    await store.stop("second")
    assert await store.beat(task("second"), {"share": 0.5}) == (True, True)


async def test_a_task_that_ends_or_begins_while_one_looks_is_not_lost(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, looked_at = store._held, task("looked-at", "look")
    monkeypatch.setattr(store, "_held", AsyncMock(return_value=set()))
    await store.begin(looked_at)
    found = await store.find(looked_at.id)
    assert found is not None
    assert found.state == "running", "its lane was not taken yet when the lanes were read"

    monkeypatch.setattr(tasks, "LEASE", timedelta())

    async def ends_meanwhile() -> set[str]:
        await store.end(looked_at, result={})
        return await held()

    monkeypatch.setattr(store, "_held", ends_meanwhile)
    found = await store.find(looked_at.id)
    assert found is not None
    assert found.state == "done"


async def test_a_task_has_ended_once_the_next_may_begin(store: TaskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ending = task("ending")
    await store.begin(ending)
    with monkeypatch.context() as patch:
        patch.setattr(store, "_release", AsyncMock())
        await store.end(ending, result={})
    seen = await store.find(ending.id)
    assert seen is not None
    assert seen.state == "running", "its lane is still taken"
    await store.end(ending, result={})
    assert [each.state for each in await store.newest(9)] == ["done"]
    assert await store.begin(task("next")) is None


async def test_a_task_that_names_a_person_is_forgotten_with_her(store: TaskStore) -> None:
    await store.begin(task("hers", selection={"keys": ["T1", "T2"]}))
    await store.begin(task("others", "look", selection={"keys": ["T2"]}))
    assert (await store.naming("T1"), await store.forget("T1"), await store.naming("T1")) == (1, 1, 0)
    assert [each.id for each in await store.newest(9)] == ["others"]
