"""A stack filled in bulk for a rehearsal: one talent in 360 is computed, the others are its copies under other ids."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import orjson
from opentelemetry.trace import INVALID_SPAN
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from ops.benchmarks.stack import Progress
from ops.benchmarks.verify import NOWHERE, events_of, key_of, stored
from ops.verify.batches import batches
from processors.embedding.model import Vectors
from processors.embedding.texts import compared_text, record_text
from processors.search.bm25 import document_vector
from schemas.settings import Settings
from sinks import mongodb, qdrant
from sinks.qdrant import VECTOR_COLLECTIONS, VectorStore, point_id
from sinks.topic_sink import Message, TopicSink
from sinks.vector_index import BM25
from streams.delivery import Delivery
from streams.models.builtin import DEFAULT
from streams.sync import Change, record_message
from streams.vectors import embedded_texts, payload_of

KINDS = 360
"""After so many, invented talents differ by name and number only."""
AT_ONCE = 250
"""Points of one request."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is stored and kept of one talent, as JSON where its ids are in it."""

    number: int
    messages: tuple[Message, ...]
    document: bytes
    payload: bytes
    words: q.SparseVector

    @classmethod
    def of(cls, number: int, numbers: np.random.Generator) -> "_Kind":
        """Compute one, by the functions that workers use; its vectors are drawn."""
        said = events_of(number)
        record = stored([event for _, event in said], 2)
        change = Change(Delivery(NOWHERE, said[-1][1], INVALID_SPAN), None, record)
        messages = (*(Message(m.topic, m.key, m.value, m.headers) for m, _ in said), record_message(change))
        text = compared_text("talent", record.record.fields)
        details = _drawn(numbers, len(embedded_texts("talent", record.record)) - 1)
        payload = payload_of("talent", record.record, text, DEFAULT.vector_version, details).to_dict()
        words = document_vector(record_text("talent", record.record.fields))
        sparse = q.SparseVector(indices=list(words.indices), values=list(words.values))
        return cls(number, messages, orjson.dumps(record.to_document()), orjson.dumps(payload), sparse)

    def ids(self, text: bytes, number: int) -> bytes:
        """Return a text of this talent's as another's."""
        text = text.replace(key_of(self.number).encode(), key_of(number).encode())
        return text.replace(b"e-%d-" % self.number, b"e-%d-" % number)

    def messages_of(self, number: int) -> Iterator[Message]:
        """Yield another's messages."""
        for m in self.messages:
            headers = [(name, self.ids(value, number)) for name, value in m.headers]
            yield Message(m.topic, key_of(number).encode(), self.ids(m.value or b"", number), headers)

    def point(self, number: int, vector: list[float]) -> q.PointStruct:
        """Return another's point, with a vector of its own."""
        payload = orjson.loads(self.ids(self.payload, number))
        return q.PointStruct(id=point_id(key_of(number)), vector={"": vector, BM25: self.words}, payload=payload)


def _drawn(numbers: np.random.Generator, count: int) -> Vectors:
    """Draw normalised vectors as long as the default model's."""
    rows = numbers.standard_normal((count, DEFAULT.dimensions), np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


async def fill(settings: Settings, count: int, progress: Progress) -> None:
    """Fill a stack with what a backup holds of `count` invented talents, each part as large as it would be.

    That is two events, the record, its last publication, and the vectors. There are no matches.
    """
    numbers = np.random.default_rng(1)
    kinds = [_Kind.of(number, numbers) for number in range(min(count, KINDS))]
    client, database = mongodb.connect(settings.mongodb)
    points = qdrant.connect(settings.qdrant)
    try:
        await VectorStore(points).prepare(DEFAULT.dimensions)
        async with TopicSink(settings.kafka, client_id="fill") as sink:
            for batch in batches(range(count)):
                made = [(kinds[number % KINDS], number) for number in batch]
                documents = [orjson.loads(kind.ids(kind.document, number)) for kind, number in made]
                vectors = _drawn(numbers, len(batch)).tolist()
                structs = [kind.point(n, vector) for (kind, n), vector in zip(made, vectors, strict=True)]
                await asyncio.gather(
                    sink.publish([m for kind, number in made for m in kind.messages_of(number)]),
                    database["talents"].insert_many(documents, ordered=False),
                    _put(points, structs),
                )
                if batch[0] % 10_000 == 0:
                    progress(f"filling: {batch[0]:,} of {count:,}")
    finally:
        await client.close()
        await points.close()


async def _put(client: AsyncQdrantClient, points: list[q.PointStruct]) -> None:
    for start in range(0, len(points), AT_ONCE):
        await client.upsert(VECTOR_COLLECTIONS["talent"], points[start : start + AT_ONCE], wait=True)
