"""Search in Qdrant: by meaning, by words, or by both fused; filters, facets and what is like a stored entity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from processors.search.bm25 import SparseVector
from processors.search.criteria import Criteria
from sinks.qdrant import COLLECTIONS, Point, Side, VectorStore, point_id
from sinks.vector_index import BM25, SEARCH

Mode = Literal["hybrid", "semantic", "keyword"]
FACETS = {"place": "locations", "skill": "skills", "status": "status", "language": "language",
          "seniority": "seniority", "education": "education_rank"}  # fmt: skip
"""What can be counted, and the payload's key of it."""

RRF_K = 60
"""Reciprocal rank fusion's constant: how little the first places count above the next. Cormack et al., SIGIR 2009."""

_LEAST_CANDIDATES = 100
MAX_WINDOW = 10_000
"""Of `offset + limit`: every search fetches that many candidates."""


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
        self._suffix = suffix

    async def search(
        self,
        side: Side,
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
        if not 0 <= offset <= MAX_WINDOW - limit or limit < 1:
            raise ValueError(f"a page must lie within the first {MAX_WINDOW:,}")
        condition = _condition(side, criteria, query.model, exclude)
        name = COLLECTIONS[side] + self._suffix
        words = q.SparseVector(indices=query.words.indices, values=query.words.values)
        if mode == "hybrid" and words.indices:
            both = prefetches(query.dense, words, condition, offset + limit)
            answer = await self._client.query_points(name, fusion(), prefetch=both, limit=limit, offset=offset)
        elif mode == "keyword":
            if not words.indices:
                return Page([], 0)
            answer = await self._client.query_points(
                name, words, using=BM25, query_filter=condition, limit=limit, offset=offset
            )
        else:
            answer = await self._client.query_points(
                name, query.dense, query_filter=condition, search_params=SEARCH, limit=limit, offset=offset
            )
        admitted = await self._client.count(name, condition, exact=True)
        hits = [Found(str((p.payload or {}).get("id", "")), p.score, p.payload or {}) for p in answer.points]
        return Page(hits, admitted.count)

    async def facet(
        self, side: Side, name: str, criteria: Criteria, model: str, limit: int = 10
    ) -> list[tuple[str | int | bool, int]]:
        """Return the commonest values of a facet among what the criteria admit, with how many have each."""
        answer = await self._client.facet(
            COLLECTIONS[side] + self._suffix,
            FACETS[name],
            facet_filter=_condition(side, criteria, model, ()),
            limit=limit,
            exact=True,
        )
        return [(hit.value, hit.count) for hit in answer.hits]

    async def like(self, side: Side, entity_id: str) -> Query | None:
        """Return the query that a stored entity is itself; None if there is none of this id."""
        point: Point | None = (await self._vectors.get(side, [entity_id])).get(entity_id)
        if point is None:
            return None
        return Query(point.vector, point.words or SparseVector([], []), str(point.payload.get("model", "")))


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


def _condition(side: Side, criteria: Criteria, model: str, exclude: Sequence[str]) -> q.Filter:
    must: list[Any] = [_is("model", model)]
    if criteria.places:
        must.append(q.FieldCondition(key="locations", match=q.MatchAny(any=list(criteria.places))))
    if criteria.statuses:
        must.append(q.FieldCondition(key="status", match=q.MatchAny(any=list(criteria.statuses))))
    if criteria.language:
        must.append(_is("language", criteria.language))
    if criteria.education_rank is not None:
        bound = {"gte" if side == "talent" else "lte": criteria.education_rank}
        must.append(q.FieldCondition(key="education_rank", range=q.Range(**bound)))
    if side == "talent":
        must += _overlap(criteria.years, "years", "years")
    else:
        must += _overlap(criteria.years, "years", "years_max")
    must += _overlap(criteria.salary, "salary_min", "salary_max")
    if criteria.updated_since:
        must.append(q.FieldCondition(key="updated", range=q.Range(gte=criteria.updated_since.timestamp())))
    must_not: list[Any] | None = [q.HasIdCondition(has_id=[point_id(i) for i in exclude])] if exclude else None
    return q.Filter(must=must, must_not=must_not)


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
