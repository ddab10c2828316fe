"""The vectors in a backup: each point of the search index is a part, sealed as the record that it was made of."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from ops.backup.index import stored_points
from schemas.entities import SIDES, SPEC
from schemas.settings import QdrantSettings
from sinks import qdrant, vector_index
from sinks.qdrant import VECTOR_COLLECTIONS
from sinks.resumes import RESUMES
from sinks.runs import runs
from sinks.scan import SECONDS
from sinks.vector_index import BM25

PREFIX = "vectors/"
"""Of a part's place, before the collection's name."""
AT_ONCE, MAX_BYTES = 500, 8 * 1024 * 1024
_PERSONAL = frozenset((RESUMES, *(VECTOR_COLLECTIONS[side] for side in SIDES if SPEC[side].person == "id")))
NAMES = (*VECTOR_COLLECTIONS.values(), RESUMES)
Content = dict[str, Any]


def patient(settings: QdrantSettings) -> AsyncQdrantClient:
    """Return a client for whole collections: while Qdrant builds its index, a page of points may take long."""
    return qdrant.connect(settings.model_copy(update={"timeout_seconds": SECONDS}))


async def contents(client: AsyncQdrantClient, name: str, suffix: str) -> AsyncIterator[tuple[Collection[str], Content]]:
    """Yield whom each point of a collection speaks of, and the point as BSON takes it; none if there is no such one."""
    if not await client.collection_exists(name + suffix):
        return
    async for points in stored_points(client, name + suffix):
        for point in points:
            payload = point.payload or {}
            yield (str(payload["id"]),) if name in _PERSONAL else (), {"point": _content(point, payload)}


def _content(point: q.Record, payload: Mapping[str, Any]) -> Content:
    vectors: Any = point.vector
    words = None
    if isinstance(vectors, dict):
        words, vectors = vectors.get(BM25), vectors.get("")
    return {
        "id": point.id,
        "payload": payload,
        "vector": np.asarray(vectors, dtype=np.float32).tobytes(),
        "indices": list(words.indices) if words else None,
        "values": np.asarray(words.values, dtype=np.float32).tobytes() if words else None,
    }


def struct(content: Mapping[str, Any]) -> q.PointStruct:
    """Return a point as qdrant-client takes it."""
    vectors: Any = np.frombuffer(content["vector"], dtype=np.float32).tolist()
    if content["indices"] is not None:
        values = np.frombuffer(content["values"], dtype=np.float32).tolist()
        vectors = {"": vectors, BM25: q.SparseVector(indices=content["indices"], values=values)}
    return q.PointStruct(id=content["id"], vector=vectors, payload=content["payload"])


class Restorer:
    """Puts points into collections that are made when the first comes, and indexed when all are there."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        self._client = client
        self._made: set[str] = set()

    async def vacant(self) -> set[str]:
        """Return the places, as parts have them, of the collections that hold nothing."""
        return {PREFIX + name for name in NAMES if not await self.count(name)}

    async def put(self, parts: Sequence[Mapping[str, Any]]) -> None:
        """Store the points among the parts; they are durable then."""
        for name, points in _by_name(parts).items():
            if name not in self._made:
                dimensions = len(points[0]["vector"]) // np.dtype(np.float32).itemsize
                await vector_index.prepare(self._client, name, dimensions, bulk=True)
                self._made.add(name)
            for run in runs(points, AT_ONCE, MAX_BYTES, lambda point: 8 * len(point["vector"])):
                await self._client.upsert(name, [struct(point) for point in run], wait=True)

    async def differing(self, parts: Sequence[Mapping[str, Any]]) -> int:
        """Return how many points among the parts are not stored, or otherwise."""
        wrong = 0
        for name, points in _by_name(parts).items():
            by_id = {point["id"]: point for point in points}
            records = await self._client.retrieve(name, list(by_id), with_payload=True, with_vectors=True)
            stored = {str(record.id): _content(record, record.payload or {}) for record in records}
            wrong += sum(id not in stored or not _alike(stored[id], point) for id, point in by_id.items())
        return wrong

    async def count(self, name: str) -> int:
        """Return how many points a collection has; none if there is no such one."""
        if not await self._client.collection_exists(name):
            return 0
        return (await self._client.count(name, exact=True)).count

    async def finish(self) -> None:
        """Have the collections indexed."""
        for name in self._made:
            await vector_index.finish_bulk(self._client, name)


def _by_name(parts: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the points among the parts, by collection."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        if "point" in part:
            found.setdefault(part["place"].removeprefix(PREFIX), []).append(part["point"])
    return found


def _alike(one: Content, other: Mapping[str, Any]) -> bool:
    """Whether two points are the same but for a vector's last digits: it is normalised anew where it is stored."""
    a, b = (np.frombuffer(point["vector"], dtype=np.float32) for point in (one, other))
    same = all(one[name] == other[name] for name in ("id", "payload", "indices", "values"))
    return same and a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=1e-6))
