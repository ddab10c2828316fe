"""Result topics: an idempotent producer that returns when the brokers have the messages (acks=all)."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Any, NamedTuple, Self

from schemas.envelope import Headers
from schemas.errors import BadMessageError
from schemas.settings import KafkaSettings
from schemas.topics import TOPIC
from sinks.kafka import LOST_SEQUENCE, producer

BATCH_BYTES = 256 * 1024
"""Of one Kafka batch. A partition has one request under way: at aiokafka's 16 KiB a burst waits for dozens in turn."""
_BATCH_OVERHEAD = 256
_HEADER_OVERHEAD = 8
_TRACE_ROOM = 2048  # for the headers that are added on the way


class Message(NamedTuple):
    """One message to publish; the key decides the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


def refuse_oversized(messages: Iterable[Message]) -> None:
    """Raise BadMessageError (`oversized`) for a result that its topic would refuse, before any of them is sent."""
    for message in messages:
        size = _BATCH_OVERHEAD + _TRACE_ROOM + len(message.key or b"") + len(message.value or b"")
        size += sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in message.headers)
        most = TOPIC[message.topic].max_message_bytes
        if size > most:
            detail = f"what follows from it has {size} bytes; {message.topic} takes {most}"
            raise BadMessageError("oversized", detail)


class TopicSink:
    """Publishes batches. Repeating a batch is safe: ids are deterministic, and consumers drop what they know."""

    def __init__(self, kafka: KafkaSettings, *, client_id: str) -> None:
        self._kafka = kafka
        self._client_id = client_id

    async def __aenter__(self) -> Self:
        self._producer = producer(self._kafka, client_id=self._client_id, linger_ms=2, max_batch_size=BATCH_BYTES)
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish in order; returns when all are acknowledged, raises the first failure.

        What failed may still be appended, but never behind what is published later.
        """
        epoch = self._producer.epoch
        futures: list[asyncio.Future[Any]] = []
        try:
            for m in messages:
                futures.append(await self._producer.send(m.topic, value=m.value, key=m.key, headers=m.headers))
            for result in await asyncio.gather(*futures, return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result
        except BaseException as error:
            for future in futures:
                future.add_done_callback(_seen)
            if isinstance(error, LOST_SEQUENCE):
                self._producer.begin_epoch(epoch)
            raise


def _seen(future: "asyncio.Future[Any]") -> None:
    """Look at a failure that nobody waits for: the first one has been raised."""
    if not future.cancelled():
        future.exception()
