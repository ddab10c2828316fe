"""The hits of a search, judged: what answers, the best first, and what is only near it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from processors.search.background import Background
from processors.search.criteria import Criteria, Kind, Mode
from processors.search.relevance import BANDS, Evidence, Relevance, judge, judge_alike
from processors.search.spelling import respelled
from processors.search.terms import GENERIC, Term
from streams.search.store import Found, Known, Page, Query, window

CANDIDATES = 100
"""Hits that are judged at once; more are looked at as long as pages ask for them and some of them answer."""

_ORDER = {band: number for number, band in enumerate(BANDS)}


class Candidates(Protocol):
    """Finds hits and what they are judged by, as `SearchStore` does."""

    async def search(
        self,
        kind: Kind,
        query: Query,
        criteria: Criteria,
        *,
        mode: Mode,
        limit: int,
        offset: int,
        exclude: Sequence[str] = (),
    ) -> Page:
        """Return a page of what may answer the query, the best first."""
        ...

    async def known(self, kind: Kind, dense: list[float], hits: Sequence[Found]) -> list[Known]:
        """Return what each hit is judged by."""
        ...


class Judged(NamedTuple):
    """A hit and how well it answers."""

    hit: Found
    relevance: Relevance
    outside: tuple[str, ...] = ()
    """The criteria that it need not satisfy."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search is for. `terms` is None where a record is the query."""

    kind: Kind
    query: Query
    terms: tuple[Term, ...] | None
    criteria: Criteria
    mode: Mode
    exclude: tuple[str, ...] = ()
    near: bool = True
    unwanted: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """`hits` answer, from the first on; `near` are what else to look at; `unknown` are words that no candidate has."""

    query: Query
    hits: list[Judged]
    near: list[Judged]
    admitted: int
    unknown: frozenset[str]

    @property
    def best(self) -> tuple[float, float]:
        """The greatest probability of a hit, and of what is near."""
        return _greatest(self.hits), _greatest(self.near)


def _greatest(judged: Sequence[Judged]) -> float:
    return max((j.relevance.probability for j in judged), default=0.0)


async def best_read(text: str, find: Callable[[str], Awaitable[Results]]) -> tuple[str, Results]:
    """Return what a text finds, or what it was probably meant to be does if that answers better; with the text."""
    found = await find(text)
    meant = await asyncio.to_thread(respelled, text, found.unknown) if found.unknown else None
    if meant:
        other = await find(meant)
        if other.best > found.best:
            return meant, other
    return text, found


async def results(store: Candidates, background: Background, asked: Asked, wanted: int) -> Results:
    """Return at least the first `wanted` hits, if there are so many, and what is near where they are fewer.

    Where nothing answers, what would without some of the criteria is near as well, and comes first.
    """
    hits: list[Judged] = []
    near: list[Judged] = []
    unknown: frozenset[str] = frozenset()
    admitted = 0
    for offset in range(0, window(asked.kind) - CANDIDATES + 1, CANDIDATES):
        judged, admitted = await _judged(store, background, asked, offset)
        answering = [j for j in judged if _answers(j, asked)]
        hits += sorted(answering, key=_place)
        if offset == 0:
            near = [j for j in judged if j.relevance.band == "near" and not _answers(j, asked)]
            unknown = _unknown(asked.terms or (), judged)
        if len(hits) >= wanted or len(judged) < CANDIDATES or not answering:
            break
    if not asked.near:
        near = []
    elif not hits and asked.terms is not None:
        near = await _outside(store, background, asked) + near
    return Results(asked.query, hits, near, admitted, unknown)


def _answers(judged: Judged, asked: Asked) -> bool:
    """Whether it is a hit: of what is like a record, the near ones are what was asked for."""
    band = judged.relevance.band
    return band in ("strong", "partial") or (asked.terms is None and band is not None)


def _place(judged: Judged) -> int:
    return _ORDER[judged.relevance.band or "near"]


async def _outside(store: Candidates, background: Background, asked: Asked) -> list[Judged]:
    for dropped, criteria in asked.criteria.relaxed():
        judged, _ = await _judged(store, background, replace(asked, criteria=criteria), 0)
        found = sorted((j for j in judged if _answers(j, asked)), key=_place)
        if found:
            return [Judged(j.hit, replace(j.relevance, band="near"), dropped) for j in found]
    return []


async def _judged(store: Candidates, background: Background, asked: Asked, offset: int) -> tuple[list[Judged], int]:
    kind, query = asked.kind, asked.query
    page = await store.search(
        kind, query, asked.criteria, mode=asked.mode, limit=CANDIDATES, offset=offset, exclude=asked.exclude
    )
    known = await store.known(kind, query.dense, page.hits)
    lifts = background.lifts(query.dense, [k.similarity for k in known])
    if asked.terms is None:
        return [Judged(hit, judge_alike(lift)) for hit, lift in zip(page.hits, lifts, strict=True)], page.admitted
    judged = [
        Judged(
            hit,
            judge(
                asked.terms,
                Evidence(k.words, _title(hit), hit.payload.get("locations") or (), lift),
                asked.unwanted,
            ),
        )
        for hit, k, lift in zip(page.hits, known, lifts, strict=True)
    ]
    return judged, page.admitted


def _title(hit: Found) -> str:
    return str(hit.payload.get("title") or "")


def _unknown(terms: Sequence[Term], judged: Sequence[Judged]) -> frozenset[str]:
    covered = {term for j in judged for term in j.relevance.covered}
    return frozenset(t.name for t in terms if t.kind == "word" and t.weight > GENERIC and t not in covered)
