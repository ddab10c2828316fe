"""Result topics: an idempotent producer that returns when the brokers have the messages (acks=all)."""

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka.errors import ProducerFenced

from schemas.envelope import Headers
from schemas.errors import BadMessageError
from schemas.settings import KafkaSettings
from schemas.topics import TOPIC
from sinks.kafka import LOST_SEQUENCE, OwnedProducer, Producer, producer
from sinks.owners import Owner, Owners

BATCH_BYTES = 256 * 1024
"""Of one Kafka batch. A partition has one request under way: at aiokafka's 16 KiB a burst waits for dozens in turn."""
_BATCH_OVERHEAD = 256
_HEADER_OVERHEAD = 8
_TRACE_ROOM = 2048  # for the headers that are added on the way


class Message(NamedTuple):
    """One message to publish; the key decides the partition.

    With an `owner`, Kafka refuses it once a later owner of the same input partition has published there.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    owner: Owner | None = None


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
    """Publishes batches. Repeating a batch is safe: ids are deterministic, and consumers drop what they know.

    `member` says as whom this process is in the consumer group `group`, for messages that have an owner.
    """

    def __init__(
        self, kafka: KafkaSettings, *, client_id: str, group: str = "", member: Callable[[], str] = lambda: ""
    ) -> None:
        self._kafka = kafka
        self._client_id = client_id
        self._group = group
        self._member = member

    async def __aenter__(self) -> Self:
        self._producer = producer(self._kafka, client_id=self._client_id, linger_ms=2, max_batch_size=BATCH_BYTES)
        await self._producer.start()
        self._owners = Owners(self._producer, self._group, self._member)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._owners.close()
        await self._producer.stop()

    async def prepare(self) -> None:
        """Have the brokers make ready for messages that have an owner; nothing depends on it but the first's time."""
        await self._owners.prepare()

    def revoke(self, generation: int) -> None:
        """Give up what is not acknowledged of partitions that were owned before this generation of the group."""
        self._owners.revoke(generation)

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish in order, that of each owner; returns when all are acknowledged, raises the first failure.

        What failed may still be appended, but never behind what is published later: by an owner or any that follows,
        or by this producer. Raises RevokedError for an owner that is none any more.
        """
        batch = list(messages)
        owners = list(dict.fromkeys(m.owner for m in batch))
        senders = dict(zip(owners, await asyncio.gather(*map(self._sender, owners)), strict=True))
        epoch = self._producer.epoch
        sent: list[tuple[Owner | None, asyncio.Future[Any]]] = []
        at: Owner | None = None
        try:
            for m in batch:
                at = m.owner
                sent.append((at, await senders[at].send(m.topic, value=m.value, key=m.key, headers=m.headers)))
            results = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
            for (owner, _), result in zip(sent, results, strict=True):
                if isinstance(result, BaseException):
                    at = owner
                    raise result
        except BaseException as error:
            for _, future in sent:
                future.add_done_callback(_seen)
            if at is not None and isinstance(error, (*LOST_SEQUENCE, ProducerFenced)):
                self._owners.drop(at)  # whether it still is the owner, Kafka says when it asks for the next epoch
            elif isinstance(error, LOST_SEQUENCE):
                self._producer.begin_epoch(epoch)
            raise

    async def _sender(self, owner: Owner | None) -> Producer | OwnedProducer:
        return self._producer if owner is None else await self._owners.producer(owner)


def _seen(future: "asyncio.Future[Any]") -> None:
    """Look at a failure that nobody waits for: the first one has been raised."""
    if not future.cancelled():
        future.exception()
