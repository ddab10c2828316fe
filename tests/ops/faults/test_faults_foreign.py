"""Clients that are not ours: keys lie where Java puts them, bytes go as they are, and every outcome is told.

librdkafka's clients meet the cluster that librdkafka has in itself for tests.
"""

import asyncio
import random
from collections.abc import Iterator
from functools import partial
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record import MemoryRecords
from click.testing import CliRunner
from confluent_kafka import Producer
from hypothesis import given
from hypothesis import strategies as st

from ops.cli.bench import faults as bench_faults
from ops.faults import foreign
from ops.faults.foreign import CODECS, ByHand, Librdkafka, Transactions, place_of, require_clients
from ops.faults.history import Place
from ops.faults.hostile import Hostile, hostile
from ops.faults.load import event, load

# From the tests of Apache Kafka's own Utils.murmur2.
JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", JAVA)
@pytest.mark.parametrize("partitions", [1, 4, 7, 50])
def test_a_key_lies_where_java_puts_it(key: bytes, partitions: int) -> None:
    assert place_of(key, partitions) == (JAVA[key] & 0x7FFFFFFF) % partitions


@given(st.none() | st.binary(), st.integers(min_value=1, max_value=1000))
def test_every_key_has_a_partition(key: bytes | None, partitions: int) -> None:
    assert 0 <= place_of(key, partitions) < partitions


# By hand


class Broker:
    """Keeps the batches that it gets, and answers as told."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, Any]] = []
        self.refusal: Exception | None = None
        self.answers: list[asyncio.Future[Any]] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1 << 20, 0)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        if self.refusal:
            raise self.refusal
        self.batches.append((partition, bytes(batch._build())))
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]


def by_hand(monkeypatch: pytest.MonkeyPatch, seed: int = 1) -> tuple[ByHand, Broker]:
    broker = Broker()
    monkeypatch.setattr(foreign, "AIOKafkaProducer", lambda **_: broker)
    return ByHand("nowhere", "talent-events", 4, random.Random(seed)), broker


async def test_hostile_messages_arrive_byte_by_byte_with_every_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    client, broker = by_hand(monkeypatch)
    await client.__aenter__()
    messages = list(islice(hostile(3), 300))
    for message in messages:
        await client.send(message, lambda place: None)
    codecs = set()  # a batch that a codec does not make smaller goes as it is
    for message, (partition, raw) in zip(messages, broker.batches, strict=True):
        batch = MemoryRecords(raw).next_batch()
        assert batch is not None
        codecs.add(int.from_bytes(raw[21:23]) & 0x07)
        if message.key is not None:
            assert partition == place_of(message.key, 4)
        try:
            [record] = batch
        except UnicodeDecodeError:
            continue  # the name of a header, below
        assert (record.key, record.value, record.timestamp) == (message.key, message.value, message.timestamp_ms)
        assert [(name.encode(), value) for name, value in record.headers] == list(message.headers)
    assert codecs == set(CODECS.values())


async def test_a_headers_name_need_not_be_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "CODECS", {"none": 0})
    client, broker = by_hand(monkeypatch)
    await client.__aenter__()
    await client.send(Hostile("name", b"t1", b"{}", [(b"\xff\xfe\x80", b"v")], 5), lambda place: None)
    assert b"\x06\xff\xfe\x80\x02v" in broker.batches[0][1]


async def test_what_the_broker_refuses_is_counted_and_not_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    client, broker = by_hand(monkeypatch)
    await client.__aenter__()
    message = next(hostile(1))
    told: list[Place] = []
    broker.refusal = MessageSizeTooLargeError()
    await client.send(message, told.append)
    broker.refusal = None
    await client.send(message, told.append)
    await client.send(message, told.append)
    broker.answers[0].set_exception(MessageSizeTooLargeError())
    broker.answers[1].set_result(SimpleNamespace(offset=17))
    await asyncio.sleep(0)
    assert client.refused == 2
    assert told == [Place(broker.batches[1][0], 17)]


async def test_the_end_waits_for_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    client, broker = by_hand(monkeypatch)
    told: list[Place] = []
    async with client:
        await client.send(next(hostile(1)), told.append)
        asyncio.get_running_loop().call_soon(broker.answers[0].set_result, SimpleNamespace(offset=3))
    assert [place.offset for place in told] == [3]


# librdkafka


@pytest.fixture
def servers() -> Iterator[str]:
    cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0})
    yield ",".join(str(broker).split("/")[0] for broker in cluster.list_topics(timeout=10).brokers.values())
    del cluster


async def test_librdkafka_tells_where_each_event_lies(servers: str) -> None:
    client = Librdkafka(servers, 4, random.Random(1))
    messages = [message for message in islice(load(1), 200) if message.key is not None]
    told: dict[int, Place] = {}
    for number, message in enumerate(messages):
        client.send(message, partial(told.__setitem__, number))
    await client.close()
    assert sorted(told) == list(range(len(messages)))
    assert all(told[n].partition == place_of(message.key, 4) for n, message in enumerate(messages))
    assert len(set(told.values())) == len(messages)


async def test_every_transaction_is_committed_or_aborted(servers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "time", SimpleNamespace(sleep=lambda seconds: None))
    begun: list[str] = []
    rng = random.Random(4)

    def events(event_id: str) -> Any:
        begun.append(event_id)
        return event(rng, event_id)

    transactions = Transactions(servers, 4, random.Random(4), events)
    await transactions.run(lambda: len(begun) >= 30)
    assert len(begun) == len(set(begun))
    assert transactions.aborted
    assert transactions.aborted < set(begun)
    assert transactions.committed == len(begun) - len(transactions.aborted)


# What a run needs


@pytest.mark.parametrize("module", ["confluent_kafka", "time_machine"])
def test_what_is_not_installed_is_said_in_one_line(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "find_spec", lambda name: None if name == module else object())
    result = CliRunner().invoke(bench_faults.bench_faults, ["--seconds", "20"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    [text] = result.output.strip().splitlines()
    assert module.replace("_", "-") in text
    assert "looma-streams[dev]" in text


def test_nothing_is_said_of_what_is_installed() -> None:
    require_clients()
