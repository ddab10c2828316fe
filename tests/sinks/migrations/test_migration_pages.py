"""Migration 2 puts pairs, as the version before has written them, into pages that the code reads; killed, it goes on."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.pages import Page
from schemas.feedback import pair_id
from schemas.history import MatchRevision
from schemas.messages import Match
from schemas.settings import Settings
from sinks import mongodb
from sinks.matches import MATCHES, MatchStore
from sinks.migrations import m0002_pages
from sinks.mongodb import Database

pytestmark = pytest.mark.slow

pytest.importorskip("secantus")
WRITTEN = Path(__file__).parents[2] / "integration" / "data" / "before-migration-2.jsonl"
SAMPLE = [json.loads(line)["document"] for line in WRITTEN.read_text("utf-8").splitlines()]
Pairs = list[dict[str, Any]]


def silent(*_: object) -> None:
    """Show nothing."""


async def check(database: Database, pairs: Pairs) -> None:
    """Whatever was stored of each pair is there, once, and nothing else is."""
    store = MatchStore(database)
    matches = {(d["talent_id"], d["job_id"]): Match.model_validate(without(d, "_id", "history")) for d in pairs}
    assert await store.newest(matches) == matches
    histories = {
        (d["talent_id"], d["job_id"]): [MatchRevision.model_validate_json(r) for r in d["history"]]
        for d in pairs
        if d.get("history")
    }
    assert await store.histories(matches) == histories
    documents = [d async for d in database[MATCHES].find({})]
    found = [(d["talent_id"], job) for d in documents for job in Page.from_document(d).entries()]
    assert sorted(found) == sorted(matches)
    for job in {d["job_id"] for d in pairs}:
        active = [m for m in matches.values() if m.job_id == job and m.status == "active"]
        assert sorted(await store.of("job", job), key=str) == sorted(active, key=str)
        assert await store.talents_of([job]) == {job: {m.talent_id for m in active}}
    for talent in {d["talent_id"] for d in pairs}:
        active = [m for m in matches.values() if m.talent_id == talent and m.status == "active"]
        assert sorted(await store.of("talent", talent), key=str) == sorted(active, key=str)


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


async def test_what_the_version_before_has_written_is_read_as_it_was(database: Database) -> None:
    stored = database[MATCHES]
    await stored.insert_many(SAMPLE)
    await stored.create_index([("talent_id", 1), ("status", 1), ("score", -1)], name="by_talent")
    await stored.create_index([("job_id", 1), ("status", 1), ("score", -1)], name="by_job")
    assert await m0002_pages.MIGRATION.plan(database) == {"matches": len(SAMPLE)}
    told: list[tuple[str, int, int]] = []
    await m0002_pages.MIGRATION.apply(database, lambda *progress: told.append(progress))
    assert told[-1] == ("matches", len(SAMPLE), len(SAMPLE))
    await check(database, SAMPLE)
    assert await m0002_pages.MIGRATION.plan(database) == {"matches": 0}
    assert set(await stored.index_information()) == {"_id_", "job"}
    before = [d async for d in stored.find({}).sort("_id", 1)]
    await m0002_pages.MIGRATION.apply(database, silent)
    assert [d async for d in stored.find({}).sort("_id", 1)] == before


def drawn(talents: list[tuple[str, int, int]]) -> Pairs:
    """Return pairs of talents with so many active and so many withdrawn matches."""
    found = []
    for talent_id, active, withdrawn in talents:
        for number in range(active + withdrawn):
            like = SAMPLE[number % len(SAMPLE)]
            job_id = f"{number}" if number % 3 else f"j{number}"
            status = "active" if number < active else "withdrawn"
            pair = {
                **like,
                "_id": pair_id(talent_id, job_id),
                "talent_id": talent_id,
                "job_id": job_id,
                "status": status,
            }
            found.append(pair)
    return found


talents = st.lists(
    st.tuples(st.sampled_from(["a", "a.b", "a-b", "A:1", "a0", "ab"]), st.integers(0, 9), st.integers(0, 4)),
    unique_by=lambda t: t[0],
    max_size=6,
)


@given(talents, st.integers(1, 3), st.integers(0, 12))
def test_a_run_that_is_killed_anywhere_is_gone_on_with(
    settings: Settings, talents: list[tuple[str, int, int]], at_once: int, dies_after: int
) -> None:
    pairs = drawn(talents)

    class Killed(BaseException):
        pass

    async def run(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(m0002_pages, "_TALENTS", at_once)
        patch.setattr(m0002_pages, "_FULL", 3)
        patch.setattr(m0002_pages, "_AT_ONCE", 2)
        client, database = mongodb.connect(settings.mongodb)
        try:
            await client.drop_database(database.name)
            if pairs:
                await database[MATCHES].insert_many(pairs)
            left = dies_after

            def dying(action: Any) -> Any:
                async def act(*arguments: Any, **options: Any) -> Any:
                    nonlocal left
                    left -= 1
                    if left < 0:
                        raise Killed
                    return await action(*arguments, **options)

                return act

            collection = type(database[MATCHES])
            with pytest.MonkeyPatch.context() as deadly:
                for name in ("insert_many", "delete_many"):
                    real = getattr(collection, name)
                    deadly.setattr(collection, name, lambda self, *a, _real=real, **o: dying(_real)(self, *a, **o))
                with suppress(Killed):
                    await m0002_pages.MIGRATION.apply(database, silent)
            await m0002_pages.MIGRATION.apply(database, silent)
            await check(database, pairs)
        finally:
            await client.close()

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


async def test_two_runs_at_once_lose_nothing(database: Database) -> None:
    pairs = drawn([(f"t{n}", 70 if n == 3 else 5, 3) for n in range(6)])
    await database[MATCHES].insert_many(pairs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(m0002_pages, "_TALENTS", 2)
        await asyncio.gather(*(m0002_pages.MIGRATION.apply(database, silent) for _ in range(2)))
    await check(database, pairs)
    full = [d["_id"] async for d in database[MATCHES].find({"full": True})]
    assert full == ["t3/0"]
