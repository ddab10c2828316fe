"""Clients that are not ours: librdkafka with every codec and transactions, and batches written by hand.

What they send is part of the load, and the log says what became of it.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from itertools import count
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy as BatchBuilder

from connectors.message import EventMessage
from ops.faults.history import Place
from ops.faults.hostile import Hostile
from ops.local.embedded import StackError

CODECS: Mapping[str, int] = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
TIMEOUT_SECONDS = 90
TRANSACTION_SECONDS = 10.0
"""After which Kafka aborts what a client left open; until then, nobody reads on in its partitions."""

NEEDED: Mapping[str, str] = {"confluent_kafka": "confluent-kafka", "time_machine": "time-machine"}
EXTRA = "'looma-streams[dev]'"

_BATCH_BYTES = 16 * 1024


def require_clients() -> None:
    """Raise StackError if a package of the extra `dev` that a run needs is not installed."""
    missing = [name for module, name in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise StackError(f"`looma bench faults` needs more packages ({', '.join(missing)}): pip install {EXTRA}")


def place_of(key: bytes | None, partitions: int) -> int:
    """Return the partition of a key, as Java's and aiokafka's partitioners choose it.

    Another one would tear a key's events apart, which no worker could mend.
    """
    return random.randrange(partitions) if key is None else (murmur2(key) & 0x7FFFFFFF) % partitions


class _Name(str):
    """A header's name that is sent as the bytes it was made of."""

    raw: bytes

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw

    @classmethod
    def of(cls, raw: bytes) -> "_Name":
        name = cls("")
        name.raw = raw
        return name


class ByHand:
    """Writes hostile messages, each as a batch of its own, with a random codec."""

    def __init__(self, servers: str, topic: str, partitions: int, rng: random.Random) -> None:
        self._servers = servers
        self._topic = topic
        self._partitions = partitions
        self._rng = rng
        self._pending: set[asyncio.Future[Any]] = set()
        self.refused = 0
        """Messages that the broker did not take."""

    async def __aenter__(self) -> "ByHand":
        self._producer = AIOKafkaProducer(bootstrap_servers=self._servers, request_timeout_ms=TIMEOUT_SECONDS * 1000)
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pending:
            await asyncio.wait(set(self._pending))
        await self._producer.stop()

    async def send(self, message: Hostile, acknowledged: Callable[[Place], None]) -> None:
        """Hand a message over; `acknowledged` hears where it lies."""
        codec = self._rng.choice(sorted(CODECS.values()))
        batch = self._producer.create_batch()
        batch._builder = BatchBuilder(2, codec, 0, -1, -1, 0, _BATCH_BYTES)
        headers = [(_Name.of(name), value) for name, value in message.headers]
        batch.append(timestamp=message.timestamp_ms, key=message.key, value=message.value, headers=headers)
        batch.close()
        partition = place_of(message.key, self._partitions)
        try:
            sent = await self._producer.send_batch(batch, self._topic, partition=partition)
        except KafkaError:
            self.refused += 1
            return
        self._pending.add(sent)

        def done(future: "asyncio.Future[Any]") -> None:
            self._pending.discard(future)
            if future.cancelled() or future.exception():
                self.refused += 1
            else:
                acknowledged(Place(partition, future.result().offset))

        sent.add_done_callback(done)


class Librdkafka:
    """Sends events by librdkafka, a producer for each codec."""

    def __init__(self, servers: str, partitions: int, rng: random.Random) -> None:
        from confluent_kafka import Producer

        self._partitions = partitions
        self._producers = [
            Producer(
                {
                    **_options(servers),
                    "compression.type": codec,
                    "enable.idempotence": True,
                    "message.timeout.ms": TIMEOUT_SECONDS * 1000,
                    "linger.ms": 20,
                }
            )
            for codec in CODECS
        ]
        self._rng = rng

    def send(self, message: EventMessage, acknowledged: Callable[[Place | None], None]) -> None:
        """Hand a message over; `acknowledged` hears where it lies, in a later call of this object.

        None: the broker had it from an earlier try, and does not say where.
        """

        def done(error: object, sent: Any) -> None:
            if error is None:
                offset = sent.offset()
                acknowledged(None if offset is None else Place(sent.partition(), offset))

        producer = self._rng.choice(self._producers)
        partition = place_of(message.key, self._partitions)
        producer.produce(
            message.topic, message.value, message.key, partition, headers=message.headers, on_delivery=done
        )
        for each in self._producers:
            each.poll(0)

    async def close(self) -> None:
        """Wait until everything has settled."""
        for producer in self._producers:
            await asyncio.to_thread(producer.flush, TIMEOUT_SECONDS)


class Transactions:
    """Commits and aborts small transactions by librdkafka, one after the other, in a thread."""

    def __init__(
        self, servers: str, partitions: int, rng: random.Random, events: Callable[[str], EventMessage]
    ) -> None:
        self._servers = servers
        self.partitions = partitions
        self._rng = rng
        self._events = events
        self._numbers = count()
        self.aborted: set[str] = set()
        """Ids of events whose transaction was aborted for certain."""
        self.committed = 0

    async def run(self, until: Callable[[], bool]) -> None:
        """Send transactions, with pauses, until told to end."""
        while not until():
            await asyncio.to_thread(self._some, until)

    def _some(self, until: Callable[[], bool]) -> None:
        from confluent_kafka import KafkaException, Producer

        options: dict[str, object] = {"transactional.id": f"foreign-{self._rng.getrandbits(32):x}"}
        options |= {"transaction.timeout.ms": int(TRANSACTION_SECONDS * 1000)}
        options |= {"compression.type": self._rng.choice(sorted(CODECS))}
        producer = Producer({**_options(self._servers), **options})
        try:
            producer.init_transactions(TIMEOUT_SECONDS)
            for _ in range(10):
                if until():
                    return
                self._one(producer)
                time.sleep(self._rng.uniform(0.2, 1.0))
        except KafkaException:
            time.sleep(1.0)  # Kafka aborts what is open; another producer goes on

    def _one(self, producer: Any) -> None:
        ids = [f"x{next(self._numbers)}" for _ in range(self._rng.randint(1, 5))]
        producer.begin_transaction()
        for event_id in ids:
            message = self._events(event_id)
            partition = place_of(message.key, self.partitions)
            producer.produce(message.topic, message.value, message.key, partition, headers=message.headers)
        producer.flush(TRANSACTION_SECONDS / 2)
        if self._rng.random() < 0.5:
            producer.abort_transaction(TRANSACTION_SECONDS)
            self.aborted.update(ids)
        else:
            producer.commit_transaction(TRANSACTION_SECONDS)
            self.committed += len(ids)


def _options(servers: str) -> dict[str, object]:
    return {"bootstrap.servers": servers, "log_level": 0}
