"""Every offset before the committed one is an effect, a dead letter, or reported as lost."""

import asyncio
import json
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaTimeoutError
from click.testing import CliRunner

from ops.backup.backup import create
from ops.cli.dlq import dlq
from ops.cli.sync.verify import verify
from ops.replay import run as replay
from ops.replay.checkpoint import replays_dir
from ops.replay.log import SourceLog
from ops.replay.selection import Selection
from schemas.topics import EVENTS, MATCH_FEEDBACK
from sinks.provisioning import apply_topics
from streams.lag import group_lag
from streams.reading import read_ranges, read_topic, reader

COMPANIES = EVENTS["company"]


def envelope(key: str, version: int = 1, **more: str) -> list[tuple[str, bytes]]:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{key}-1",
        "ce_source": "crm",
        "ce_type": "looma.company.upserted",
        "ce_subject": key,
        "ce_time": "2024-01-01T00:00:00Z",
        "ce_dataschema": f"urn:looma:company:{version}",
        "content-type": "application/json",
        **more,
    }
    return [(name, value.encode()) for name, value in headers.items()]


def unreadable(prefix: str) -> list[Any]:
    """Events that no stage can decode, each for a reason of its own."""
    huge = b'{"name": ' + b"9" * 5000 + b"}"
    return [
        (COMPANIES, b"bad", b"{not json", []),
        (COMPANIES, f"{prefix}-min".encode(), b"{}", envelope(f"{prefix}-min", ce_time="0001-01-01T00:00:00+08:00")),
        (COMPANIES, f"{prefix}-huge".encode(), huge, envelope(f"{prefix}-huge")),
        (COMPANIES, None, b"", []),
        (COMPANIES, b"\xff\xfe", b"\x00" * 100, [("ce_type", b"\xff")]),
    ]


def run_verify(cluster, *arguments: str, code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(verify, ["--json", "--entity", "company", *arguments], env=cluster.environment)
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    report = json.loads(next(line for line in result.output.splitlines() if line.startswith("{")))
    return report["entities"][0]


def letters(cluster) -> dict[str, str]:
    result = CliRunner().invoke(dlq, ["list", "--json"], env=cluster.environment)
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    found = json.loads(result.output)
    return {letter["id"]: letter["reason"] for letter in found}


async def transaction(cluster, messages: list[Any], *, commit: bool) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.settings.kafka.bootstrap_servers, transactional_id=f"tx-{commit}"
    )
    await producer.start()
    try:
        await producer.begin_transaction()
        futures = [await producer.send(t, v, k, headers=h) for t, k, v, h in messages]
        await asyncio.gather(*futures)
        await (producer.commit_transaction() if commit else producer.abort_transaction())
    finally:
        await producer.stop()


def commit_past(cluster, topic: str) -> None:
    """Commit the end of a topic for the group, as a worker does that loses what it has read."""

    async def commit() -> None:
        s = cluster.settings
        consumer = AIOKafkaConsumer(
            bootstrap_servers=s.kafka.bootstrap_servers, group_id=s.kafka.group_id, enable_auto_commit=False
        )
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, n) for n in range(s.kafka.partitions)]
            consumer.assign(partitions)
            await consumer.commit(await consumer.end_offsets(partitions))
        finally:
            await consumer.stop()

    asyncio.run(commit())


