"""A tail on a real Kafka: all processes hear everything, and a topic that was made anew is noticed."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiokafka.admin import NewTopic

from sinks.kafka import admin, producer
from streams import tail
from streams.tail import Record, Tail
from tests.support.cluster import Cluster


async def _holds(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_each_tail_hears_everything_and_begins_a_moment_ago(
    api_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_CHECK_SECONDS", 0.2)
    kafka, topic = api_cluster.settings.kafka, f"tail-{uuid.uuid4().hex}"
    heard: list[list[bytes]] = [[], []]
    lost: list[bool] = []

    def hear(number: int) -> Callable[[Sequence[Record]], None]:
        return lambda records: heard[number].extend(r.value or b"" for r in records)

    async def made() -> None:
        async with admin(kafka) as asked:
            await asked.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])

    async def say(sending: Any, *values: bytes) -> None:
        for value in values:
            await sending.send_and_wait(topic, value, key=value)

    await made()
    sending = producer(kafka)
    await sending.start()
    tails = [Tail(kafka, [topic], hear(n), lambda: lost.append(True)) for n in (0, 1)]
    try:
        await say(sending, b"before")
        assert tails[0].is_blind
        for each in tails:
            await each.start()
        await _holds(lambda: not any(each.is_blind for each in tails))
        await say(sending, b"1", b"2", b"3")
        await _holds(lambda: [sorted(h) for h in heard] == [[b"1", b"2", b"3", b"before"]] * 2)
        async with admin(kafka) as asked:
            await asked.delete_topics([topic])
        await asyncio.sleep(0.5)
        await made()
        await _holds(lambda: len(lost) >= 2 and not any(each.is_blind for each in tails))
        await say(sending, b"anew")
        await _holds(lambda: all(h[-1] == b"anew" for h in heard))
    finally:
        for each in tails:
            await each.stop()
        await sending.stop()
