"""What became of one message of the log: asked of the stores, the group's offsets and the dead letters each time."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Literal, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.entities import Entity, Side
from schemas.settings import KafkaSettings, Settings
from schemas.topics import CHAT_EVENTS, EVENTS, MATCH_REQUESTS, RECORDS, RESUMES
from sinks import qdrant
from sinks.kafka import admin
from sinks.matches import MatchStore
from sinks.mongodb import COLLECTIONS, Database
from sinks.qdrant import VectorStore
from streams.dead_letters import DeadLetter, letter_at
from streams.generations.generation import Generation, read_active
from streams.lag import chat_group, committed_offsets, group_lag, resume_group

State = Literal["accepted", "merged", "unchanged", "processed", "dead_lettered"]
FRESH_SECONDS = 0.1
"""How long one answer about committed offsets serves everybody who asks."""
_OWN_GROUPS = {RESUMES: resume_group, CHAT_EVENTS: chat_group}
"""Of the workers of one topic; all others are one group."""
_ENTITIES: dict[str, Entity] = {topic: entity for entity, topic in EVENTS.items()}


class Place(NamedTuple):
    """A message of a source topic: where it is, its key, its event's id, and a time before it was appended (ms)."""

    topic: str
    partition: int
    offset: int
    key: str
    event: str
    since: int

    @property
    def entity(self) -> Entity | None:
        """Of whose records it is an event."""
        return _ENTITIES.get(self.topic)


class Outcome(NamedTuple):
    """What became of a message. `revision` is that of its record, once merged; `letter` why it is a dead letter."""

    state: State
    generation: Generation
    revision: int | None = None
    letter: DeadLetter | None = None


class Followed(NamedTuple):
    """What followed from a record's revision: whether searches find it, and whether its matches are computed."""

    indexed: bool
    matched: bool


class Committed:
    """What consumer groups have committed, over one connection, asked at most once in FRESH_SECONDS for a topic."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._opened: AsyncExitStack | None = None
        self._lock = asyncio.Lock()
        self._known: dict[tuple[str, str, int], tuple[float, int]] = {}

    async def offset(self, group: str, topic: str, partition: int) -> int:
        """Return what a group has committed of a partition, -1 for nothing. Raises KafkaError."""
        asked = group, topic, partition
        async with self._lock:
            at, found = self._known.get(asked, (0.0, -1))
            if time.monotonic() - at > FRESH_SECONDS:
                found = await self._ask(group, TopicPartition(topic, partition))
                self._known = {k: v for k, v in self._known.items() if time.monotonic() - v[0] < FRESH_SECONDS}
                self._known[asked] = time.monotonic(), found
            return found

    async def close(self) -> None:
        """Disconnect."""
        if self._opened:
            await self._opened.aclose()
            self._opened = None

    async def _ask(self, group: str, partition: TopicPartition) -> int:
        try:
            if self._opened is None:
                async with AsyncExitStack() as stack:
                    self._admin = await stack.enter_async_context(admin(self._kafka))
                    self._opened = stack.pop_all()
            async with asyncio.timeout(self._kafka.timeout_seconds):
                found = await committed_offsets(self._admin, group, [partition])
        except (KafkaError, OSError, TimeoutError):
            await self.close()  # the next question finds the brokers anew
            raise
        return found[partition].offset if partition in found else -1


class Outcomes:
    """Tells what became of messages."""

    def __init__(self, settings: Settings, base: Database) -> None:
        self._kafka = settings.kafka
        self._base = base
        self._committed = Committed(settings.kafka)
        self._vectors = qdrant.connect(settings.qdrant)

    async def of(self, place: Place) -> Outcome:
        """Return what became of a message, for the generation that is active now.

        `unchanged`: it said nothing new, or what it said has been replaced since.
        """
        generation = Generation((await read_active(self._base)).generation)
        if place.entity and (revision := await self._revision(generation, place.entity, place)) is not None:
            return Outcome("merged", generation, revision)
        own = self._kafka.group_id
        group = _OWN_GROUPS.get(place.topic, generation.named)(own)
        if await self._committed.offset(group, place.topic, place.partition) <= place.offset:
            return Outcome("accepted", generation)
        if letter := await letter_at(self._kafka, place.topic, place.partition, place.offset, since=place.since):
            return Outcome("dead_lettered", generation, letter=letter)
        if not place.entity:
            return Outcome("processed", generation)
        revision = await self._revision(generation, place.entity, place)  # it may have come between
        return Outcome("unchanged" if revision is None else "merged", generation, revision)

    async def followed(self, side: Side, entity_id: str, outcome: Outcome) -> Followed:
        """Return what followed from a merged message of a talent or job.

        Matches are taken for computed when one of the revision is stored, or when the workers have nothing left to do.
        """
        generation, revision = outcome.generation, outcome.revision or 0
        indexed = await VectorStore(self._vectors, generation.suffix).revision(side, entity_id)
        if indexed is None or indexed < revision:
            return Followed(False, False)
        matches = await MatchStore(generation.database(self._base)).of(side, entity_id, limit=1)
        if any((m.talent_revision if side == "talent" else m.job_revision) >= revision for m in matches):
            return Followed(True, True)
        topics = [generation.topic(RECORDS[side]), generation.topic(MATCH_REQUESTS)]
        lag = await group_lag(self._kafka, generation.named(self._kafka.group_id), topics)
        return Followed(True, not any(lag.values()))

    async def close(self) -> None:
        """Disconnect."""
        await self._committed.close()
        await self._vectors.close()

    async def _revision(self, generation: Generation, entity: Entity, place: Place) -> int | None:
        """Return the revision of a record that the event is part of."""
        part = {"$or": [{"contributions.event_id": place.event}, {"deleted_by": place.event}]}
        collection = generation.database(self._base)[COLLECTIONS[entity]]
        found = await collection.find_one({"_id": place.key, **part}, {"revision": 1})
        return int(found["revision"]) if found else None
