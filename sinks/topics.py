"""Result topics: an idempotent producer that returns when the brokers have the messages (acks=all)."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError, OutOfOrderSequenceNumber, ProducerClosed, UnknownProducerId

from schemas.envelope import Headers
from schemas.settings import KafkaSettings
from sinks.kafka import producer

LOST_SEQUENCE = (OutOfOrderSequenceNumber, UnknownProducerId, KafkaTimeoutError, ProducerClosed)
"""What aiokafka raises once a batch that has its number expires unsent: Kafka then refuses everything after the gap."""


class Message(NamedTuple):
    """One message to publish; the key decides the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class TopicSink:
    """Publishes batches. Repeating a batch is safe: ids are deterministic, and consumers drop what they know."""

    def __init__(self, kafka: KafkaSettings, *, client_id: str) -> None:
        self._kafka = kafka
        self._client_id = client_id
        self._renewing = asyncio.Lock()

    async def _start(self) -> AIOKafkaProducer:
        started = producer(self._kafka, client_id=self._client_id, linger_ms=2)
        try:
            await started.start()
        except BaseException:
            await started.stop()
            raise
        return started

    async def __aenter__(self) -> Self:
        self._producer = await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish in order; returns when all are acknowledged, raises the first failure."""
        used = self._producer
        try:
            futures = [await used.send(m.topic, value=m.value, key=m.key, headers=m.headers) for m in messages]
            results = await asyncio.gather(*futures, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
        except LOST_SEQUENCE:
            await self._renew(used)
            raise

    async def _renew(self, broken: AIOKafkaProducer) -> None:
        """Replace a producer, once for all who found it broken."""
        async with self._renewing:
            if self._producer is broken:
                self._producer = await self._start()
                with suppress(Exception):  # it may wait for what it can never send
                    await asyncio.wait_for(broken.stop(), self._kafka.timeout_seconds)
