"""What foreign clients write and do: every event ends as an effect or as a dead letter, and so do its neighbours."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from confluent_kafka import Producer
from pymongo import MongoClient

from ops.local.embedded.stack import free_ports
from schemas.topics import EVENTS

TALENTS = (EVENTS["talent"],)
GOOD = {"ce_specversion": "1.0", "ce_source": "ats", "ce_type": "looma.talent.upserted"}
GOOD |= {"ce_time": "2026-03-01T10:00:00+08:00", "ce_dataschema": "urn:looma:talent:2"}


def headers(**changes: str) -> list[tuple[str, bytes]]:
    values = {**GOOD, "ce_id": str(uuid.uuid4()), **changes}
    return [(name, value.encode()) for name, value in values.items()]


def librdkafka(cluster, **options: object) -> Producer:
    return Producer({"bootstrap.servers": cluster.settings.kafka.bootstrap_servers, "linger.ms": 50, **options})


def until(condition: Callable[[], object], what: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


def letters(cluster, key: str) -> list[tuple[str, bytes | None]]:
    found = [r for r in cluster.read("dead-letters") if r.key == key.encode()]
    return [(dict(r.headers)["dlq_reason"].decode(), r.value) for r in found]


def administer(cluster, action) -> None:
    async def run() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=cluster.settings.kafka.bootstrap_servers)
        await admin.start()
        try:
            await action(admin)
        finally:
            await admin.close()

    asyncio.run(run())


@pytest.fixture(scope="module")
def running(module_cluster):
    """One worker for all tests of this file: what one of them does must not harm it."""
    worker = module_cluster.worker("--sync-only")
    yield module_cluster
    assert worker.process.poll() is None, module_cluster.logs()
    assert worker.stop() == 0
    module_cluster.workers.clear()


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_of_librdkafka_is_read(running, prefix, codec) -> None:
    producer = librdkafka(running, **{"compression.type": codec})
    for n in range(40):
        value = json.dumps({"title": f"{'工程师' * 50}{n}"})
        producer.produce(TALENTS[0], key=f"{prefix}-{n}", value=value, headers=headers())
    producer.flush(30)
    running.drained(TALENTS)
    assert running.count("talents", prefix) == 40


def test_a_batch_that_unpacks_to_more_than_memory_holds_is_one_dead_letter(running, prefix) -> None:
    packed = {"compression.type": "zstd", "message.max.bytes": 400_000_000, "batch.size": 400_000_000}
    producer = librdkafka(running, **packed)
    known = len([r for r in running.read("dead-letters") if r.key is None])
    producer.produce(TALENTS[0], key="bomb", value=b"\0" * 200_000_000, headers=headers(), partition=0)
    producer.flush(60)
    producer.produce(TALENTS[0], key=f"{prefix}-after", value=b'{"title": "t"}', headers=headers(), partition=0)
    producer.flush(30)
    until(lambda: running.count("talents", prefix) == 1, running.logs)
    found = [dict(r.headers) for r in running.read("dead-letters") if r.key is None][known:]
    assert [h["dlq_reason"] for h in found] == [b"unreadable_batch"]


def test_an_aborted_transaction_has_no_effect_and_leaves_no_lag(running, prefix) -> None:
    producer = librdkafka(running, **{"transactional.id": prefix})
    producer.init_transactions()
    for outcome in ("kept", "aborted"):
        producer.begin_transaction()
        for n in range(3):
            key = f"{prefix}-{outcome}-{n}"
            producer.produce(TALENTS[0], key=key, value=b'{"title": "t"}', headers=headers(), partition=1)
        producer.flush(30)
        if outcome == "kept":
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    running.drained(TALENTS)
    assert running.count("talents", f"{prefix}-kept") == 3
    assert running.count("talents", f"{prefix}-aborted") == 0


NAMED = """
import asyncio, sys
from aiokafka import AIOKafkaProducer

class Name(str):
    def encode(self, *_):
        return b"x-\\xff\\xfe"

async def main():
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1])
    await producer.start()
    headers = [(n, v.encode()) for n, v in eval(sys.argv[3]).items()]
    key = sys.argv[2].encode()
    await producer.send_and_wait("talent-events", b'{"title": "t"}', key, headers=[*headers, (Name("x"), b"1")])
    await producer.stop()

