"""A database that the version before migration 1 has written is migrated, then read, searched and synced on.

`data/before-migration-1.jsonl` holds all documents of that version's database, as it has written them: three talents
of which two are one person and one is deleted, a job, a company, their match, and what was said of it.
"""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import bson
import pytest

from ops.backup.frames import UNSEALED
from sinks import mongodb
from sinks.indexes import apply_indexes
from sinks.migrations import MIGRATIONS
from streams.generations.generation import Generation

WRITTEN = Path(__file__).parent / "data" / "before-migration-1.jsonl"
RECORDS = ("talents", "jobs", "companies")
NEWEST = MIGRATIONS[-1].number
CHANGES = {1: {"talents": 3, "jobs": 1, "companies": 1}, 2: {"matches": 1}}
SECOND = Generation("g2")


@pytest.fixture
def old(cluster) -> None:
    """The database of the older version: two generations, the base one active."""

    async def put() -> None:
        client, base = mongodb.connect(cluster.settings.mongodb)
        for database in (base, SECOND.database(base)):
            await client.drop_database(database.name)
            await apply_indexes(database, base=database is base)
            for line in WRITTEN.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                await database[row["collection"]].insert_one(row["document"])
        started = {"state": "started", "started_at": datetime.now(UTC)}
        await base["generations"].insert_many([{"_id": name, **started} for name in ("base", SECOND.name)])
        await client.close()

    asyncio.run(put())


def stored(cluster) -> dict[str, list[dict]]:
    return {name: cluster.documents(name, {}) for name in (*RECORDS, "matches", "golden_talents", "identities")}


def without_retold(found: dict[str, list[dict]], *left_out: str) -> dict[str, list[dict]]:
    return {
        name: [{k: v for k, v in d.items() if k != "retold"} for d in documents]
        for name, documents in found.items()
        if name not in left_out
    }


@pytest.mark.usefixtures("old")
def test_an_old_database_is_refused_then_migrated_and_worked_on(cluster, make) -> None:
    before = stored(cluster)
    for command in (("worker", "--sync-only"), ("worker", "--resumes"), ("conflicts", "list")):
        (said,) = cluster.refused(*command).strip().splitlines()
        assert "lacks migration 1, 2; stop all workers and run `looma migrate`" in said, command
    assert {r["applied_at"] for r in json.loads(cluster.looma("migrate", "list", "--json"))} == {None}

    planned = json.loads(cluster.looma("migrate", "--dry-run", "--json"))
    names = [f"{cluster.settings.mongodb.database}-g2", cluster.settings.mongodb.database]
    each = [(name, number, changes) for name in names for number, changes in CHANGES.items()]
    assert [(m["database"], m["number"], m["changes"]) for m in planned["missing"]] == each
    assert "3 of talents, 1 of jobs" in cluster.looma("migrate", "--dry-run")
    assert stored(cluster) == before, "a dry run changed something"

    done = json.loads(cluster.looma("migrate", "--json"))["applied"]
    assert [(m["database"], m["number"], m["changed"]) for m in done] == each
    assert "nothing to do" in cluster.looma("migrate")
    listed = json.loads(cluster.looma("migrate", "list", "--json"))
    assert [(r["database"], r["number"]) for r in listed] == [(n, m.number) for n in names for m in MIGRATIONS]
    assert "missing" not in cluster.looma("migrate", "list")
    assert {d["retold"] for name in RECORDS for d in stored(cluster)[name]} == {0}
    assert without_retold(stored(cluster), "matches") == without_retold(before, "matches"), "more was changed"
    (page,) = stored(cluster)["matches"]
    (pair,) = before["matches"]
    assert json.loads(page["matches"][0]["features"]) == pair["features"]

    worker = cluster.worker()
    (match,) = json.loads(cluster.looma("matches", "talent", "t-1", "--json"))
    assert match["job_id"] == "j-1"
    assert json.loads(cluster.looma("identity", "show", "talent", "t-2", "--json"))["members"] == ["t-1", "t-2"]

    # What is new is merged into what was stored: a field that nobody speaks of now comes from then.
    cluster.publish(
        [
            make("job", "j-1", {"description": "负责事件流平台的架构与后端开发。"}, minute=20),
            make("talent", "t-1", {"skills": [{"name": "Python"}, {"name": "Go"}, {"name": "Kafka"}]}, minute=20),
            make("talent", "t-2", {"name": "王小明"}, minute=21, source="zervigo"),
        ]
    )
    cluster.drained()
    (record,) = cluster.documents("talents", {"_id": "t-1"})
    (as_it_was,) = (d for d in before["talents"] if d["_id"] == "t-1")
    assert record["revision"] == as_it_was["revision"] + 1
    assert [s["name"] for s in record["fields"].pop("skills")] == ["Python", "Go", "Kafka"]
    assert record["fields"] == {k: v for k, v in as_it_was["fields"].items() if k != "skills"}
    (golden,) = cluster.documents("golden_talents", {"_id": "t-1"})
    assert golden["members"] == ["t-1", "t-2"]
    assert "retold" not in golden
    (match,) = json.loads(cluster.looma("matches", "talent", "t-1", "--json"))
    assert (match["talent_revision"], match["job_revision"]) == (record["revision"], 2)
    assert len(json.loads(cluster.looma("match", "history", "t-1", "j-1", "--json"))) >= 2
    found = json.loads(cluster.looma("search", "后端 Kafka 上海", "--in", "talents", "--json"))
    assert [h["id"] for h in found["hits"]][:1] == ["t-1"]
    worker.stop()


