"""An instance of a service that says it is there, and goes."""

import asyncio
from typing import Any

import pytest

from schemas.settings import KafkaSettings
from streams import instances
from streams.instances import announced


class Silent:
    """A producer whose brokers are away: what it is given waits for them."""

    def __init__(self) -> None:
        self.given: list[bytes | None] = []
        self.is_stopped = False

    async def start(self) -> None:
        """It was there when the instance began."""

    async def send_and_wait(self, topic: str, value: bytes | None, key: bytes, headers: object) -> None:
        self.given.append(value)
        await asyncio.Event().wait()

    async def stop(self) -> None:
        self.is_stopped = True


async def test_an_instance_ends_though_no_broker_hears_that_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    said: Any = Silent()
    monkeypatch.setattr(instances, "producer", lambda *_, **__: said)
    async with asyncio.timeout(30):
        async with announced(KafkaSettings(timeout_seconds=0.01), "embed", "embed-1", "http://127.0.0.1:1"):
            await asyncio.sleep(0)
    assert said.given[-1] is None
    assert said.is_stopped
