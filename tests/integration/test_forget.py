"""A forgotten person's values are in no topic, log segment, collection, vector payload, span or log file."""

import asyncio
import json
import shutil
import time
from pathlib import Path

import bson
import pytest
from qdrant_client import QdrantClient

from sinks import mongodb
from streams.reading import read_topic
from tests.integration.test_pipeline import JOB, TALENT


def talent(mark: str, name: str) -> dict:
    return {
        **TALENT,
        "name": f"{name}{mark}",
        "emails": [f"{mark}@example.com"],
        "phones": [f"+8613800{sum(map(ord, mark)):06d}"],
        "summary": f"summary-{mark}",
        "resume_text": f"resume-{mark}",
        "skills": [*TALENT["skills"], {"name": f"skill-{mark}"}],
    }


def haystacks(cluster) -> dict[str, bytes]:
    """Everything that the running system answers, as bytes, uncompressed."""

    async def everything() -> dict[str, bytes]:
        found = {}
        s = cluster.settings
        from aiokafka.admin import AIOKafkaAdminClient

        admin = AIOKafkaAdminClient(bootstrap_servers=s.bootstrap_servers)
        await admin.start()
        topics = await admin.list_topics()
        await admin.close()
        for topic in topics:
            if not topic.startswith("__"):
                raw = [r async for r in read_topic(s.bootstrap_servers, topic)]
                found[f"topic {topic}"] = b"\n".join(
                    (r.key or b"") + (r.value or b"") + b"".join(n.encode() + (v or b"") for n, v in r.headers)
                    for r in raw
                )
        client, _ = mongodb.connect(s.mongodb_url.get_secret_value(), s.mongodb_database, 10)
        for name in await client.list_database_names():
            for collection in await client[name].list_collection_names():
                documents = [bson.encode(d) async for d in client[name][collection].find({})]
                found[f"mongodb {name}.{collection}"] = b"".join(documents)
        await client.close()
        return found

    found = asyncio.run(everything())
    client = QdrantClient(url=cluster.settings.qdrant_url, check_compatibility=False)
    for collection in client.get_collections().collections:
        points, _ = client.scroll(collection.name, limit=10_000, with_payload=True)
        found[f"qdrant {collection.name}"] = json.dumps([p.payload for p in points], ensure_ascii=False).encode()
    client.close()
    return found


def files(folder: Path, *marks: str) -> list[str]:
    """The files under a folder that hold one of the marks."""
    found = []
    for path in folder.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError:
            continue
        found += [str(path.relative_to(folder)) for mark in marks if mark.encode() in content]
    return found


def holding(found: dict[str, bytes], *marks: str) -> set[str]:
    return {where for where, content in found.items() if any(m.encode() in content for m in marks)}


@pytest.fixture
def people(prefix) -> tuple[str, str, str]:
    return f"{prefix}-a", f"{prefix}-twin", f"{prefix}-other"