asyncio.run(main())
"""


def test_a_header_name_that_is_no_text_is_a_dead_letter(running, prefix) -> None:
    arguments = [running.settings.kafka.bootstrap_servers, prefix, repr({**GOOD, "ce_id": "n"})]
    python = {**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"}  # its faster half takes no such name
    subprocess.run([sys.executable, "-c", NAMED, *arguments], check=True, env=python, timeout=60)
    running.drained(TALENTS)
    assert letters(running, prefix) == [("bad_header", b'{"title": "t"}')]


@pytest.mark.parametrize(
    ("name", "value", "changes"),
    [
        ("empty date of .NET", b'{"title": "t"}', {"ce_time": "0001-01-01T00:00:00+08:00"}),
        ("last date, west", b'{"title": "t"}', {"ce_time": "9999-12-31T23:59:59-05:00"}),
        ("integer of 5,000 digits", b'{"salary_min": ' + b"9" * 5000 + b"}", {"ce_dataschema": "urn:looma:talent:1"}),
    ],
)
def test_a_poisonous_event_in_a_burst_takes_no_neighbour_with_it(running, prefix, name, value, changes) -> None:
    producer = librdkafka(running)
    for n in range(300):
        if n == 150:
            producer.produce(TALENTS[0], key=f"{prefix}-bad", value=value, headers=headers(**changes), partition=2)
        producer.produce(
            TALENTS[0], key=f"{prefix}-{n}", value=b'{"title": "t"}', headers=headers(), partition=2 + n % 2
        )
    producer.flush(30)
    running.drained(TALENTS)
    assert running.count("talents", prefix) == 300
    assert [given for _, given in letters(running, f"{prefix}-bad")] == [value]


def test_a_topic_deleted_and_made_again_is_read_from_its_beginning(running, prefix) -> None:
    async def remake(admin) -> None:
        await admin.delete_topics(["company-events"])
        await asyncio.sleep(2)
        topic = NewTopic("company-events", 4, 1, topic_configs={"message.timestamp.type": "LogAppendTime"})
        await admin.create_topics([topic])

    def publish(name: str) -> None:
        producer = librdkafka(running)
        for n in range(40):
            kinds = {"ce_type": "looma.company.upserted", "ce_dataschema": "urn:looma:company:1"}
            producer.produce(
                "company-events",
                key=f"{prefix}-{name}-{n}",
                value=b'{"name": "A"}',
                headers=headers(**kinds),
                partition=n % 4,
            )
        producer.flush(60)

    publish("before")
    until(lambda: running.count("companies", f"{prefix}-before") == 40, running.logs)
    administer(running, remake)
    publish("after")
    until(lambda: running.count("companies", f"{prefix}-after") == 40, running.logs)
    running.drained(("company-events",))


def test_partitions_that_are_added_are_read(running, prefix) -> None:
    administer(running, lambda admin: admin.create_partitions({"job-events": NewPartitions(6)}))
    producer = librdkafka(running, **{"topic.metadata.refresh.interval.ms": 1000})
    time.sleep(2)
    kinds = {"ce_type": "looma.job.upserted", "ce_dataschema": "urn:looma:job:2"}
    for n in range(6):
        key = f"{prefix}-{n}"
        producer.produce("job-events", key=key, value=b'{"title": "t"}', headers=headers(**kinds), partition=n)
    producer.flush(60)
    until(lambda: running.count("jobs", prefix) == 6, running.logs)


SABOTAGED = """
import os, sys
from ops.cli import main
from streams.delivery import Courier

attempt = Courier.attempt

async def sabotaged(self, batch):
    if any(message.key == os.environ["FATAL"].encode() for message in batch):
        raise SystemError("what nobody thought of")
    return await attempt(self, batch)

Courier.attempt = sabotaged
main(["worker", "--sync-only"])
"""


def test_what_escapes_a_batch_ends_the_worker_and_is_delivered_again(running, prefix) -> None:
    cluster = running
    producer = librdkafka(cluster)
    for n in range(60):
        producer.produce(TALENTS[0], key=f"{prefix}-{n}", value=b'{"title": "t"}', headers=headers(), partition=n % 4)
    producer.flush(30)
    environment = {
        **cluster.environment,
        "LOOMA_MONGODB__DATABASE": prefix,  # the other worker reads the same events
        "LOOMA_WORKER__STALL_SECONDS": "20",
        "LOOMA_WORKER__PORT": str(free_ports(1)[0]),
        "LOOMA_KAFKA__GROUP_ID": prefix,
        "FATAL": f"{prefix}-13",
    }
    done = subprocess.run(
        [sys.executable, "-c", SABOTAGED],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    def stored() -> int:
        with MongoClient(cluster.settings.mongodb.url.get_secret_value()) as client:
            return client[prefix]["talents"].count_documents({"_id": {"$regex": f"^{prefix}-"}})

    assert done.returncode == 70, done.stderr
    assert "sync talent cannot go on: SystemError; the worker ends" in done.stderr
    assert stored() < 60
    worker = cluster.worker("--sync-only", kafka__group_id=prefix, mongodb__database=prefix)
    cluster.drained(TALENTS, group=prefix)
    assert stored() == 60
    assert worker.stop() == 0
