"""Qdrant: one vector a talent or job, with the payload that matching needs. Always by qdrant-client to a URL."""

import hashlib
import math
import ssl
import uuid
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q
from qdrant_client.http.exceptions import UnexpectedResponse

from processors.matching.payload import Payload
from processors.matching.profile import VECTORS, Profile
from processors.matching.ranking import Candidate, Near
from processors.search.bm25 import SparseVector
from schemas.entities import SIDES, SPEC, Side
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import QdrantSettings
from sinks import vector_index
from sinks.cache import Cache
from sinks.runs import runs
from sinks.vector_index import BM25

VECTOR_COLLECTIONS: Mapping[Side, str] = {side: SPEC[side].plural for side in SIDES}
PointId = q.ExtendedPointId
Dense = list[float] | NDArray[np.float32]
FACTS = q.PayloadSelectorExclude(exclude=list(VECTORS))
"""All of a payload but the packed vectors."""
SHOWN = q.PayloadSelectorExclude(exclude=["terms", *VECTORS])
"""All of a payload but what only single features of matching read."""
KEPT_POINTS = 8192
MAX_POINTS = 256
MAX_BYTES = 8 * 1024 * 1024
"""Of one request that stores; Qdrant takes 32 MiB."""
_NUMBER_BYTES = 22
"""At most, of a number in JSON with its comma."""
_NAMESPACE = uuid.UUID("1f0d6a52-54a3-5b35-8d2b-6c6f6f6d6101")
# The server closes a connection after some seconds of silence (Qdrant after 5): be faster than it.
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=3)
_STAMPS = ("revision", "updated", "text_hash", "model")
_NOT_SCORED = frozenset(("revision", "updated"))


