"""The event log of one entity, as far as the worker's consumer group has committed it."""

from collections.abc import AsyncIterator, Collection, Container, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata

from ops.verify.letters import Letters
from ops.verify.report import NO_EFFECT, Lost
from processors.sync.merge import State, apply
from processors.sync.policy import Policy
from schemas.entities import Entity
from schemas.errors import BadMessageError
from schemas.events import EntityEvent
from schemas.records import SourceRecord
from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS, EVENTS, RECORDS
from sinks.kafka import admin
from sinks.qdrant import point_id
from streams.decoding import inbound, is_erased, refusal, stages_to_read
from streams.delivery import Inbound, decoded, is_of
from streams.generations.generation import Generation
from streams.lag import behind, committed_offsets, lag
from streams.reading import partitions_of, read_ranges, reader

Offsets = dict[TopicPartition, int]
MAX_LOST = 10_000


class EventLog:
    """Reads ranges of an entity's events and of its record topic, beside the group and without disturbing it."""

    def __init__(
        self,
        entity: Entity,
        generation: Generation,
        policy: Policy,
        group_id: str,
        admin: Any,
        consumer: AIOKafkaConsumer,
        letters: Letters,
        timeout_seconds: float,
    ) -> None:
        self._entity = entity
        self._generation = generation
        self.group_id = generation.named(group_id)
        self._admin = admin
        self._consumer = consumer
        self._timeout_seconds = timeout_seconds
        self._stages = stages_to_read(policy)
        self._letters_read: Offsets = {}
        self.letters = letters
        self.forgotten: Container[str] = ()
        """Whose events are none."""
        self.lost: list[Lost] = []
        """What has been read, cannot be decoded and is no dead letter."""
        self.unwitnessed = 0
        """How much of that is so old that its dead letter may be gone."""
        self.excused: dict[str, list[EntityEvent]] = {}
        """Events that are dead letters though they can be decoded, by range key: a replay may have applied them."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        entity: Entity,
        generation: Generation,
        policy: Policy,
        kafka: KafkaSettings,
    ) -> AsyncIterator["EventLog"]:
        """Connect, and disconnect at the end of the block."""
        with Letters() as letters:
            async with admin(kafka) as asked, reader(kafka) as consumer:
                yield cls(entity, generation, policy, kafka.group_id, asked, consumer, letters, kafka.timeout_seconds)

    async def partitions(self, topic: str) -> list[TopicPartition]:
        """Return a topic's partitions; none if there is no such topic."""
        return await partitions_of(self._admin, [topic])

    async def beginnings(self, topic: str) -> Offsets:
        """Return the offset of the oldest record kept, by partition."""
        return dict(await self._consumer.beginning_offsets(await self.partitions(topic)))

    async def ends(self, topic: str) -> Offsets:
        """Return the offset after the newest record, by partition."""
        return dict(await self._consumer.end_offsets(await self.partitions(topic)))

    async def committed(self, topic: str, group_id: str | None = None) -> Offsets:
        """Return up to where the group has committed, by partition; where it has not, the beginning."""
        known = await self._known(topic, group_id)
        ends = await self.ends(topic)
        return {
            p: ends[p] - lag(known[p].offset if p in known else None, beginning, ends[p])
            for p, beginning in (await self.beginnings(topic)).items()
        }

    async def is_consumed(self, topic: str, group_id: str | None = None) -> bool:
        """Whether the group has ever committed anything of a topic."""
        return any(at.offset >= 0 for at in (await self._known(topic, group_id)).values())

    async def _known(self, topic: str, group_id: str | None) -> Mapping[TopicPartition, OffsetAndMetadata]:
        return await committed_offsets(self._admin, group_id or self.group_id, await self.partitions(topic))

    async def is_behind(self, marks: Offsets) -> bool:
        """Whether anything can be read at or after `marks`."""
        ends: Offsets = {}
        for topic in {p.topic for p in marks}:
            ends |= await self.ends(topic)
        return any((await behind(self._consumer, marks, ends, timeout_seconds=self._timeout_seconds)).values())

    def read(self, starts: Offsets, ends: Offsets) -> AsyncIterator[list[ConsumerRecord[bytes, bytes]]]:
        """Yield the records from `starts` to before `ends`, in order within each partition.

        Raises KafkaTimeoutError if no partition gets on for as long as a request may take.
        """
        return read_ranges(self._consumer, starts, ends, timeout_seconds=self._timeout_seconds)

    async def read_letters(self) -> None:
        """Learn of the dead letters that have come since the last time."""
        for topic in self.letter_topics:
            ends = await self.ends(topic)
            starts = await self.beginnings(topic)
            async for records in self.read(
                {p: max(at, self._letters_read.get(p, 0)) for p, at in starts.items()}, ends
            ):
                self.letters.add(records)
            self._letters_read |= ends

    async def events(self, starts: Offsets, ends: Offsets) -> AsyncIterator[tuple[list[EntityEvent], int]]:
        """Yield events from `starts` to before `ends`, each batch with the number of records that it was read from.

        What is a dead letter changes no record, here as there; what should be one and is none is noted in `lost`.
        """
        async for records in self.read(starts, ends):
            messages = map(inbound, records)
            yield [event for m in messages if (event := self._event(m)) is not None], len(records)

    async def audit(self, topic: str, group_id: str) -> None:
        """Note what of another source topic has been committed, cannot be decoded and is no dead letter."""
        if not await self.is_consumed(topic, group_id):
            return
        marks = await self.committed(topic, group_id)
        await self.read_letters()
        async for records in self.read(await self.beginnings(topic), marks):
            for message in map(inbound, records):
                if not self._is_silent(message) and (refused := refusal(self._stages[topic], message)):
                    self._refused(message, refused)

    def _event(self, message: Inbound) -> EntityEvent | None:
        if self._is_silent(message):
            return None
        try:
            event: EntityEvent = decoded(self._stages[self.events_topic], message)
        except BadMessageError as error:
            self._refused(message, error)
            return None
        if self._entity == "talent" and event.id in self.forgotten:
            return None
        if self.letters.names(message):
            self.excused.setdefault(point_id(event.id), []).append(event)
            return None
        return event

    def _is_silent(self, message: Inbound) -> bool:
        return is_erased(message) or is_of(message, self.forgotten)

    def _refused(self, message: Inbound, error: BadMessageError) -> None:
        if self.letters.names(message):
            return
        if self.letters.may_be_gone(message):
            self.unwitnessed += 1
        elif len(self.lost) < MAX_LOST:
            self.lost.append(Lost(message.topic, message.partition, message.offset, error.code, error.detail))

    async def without_effect(self, marks: Offsets, states: Mapping[str, State | None]) -> list[Lost]:
        """Return the events before `marks` of which the stored states, by range key, hold nothing; None is no state."""
        found: list[Lost] = []
        async for records in self.read(await self.beginnings(self.events_topic), marks):
            for message in map(inbound, records):
                range_key = point_id((message.key or b"").decode("utf-8", "replace"))
                if range_key not in states or len(found) >= MAX_LOST or self.letters.names(message):
                    continue
                if not self._is_silent(message) and not refusal(stage := self._stages[self.events_topic], message):
                    event = decoded(stage, message)
                    if not has_effect(states[range_key], event):
                        at = (message.topic, message.partition, message.offset)
                        found.append(Lost(*at, NO_EFFECT, f"the record of {event.id} holds nothing of it"))
        return found

    async def messages(self, lost: Iterable[Lost]) -> AsyncIterator[tuple[Lost, Inbound]]:
        """Yield the messages that were lost, as they are kept, each with what was found."""
        by_place = {(each.topic, each.partition, each.offset): each for each in lost}
        starts: Offsets = {}
        ends: Offsets = {}
        for topic, number, offset in by_place:
            partition = TopicPartition(topic, number)
            starts[partition] = min(offset, starts.get(partition, offset))
            ends[partition] = max(offset + 1, ends.get(partition, 0))
        async for records in self.read(starts, ends):
            for message in map(inbound, records):
                if each := by_place.get((message.topic, message.partition, message.offset)):
                    yield each, message

    async def keys_beyond(self, marks: Offsets, wanted: Collection[str]) -> set[str]:
        """Return which of the range keys `wanted` have records at or after `marks`."""
        topics = {p.topic for p in marks}
        ends: Offsets = {}
        for topic in topics:
            ends |= await self.ends(topic)
        found: set[str] = set()
        async for records in self.read(marks, ends):
            keys = (point_id((r.key or b"").decode("utf-8", "replace")) for r in records)
            found.update(k for k in keys if k in wanted)
        return found

    async def published_revisions(self, wanted: Collection[str]) -> dict[str, int]:
        """Return the newest revision published of each range key in `wanted`, from the compacted record topic."""
        topic = self.records_topic
        newest: dict[str, int] = {}
        async for records in self.read(await self.beginnings(topic), await self.ends(topic)):
            for record in records:
                range_key = point_id((record.key or b"").decode("utf-8", "replace"))
                if range_key in wanted:
                    newest[range_key] = max(newest.get(range_key, 0), _revision(record.value))
        return newest

    @property
    def events_topic(self) -> str:
        """The topic of the entity's events."""
        return EVENTS[self._entity]

    @property
    def letter_topics(self) -> tuple[str, ...]:
        """The topics of dead letters, while the generation is active and while it is not."""
        return DEAD_LETTERS, self._generation.private(DEAD_LETTERS)

    @property
    def records_topic(self) -> str:
        """The topic of the entity's source records."""
        return self._generation.topic(RECORDS[self._entity])


def has_effect(state: State | None, event: EntityEvent) -> bool:
    """Whether a stored state holds an event, or something newer in place of all that it says; None holds nothing."""
    return state is not None and apply(state, [event]) == state


def _revision(value: bytes | None) -> int:
    try:
        revision = SourceRecord.from_json(value or b"").revision
    except (ValueError, KeyError, TypeError):
        return 0
    return revision if isinstance(revision, int) else 0
