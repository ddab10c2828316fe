"""Topics that are encrypted in Kafka: who has the key sees them as before, the broker's files nothing."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import duckdb
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from pydantic import SecretStr

from connectors.publisher import EventPublisher
from schemas.settings import FileSecret
from schemas.topics import DEAD_LETTERS, EVENTS, MATCH_RESULTS, PIPELINE, RECORDS
from sinks.sealing import SEALED, NoKeyError, name_of
from streams.lag import group_lag
from tests.integration.test_forget import files as files_with
from tests.support.cluster import run_looma

pytestmark = pytest.mark.long
SECRET, NEXT = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
EXAMPLE = Path(__file__).parents[2] / "examples" / "read_sealed.py"


def foreign(servers: str, topic: str) -> list[bytes]:
    """Return the values that a client without a key sees."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "foreign", "enable.partition.eof": True})
    partitions = consumer.list_topics(topic, timeout=60).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    found, at_end = [], 0
    while at_end < len(partitions):
        message = consumer.poll(60)
        assert message is not None
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF
            at_end += 1
        else:
            found.append(message.value() or b"")
    consumer.close()
    return found


def by_recipe(servers: str, topic: str, *secrets: str) -> str:
    """Return what the example prints, which has nothing of ours."""
    command = [sys.executable, str(EXAMPLE), servers, topic, *secrets]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_dead_letters_are_sealed_shown_redriven_forgotten_and_nowhere_readable(cluster, make, prefix) -> None:
    mark, other = f"Mark{prefix}", f"Other{prefix}"
    cluster.settings = cluster.settings.changed(kafka__encryption_keys=[SecretStr(SECRET)])
    cluster.worker("--sync-only")
    bad = {"name": mark, "skills": "none"}
    letters = [(f"{prefix}-1", bad), (f"{prefix}-2", {**bad, "name": other})]
    cluster.publish([make("talent", key, fields) for key, fields in letters])
    cluster.drained((EVENTS["talent"],))
    ids = [each["id"] for each in json.loads(cluster.looma("dlq", "list", "--json"))]
    shown = [json.loads(cluster.looma("dlq", "show", each, "--json")) for each in ids]
    assert mark in next(letter for letter in shown if letter["key"] == f"{prefix}-1")["value"]
    assert other in json.dumps([r.value.decode() for r in cluster.read(DEAD_LETTERS) if r.value])
    servers = cluster.settings.kafka.bootstrap_servers
    assert not [value for value in foreign(servers, DEAD_LETTERS) if mark.encode() in value or other.encode() in value]
    files = [*(cluster.settings.data_dir / "kafka").rglob(f"{DEAD_LETTERS}-*/*.log")]
    assert files
    assert not [file for file in files if mark.encode() in file.read_bytes()]
    assert mark in by_recipe(servers, DEAD_LETTERS, SECRET), "whoever has the key reads them without us"
    cluster.looma("forget", f"{prefix}-1", "--yes")
    left = [r for r in cluster.read(DEAD_LETTERS) if r.value]
    assert not [r for r in left if mark.encode() in r.value]
    assert [r for r in left if other.encode() in r.value], "copied, and sealed again"
    assert not [value for value in foreign(servers, DEAD_LETTERS) if other.encode() in value]
    cluster.settings = cluster.settings.changed(kafka__encryption_keys=[])
    with pytest.raises(NoKeyError, match=name_of(base64.b64decode(SECRET))):
        cluster.read(DEAD_LETTERS)
    assert name_of(base64.b64decode(SECRET)) in said(cluster, "dlq", "list", code=2)