def test_a_forgotten_person_is_nowhere_and_the_others_are_whole(cluster, make, prefix, people) -> None:
    her, twin, other = people
    mark, twin_mark, other_mark = f"hermark{prefix}", f"twinmark{prefix}", f"othermark{prefix}"
    worker = cluster.worker()
    hers = talent(mark, "王")
    # The twin is linked by her own address and number, but says nothing else of her.
    shared = {"emails": hers["emails"], "phones": hers["phones"], "name": hers["name"]}
    same = {"emails": [f"{twin_mark}@example.com"], "phones": hers["phones"], "name": "王小明"}
    job = {**JOB, "skills": [*JOB["skills"], {"name": f"skill-{mark}"}]}
    events = [
        make("job", f"{prefix}-j", {**job, "skills": JOB["skills"]}),
        make("talent", other, talent(other_mark, "李")),
        make("talent", twin, same),
        make("talent", her, {**hers, **shared}),
        make("talent", her, {"title": f"title-{mark}"}, minute=3, source="zervigo"),
        make("talent", other, {"title": f"title-{other_mark}"}, minute=4),
    ]
    bad = ("talent-events", her.encode(), f'{{"skills": "{mark}"}}'.encode(), events[3][3])
    loose = ("talent-events", b"\xff", f'{{"x": "{mark}@example.com"}}'.encode(), [("x", b"1")])
    cluster.publish([*events, bad, loose, *events[:2]])
    cluster.drained()
    before = haystacks(cluster)
    where = holding(before, mark)
    assert {
        "topic talent-events",
        "topic talent-records",
        "topic dead-letters",
        "mongodb looma.talents",
        "mongodb looma.golden_talents",
        "mongodb looma.identities",
    } <= where
    assert holding(before, f"{her}|") >= {"topic match-results", "mongodb looma.matches"}
    log_dir = next(cluster.settings.data_dir.rglob("topics"))
    assert files(log_dir, mark), "the log itself is not compressed here, so a search of its files means something"
    backup = cluster.folder / f"backup-{prefix}"
    shutil.copytree(log_dir, backup, ignore_dangling_symlinks=True)
    state = cluster.documents("talents", {"_id": other})

    (plan,) = json.loads(cluster.looma("forget", her, "--dry-run", "--json"))
    assert plan["removed"] > 10
    assert plan["linked"] == [twin]
    assert cluster.documents("talents", {"_id": her}), "a dry run changes nothing"

    (report,) = json.loads(cluster.looma("forget", her, "--yes", "--json"))
    assert not report["already"]
    assert report["stores"].items() >= {"talents": 1, "identities": 1, "vectors": 1, "matches": 1}.items()
    after = haystacks(cluster)
    assert holding(after, mark) == set()
    assert holding(after, other_mark) == holding(before, other_mark)
    # What consumers of matches are told last holds nothing but that it is over.
    last = [json.loads(r.value) for r in cluster.read("match-results") if r.key == f"{her}|{prefix}-j".encode()]
    assert [(m["status"], m["features"]) for m in last] == [("withdrawn", [])]
    (golden,) = cluster.documents("golden_talents", {"_id": twin})
    assert golden["members"] == [twin], "who was one with her is somebody of his own"

    deadline = time.monotonic() + 30
    while found := files(log_dir, mark):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)

    # Late events change nothing; the worker passes over them.
    cluster.publish([make("talent", her, {"title": f"late-{mark}"}, minute=9), events[1]])
    cluster.drained()
    assert cluster.documents("talents", {"_id": her}) == []
    assert cluster.documents("talents", {"_id": other}) == state
    (again,) = json.loads(cluster.looma("forget", her, "--yes", "--json"))
    assert again["already"]
    assert {t["topic"] for t in again["topics"]} == {"talent-events"}, "the late event goes as well"
    assert holding(haystacks(cluster), mark) == set()
    (third,) = json.loads(cluster.looma("forget", her, "--yes", "--json"))
    assert (third["already"], third["removed"]) == (True, 0)

    # The others' history is whole: the events that are left make the records that are stored, and nobody is missing.
    verified = json.loads(cluster.looma("sync", "verify", "talent", "--json"))
    assert verified["consistent"]
    assert verified["entities"][0]["log_complete"], "what was rewritten is known to be whole"
    kept = [r for r in cluster.read("talent-events") if r.key == other.encode()]
    assert {r.value for r in kept} >= {events[1][2], events[5][2]}

    assert worker.stop() == 0
    assert files(cluster.settings.data_dir / "traces", mark) == []
    assert files(cluster.settings.data_dir / "logs", mark) == []
    # Honest: a raw copy from before still has her. It is restored together with the list, and forgotten again.
    assert files(backup, mark)
    shutil.rmtree(backup)

    # A restored backup: she is there again, until the list is applied.
    async def restore() -> None:
        s = cluster.settings
        client, database = mongodb.connect(s.mongodb_url.get_secret_value(), s.mongodb_database, 10)
        await database["talents"].insert_one({"_id": her, "contributions": [], "fields": {"name": mark}})
        await client.close()

    asyncio.run(restore())
    cluster.publish([events[3]])
    (restored,) = json.loads(cluster.looma("forget", "--reapply", "--yes", "--json"))
    assert restored["person"] == her
    assert holding(haystacks(cluster), mark) == set()
