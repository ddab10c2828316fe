"""Result topics: an idempotent producer that returns when the brokers have the messages (acks=all)."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple, Self

from aiokafka import AIOKafkaProducer

from schemas.envelope import Headers


class Message(NamedTuple):
    """One message to publish; the key decides the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class TopicSink:
    """Publishes batches. Repeating a batch is safe: ids are deterministic, and consumers drop what they know."""

    def __init__(self, bootstrap_servers: str, *, client_id: str, timeout_seconds: float) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers,
            client_id=client_id,
            enable_idempotence=True,
            acks="all",
            linger_ms=2,
            max_request_size=4 * 1024 * 1024,
            request_timeout_ms=int(timeout_seconds * 1000),
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish in order; returns when all are acknowledged, raises the first failure."""
        futures = [await self._producer.send(m.topic, value=m.value, key=m.key, headers=m.headers) for m in messages]
        if futures:
            results = await asyncio.gather(*futures, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
