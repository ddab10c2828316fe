"""Search in Qdrant: by meaning, by words, or by both fused; filters, facets and what is like a stored entity."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from processors.embedding.resume_parts import MAX_PARTS
from processors.search.bm25 import SparseVector
from processors.search.criteria import FACETS, MAX_WINDOW, Criteria, Kind, Mode
from sinks.qdrant import SHOWN, VECTOR_COLLECTIONS, Point, VectorStore, as_list, point_id
from sinks.resumes import ResumeStore, part_id, part_ids
from sinks.vector_index import BM25, EMPLOYMENT, PART, SEARCH

RRF_K = 60
"""Reciprocal rank fusion's constant: how little the first places count above the next. Cormack et al., SIGIR 2009."""

_LEAST_CANDIDATES = 100
MAX_RESUMES = 1_000
"""The same of resumes, each of which has many parts."""
_PARTS_A_RESUME = 4
"""Parts that are fetched first for each resume wanted; then twice as many, until they are of enough resumes."""


class Query(NamedTuple):
    """A query in both forms; `model` is the version that made the dense one."""

    dense: list[float]
    words: SparseVector
    model: str


class Found(NamedTuple):
    """A hit: its score is comparable within one answer only."""

    id: str
    score: float
    payload: dict[str, Any]


class Known(NamedTuple):
    """What a hit is judged by: its vector's cosine similarity to the query's, and the positions of its words."""

    similarity: float
    words: frozenset[int]


@dataclass(frozen=True, slots=True)
class Page:
    """Hits from `offset` on; `admitted` counts all that the criteria admit, found or not."""

    hits: list[Found]
    admitted: int


