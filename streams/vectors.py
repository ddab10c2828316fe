"""The embedding stage: source records of talents and jobs become vectors in Qdrant, and ask to be matched."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

import numpy as np
from opentelemetry.trace import SpanKind

from processors.embedding.model import Vectors
from processors.embedding.pool import EmbeddingPool
from processors.embedding.record_parts import MAX_PARTS, record_parts
from processors.embedding.texts import compared_text, compared_title, record_text, text_hash
from processors.embedding.titles import title_encoder
from processors.matching.meaning import fold, pack
from processors.matching.payload import Payload
from processors.matching.reading.record import job_profile, talent_profile
from processors.search.bm25 import document_vector
from schemas import semconv
from schemas.chain import CAUSE
from schemas.entities import Side
from schemas.envelope import Envelope, derived_id
from schemas.messages import MatchRequest
from schemas.records import SourceRecord
from schemas.topics import MATCH_REQUESTS
from sinks.qdrant import VECTOR_COLLECTIONS, Embedded, Stamp, VectorStore
from sinks.restored import Ends
from sinks.topic_sink import Message, TopicSink
from streams.delivery import Delivery, owners_of
from streams.records import RecordStage, newest_revisions
from streams.tracing import batch_span


class VectorStage(RecordStage):
    """Embeds the records of one side, of each at most `parts` items; writes to Qdrant and to `match-requests`."""

    def __init__(
        self,
        side: Side,
        pool: EmbeddingPool,
        vectors: VectorStore,
        results: TopicSink,
        parts: int = MAX_PARTS,
        restored: Ends = MappingProxyType({}),
    ) -> None:
        self.name = f"embed {side}"
        self.operation = "process"
        self.entity = self._side = side
        self._pool = pool
        self._vectors = vectors
        self._results = results
        self._parts = parts
        self._restored = restored

    async def process(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        """Store the newest revision of each record's vector, then ask for its matches."""
        chosen = list(newest_revisions(deliveries).values())
        gone = [d for d in chosen if d.item.deleted]
        live = [d for d in chosen if not d.item.deleted]
        await self._delete(gone)
        await self._upsert(await self._without_vector(live))
        await self._request_matches(chosen)

    async def _delete(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        if deliveries:
            with batch_span(f"delete {VECTOR_COLLECTIONS[self._side]}", deliveries, self._db("delete")):
                await self._vectors.delete(self._side, [d.item.id for d in deliveries])

    async def _without_vector(self, deliveries: list[Delivery[SourceRecord]]) -> list[Delivery[SourceRecord]]:
        """Return those that must be embedded: of a restored record the backup may have brought the vector."""
        old = [d for d in deliveries if _place(d)[1] < self._restored.get(_place(d)[0], 0)]
        if not old:
            return deliveries
        found = await self._vectors.stamps(self._side, [d.item.id for d in old])
        had = {d.item.id for d in old if found.get(d.item.id) == self._stamp(d.item)}
        return [d for d in deliveries if d.item.id not in had]

    def _stamp(self, record: SourceRecord) -> Stamp:
        text = compared_text(self._side, record.fields)
        return Stamp(record.revision, text_hash(text), self._pool.version)

    async def _upsert(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        if not deliveries:
            return
        texts = [embedded_texts(self._side, d.item, self._parts) for d in deliveries]
        with batch_span("embed", deliveries, {semconv.MODEL: self._pool.version}, SpanKind.INTERNAL):
            rows = await self._pool.embed([text for own in texts for text in own])
        ends = np.cumsum([len(own) for own in texts])
        points = [
            Embedded(
                payload_of(self._side, d.item, whole, self._pool.version, vectors[1:]),
                vectors[0],
                document_vector(record_text(self._side, d.item.fields)),
            )
            for d, (whole, *_), vectors in zip(deliveries, texts, np.split(rows, ends[:-1]), strict=True)
        ]
        if owners := owners_of(deliveries):
            self._results.require(owners)  # embedding takes long enough for another to have stored what is newer
        with batch_span(f"upsert {VECTOR_COLLECTIONS[self._side]}", deliveries, self._db("upsert")):
            await self._vectors.upsert(self._side, points)

    def _db(self, operation: str) -> dict[str, str]:
        return {
            semconv.DB_SYSTEM: "qdrant",
            semconv.DB_COLLECTION: self._vectors.collections[self._side],
            semconv.DB_OPERATION: operation,
        }

    async def _request_matches(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        messages = []
        for delivery in deliveries:
            record = delivery.item
            request = MatchRequest(entity=self._side, id=record.id, revision=record.revision)
            envelope = Envelope(
                id=derived_id("match-request", record.entity, record.id, str(record.revision)),
                source="looma/embed",
                type="looma.match.requested",
                subject=record.id,
                time=datetime.now(UTC),
            )
            headers = delivery.derived_headers(envelope.headers("match-request"))
            if delivery.cause:
                headers.append((CAUSE, delivery.cause.encode()))
            body = request.model_dump_json().encode()
            messages.append(Message(MATCH_REQUESTS, record.id.encode(), body, headers))
        attributes = {
            semconv.SYSTEM: "kafka",
            semconv.OPERATION_TYPE: "send",
            semconv.DESTINATION: MATCH_REQUESTS,
        }
        with batch_span(f"publish {MATCH_REQUESTS}", deliveries, attributes, SpanKind.PRODUCER):
            await self._results.publish(messages)


def _place(delivery: Delivery[SourceRecord]) -> tuple[tuple[str, int], int]:
    inbound = delivery.inbound
    return (inbound.topic, inbound.partition), inbound.offset


def embedded_texts(side: Side, record: SourceRecord, parts: int = MAX_PARTS) -> list[str]:
    """Return what is embedded of a record: the whole, the title, and at most `parts` items of it."""
    items = record_parts(side, record.fields, parts) if parts else []
    return [compared_text(side, record.fields), compared_title(side, record.fields), *items]


def payload_of(
    side: Side, record: SourceRecord, text: str, model: str, details: Vectors | None = None, today: date | None = None
) -> Payload:
    """Return what is stored with a record's vector, of which `text` it is and by which `model`.

    `details` are the vectors of its other `embedded_texts`: of the title, then of the items. What lasts lasts until
    `today` (default: the actual day).
    """
    if side == "talent":
        profile = talent_profile(record.id, record.revision, record.fields, today=today)
    else:
        profile = job_profile(record.id, record.revision, record.fields)
    if details is not None:
        folded = fold(details)
        titles = title_encoder(model)
        profile = replace(
            profile,
            title_vector=pack(folded[:1]),
            section_vectors=pack(folded[1:]),
            role_vectors=titles.packed([compared_title(side, record.fields)], details[:1]) if titles else b"",
        )
    return Payload(profile, model, text_hash(text), updated_at(record.provenance))


def updated_at(provenance: Mapping[str, Mapping[str, str]]) -> int | None:
    """Return when the newest of the surviving values was said, in seconds since 1970."""
    times = [said["time"] for said in provenance.values() if "time" in said]
    return max((int(datetime.fromisoformat(time).timestamp()) for time in times), default=None)