@pytest.mark.usefixtures("old")
def test_indexes_are_applied_to_all_generations(cluster) -> None:
    cluster.looma("migrate")

    async def second(*, drop: bool = False) -> set[str]:
        client, base = mongodb.connect(cluster.settings.mongodb)
        matches = SECOND.database(base)["matches"]
        if drop:
            await matches.drop_indexes()
        found = set(await matches.index_information())
        await client.close()
        return found

    declared = asyncio.run(second())
    assert asyncio.run(second(drop=True)) == {"_id_"} < declared
    done = json.loads(cluster.looma("indexes", "apply", "--json"))
    name = cluster.settings.mongodb.database
    assert done["databases"] == [name, f"{name}-g2"]
    assert asyncio.run(second()) == declared


@pytest.mark.usefixtures("old")
def test_workers_that_run_and_databases_of_a_newer_version_are_in_the_way(cluster) -> None:
    cluster.looma("migrate")
    worker = cluster.worker("--sync-only")

    async def change(database_of: str, query: dict, update: dict) -> None:
        client, _ = mongodb.connect(cluster.settings.mongodb)
        await client.get_database(database_of)["migrations"].update_one(query, update, upsert=True)
        await client.close()

    base, second = cluster.settings.mongodb.database, f"{cluster.settings.mongodb.database}-g2"
    asyncio.run(change(second, {"number": NEWEST}, {"$unset": {"number": 1}}))
    assert "1 workers of generation base are running; stop all workers first" in cluster.refused("migrate")
    worker.stop()
    assert "nothing to change" in cluster.looma("migrate")

    newer = {"number": NEWEST + 1, "name": "later", "applied_at": datetime.now(UTC), "version": "9.0", "changed": {}}
    asyncio.run(change(base, {"_id": NEWEST + 1}, {"$set": newer}))
    for command in (("worker", "--sync-only"), ("worker", "--resumes"), ("migrate",), ("conflicts", "list")):
        said = cluster.refused(*command)
        assert f"migration {NEWEST + 1} (later) of version 9.0, which this version does not know; update" in said


@pytest.mark.usefixtures("old")
def test_a_backup_of_an_older_version_is_migrated_when_it_is_restored(cluster, tmp_path: Path) -> None:
    cluster.looma("migrate")
    file = tmp_path / "old.backup"

    async def with_base(action) -> None:
        client, base = mongodb.connect(cluster.settings.mongodb)
        await action(client, base)
        await client.close()

    async def as_before(_client, base) -> None:
        for name in RECORDS:
            await base[name].update_many({}, {"$unset": {"retold": 1}})

    async def gone(client, base) -> None:
        await client.drop_database(base.name)

    asyncio.run(with_base(as_before))
    before = stored(cluster)
    cluster.looma("backup", "create", str(file))
    head, *rest = bson.decode_all(file.read_bytes())
    assert head.pop("migration") == NEWEST
    head["format"] = UNSEALED
    file.write_bytes(b"".join(map(bson.encode, (head, *rest))))

    asyncio.run(with_base(gone))
    assert "--unsealed" in cluster.refused("backup", "restore", str(file)), "it could be one with parts left out"
    cluster.looma("backup", "restore", "--unsealed", str(file))
    assert {d["retold"] for name in RECORDS for d in stored(cluster)[name]} == {0}
    identities = ("golden_talents", "identities")
    assert without_retold(stored(cluster), *identities) == without_retold(before, *identities)
    assert "nothing to do" in cluster.looma("migrate")

    file.write_bytes(b"".join(map(bson.encode, ({**head, "migration": NEWEST + 1}, *rest))))
    asyncio.run(with_base(gone))
    assert "newer version" in cluster.refused("backup", "restore", "--unsealed", str(file))