class SearchStore:
    """Searches the collections of one generation."""

    def __init__(self, client: AsyncQdrantClient, suffix: str = "") -> None:
        self._client = client
        self._vectors = VectorStore(client, suffix)
        self._resumes = ResumeStore(client, suffix)
        self._collections: dict[Kind, str] = {"resume": self._resumes.collection}
        self._collections |= {side: name + suffix for side, name in VECTOR_COLLECTIONS.items()}

    async def search(
        self,
        kind: Kind,
        query: Query,
        criteria: Criteria,
        *,
        mode: Mode = "hybrid",
        limit: int = 10,
        offset: int = 0,
        exclude: Sequence[str] = (),
    ) -> Page:
        """Return a page of what answers the query best among what the criteria admit. Raises ValueError.

        Vectors of another model's version are never compared. Hybrid fuses the ranks of both ways by reciprocal rank.
        """
        if not 0 <= offset <= window(kind) - limit or limit < 1:
            raise ValueError(f"a page must lie within the first {window(kind):,}")
        if mode == "keyword" and not query.words.indices:
            return Page([], 0)
        condition = _condition(kind, criteria, query.model, exclude)
        hits, admitted = await asyncio.gather(
            self._hits(kind, query, condition, mode, limit, offset),
            self._client.count(self._collections[kind], _whole(kind, condition), exact=True),
        )
        return Page(hits, admitted.count)

    async def _hits(
        self, kind: Kind, query: Query, condition: q.Filter, mode: Mode, limit: int, offset: int
    ) -> list[Found]:
        if kind == "resume":
            return await self._find_resumes(query, condition, mode, limit, offset)
        points = await self._find(self._collections[kind], query, condition, mode, limit, offset, payload=SHOWN)
        return [Found(_id(p), p.score, p.payload or {}) for p in points]

    async def known(self, kind: Kind, dense: list[float], hits: Sequence[Found]) -> list[Known]:
        """Return what hits are judged by; one that has gone meanwhile is like nothing and has no words."""
        if not hits:
            return []
        ids = [part_id(hit.id, hit.payload[PART]) if kind == "resume" else point_id(hit.id) for hit in hits]
        answer = await self._client.query_points(
            self._collections[kind],
            dense,
            query_filter=q.Filter(must=[q.HasIdCondition(has_id=[*ids])]),
            search_params=SEARCH,
            limit=len(ids),
            with_payload=False,
            with_vectors=[BM25],
        )
        found = {str(point.id): Known(point.score, _positions(point.vector)) for point in answer.points}
        return [found.get(i, Known(0.0, frozenset())) for i in ids]

    async def _find(
        self,
        name: str,
        query: Query,
        condition: q.Filter,
        mode: Mode,
        limit: int,
        offset: int = 0,
        *,
        payload: q.WithPayloadInterface,
    ) -> list[q.ScoredPoint]:
        words = q.SparseVector(indices=query.words.indices, values=query.words.values)
        ask = partial(self._client.query_points, name, limit=limit, offset=offset, with_payload=payload)
        if mode == "hybrid" and words.indices:
            both = prefetches(query.dense, words, condition, offset + limit)
            return (await ask(fusion(), prefetch=both)).points
        if mode == "keyword":
            return (await ask(words, using=BM25, query_filter=condition)).points
        return (await ask(query.dense, query_filter=condition, search_params=SEARCH)).points

    async def _find_resumes(
        self, query: Query, condition: q.Filter, mode: Mode, limit: int, offset: int
    ) -> list[Found]:
        """Return a page of resumes, each with the payload of its best part: so many parts as have enough resumes."""
        wanted = offset + limit
        window = _PARTS_A_RESUME * wanted
        name = self._collections["resume"]
        while True:
            points = await self._find(name, query, condition, mode, window, payload=["id"])
            best: dict[str, q.ScoredPoint] = {}
            for point in points:
                best.setdefault(_id(point), point)
            if len(best) >= wanted or len(points) < window or window >= MAX_PARTS * wanted:
                break
            window *= 2
        page = list(best.items())[offset:wanted]
        payloads = await self._resumes.payloads([str(point.id) for _, point in page])
        found = [(talent, point.score, payloads.get(str(point.id))) for talent, point in page]
        return [Found(talent, score, payload) for talent, score, payload in found if payload]

    async def facet(
        self, kind: Kind, name: str, criteria: Criteria, model: str, limit: int = 10
    ) -> list[tuple[str | int | bool, int]]:
        """Return the commonest values of a facet among what the criteria admit, with how many have each."""
        answer = await self._client.facet(
            self._collections[kind],
            FACETS[name],
            facet_filter=_whole(kind, _condition(kind, criteria, model, ())),
            limit=limit,
            exact=True,
        )
        return [(hit.value, hit.count) for hit in answer.hits]

    async def like(self, kind: Kind, entity_id: str) -> Query | None:
        """Return the query that a stored entity is itself, of a resume all parts; None if there is none of this id."""
        if kind == "resume":
            points: Sequence[Point] = (await self._resumes.get([entity_id])).get(entity_id, [])
        else:
            points = list((await self._vectors.get(kind, [entity_id])).values())
        if not points:
            return None
        words = _sum(point.words for point in points if point.words)
        dense = np.sum([as_list(point.vector) for point in points], axis=0)
        return Query(list(dense / (np.linalg.norm(dense) or 1)), words, str(points[0].payload.get("model", "")))


def window(kind: Kind) -> int:
    """Return how far pages reach."""
    return MAX_RESUMES if kind == "resume" else MAX_WINDOW


def _positions(vector: Any) -> frozenset[int]:
    """Return the positions of a point's words; one of an earlier version has none."""
    words = vector.get(BM25) if isinstance(vector, dict) else None
    return frozenset(words.indices) if words else frozenset()


def _id(point: q.ScoredPoint) -> str:
    return str((point.payload or {}).get("id", ""))


def fusion() -> q.RrfQuery:
    """Return the fusion of both ways."""
    return q.RrfQuery(rrf=q.Rrf(k=RRF_K))