def said(cluster, *arguments: str, code: int) -> str:
    """Run a command that says what is wrong."""
    done = run_looma(cluster.environment, *arguments)
    assert done.code == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def ready(port: int) -> str:
    """Return what a worker says of its stages."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def by_us(cluster, talent_id: str, name: str) -> None:
    """Publish a talent as our gateway and connectors do."""

    async def send() -> None:
        async with EventPublisher(cluster.settings.kafka, "crm") as publisher:
            fields = {"name": name, "title": "数据工程师", "skills": [{"name": "Python"}], "locations": ["上海"]}
            await (await publisher.publish("talent", talent_id, fields))

    asyncio.run(send())


def test_a_worker_stops_at_what_it_has_no_key_for_and_goes_on_when_it_has(cluster, make, prefix, tmp_path) -> None:
    first, mark, last = (f"{name}{prefix}" for name in ("Plain", "Sealed", "Last"))
    servers, name = cluster.settings.kafka.bootstrap_servers, name_of(base64.b64decode(SECRET))
    job = {"title": "Data Engineer", "skills": [{"name": "Python"}], "locations": ["Shanghai"], "status": "open"}
    plain = {"name": first, "title": "Data Engineer", "skills": [{"name": "Python"}], "locations": ["Shanghai"]}
    cluster.settings = before = cluster.settings.changed(kafka__encryption_keys=[], kafka__sealed_topics=[])
    worker = cluster.worker("--sync-only")
    cluster.publish([make("talent", f"{prefix}-1", plain), make("job", f"{prefix}-j", job)])
    cluster.drained((EVENTS["talent"], EVENTS["job"]))
    worker.stop()

    sealed = ["all", EVENTS["talent"]]
    cluster.settings = before.changed(kafka__encryption_keys=[SecretStr(SECRET)], kafka__sealed_topics=sealed)
    worker = cluster.worker("--sync-only")
    by_us(cluster, f"{prefix}-2", mark)
    cluster.drained((EVENTS["talent"],))
    worker.stop()

    cluster.settings = before
    assert name in said(cluster, "config", "check", code=3)
    found = {each["check"]: each for each in json.loads(cluster.looma("doctor", "--json", code=1))}
    assert found["sealing"]["state"] == "wrong"
    assert name in found["sealing"]["said"]
    letters = len(foreign(servers, DEAD_LETTERS))
    file = tmp_path / "topic-keys"
    file.write_text(f"{NEXT}\n")
    waiting = [FileSecret(NEXT, file)]
    cluster.settings = before.changed(kafka__encryption_keys=waiting, kafka__sealed_topics=sealed)
    worker = cluster.worker()
    deadline = time.monotonic() + 120
    while f"what the key {name} has sealed" not in worker.log.read_text(errors="replace"):
        assert time.monotonic() < deadline, cluster.logs()
        time.sleep(0.5)
    while "NoKeyError" not in ready(worker.port):
        assert time.monotonic() < deadline, cluster.logs()
        time.sleep(0.5)
    stopped = asyncio.run(group_lag(before.kafka, before.kafka.group_id, [RECORDS["talent"]]))
    assert stopped[RECORDS["talent"]] > 0, "which the alert on lag sees"
    assert worker.process.poll() is None, "other partitions go on"
    file.write_text(f"{NEXT}\n{SECRET}\n")
    cluster.drained((RECORDS["talent"],))
    worker.stop()

    keys = [SecretStr(NEXT), SecretStr(SECRET)]
    cluster.settings = before.changed(kafka__encryption_keys=keys, kafka__sealed_topics=sealed)
    worker = cluster.worker()
    by_us(cluster, f"{prefix}-3", last)
    cluster.drained()
    assert len(foreign(servers, DEAD_LETTERS)) == letters, "nothing became a dead letter"
    matched = {r.key.decode() for r in cluster.read(MATCH_RESULTS)}
    assert {f"{prefix}-{n}|{prefix}-j" for n in (1, 2, 3)} <= matched, (
        "plain, sealed, and by the next key: none is lost"
    )
    cluster.looma("sync", "verify")
    wanted = (
        (EVENTS["talent"], mark),
        (RECORDS["talent"], mark),
        (RECORDS["talent"], last),
        (MATCH_RESULTS, "features"),
    )
    for topic, person in wanted:
        assert person in by_recipe(servers, topic, SECRET, NEXT), "a foreign client, by the guide's recipe"
    data = cluster.settings.data_dir / "kafka"
    assert files_with(data, first), "from before"
    assert not files_with(data, mark, last)

    folder = tmp_path / "archive"
    cluster.looma("archive", "run", str(folder))
    kept = duckdb.sql(f"SELECT value FROM read_parquet('{folder}/{EVENTS['talent']}/*/*.parquet')").fetchall()
    assert len(kept) >= 3
    assert not [value for (value,) in kept if first.encode() in value or mark.encode() in value], "as its topic is"
    assert json.loads(cluster.looma("archive", "restore", str(folder), "--json"))[EVENTS["talent"]] >= 3
    cluster.drained()
    cluster.looma("sync", "verify")
    cluster.looma("forget", f"{prefix}-2", "--yes")
    for topic in PIPELINE:
        left = [r for r in cluster.read(topic) if r.value]
        assert not [r for r in left if mark.encode() in r.value]
    assert [r for r in cluster.read(RECORDS["talent"]) if r.value and last.encode() in r.value]
    headers = {n for r in cluster.read(RECORDS["talent"]) for n, _ in r.headers}
    assert SEALED not in headers
