"""A forgotten person's values are in no topic, log segment, collection, vector payload, span or log file.

All in one test, for a stack and its workers are slow to start.
"""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import bson
import cramjam
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import murmur2
from qdrant_client import QdrantClient
from test_pipeline import JOB, TALENT
from test_resumes import submission

from connectors.message import build_feedback
from processors.sync.policy import DEFAULT
from schemas.envelope import timestamp
from schemas.topics import EVENTS
from sinks import mongodb

# Ends itself with -9 when everybody else's messages are copied, and nothing is deleted yet.
KILLED = """
import asyncio, os, signal, sys
from ops.cli.context import load_settings
from ops.forget.log import LogEraser
from ops.forget.run import Forgetting

async def forget():
    async with Forgetting.open(load_settings()) as work:
        await work.forget(sys.argv[1])

LogEraser._note = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(forget())
"""


def talent(mark: str) -> dict:
    return {
        **TALENT,
        "emails": [f"{mark}@example.com"],
        "phones": [f"+8613800{sum(map(ord, mark)):06d}"],
        "street_address": f"12 {mark} road",
        "summary": f"summary-{mark}",
        "resume_text": f"resume-{mark}",
        "skills": [*TALENT["skills"], {"name": f"skill-{mark}"}],
    }


def haystacks(cluster) -> dict[str, bytes]:
    """Everything that the running system answers, as bytes, uncompressed."""

    async def everything() -> dict[str, bytes]:
        found: dict[str, bytes | bytearray] = {}
        s = cluster.settings
        async with AIOKafkaConsumer(bootstrap_servers=s.kafka.bootstrap_servers, enable_auto_commit=False) as consumer:
            topics = [t for t in await consumer.topics() if not t.startswith("__")]
            partitions = [TopicPartition(t, p) for t in topics for p in range(s.kafka.partitions)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            for partition, end in (await consumer.end_offsets(partitions)).items():
                while await consumer.position(partition) < end:
                    for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                        content = [record.key, record.value, *(v for _, v in record.headers)]
                        found.setdefault(f"topic {partition.topic}", bytearray()).extend(
                            b"|".join(c or b"" for c in content)
                        )
        client, _ = mongodb.connect(s.mongodb)
        # MongoDB's own operation log is capped and ages out (docs/guides/forget.md).
        for name in set(await client.list_database_names()) - {"local"}:
            for collection in await client[name].list_collection_names():
                documents = [bson.encode(d) async for d in client[name][collection].find({})]
                found[f"mongodb {name}.{collection}"] = b"".join(documents)
        await client.close()
        return found

    found = asyncio.run(everything())
    key = cluster.settings.qdrant.api_key
    assert key
    client = QdrantClient(url=cluster.settings.qdrant.url, api_key=key.get_secret_value(), check_compatibility=False)
    for collection in client.get_collections().collections:
        points, _ = client.scroll(collection.name, limit=10_000, with_payload=True)
        found[f"qdrant {collection.name}"] = json.dumps([p.payload for p in points], ensure_ascii=False).encode()
    client.close()
    return found


def unpacked(segment: bytes) -> bytes:
    """A segment of Kafka's log with its batches as they were before they were compressed."""
    found, at = [segment], 0
    while at + 61 <= len(segment):
        length = int.from_bytes(segment[at + 8 : at + 12], "big")
        if not length:
            break  # what is allocated and not yet written
        batch = segment[at : at + 12 + length]
        if batch[22] & 7 == 4:  # zstd, which is all that is published with
            found.append(bytes(cramjam.zstd.decompress(batch[61:])))
        at += 12 + length
    return b"".join(found)


def files(folder: Path, *marks: str) -> list[str]:
    """The files under a folder that hold one of the marks."""
    found = []
    for path in folder.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError:
            continue
        content = unpacked(content) if path.suffix == ".log" and path.stem.isdigit() else content
        found += [str(path.relative_to(folder)) for mark in marks if mark.encode() in content]
    return found


def holding(found: dict[str, bytes], *marks: str) -> set[str]:
    return {where for where, content in found.items() if any(m.encode() in content for m in marks)}


async def emptied(cluster) -> None:
    """Lose the database."""
    client, database = mongodb.connect(cluster.settings.mongodb)
    await client.drop_database(database.name)
    await client.close()


def records(cluster, database: str) -> dict[str, bytes]:
    """Every talent's record as bytes, all of it but the revision, which depends on the order of events."""

    async def find() -> dict[str, bytes]:
        client, _ = mongodb.connect(cluster.settings.mongodb.model_copy(update={"database": database}))
        documents = [d async for d in client[database]["talents"].find({}, {"revision": 0})]
        await client.close()
        for document in documents:
            document["contributions"].sort(key=lambda c: (c["field"], c["source"]))  # a set, kept as a list
        return {d["_id"]: bson.encode(d) for d in documents}

    return asyncio.run(find())


@pytest.fixture
def people(cluster, prefix) -> tuple[str, str, str]:
    """Her, her twin, and somebody whose messages stand in the partition of hers."""
    her = f"{prefix}-a"

    def partition(key: str) -> int:
        return (murmur2(key.encode()) & 0x7FFFFFFF) % cluster.settings.kafka.partitions

    other = next(i for n in count() if partition(i := f"{prefix}-other{n}") == partition(her))
    return her, f"{prefix}-twin", other


def test_a_forgotten_person_is_nowhere_and_the_others_are_whole(cluster, make, prefix, people) -> None:
    her, twin, other = people
    mark, twin_mark, other_mark = f"annamark{prefix}", f"twinmark{prefix}", f"othermark{prefix}"
    worker = cluster.worker()
    hers = talent(mark)
    # Linked by name and number, which are no marks.
    same = {"emails": [f"{twin_mark}@example.com"], "phones": hers["phones"], "name": hers["name"]}
    job = {**JOB, "skills": [*JOB["skills"], {"name": f"skill-{mark}"}]}
    events = [
        make("job", f"{prefix}-j", {**job, "skills": JOB["skills"]}),
        make("talent", other, {**talent(other_mark), "name": "李雷"}),
        make("talent", twin, same),
        make("talent", her, hers),
        make("talent", her, {"summary": f"summary-{mark}"}, minute=3, source="zervigo"),
        make("talent", other, {"summary": f"summary-{other_mark}"}, minute=4),
    ]
    bad = ("talent-events", her.encode(), f'{{"skills": "{mark}"}}'.encode(), events[3][3])
    loose = ("talent-events", b"\xff", f'{{"x": "{mark}@example.com"}}'.encode(), [("x", b"1")])
    # Refused by the clock, but only just: a copy of it would pass.
    ahead = make("talent", other, {"title": f"ahead-{other_mark}"}, source="zervigo")
    passes = datetime.now(UTC) + timedelta(seconds=10)
    soon = timestamp(passes + DEFAULT.max_ahead).encode()
    ahead = (*ahead[:3], [(n, soon if n == "ce_time" else v) for n, v in ahead[3]])
    resumes = [
        submission(make, {"talent_id": i, "text": f"resume of {m}"}) for i, m in ((her, mark), (other, other_mark))
    ]
    parsed = [("resume-parsed", *resume[1:]) for resume in resumes]
    cluster.publish([ahead, *events, bad, loose, *resumes, *parsed, *events[:2]])
    cluster.drained()
    feedback = [
        build_feedback(i, f"{prefix}-j", "rejected", reason=m, source="ats")
        for i, m in ((her, mark), (other, other_mark))
    ]
    cluster.publish([(m.topic, m.key, m.value, m.headers) for m in feedback])
    cluster.drained()
    refused = [dict(m.headers)["dlq_reason"] for m in cluster.read("dead-letters") if m.key == other.encode()]
    assert refused == [b"clock_skew"]
    before = haystacks(cluster)
    where = holding(before, mark)
    assert {
        "topic talent-events",
        "topic talent-records",
        "topic dead-letters",
        "topic resume-events",
        "topic resume-parsed",
        "mongodb looma.talents",
        "mongodb looma.golden_talents",
        "mongodb looma.identities",
        "topic match-feedback",
        "mongodb looma.match_feedback",
    } <= where
    (remembered,) = cluster.documents("matches", {"talent_id": her})
    assert remembered["history"]
    assert cluster.documents("match_feedback", {"talent_id": her})[0]["said"][0]["match"]["features"]
    assert "topic match-results" in holding(before, f"{her}|")
    assert "mongodb looma.matches" in holding(before, f"{her}/")
    log_dir = next(cluster.settings.data_dir.rglob("topics"))
    assert files(log_dir, mark), "its batches are unpacked, so a search of the log's files means something"
    whole = records(cluster, "looma")
    sealed = cluster.folder / f"sealed-{prefix}"
    written = json.loads(cluster.looma("backup", "create", str(sealed), "--json"))
    checked = json.loads(cluster.looma("backup", "verify", str(sealed), "--json"))
    assert checked == {"parts": written["parts"], "unreadable": 0, "places": written["places"], "sealed_end": True}
    (kept,) = cluster.documents("tasks_done", {"_id": "backup"})
    rehearsed = json.loads(cluster.looma("drill", "restore", "--json"))
    assert cluster.documents("tasks_done", {"_id": "backup"}) == [kept], "a rehearsal leaves no backup behind"
    assert rehearsed["records"] == written["parts"]
    assert rehearsed["differences"] == 0
    assert rehearsed["seconds"] > 0
    assert written["places"]["talents"] == 3
    assert written["places"]["talent-records"] >= 3
    backup = cluster.folder / f"backup-{prefix}"
    shutil.copytree(log_dir, backup, ignore_dangling_symlinks=True)
    state = cluster.documents("talents", {"_id": other})

    (plan,) = json.loads(cluster.looma("forget", her, "--dry-run", "--json"))
    assert plan["removed"] > 10
    assert plan["linked"] == [twin]
    assert cluster.documents("talents", {"_id": her}), "a dry run changes nothing"

    time.sleep(max(0, (passes - datetime.now(UTC)).total_seconds()))
    (report,) = json.loads(cluster.looma("forget", her, "--yes", "--json"))
    assert not report["already"]
    gone = {"talents": 1, "identities": 1, "vectors": 1, "resumes": 1, "matches": 1, "match_feedback": 1}
    assert report["stores"].items() >= gone.items()
    after = haystacks(cluster)
    assert cluster.documents("matches", {"talent_id": her}) == [], "nor is a history left of her"
    assert holding(after, mark) == set()
    audited = [json.loads(record.value) for record in cluster.read("audit")]
    assert [event["caller"] for event in audited if event["action"] == "person.forgotten"][-1:] == ["local"]
    assert her not in json.dumps([event["about"] for event in audited]), "by a pseudonym"
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

    # A replay comes to the same records of everybody else.
    assert b"ahead-" not in after["topic talent-events"]
    cluster.looma("replay", "start", "g2")
    replaying = cluster.worker("--sync-only", worker__generation="g2")
    cluster.drained(tuple(EVENTS.values()), group=f"{cluster.settings.kafka.group_id}-g2")
    assert replaying.stop() == 0
    assert records(cluster, "looma-g2") == records(cluster, "looma")
    assert set(records(cluster, "looma")) == {twin, other}

    # Late events change nothing; the workers pass over them.
    late = feedback[0]
    cluster.publish([make("talent", her, {"title": f"late-{mark}"}, minute=9), events[1]])
    cluster.publish([(late.topic, late.key, late.value, late.headers)])
    cluster.drained()
    assert cluster.documents("match_feedback", {"talent_id": her}) == []
    assert cluster.documents("talents", {"_id": her}) == []
    assert cluster.documents("talents", {"_id": other}) == state
    dying = [sys.executable, "-c", KILLED, her]
    assert subprocess.run(dying, env=cluster.environment, timeout=60, check=False).returncode == -signal.SIGKILL
    assert holding(haystacks(cluster), f"late-{mark}") == {"topic talent-events"}
    (again,) = json.loads(cluster.looma("forget", her, "--yes", "--json"))
    assert again["already"]
    assert {t["topic"] for t in again["topics"]} == {"talent-events", "match-feedback"}, "late events go as well"
    assert holding(haystacks(cluster), mark) == set()
    (third,) = json.loads(cluster.looma("forget", her, "--yes", "--json"))
    assert (third["already"], third["removed"]) == (True, 0)

    # The others' history is whole: the events that are left make the records that are stored, and nobody is missing.
    verified = json.loads(cluster.looma("sync", "verify", "--entity", "talent", "--json"))
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
        client, database = mongodb.connect(s.mongodb)
        await database["talents"].insert_one({"_id": her, "contributions": [], "fields": {"name": mark}})
        await client.close()

    asyncio.run(restore())
    cluster.publish([events[3]])
    (restored,) = json.loads(cluster.looma("forget", "--reapply", "--yes", "--json"))
    assert restored["person"] == her
    assert holding(haystacks(cluster), mark) == set()

    # From a backup of our own, written before, nobody can read her any more; the others come back as they were.
    checked = json.loads(cluster.looma("backup", "verify", str(sealed), "--json"))
    assert checked["unreadable"] >= 7
    assert checked["parts"] + checked["unreadable"] == written["parts"]
    cluster.looma("backup", "restore", str(sealed), code=1)  # not into a database that holds anything
    asyncio.run(emptied(cluster))
    back = json.loads(cluster.looma("backup", "restore", str(sealed), "--json"))
    assert back["parts"] + back["unreadable"] < written["parts"], "topics that hold messages are left alone"
    assert back["unreadable"] >= 7
    assert records(cluster, "looma") == {i: r for i, r in whole.items() if i != her}
    assert [d["talent_id"] for d in cluster.documents("match_feedback", {})] == [other]
    assert holding(haystacks(cluster), mark) == set()
