"""The stage that makes resumes searchable: the resume in a talent's record becomes vectors in Qdrant, part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from opentelemetry.trace import SpanKind

from processors.embedding.pool import EmbeddingPool
from processors.embedding.resume_parts import titled_parts
from processors.embedding.texts import text_hash
from processors.search.bm25 import document_vector
from schemas import semconv
from schemas.chain import never_said
from schemas.entities import RESUME, Entity
from schemas.records import SourceRecord
from sinks.qdrant import Dense, Point
from sinks.resumes import RESUMES, ResumePart, ResumeStore
from sinks.topic_sink import TopicSink
from streams.delivery import Delivery, owners_of
from streams.records import RecordStage, newest_revisions
from streams.tracing import batch_span
from streams.vectors import payload_of

_TALENTS = 16
"""Worked on at once, with all their parts."""


def _concerns(delivery: Delivery[SourceRecord]) -> bool:
    """Whether there is a resume, or may have been one."""
    return RESUME in delivery.item.fields or not never_said(delivery.inbound.headers, RESUME)


class ResumeIndexStage(RecordStage):
    """Embeds the resumes of talents and removes those of deleted ones; parts that did not change keep their vectors."""

    name = "index resumes"
    operation = "index"
    entity: Entity = "talent"

    def __init__(self, pool: EmbeddingPool, resumes: ResumeStore, results: TopicSink) -> None:
        self._pool = pool
        self._resumes = resumes
        self._results = results

    async def process(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        """Store the resume that each record's newest revision has, with the facts of the record.

        Of who has none and never had one, nothing is asked: most talents.
        """
        chosen = [d for d in newest_revisions(deliveries).values() if _concerns(d)]
        for start in range(0, len(chosen), _TALENTS):
            await self._index(chosen[start : start + _TALENTS])

    async def _index(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        texts = {d.item.id: [] if d.item.deleted else titled_parts(d.item.fields) for d in deliveries}
        stored = await self._resumes.get(texts)
        touched = [d for d in deliveries if texts[d.item.id] or d.item.id in stored]
        if not touched:
            return
        vectors = await self._embed(touched, texts, stored)
        resumes = {d.item.id: self._parts(d.item, texts[d.item.id], vectors) for d in touched}
        if owners := owners_of(deliveries):
            self._results.require(owners)
        attributes = {
            semconv.DB_SYSTEM: "qdrant",
            semconv.DB_COLLECTION: self._resumes.collection,
            semconv.DB_OPERATION: "upsert",
        }
        with batch_span(f"upsert {RESUMES}", touched, attributes):
            await self._resumes.replace(resumes, stored)

    async def _embed(
        self,
        deliveries: Sequence[Delivery[SourceRecord]],
        texts: Mapping[str, Sequence[str]],
        stored: Mapping[str, Sequence[Point]],
    ) -> Mapping[str, Dense]:
        """Return the vector of each text, by its hash."""
        version = self._pool.version
        known: dict[str, Dense] = {
            str(part.payload["text_hash"]): part.vector
            for parts in stored.values()
            for part in parts
            if part.payload["model"] == version
        }
        fresh = {text_hash(text): text for parts in texts.values() for text in parts}
        fresh = {key: text for key, text in fresh.items() if key not in known}
        if fresh:
            with batch_span("embed", deliveries, {semconv.MODEL: version}, SpanKind.INTERNAL):
                rows = await self._pool.embed(list(fresh.values()))
            known |= zip(fresh, rows, strict=True)
        return known

    def _parts(self, record: SourceRecord, texts: Sequence[str], vectors: Mapping[str, Dense]) -> list[ResumePart]:
        if not texts:
            return []
        payload = payload_of("talent", record, "", self._pool.version)
        hashes = [text_hash(text) for text in texts]
        return [
            ResumePart(replace(payload, text_hash=key), vectors[key], document_vector(text))
            for key, text in zip(hashes, texts, strict=True)
        ]
