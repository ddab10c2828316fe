"""Result topics: an idempotent producer that returns when the brokers have the messages (acks=all).

What is published goes out as record batches, each of one partition. aiokafka's `send` makes a future of every message
and answers each: that takes as long as all the rest (measured).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas.envelope import Headers
from schemas.errors import BadMessageError
from schemas.settings import KafkaSettings
from schemas.topics import TOPIC
from sinks.kafka import LOST_SEQUENCE, OwnedProducer, Producer, producer
from sinks.owners import Owner, Owners
from sinks.sealing import ring

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

    async def ping(self) -> None:
        """Ask a broker for what every client must know. Raises KafkaConnectionError if none answers."""
        if not await self._producer.client.force_metadata_update():
            raise KafkaConnectionError("no broker answers")

    def expect(self, owners: Iterable[Owner]) -> None:
        """Have the brokers make ready for owners that are about to publish."""
        self._owners.expect(owners)

    def revoke(self, generation: int) -> None:
        """Give up what is not acknowledged of partitions that were owned before this generation of the group."""
        self._owners.revoke(generation)

    def require(self, owners: Iterable[Owner]) -> None:
        """Raise RevokedError for an owner that is none any more, as far as this process knows; nobody is asked."""
        self._owners.require(owners)

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish in order, that of each owner; returns when all are acknowledged, raises the first failure.

        What failed may still be appended, but never behind what is published later: by an owner or any that follows,
        or by this producer. Raises RevokedError for an owner that is none any more.
        """
        by_owner: dict[Owner | None, list[Message]] = {}
        keys = ring(self._kafka)
        for m in messages:
            if keys.seals(m.topic):
                value, headers = keys.seal(m.topic, m.key, m.value, m.headers)
                m = m._replace(value=value, headers=headers)
            by_owner.setdefault(m.owner, []).append(m)
        senders = await asyncio.gather(*map(self._sender, by_owner))
        epoch = self._producer.epoch
        parts = [
            (owner, sender, place, own)
            for (owner, group), sender in zip(by_owner.items(), senders, strict=True)
            for place, own in (await _by_place(sender, group)).items()
        ]
        results = await asyncio.gather(*(_send(*part) for _, *part in parts), return_exceptions=True)
        failures = [(of, error) for (of, *_), error in zip(parts, results, strict=True) if error is not None]
        for owner, error in failures:
            if owner is not None and isinstance(error, (*LOST_SEQUENCE, ProducerFenced)):
                self._owners.drop(owner)  # whether it still is the owner, Kafka says when it asks for the next epoch
            elif isinstance(error, LOST_SEQUENCE):
                self._producer.begin_epoch(epoch)
        if failures:
            raise failures[0][1]

    async def _sender(self, owner: Owner | None) -> Producer | OwnedProducer:
        return self._producer if owner is None else await self._owners.producer(owner)


async def _by_place(sender: AIOKafkaProducer, messages: Sequence[Message]) -> dict[TopicPartition, list[Message]]:
    """Divide messages by where they go. Raises MessageSizeTooLargeError, and KafkaError if no broker says where."""
    found: dict[TopicPartition, list[Message]] = {}
    partitions: dict[str, tuple[list[int], list[int]]] = {}
    cluster = sender.client.cluster
    for topic in {m.topic for m in messages}:
        await sender.client._wait_on_metadata(topic)
        of = cluster.partitions_for_topic(topic), cluster.available_partitions_for_topic(topic)
        partitions[topic] = list(of[0]), list(of[1])
    for m in messages:
        key, _ = sender._serialize(m.key, m.value, m.headers)  # which measures it
        place = TopicPartition(m.topic, sender._partitioner(key, *partitions[m.topic]))
        found.setdefault(place, []).append(m)
    return found


async def _send(sender: AIOKafkaProducer, place: TopicPartition, messages: Sequence[Message]) -> None:
    """Send messages to one partition, in order; returns when all are acknowledged."""
    sent: list[asyncio.Future[Any]] = []

    async def flush(full: BatchBuilder) -> None:
        full.close()
        sent.append(await sender.send_batch(full, place.topic, partition=place.partition))
        sent[-1].add_done_callback(_seen)

    batch = sender.create_batch()
    for m in messages:
        if batch.append(timestamp=None, key=m.key, value=m.value, headers=m.headers) is None:
            await flush(batch)
            batch = sender.create_batch()
            batch.append(timestamp=None, key=m.key, value=m.value, headers=m.headers)
    await flush(batch)
    await asyncio.gather(*sent)


def _seen(future: "asyncio.Future[Any]") -> None:
    """Look at a failure that nobody waits for: the first one has been raised."""
    if not future.cancelled():
        future.exception()