@dataclass(frozen=True)
class Point:
    """A stored entity: its payload and, where asked for, its normalised vector and its words."""

    id: str
    payload: Mapping[str, Any]
    vector: Dense
    words: SparseVector | None = None

    @cached_property
    def candidate(self) -> Candidate:
        """What matching ranks. Raises KeyError if there is no profile in the payload."""
        scored = {name: value for name, value in self.payload.items() if name not in _NOT_SCORED}
        content = hashlib.blake2b(orjson.dumps(scored, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        return Candidate(Profile.from_payload(self.payload), str(self.payload.get("model", "")), content)

    def to_dict(self) -> dict[str, Any]:
        """Return the payload."""
        return dict(self.payload)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A record as it is to be stored: its payload, its normalised vector and its words."""

    payload: Payload
    vector: Dense
    words: SparseVector | None = None

    @property
    def id(self) -> str:
        """Whose it is."""
        return self.payload.profile.id

    def to_dict(self) -> dict[str, Any]:
        """Return the payload as it is stored."""
        return self.payload.to_dict()


class Storable(Protocol):
    """What can be stored as a point."""

    @property
    def id(self) -> str:
        """Whose it is."""
        ...

    @property
    def vector(self) -> Dense:
        """The normalised vector."""
        ...

    @property
    def words(self) -> SparseVector | None:
        """The sparse vector beside it."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return the payload as it is stored."""
        ...


class Hit(NamedTuple):
    """A point found by a search, and its cosine similarity to the query."""

    point: Point
    similarity: float

    @property
    def near(self) -> Near:
        """What matching ranks."""
        return Near(self.point.candidate, self.similarity)


class QdrantCaError(LoomaError):
    """`qdrant.ca_file` cannot be used; the text says why."""

    code = "qdrant_ca"
    exit_status = Exit.FILES


def _trusting(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # which names no file, and would pass for a server that is away
        raise QdrantCaError(f"qdrant.ca_file {ca_file}: {error.strerror or type(error).__name__}") from None


def connect(settings: QdrantSettings) -> AsyncQdrantClient:
    """Return a client with a time-out on every call, whose connections are used again, on this machine too.

    Raises QdrantCaError.
    """
    trusted: dict[str, Any] = {"verify": _trusting(settings.ca_file)} if settings.ca_file else {}
    key = settings.api_key.get_secret_value() if settings.api_key else None
    with warnings.catch_warnings():
        if urlsplit(settings.url).hostname in ("127.0.0.1", "localhost"):  # the key crosses no network
            warnings.filterwarnings("ignore", "Api key is used with an insecure connection")
        return AsyncQdrantClient(
            url=settings.url,
            timeout=math.ceil(settings.timeout_seconds),
            api_key=key,
            check_compatibility=False,
            limits=_LIMITS,
            **trusted,
        )


def point_id(entity_id: str) -> str:
    """Return the point id (UUID 5) of an entity; Qdrant takes no free text."""
    return str(uuid.uuid5(_NAMESPACE, entity_id))


def as_list(vector: Dense) -> list[float]:
    """Return a vector's numbers."""
    return vector if isinstance(vector, list) else vector.tolist()


def cosine(one: Dense, other: Dense) -> float:
    """Return the cosine similarity of two normalised vectors: the same number whichever comes first."""
    return float(np.asarray(one, dtype=np.float32) @ np.asarray(other, dtype=np.float32))


class Stamp(NamedTuple):
    """What a point was made of: the record's revision, its text by a hash, and the model."""

    revision: int | None
    text_hash: str | None
    model: str | None


class _Version(NamedTuple):
    """A point as a search found it: Qdrant counts its changes, and the stamps tell collections of one name apart."""

    number: int
    stamps: tuple[Any, ...]


class _Request(q.QueryRequest):
    """A request that the client need not copy before it sends it: copying took longer than the search."""

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> "_Request":
        return self


class VectorStore:
    """The vectors of talents and jobs, each side in a collection of its own, whose name ends with `suffix`.

    The points that searches found last are `kept`, each with the version that it was read at; a search tells the
    versions of what it finds, whoever wrote it, and only what has another one is read.
    """

    def __init__(self, client: AsyncQdrantClient, suffix: str = "", *, keep: int = KEPT_POINTS) -> None:
        self._client = client
        self.collections: Mapping[Side, str] = {side: name + suffix for side, name in VECTOR_COLLECTIONS.items()}
        self.kept: Cache[tuple[Side, PointId], tuple[_Version, Point]] = Cache(keep)

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

    async def newest(self, side: Side, limit: int) -> list[str]:
        """Return the ids of whom something was said last, the newest first; none if nothing is stored."""
        try:
            records, _ = await self._client.scroll(
                self.collections[side],
                limit=limit,
                order_by=q.OrderBy(key="updated", direction=q.Direction.DESC),
                with_payload=["id"],
            )
        except UnexpectedResponse as error:
            if error.status_code != 404:
                raise
            return []
        return [str(r.payload["id"]) for r in records if r.payload]

    async def size(self, side: Side) -> int:
        """Return about how many entities are stored."""
        try:
            return (await self._client.count(self.collections[side], exact=False)).count
        except UnexpectedResponse as error:
            if error.status_code != 404:
                raise
            return 0

    async def revision(self, side: Side, id: str) -> int | None:
        """Return the revision that an entity is stored at; None if it is not, or nothing is."""
        try:
            found = await self._client.retrieve(self.collections[side], [point_id(id)], with_payload=["revision"])
        except UnexpectedResponse as error:
            if error.status_code != 404:
                raise
            return None
        return found[0].payload["revision"] if found and found[0].payload else None

    async def stamps(self, side: Side, ids: Iterable[str]) -> dict[str, Stamp]:
        """Return of which revision, text and model the stored points of `ids` are, by entity id."""
        wanted = [point_id(i) for i in ids]
        records = await self._client.retrieve(self.collections[side], wanted, with_payload=["id", *Stamp._fields])
        payloads = [record.payload or {} for record in records]
        return {str(p["id"]): Stamp(*(p.get(name) for name in Stamp._fields)) for p in payloads}

    async def upsert(self, side: Side, points: Sequence[Storable]) -> None:
        """Store points; returns when they are durable."""
        await put(self._client, self.collections[side], ((point_id(p.id), p, p.to_dict()) for p in points))

    async def delete(self, side: Side, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are fine."""
        if ids:
            numbers = [point_id(i) for i in ids]
            await self._client.delete(self.collections[side], list(numbers), wait=True)
            for number in numbers:
                self.kept.discard((side, number))

    async def nearest(
        self, side: Side, vectors: Sequence[Dense], *, model: str, statuses: Sequence[str], limit: int
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
        wanted = q.PayloadSelectorInclude(include=list(_STAMPS))
        requests = [
            _Request(query=as_list(v), filter=condition, limit=limit, params=vector_index.SEARCH, with_payload=wanted)
            for v in vectors
        ]
        answers = await self._client.query_batch_points(self.collections[side], requests)
        versions = {h.id: _Version(h.version, _stamps(h.payload)) for a in answers for h in a.points}
        points = await self._read(side, versions)
        rows = [np.asarray(vector, dtype=np.float32) for vector in vectors]
        return [
            [Hit(points[h.id], cosine(row, points[h.id].vector)) for h in answer.points if h.id in points]
            for row, answer in zip(rows, answers, strict=True)
        ]

    async def _read(self, side: Side, versions: Mapping[PointId, _Version]) -> dict[PointId, Point]:
        """Return the points by their ids in Qdrant: kept ones at these versions, the others as they are now."""
        points = {}
        for id, version in versions.items():
            if kept := self.kept.get((side, id), lambda found, v=version: found[0] == v):  # type: ignore[misc]
                points[id] = kept[1]
        missing = list(versions.keys() - points.keys())
        if not missing:
            return points
        records = await self._client.retrieve(self.collections[side], missing, with_payload=True, with_vectors=True)
        for record in records:
            read = stored_point(record.payload, record.vector)
            point = points[record.id] = Point(read.id, read.payload, np.asarray(read.vector, dtype=np.float32))
            if _stamps(record.payload) == versions[record.id].stamps:  # else it has changed since the search
                self.kept.put((side, record.id), (versions[record.id], point))
        return points

    async def drop(self) -> None:
        """Delete the collections with all vectors; missing ones are fine."""
        self.kept.clear()
        for name in self.collections.values():
            await self._client.delete_collection(name)

    async def count(self) -> int:
        """Return the number of vectors on both sides."""
        total = 0
        for name in self.collections.values():
            if await self._client.collection_exists(name):
                total += (await self._client.count(name, exact=True)).count
        return total


def _stamps(payload: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return tuple((payload or {}).get(name) for name in _STAMPS)


async def put(client: AsyncQdrantClient, name: str, points: Iterable[tuple[str, Storable, dict[str, Any]]]) -> None:
    """Store points by their ids in Qdrant, with these payloads, in bounded requests; they are durable then."""
    for batch in runs((_struct(*point) for point in points), MAX_POINTS, MAX_BYTES, _size):
        await client.upsert(name, batch, wait=True)


def _struct(number: str, point: Storable, payload: dict[str, Any]) -> q.PointStruct:
    return q.PointStruct(id=number, vector=vectors_of(point), payload=payload)


def _size(point: q.PointStruct) -> int:
    """Return about how many bytes of JSON a point is."""
    vectors: Any = point.vector
    dense, words = (vectors, 0) if isinstance(vectors, list) else (vectors[""], len(vectors[BM25].indices))
    return len(orjson.dumps(point.payload)) + _NUMBER_BYTES * (len(dense) + 2 * words)


def vectors_of(point: Storable) -> Any:
    """Return a point's vectors as qdrant-client takes them."""
    if point.words is None:
        return as_list(point.vector)
    return {"": as_list(point.vector), BM25: q.SparseVector(indices=point.words.indices, values=point.words.values)}


def stored_point(payload: Mapping[str, Any] | None, vector: Any) -> Point:
    """Return a point of what qdrant-client answers."""
    payload = payload or {}
    words = None
    if isinstance(vector, Mapping):  # the dense one has no name
        if (sparse := vector.get(BM25)) is not None:
            words = SparseVector(sparse.indices, sparse.values)
        vector = vector.get("")
    return Point(str(payload.get("id", "")), payload, list(vector or ()), words)
