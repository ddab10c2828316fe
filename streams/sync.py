"""The sync stage: entity events are merged into golden records, which are published and stored."""

from collections.abc import Sequence

from opentelemetry.trace import SpanKind

from processors.sync.merge import State, apply, survivors
from schemas import semconv
from schemas.entities import Entity
from schemas.envelope import Envelope, derived_id
from schemas.events import EntityEvent, decode
from schemas.records import Record
from sinks.mongodb import RecordStore, StoredRecord
from sinks.topics import Message, TopicSink
from streams.delivery import Delivery, Inbound
from streams.topics import RECORDS
from streams.tracing import Attributes, batch_span

EMPTY = State()


class SyncStage:
    """Merges one entity's events; writes to MongoDB and to the entity's record topic."""

    def __init__(self, entity: Entity, store: RecordStore, results: TopicSink) -> None:
        self.name = f"sync {entity}"
        self._entity = entity
        self._store = store
        self._results = results
        self._topic = RECORDS[entity]

    def decode(self, message: Inbound) -> EntityEvent:
        """Return the event; raises BadMessageError."""
        return decode(self._entity, message.key, message.value, message.headers)

    def attributes(self, item: EntityEvent) -> dict[str, str]:
        """Return what identifies the event on its span."""
        return {
            semconv.EVENT_ID: item.envelope.id,
            semconv.EVENT_TYPE: item.envelope.type,
            semconv.EVENT_SOURCE: item.envelope.source,
            semconv.MESSAGE_KEY: item.id,
        }

    async def process(self, deliveries: Sequence[Delivery[EntityEvent]]) -> None:
        """Merge a batch into what is stored.

        A changed record is published before it is stored: after a crash in between, the event comes again, changes
        the record again, and publishes again under the same id. The other order could lose the publication.
        """
        by_id: dict[str, list[Delivery[EntityEvent]]] = {}
        for delivery in deliveries:
            by_id.setdefault(delivery.item.id, []).append(delivery)
        stored = await self._store.load(by_id)

        to_store: list[StoredRecord] = []
        to_publish: list[tuple[Delivery[EntityEvent], Record]] = []
        effective: list[Delivery[EntityEvent]] = []
        for entity_id, group in by_id.items():
            before = stored.get(entity_id)
            state = before.state if before else EMPTY
            causes = []
            for delivery in group:
                after = apply(state, [delivery.item])
                known = after == state and not (before is None and state is EMPTY)
                delivery.outcome = "unchanged" if known else "applied"
                if not known:
                    causes.append(delivery)
                state = after
            if not causes:
                continue
            merged = survivors(state)
            revision = (before.record.revision if before else 0) + 1
            record = Record(self._entity, entity_id, revision, merged.deleted, merged.fields, merged.provenance)
            to_store.append(StoredRecord(record, state))
            effective += causes
            last = causes[-1]
            if before is None or (before.record.fields, before.record.deleted) != (
                record.fields,
                record.deleted,
            ):
                to_publish.append((last, record))
                for earlier in causes[:-1]:
                    earlier.superseded_by(last)
            else:
                for cause in causes:
                    cause.outcome = "confirmed"
        await self._publish(to_publish)
        await self._save(to_store, effective)

    async def _publish(self, records: Sequence[tuple[Delivery[EntityEvent], Record]]) -> None:
        if not records:
            return
        messages = [
            Message(
                self._topic,
                record.id.encode(),
                record.to_json(),
                cause.derived_headers(record_headers(record, cause.item.envelope)),
            )
            for cause, record in records
        ]
        attributes = {
            semconv.SYSTEM: "kafka",
            semconv.OPERATION_TYPE: "send",
            semconv.DESTINATION: self._topic,
        }
        causes = [cause for cause, _ in records]
        with batch_span(f"publish {self._topic}", causes, attributes, SpanKind.PRODUCER):
            await self._results.publish(messages)

    async def _save(self, records: Sequence[StoredRecord], causes: Sequence[Delivery[EntityEvent]]) -> None:
        if not records:
            return
        attributes: Attributes = {
            semconv.DB_SYSTEM: "mongodb",
            semconv.DB_COLLECTION: self._store.collection,
            semconv.DB_OPERATION: "bulkWrite",
            semconv.DB_BATCH_SIZE: len(records),
        }
        with batch_span(f"bulkWrite {self._store.collection}", causes, attributes):
            await self._store.save(records)


def record_headers(record: Record, cause: Envelope) -> list[tuple[str, bytes]]:
    """Return the headers of a record message; its id follows from the cause and the revision."""
    envelope = Envelope(
        id=derived_id("record", record.entity, record.id, str(record.revision), cause.id),
        source="looma/sync",
        type=f"looma.{record.entity}.record",
        subject=record.id,
        time=cause.time,
    )
    return envelope.headers("record")
