"""The sync stage: entity events are merged into source records, which are published and stored."""

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from opentelemetry.trace import SpanKind

from processors.quality.score import heard_of, stored_quality
from processors.sync.clock import in_time, is_late
from processors.sync.merge import State, apply, refuse_crowd
from processors.sync.policy import Policy
from processors.sync.stored import StoredRecord
from schemas import semconv
from schemas.chain import CAUSE, NEVER_SAID
from schemas.entities import RESUME, Entity
from schemas.envelope import Envelope, derived_id
from schemas.events import EntityEvent, decode
from schemas.records import SourceRecord
from schemas.settings import EVENTS_KEPT
from schemas.topics import RECORDS, SYNC_CONFLICTS
from sinks.mongodb import RecordStore, refuse_record
from sinks.topic_sink import Message, TopicSink, refuse_oversized
from streams import metrics
from streams.delivery import Delivery, Inbound, owners_of
from streams.resolution import Resolver
from streams.tracing import Attributes, batch_span, event_attributes

TURN_SECONDS = 0.01
"""After which others have their turn: a text that is read takes milliseconds, and heartbeats must not wait for many."""
MOST_UNSETTLED = 10_000
"""Records that were published and not yet stored; dead letters may leave theirs."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an event makes of a record: its next revision, or the same one told again."""

    cause: Delivery[EntityEvent]
    before: StoredRecord | None
    after: StoredRecord

    @property
    def is_retold(self) -> bool:
        """Whether nothing is new but that it is published once more."""
        return self.before is not None and self.after.retold > self.before.retold

    @property
    def is_news(self) -> bool:
        """Whether the record itself changed, not only what is remembered of its events."""
        if self.before is None:
            return True
        before, after = self.before.record, self.after.record
        return (before.fields, before.deleted) != (after.fields, after.deleted)


class SyncStage:
    """Merges one entity's events; writes to MongoDB, the entity's record topic and `sync-conflicts`.

    What is published goes on to the resolution stage; golden records that depend on more are brought up by `resolver`.
    """

    def __init__(
        self,
        entity: Entity,
        store: RecordStore,
        results: TopicSink,
        policy: Policy,
        resolver: Resolver | None = None,
        kept: timedelta = EVENTS_KEPT,
    ) -> None:
        self._kept = kept
        self.name = f"sync {entity}"
        self.operation = "process"
        self._entity = entity
        self._store = store
        self._results = results
        self._policy = policy
        self._resolver = resolver
        self._unsettled: dict[str, None] = {}

    def decode(self, message: Inbound) -> EntityEvent:
        """Return the event; raises BadMessageError."""
        event = decode(self._entity, message.key, message.value, message.headers)
        return in_time(event, message.timestamp, self._policy)

    def attributes(self, item: EntityEvent) -> dict[str, str]:
        """Return what identifies the event on its span."""
        return event_attributes(item.envelope)

    async def process(self, deliveries: Sequence[Delivery[EntityEvent]]) -> None:
        """Merge a batch into what is stored.

        What changed is published before it is stored: after a crash in between, the event comes again, changes the
        record again, and publishes again under the same id. The other order could lose the publication.

        Another worker may have read, published and stored meanwhile. So whatever is published is followed by storing,
        on top of what was read before: if that fails, what is stored is told again, and marked as told again, by the
        next try. Whoever has read it before that fails in turn, so the last one to publish is the last one to store.
        """
        if owners := owners_of(deliveries):
            self._results.expect(owners)  # while MongoDB reads
        by_id: dict[str, list[Delivery[EntityEvent]]] = {}
        for delivery in deliveries:
            by_id.setdefault(delivery.item.id, []).append(delivery)
        stored = await self._store.load(by_id)
        changes: list[Change] = []
        turn = time.monotonic()
        for entity_id, group in by_id.items():
            changes += self._changes(stored.get(entity_id), group)
            if time.monotonic() - turn > TURN_SECONDS:
                await asyncio.sleep(0)
                turn = time.monotonic()
        told = [c for c in changes if c.is_news or c.is_retold]
        records = [(c.cause, record_message(c)) for c in told]
        notices = [(c.cause, notice) for c in changes for notice in conflict_messages(c)]
        refuse_oversized(message for _, message in (*records, *notices))
        for change in changes:
            refuse_record(change.after)
        self._unsettled |= dict.fromkeys(c.after.record.id for c in told)
        while len(self._unsettled) > MOST_UNSETTLED:
            del self._unsettled[next(iter(self._unsettled))]
        await self._publish(RECORDS[self._entity], records)
        await self._publish(SYNC_CONFLICTS, notices)
        if changes:
            await self._save(changes, stored)
            self._measure(changes[-1].after)
        else:
            await self._store.save((), stored)  # what says that nothing is to do may be another's, of a moment ago
        for entity_id in by_id:
            self._unsettled.pop(entity_id, None)
        if self._resolver:
            # Also of events that came before: a crash may have been between storing them and this.
            silent = [group[-1] for group in by_id.values() if all(d.outcome != "applied" for d in group)]
            if silent:
                await self._resolver.refresh([d.item.id for d in silent], silent[-1])
        for delivery in deliveries:
            if is_late(delivery.item.envelope.time, delivery.inbound.timestamp, self._kept):
                delivery.span.set_attribute(semconv.LATE, True)
                metrics.late_events.add(1, metrics.of_stage(self.name, delivery.inbound.topic))

    def _measure(self, stored: StoredRecord) -> None:
        record = stored.record
        if (heard := heard_of(record.provenance)) is not None:
            score = stored_quality(record.entity, record.fields, heard)["score"]
            metrics.record_quality.record(score, {"entity": record.entity})

    def _changes(self, before: StoredRecord | None, group: Sequence[Delivery[EntityEvent]]) -> Iterator[Change]:
        """Yield a change, at a revision of its own, for each event of an entity that has an effect; set the outcomes.

        If none shows in the record, and an earlier try may have told what is not stored, the last one tells it again.

        Revisions, and with them the ids of publications, so follow from the events' order, not from where it is cut
        into batches: what a crash makes us publish again, differently cut, has the ids that it had.
        """
        is_told = False
        for delivery in group:
            known = before.state if before else State()
            state = apply(known, [delivery.item])
            refuse_crowd(known, state)
            delivery.outcome = "unchanged" if before and state == known else "applied"
            # An event that leaves nothing behind still makes an unknown entity known, and applies a changed policy.
            if before and state == known and before.policy == self._policy.version:
                continue
            revision = (before.record.revision if before else 0) + 1
            after = StoredRecord.of(self._entity, delivery.item.id, revision, state, self._policy)
            if before and before.retold:
                after = replace(after, retold=before.retold)
            change = Change(delivery, before, after)
            if change.is_news:
                is_told = True
            else:
                delivery.outcome = "confirmed"
            yield change
            before = after
        if before and not is_told and before.record.id in self._unsettled:
            yield Change(group[-1], before, replace(before, retold=before.retold + 1))

    async def _publish(self, topic: str, messages: Sequence[tuple[Delivery[EntityEvent], Message]]) -> None:
        if not messages:
            return
        attributes = {semconv.SYSTEM: "kafka", semconv.OPERATION_TYPE: "send", semconv.DESTINATION: topic}
        causes = list({id(cause): cause for cause, _ in messages}.values())
        with batch_span(f"publish {topic}", causes, attributes, SpanKind.PRODUCER):
            await self._results.publish(
                m._replace(headers=cause.derived_headers(m.headers), owner=cause.inbound.owner) for cause, m in messages
            )

    async def _save(self, changes: Sequence[Change], read: Mapping[str, StoredRecord]) -> None:
        records = {c.after.record.id: c.after for c in changes}
        attributes: Attributes = {
            semconv.DB_SYSTEM: "mongodb",
            semconv.DB_COLLECTION: self._store.collection,
            semconv.DB_OPERATION: "bulkWrite",
            semconv.DB_BATCH_SIZE: len(records),
        }
        with batch_span(f"bulkWrite {self._store.collection}", [c.cause for c in changes], attributes):
            await self._store.save(records.values(), read)


