"""Qdrant: one vector a talent or job, with the payload that matching needs. Always by qdrant-client to a URL."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import SecretStr
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from processors.search.bm25 import SparseVector
from sinks import vector_index
from sinks.vector_index import BM25

Side = Literal["talent", "job"]
COLLECTIONS: Mapping[Side, str] = {"talent": "talents", "job": "jobs"}
_NAMESPACE = uuid.UUID("1f0d6a52-54a3-5b35-8d2b-6c6f6f6d6101")


@dataclass(frozen=True, slots=True)
class Point:
    """A stored entity: its payload and, where asked for, its normalised vector and its words."""

    id: str
    payload: Mapping[str, Any]
    vector: list[float]
    words: SparseVector | None = None


class Hit(NamedTuple):
    """A point found by a search, and its cosine similarity to the query."""

    point: Point
    similarity: float


def connect(url: str, timeout_seconds: float, api_key: SecretStr | None = None) -> AsyncQdrantClient:
    """Return a client with a time-out on every call."""
    key = api_key.get_secret_value() if api_key else None
    return AsyncQdrantClient(url=url, timeout=int(timeout_seconds), api_key=key, check_compatibility=False)


def point_id(entity_id: str) -> str:
    """Return the point id (UUID 5) of an entity; Qdrant takes no free text."""
    return str(uuid.uuid5(_NAMESPACE, entity_id))


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine similarity of two normalised vectors: the same number whichever comes first."""
    return float(np.asarray(one, dtype=np.float32) @ np.asarray(other, dtype=np.float32))


class VectorStore:
    """The vectors of talents and jobs, each side in a collection of its own, whose name ends with `suffix`."""

    def __init__(self, client: AsyncQdrantClient, suffix: str = "") -> None:
        self._client = client
        self.collections: Mapping[Side, str] = {side: name + suffix for side, name in COLLECTIONS.items()}

    async def prepare(self, dimensions: int) -> None:
        """Create missing collections and payload indexes; add to older ones what they lack."""
        for name in self.collections.values():
            await vector_index.prepare(self._client, name, dimensions)

    async def get(self, side: Side, ids: Iterable[str]) -> dict[str, Point]:
        """Return the stored points of `ids`, with vectors, by entity id."""
        wanted = [point_id(i) for i in ids]
        if not wanted:
            return {}
        records = await self._client.retrieve(self.collections[side], wanted, with_payload=True, with_vectors=True)
        points = [stored_point(r.payload, r.vector) for r in records]
        return {point.id: point for point in points}

    async def upsert(self, side: Side, points: Sequence[Point]) -> None:
        """Store points; returns when they are durable."""
        if not points:
            return
        await self._client.upsert(
            self.collections[side],
            [q.PointStruct(id=point_id(p.id), vector=vectors_of(p), payload=dict(p.payload)) for p in points],
            wait=True,
        )

    async def delete(self, side: Side, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are fine."""
        if ids:
            await self._client.delete(self.collections[side], [point_id(i) for i in ids], wait=True)

    async def nearest(
        self, side: Side, vectors: Sequence[list[float]], *, model: str, statuses: Sequence[str], limit: int
    ) -> list[list[Hit]]:
        """Return for each vector the nearest points of `side` made by the same model and open to a match.

        Points are fetched once, not once a hit: in a batch most are found many times. With their vectors, for Qdrant's
        own score of a pair depends in its last digits on which of the two asked.
        """
        if not vectors:
            return []
        condition = q.Filter(
            must=[
                q.FieldCondition(key="model", match=q.MatchValue(value=model)),
                q.FieldCondition(key="status", match=q.MatchAny(any=list(statuses))),
            ]
        )
        requests = [
            q.QueryRequest(query=v, filter=condition, limit=limit, params=vector_index.SEARCH, with_payload=False)
            for v in vectors
        ]
        answers = await self._client.query_batch_points(self.collections[side], requests)
        ids = list({hit.id for answer in answers for hit in answer.points})
        if not ids:
            return [[] for _ in vectors]
        records = await self._client.retrieve(self.collections[side], ids, with_payload=True, with_vectors=True)
        points = {r.id: stored_point(r.payload, r.vector) for r in records}
        return [
            [Hit(points[h.id], cosine(vector, points[h.id].vector)) for h in answer.points if h.id in points]
            for vector, answer in zip(vectors, answers, strict=True)
        ]

    async def drop(self) -> None:
        """Delete the collections with all vectors; missing ones are fine."""
        for name in self.collections.values():
            await self._client.delete_collection(name)

    async def count(self) -> int:
        """Return the number of vectors on both sides."""
        total = 0
        for name in self.collections.values():
            if await self._client.collection_exists(name):
                total += (await self._client.count(name, exact=True)).count
        return total


def vectors_of(point: Point) -> Any:
    """Return a point's vectors as qdrant-client takes them."""
    if point.words is None:
        return point.vector
    return {"": point.vector, BM25: q.SparseVector(indices=point.words.indices, values=point.words.values)}


def stored_point(payload: Mapping[str, Any] | None, vector: Any) -> Point:
    """Return a point of what qdrant-client answers."""
    payload = payload or {}
    words = None
    if isinstance(vector, Mapping):  # the dense one has no name
        if (sparse := vector.get(BM25)) is not None:
            words = SparseVector(sparse.indices, sparse.values)
        vector = vector.get("")
    return Point(str(payload.get("id", "")), payload, list(vector or ()), words)