async def remake(cluster, topic: str) -> None:
    s = cluster.settings
    admin = AIOKafkaAdminClient(bootstrap_servers=s.kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()
    created: list[str] = []
    while topic not in created:  # the broker may not have let go of the name yet
        try:
            created = await apply_topics(s.kafka)
        except RuntimeError:
            await asyncio.sleep(0.2)


def test_foreign_events_are_effects_or_dead_letters(cluster, make, prefix, tmp_path) -> None:
    worker = cluster.worker("--sync-only")
    good = [make("company", f"{prefix}-{n}", {"name": "织星"}) for n in range(6)]
    aborted = [make("company", f"{prefix}-aborted-{n}", {"name": "x"}) for n in range(6)]
    bad = unreadable(prefix)
    asyncio.run(transaction(cluster, aborted, commit=False))
    cluster.publish([*good[:3], *bad])
    asyncio.run(transaction(cluster, good[3:], commit=True))
    asyncio.run(transaction(cluster, aborted, commit=False))  # each partition ends with what is no record
    cluster.drained((COMPANIES,))
    assert worker.stop() == 0
    assert cluster.count("companies", prefix) == 6
    assert len(cluster.read(COMPANIES)) == 6 + len(bad)

    s = cluster.settings
    assert asyncio.run(group_lag(s.kafka, s.kafka.group_id, [COMPANIES])) == {COMPANIES: 0}
    found = run_verify(cluster)
    assert (found["consistent"], found["lost"]) == (True, [])
    assert len(letters(cluster)) == len(bad)

    async def again() -> Any:
        async with SourceLog.open(s, [COMPANIES]) as log:
            checkpoint = await replay.begin(s, log, prefix, Selection(topics=(COMPANIES,), beginning=True))
            replays_dir(s).mkdir(parents=True, exist_ok=True)
            work = replay.Replay(s, replays_dir(s), rate=None, on_progress=lambda _: None)
            await work.run(log, checkpoint)
            return checkpoint

    checkpoint = asyncio.run(again())
    assert (checkpoint.finished, checkpoint.selected, checkpoint.rejected) == (True, 6, len(bad))
    assert asyncio.run(create(s, tmp_path / "backup"))[COMPANIES] == 6
    cluster.looma("forget", f"{prefix}-nobody", "--dry-run")
    assert run_verify(cluster)["consistent"]


def test_what_was_committed_past_is_lost_until_it_is_repaired(cluster, make, prefix) -> None:
    good, bad = make("company", f"{prefix}-good", {"name": "织星"}), unreadable(prefix)
    known = set(letters(cluster))
    cluster.publish([good, *bad, (MATCH_FEEDBACK, b"who", b"{", [])])
    assert run_verify(cluster)["lost"] == [], "what is not acknowledged is under way"
    commit_past(cluster, COMPANIES)
    commit_past(cluster, MATCH_FEEDBACK)

    found = run_verify(cluster, code=1)
    lost = {(each["topic"], each["partition"], each["offset"]): each["reason"] for each in found["lost"]}
    places = {(r.topic, r.partition, r.offset): r for r in cluster.read(COMPANIES)}
    assert sorted((places[p].key or b"", places[p].value) for p in lost) == sorted(
        (key or b"", value) for _, key, value, _ in [good, *bad]
    )
    assert [places[p].key for p, reason in lost.items() if reason == "no_effect"] == [f"{prefix}-good".encode()]
    assert [(d["kind"], d["id"]) for d in found["differences"]] == [("missing", f"{prefix}-good")]

    repaired = run_verify(cluster, "--repair")
    assert (repaired["repaired"], repaired["dead_letters"]) == (1, len(bad))
    assert cluster.count("companies", prefix) == 1
    assert run_verify(cluster)["consistent"]
    new = letters(cluster).keys() - known
    assert {"/".join(i.split("/")[:3]) for i in new} <= {f"{t}/{p}/{o}" for t, p, o in lost}

    result = CliRunner().invoke(verify, ["--json", "--entity", "talent"], env=cluster.environment)
    assert result.exit_code == 1, result.output
    report = json.loads(next(line for line in result.output.splitlines() if line.startswith("{")))
    assert [each["topic"] for each in report["entities"][0]["lost"]] == [MATCH_FEEDBACK]


def test_dead_letters_of_a_topic_survive_that_it_is_made_again(cluster, make, prefix) -> None:
    before = set(letters(cluster))
    asyncio.run(remake(cluster, COMPANIES))
    cluster.publish([(COMPANIES, b"bad", f"{{{prefix}".encode(), []) for _ in range(60)])
    commit_past(cluster, COMPANIES)
    lost = run_verify(cluster, code=1)["lost"]
    assert len(lost) == 60, "the letters of the former life are of other messages"
    assert run_verify(cluster, "--repair")["dead_letters"] == 60
    assert run_verify(cluster)["lost"] == []
    records = cluster.read("dead-letters")
    ids = {dict(r.headers)["dlq_offset"] for r in records if r.value == f"{{{prefix}".encode()}
    assert ids >= {b"0"}
    after = set(letters(cluster))
    assert before < after


def test_a_reader_ends_when_its_topic_is_gone(cluster) -> None:
    s = cluster.settings
    topic = "chat-events"
    cluster.publish([(topic, b"k", b"v", [])] * 10)

    async def read() -> int:
        async with reader(s.kafka) as log:
            partitions = [TopicPartition(topic, n) for n in range(s.kafka.partitions)]
            ends = {p: end + 5 for p, end in (await log.end_offsets(partitions)).items()}
            seen = 0
            async for records in read_ranges(log, {}, ends, timeout_seconds=5):
                seen += len(records)  # it was longer once: what is there now is all there is
            return seen

    assert asyncio.run(read()) == 10

    async def deleted() -> None:
        async with reader(s.kafka) as log:
            partitions = [TopicPartition(topic, n) for n in range(s.kafka.partitions)]
            ends = await log.end_offsets(partitions)
            admin = AIOKafkaAdminClient(bootstrap_servers=s.kafka.bootstrap_servers)
            await admin.start()
            await admin.delete_topics([topic])
            await asyncio.sleep(1)
            await admin.close()
            with pytest.raises(KafkaTimeoutError, match=topic):
                async for _ in read_ranges(log, {}, ends, timeout_seconds=2):
                    pass

    asyncio.run(deleted())

    async def nothing() -> list[Any]:
        return [r async for r in read_topic(s.kafka, topic)]

    assert asyncio.run(nothing()) == []
