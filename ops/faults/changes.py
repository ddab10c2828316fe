"""Changes of the event topic within a run: it is made anew, or gets partitions.

Either ends an era: nobody publishes meanwhile, and nothing is unread when it begins. So the log of an era is whole, and
the order of a key is era by era, then as its partition has it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from ops.faults.history import History
from ops.faults.load import ENTITY
from ops.local.worker import WorkerError, drained
from schemas.settings import KafkaSettings, Settings
from schemas.topics import EVENTS, TOPICS
from sinks.kafka import admin
from sinks.provisioning import apply_topics
from streams.reading import partitions_of, reader

TOPIC = EVENTS[ENTITY]
DRAIN_SECONDS = 120
CHANGE_SECONDS = 60
ADDED = 2
"""Partitions that a change adds."""

_LOOK_SECONDS = 0.2


class EventTopic:
    """The event topic: the load publishes in stretches, and gives way where a change is due.

    `read` is called between the eras, for the log so far.
    """

    def __init__(self, settings: Settings, history: History, read: Callable[[], Awaitable[None]]) -> None:
        self._settings = settings
        self._history = history
        self._read = read
        self._published_to = asyncio.Lock()
        self._due = 0
        self.partitions = settings.kafka.partitions

    @property
    def is_due(self) -> bool:
        """Whether a change waits for the load."""
        return self._due > 0

    @asynccontextmanager
    async def stretch(self) -> AsyncIterator[None]:
        """Keep the topic as it is for the block; a change that is due comes first."""
        async with self._published_to:
            yield

    async def make_anew(self) -> None:
        """Delete the topic and create it again, with the same settings, once the workers have read all of it."""
        async with self._between_eras():
            async with admin(self._settings.kafka) as asked:
                await asked.delete_topics([TOPIC])
                await _until(lambda: _is_gone(asked))
            self._history.lives.append(time.time())
            specs = [spec for spec in TOPICS if spec.name == TOPIC]
            await _until(lambda: apply_topics(self._settings.kafka, partitions=self.partitions, specs=specs))

    async def add_partitions(self) -> None:
        """Add partitions, once the workers have read all there is: a key may lie elsewhere from now on."""
        async with self._between_eras():
            self.partitions += ADDED
            async with admin(self._settings.kafka) as asked:
                await asked.create_partitions({TOPIC: NewPartitions(self.partitions)})

    @asynccontextmanager
    async def _between_eras(self) -> AsyncIterator[None]:
        self._due += 1
        try:
            async with self._published_to:
                await _transactions_closed(self._settings.kafka)
                await drained(self._settings, DRAIN_SECONDS, lambda _: None, [TOPIC])
                await self._read()
                yield
                async with admin(self._settings.kafka) as asked:
                    await _until(lambda: _has(asked, self.partitions))
        finally:
            self._due -= 1


async def _transactions_closed(kafka: KafkaSettings) -> None:
    """Wait until no transaction is open; what one has sent counts neither as lag nor as a part of the log."""
    async with admin(kafka) as asked:
        partitions = await partitions_of(asked, [TOPIC])
    async with reader(kafka) as committed, reader(kafka, isolation_level="read_uncommitted") as whole:

        async def are_closed() -> bool:
            return bool(await committed.end_offsets(partitions) == await whole.end_offsets(partitions))

        await _until(are_closed)


async def _is_gone(asked: AIOKafkaAdminClient) -> bool:
    return TOPIC not in await asked.list_topics()


async def _has(asked: AIOKafkaAdminClient, partitions: int) -> bool:
    return len(await partitions_of(asked, [TOPIC])) == partitions


async def _until(holds: Callable[[], Awaitable[object]]) -> None:
    deadline = time.monotonic() + CHANGE_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise WorkerError(f"{TOPIC} could not be changed within {CHANGE_SECONDS} s")
        await asyncio.sleep(_LOOK_SECONDS)
