"""How far a group is behind, without a broker: the arithmetic, and what the gauge reports of it."""

import asyncio
import inspect
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata
from hypothesis import given
from hypothesis import strategies as st

from streams import lag_gauge
from streams.lag import committed_offsets, lag
from streams.lag_gauge import LagGauge

offsets = st.integers(0, 2**63 - 1)


@given(offsets, offsets, offsets)
def test_a_group_is_behind_by_what_it_can_still_read(a: int, b: int, c: int) -> None:
    beginning, committed, end = sorted((a, b, c))
    assert lag(committed, beginning, end) == end - committed
    assert lag(None, beginning, end) == end - beginning


@given(st.none() | offsets, offsets, offsets)
def test_lag_is_between_nothing_and_all_there_is(committed: int | None, beginning: int, end: int) -> None:
    assert 0 <= lag(committed, beginning, end) <= max(0, end - beginning)


def test_offsets_of_records_that_are_gone_and_of_a_topics_former_life_count_from_the_beginning() -> None:
    assert lag(None, 1_000_000, 1_000_001) == 1
    assert lag(5, 1_000_000, 1_000_001) == 1
    assert lag(500, 0, 3) == 3


A, B = TopicPartition("talent-events", 0), TopicPartition("talent-events", 1)


class Brokers:
    """Take the place of a `LagReader`."""

    def __init__(self) -> None:
        self.offsets: dict[TopicPartition, int | None] = {A: 7, B: None}
        self.behind = {A: 3, B: 0}
        self.away = False
        self.asked = 0
        self.opened = 0

    @asynccontextmanager
    async def connect(self) -> Iterator["Brokers"]:
        self.opened += 1
        yield self

    async def committed(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int | None]:
        self.asked += 1
        if self.away:
            raise ConnectionError
        return {p: self.offsets[p] for p in partitions if p in self.offsets}

    async def lags(self, committed: dict[TopicPartition, int | None]) -> dict[TopicPartition, int]:
        return {p: self.behind[p] for p in committed}


@pytest.fixture
def brokers() -> Brokers:
    return Brokers()


@pytest.fixture
def gauge(brokers: Brokers) -> LagGauge:
    return LagGauge("looma", brokers.connect, lambda: {A, B}, 5)


def seen(observations) -> dict[int, float]:
    found = list(observations)
    assert all(o.attributes.keys() == {"group", "topic", "partition"} for o in found)
    return {o.attributes["partition"]: o.value for o in found}


async def test_every_assigned_partition_is_reported_also_one_that_is_not_behind(brokers, gauge) -> None:
    assert seen(gauge._observe_lag(None)) == {}, "nothing is known yet"
    await gauge.refresh(brokers)
    assert seen(gauge._observe_lag(None)) == {0: 3, 1: 0}
    assert seen(gauge._observe_committed(None)) == {0: 7, 1: 0}


async def test_a_partition_that_was_taken_away_or_is_not_known_is_not_reported(brokers) -> None:
    assigned = {A, B}
    gauge = LagGauge("looma", brokers.connect, lambda: assigned, 5)
    await gauge.refresh(brokers)
    assigned.remove(B)
    assert seen(gauge._observe_lag(None)) == {0: 3}
    assigned.add(B)
    del brokers.offsets[A]  # the group's coordinator moves: nothing is said about it, not the whole log
    await gauge.refresh(brokers)
    assert seen(gauge._observe_lag(None)) == {1: 0}


async def test_what_is_stale_is_not_reported(brokers, gauge, monkeypatch) -> None:
    await gauge.refresh(brokers)
    later = time.monotonic() + lag_gauge.STALE_SECONDS + 1
    monkeypatch.setattr(lag_gauge.time, "monotonic", lambda: later)
    assert seen(gauge._observe_lag(None)) == {}


async def test_the_brokers_are_asked_once_metrics_are_read_and_again_after_they_were_away(brokers, gauge, monkeypatch):
    monkeypatch.setattr(lag_gauge, "REFRESH_SECONDS", 0)
    watch = asyncio.create_task(gauge.watch())

    async def turn(until) -> None:
        while not until():
            assert not watch.done()
            await asyncio.sleep(0)

    for _ in range(100):
        await asyncio.sleep(0)
    assert brokers.opened == 0, "nobody reads the metrics"
    list(gauge._observe_lag(None))
    await turn(lambda: brokers.asked > 3)
    assert brokers.opened == 1, "connections stay open"
    brokers.away = True
    await turn(lambda: brokers.opened > 3)
    brokers.away, brokers.behind[A] = False, 11
    opened = brokers.opened
    await turn(lambda: seen(gauge._observe_lag(None))[0] == 11)
    assert brokers.opened <= opened + 1
    watch.cancel()


class FailedOver:
    """An admin client of a coordinator that has just taken over: it lists nothing, and answers who asks by name."""

    async def list_consumer_group_offsets(self, group_id: str, partitions: list[TopicPartition] | None = None):
        return {p: OffsetAndMetadata(7, "") for p in partitions or ()}


async def test_offsets_are_asked_for_by_name() -> None:
    found = await committed_offsets(FailedOver(), "looma", [A, B])  # type: ignore[arg-type]
    assert {p: at.offset for p, at in found.items()} == {A: 7, B: 7}
    assert await committed_offsets(FailedOver(), "looma", []) == {}  # type: ignore[arg-type]
    assert inspect.signature(committed_offsets).parameters["partitions"].default is inspect.Parameter.empty