def prefetches(dense: list[float], words: q.SparseVector, condition: q.Filter | None, wanted: int) -> list[q.Prefetch]:
    """Return the candidates of both ways, enough for the first `wanted` of their fusion."""
    window = max(_LEAST_CANDIDATES, 2 * wanted)
    return [
        q.Prefetch(query=dense, filter=condition, params=SEARCH, limit=window),
        q.Prefetch(query=words, using=BM25, filter=condition, limit=window),
    ]


def _sum(vectors: Iterable[SparseVector]) -> SparseVector:
    total: Counter[int] = Counter()
    for vector in vectors:
        for index, value in zip(*vector, strict=True):
            total[index] += value  # type: ignore[assignment]
    indices = sorted(total)
    return SparseVector(indices, [float(total[i]) for i in indices])


def _whole(kind: Kind, condition: q.Filter) -> q.Filter:
    """Return a condition that counts each entity once: of a resume, its first part."""
    if kind != "resume":
        return condition
    return q.Filter(must=[condition, q.FieldCondition(key=PART, match=q.MatchValue(value=0))])


def _condition(kind: Kind, criteria: Criteria, model: str, exclude: Sequence[str]) -> q.Filter:
    must: list[Any] = [_is("model", model)]
    if criteria.places:
        must.append(q.FieldCondition(key="locations", match=q.MatchAny(any=list(criteria.places))))
    if criteria.statuses:
        must.append(q.FieldCondition(key="status", match=q.MatchAny(any=list(criteria.statuses))))
    if criteria.language:
        must.append(_is("language", criteria.language))
    if criteria.education_rank is not None:
        bound = {"lte" if kind == "job" else "gte": criteria.education_rank}
        must.append(q.FieldCondition(key="education_rank", range=q.Range(**bound)))
    must += _overlap(criteria.years, "years", "years_max" if kind == "job" else "years")
    must += _overlap(criteria.salary, "salary_min", "salary_max")
    if criteria.remote:
        must.append(q.FieldCondition(key="remote", match=q.MatchValue(value=True)))
    if criteria.employment:
        must.append(_works(criteria.employment))
    if criteria.updated_since:
        must.append(q.FieldCondition(key="updated", range=q.Range(gte=criteria.updated_since.timestamp())))
    excluded = [p for i in exclude for p in (part_ids(i) if kind == "resume" else [point_id(i)])]
    must_not: list[Any] | None = [q.HasIdCondition(has_id=[*excluded])] if excluded else None
    return q.Filter(must=must, must_not=must_not)


def _works(forms: Sequence[str]) -> Any:
    """Return that a record names one of the forms of work, or none, which is full time."""
    named = q.FieldCondition(key=EMPLOYMENT, match=q.MatchAny(any=list(forms)))
    silent = q.IsEmptyCondition(is_empty=q.PayloadField(key=EMPLOYMENT))
    return q.Filter(should=[named, silent]) if "full_time" in forms else named


def _is(key: str, value: str) -> q.FieldCondition:
    return q.FieldCondition(key=key, match=q.MatchValue(value=value))


def _overlap(wanted: tuple[float | None, float | None], low_key: str, high_key: str) -> list[Any]:
    """Return that the record's range from `low_key` to `high_key`, either of which may be absent, overlaps `wanted`.

    A record without an upper end has none: 5 years and more. One without a lower end begins at nothing.
    """
    low, high = wanted
    found: list[Any] = []
    if low is None and high is None:
        return found
    known: list[Any] = [q.FieldCondition(key=key, range=q.Range(gte=0)) for key in dict.fromkeys((low_key, high_key))]
    found.append(q.Filter(should=known))
    if low is not None:
        found.append(_unless_absent(high_key, q.Range(gte=low), low_key == high_key))
    if high is not None:
        found.append(_unless_absent(low_key, q.Range(lte=high), low_key == high_key))
    return found


def _unless_absent(key: str, bound: q.Range, only: bool) -> Any:
    within = q.FieldCondition(key=key, range=bound)
    return within if only else q.Filter(should=[within, q.IsEmptyCondition(is_empty=q.PayloadField(key=key))])
