"""A delivery and aiokafka's own fetcher, without a broker: what one partition waits for holds up no other."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.structs import ConsumerRecord

from connectors.webhooks import delivery
from connectors.webhooks.delivery import Delivery, Record
from schemas.settings import KafkaSettings, WebhookSettings
from schemas.topics import MATCH_RESULTS
from sinks import sealing
from sinks.sealing import Ring

SECRET = "whsec_" + "A" * 32
PLACES = [TopicPartition(MATCH_RESULTS, number) for number in range(2)]
KEY = os.urandom(32)


class Fetched(Iterator[Record]):
    """What a broker has sent of a partition: `count` messages, the one at `sealed` under a key of somebody."""

    def __init__(self, place: TopicPartition, first: int, count: int, sealed: int) -> None:
        self.place, self.next_fetch_offset, self.count, self.sealed = place, first, count, sealed

    def __next__(self) -> Record:
        offset = self.next_fetch_offset
        if offset == self.count:
            raise StopIteration
        self.next_fetch_offset += 1
        keys = Ring([KEY] if offset == self.sealed else [], [MATCH_RESULTS])
        value, headers = keys.seal(MATCH_RESULTS, b"k", b"%d" % offset, [])
        return ConsumerRecord(*self.place, offset, 0, 0, b"k", value, None, 0, 0, tuple(headers))


class Broker:
    """Fills aiokafka's fetcher from logs of so many messages, and takes commits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, counts: list[int], sealed: Mapping[int, int]) -> None:
        self.counts, self.sealed = counts, sealed
        self.committed: dict[int, int] = {}
        self.asked: list[float] = []
        for name in ("start", "stop", "commit", "getmany"):
            monkeypatch.setattr(AIOKafkaConsumer, name, getattr(self, name)(getattr(AIOKafkaConsumer, name)))
        monkeypatch.setattr(AIOKafkaConsumer, "committed", self._committed)

    def start(self, _: Any) -> Any:
        async def start(log: Any) -> None:
            log._subscription.assign_from_subscribed(PLACES)
            log._coordinator = SimpleNamespace(check_errors=lambda: None)
            log._fetcher = object.__new__(Fetcher)  # not started
            log._fetcher.__dict__.update(
                _subscriptions=log._subscription, _closed=False, _wait_consume_future=None, _records=OrderedDict()
            )
            for place in PLACES:
                new = self.counts[place.partition] if log._auto_offset_reset == "latest" else 0
                log.seek(place, self.committed.get(place.partition, new))

        return start

    def stop(self, _: Any) -> Any:
        async def stop(log: Any) -> None:
            log._closed = True

        return stop

    def commit(self, _: Any) -> Any:
        async def commit(log: Any, offsets: Mapping[TopicPartition, int]) -> None:
            self.committed |= {place.partition: offset for place, offset in offsets.items()}

        return commit

    async def _committed(self, place: TopicPartition) -> int | None:
        return self.committed.get(place.partition)

    def getmany(self, real: Any) -> Any:
        async def getmany(log: Any, *_: Any, **__: Any) -> Any:
            await asyncio.sleep(0)
            self.asked.append(delivery.time.monotonic())
            assignment = log._subscription.subscription.assignment
            for place, count in zip(PLACES, self.counts, strict=True):
                if not assignment.state_value(place).paused:
                    first = assignment.state_value(place).position
                    fetched: Any = Fetched(place, first, count, self.sealed.get(place.partition, -1))
                    log._fetcher._records[place] = FetchResult(
                        place, assignment=assignment, partition_records=fetched, backoff=0
                    )
            return await real(log)

        return getmany


async def test_a_partition_waits_for_its_key_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "SEALED_SECONDS", 0.0)
    taken = sent(monkeypatch)
    broker = Broker(monkeypatch, [3, 4], {0: 1})
    async with delivering("first"):
        await turns()
        assert [value for partition, value in taken if partition == 1] == [b"0", b"1", b"2", b"3"]
        assert [value for partition, value in taken if partition == 0] == [b"0"], "nothing overtakes what waits"
        assert broker.committed == {0: 1, 1: 4}
        broker.counts[1] = 5
        await turns()
        assert taken[-1] == (1, b"4"), "it goes on while the other waits"
        monkeypatch.setattr(sealing, "_ring", lambda *_: Ring([KEY], [MATCH_RESULTS]))
        await turns()
        assert [value for partition, value in taken if partition == 0] == [b"0", b"1", b"2"]
        assert broker.committed == {0: 3, 1: 5}


async def test_what_comes_while_nobody_sends_is_sent_though_nothing_came_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = sent(monkeypatch)
    broker = Broker(monkeypatch, [3, 4], {})
    async with delivering("next"):
        await turns()
    assert taken == []
    broker.counts = [4, 4]
    async with delivering("next"):
        await turns()
    assert taken == [(0, b"3")]


async def test_a_slow_receiver_s_delivery_asks_kafka_again_before_it_is_taken_for_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: now[0]))
    broker = Broker(monkeypatch, [9, 0], {})
    taken = sent(monkeypatch, now)
    async with delivering("first"):
        await turns()
    assert taken == [(0, b"%d" % offset) for offset in range(9)], "in order, each once"
    assert broker.committed[0] == 9
    assert max(end - begin for begin, end in pairwise([*broker.asked, now[0]])) <= 120, "Kafka waits for 300"


def sent(monkeypatch: pytest.MonkeyPatch, now: list[float] | None = None) -> list[tuple[int, bytes | None]]:
    """Return what a receiver takes, which needs a minute for each if there is a clock, `now`."""
    taken: list[tuple[int, bytes | None]] = []

    async def send(_: Delivery, record: Record) -> None:
        taken.append((record.partition, record.value))
        if now:
            now[0] += 60

    monkeypatch.setattr(Delivery, "_send", send)
    return taken


@asynccontextmanager
async def delivering(begin: str) -> AsyncIterator[None]:
    hook = WebhookSettings.model_validate({"name": "w", "url": "http://127.0.0.1:9/", "secret": SECRET, "begin": begin})
    session: Any = None
    running = asyncio.create_task(Delivery(KafkaSettings(), hook, session).run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def turns() -> None:
    """Let the delivery have its turns."""
    for _ in range(50):
        await asyncio.sleep(0)