def record_message(change: Change) -> Message:
    """Return the record topic's message; its id follows from cause and content, so only exact repeats have the same."""
    record, cause = change.after.record, change.cause.item.envelope
    value = record.to_json()
    envelope = Envelope(
        id=record_id(record, value, cause.id, retold=change.after.retold),
        source="looma/sync",
        type=f"looma.{record.entity}.record",
        subject=record.id,
        time=cause.time,
    )
    headers = [*envelope.headers("record"), (CAUSE, cause.id.encode())]
    if record.entity == "talent" and change.after.never_had(RESUME):
        headers.append((NEVER_SAID, RESUME.encode()))
    return Message(RECORDS[record.entity], record.id.encode(), value, headers)


def record_id(record: SourceRecord, value: bytes, cause: str, *, retold: int = 0) -> str:
    """Return the id of a record's publication, as the JSON `value`, on account of the event `cause`.

    Once the record was told again its publications have other ids: a consumer that drops what it knows has to hear
    them after that.
    """
    content = hashlib.sha256(value).hexdigest()
    again = [str(retold)] if retold else []
    return derived_id("record", record.entity, record.id, str(record.revision), cause, content, *again)


def conflict_messages(change: Change) -> Iterator[Message]:
    """Yield a notice for every conflict that a person is to decide, or no longer, since the last revision."""
    record = change.after.record
    before = {c.id(record.entity, record.id): c for c in (change.before.conflicts if change.before else ())}
    after = {c.id(record.entity, record.id): c for c in change.after.conflicts}
    for status, found in (
        ("open", {i: c for i, c in after.items() if i not in before}),
        ("settled", {i: c for i, c in before.items() if i not in after}),
    ):
        for conflict_id, conflict in found.items():
            notice = {
                "id": conflict_id,
                "status": status,
                "entity": record.entity,
                "entity_id": record.id,
                "field": conflict.field,
                "candidates": [c._asdict() for c in conflict.candidates],
                "value": record.fields.get(conflict.field),
            }
            cause = change.cause.item.envelope
            envelope = Envelope(
                id=derived_id("conflict", conflict_id, status, str(record.revision)),
                source="looma/sync",
                type=f"looma.conflict.{status}",
                subject=record.id,
                time=cause.time,
            )
            value = json.dumps(notice, ensure_ascii=False).encode()
            yield Message(SYNC_CONFLICTS, record.id.encode(), value, envelope.headers("conflict"))
