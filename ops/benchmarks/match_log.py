"""`looma bench match --log`: how often what matching keeps serves, on a log as sources write one.

Events come in visits: somebody edits a profile, two systems confirm it, a job is posted again. Whose visit it is
follows Zipf's law with the exponent 0.8, as requests do (Breslau et al., INFOCOM 1999); how many events a visit has is
geometric with a mean from `TOUCHES`, a dozen seconds apart. One event in ten (`CHANGING`) changes what counts, and then
the record becomes another one altogether, text and all, which is the worst that can happen to what is kept; the others
confirm values or change what matching does not see: a new revision, embedded, stored and matched again. Four visits of
five are talents'.

Each event is matched alone: candidates, by an exact search instead of Qdrant's, scores, explanations. Time is the log's
own, so that the figures do not depend on the machine; the first ten minutes, while nothing is kept yet, do not count.
"""

import heapq
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.benchmarks.match_set import Progress, payloads
from ops.benchmarks.vectors import VectorSource
from processors.embedding.model import EmbeddingModel
from processors.matching.ranking import OTHER, Limits, best_matches
from schemas.entities import Side
from sinks.cache import Cache
from sinks.qdrant import KEPT_POINTS, Hit, Point, cosine
from streams.pair_scores import PairScores

EXPONENT = 0.8
TALENTS, JOBS = 2000, 500
EVENTS = 2400
TOUCHES = (1, 3, 10)
CHANGING = 0.1
PER_SECOND = 1.0
WARM_SECONDS = 600.0
_APART_SECONDS = 12.0
_OF_TALENTS = 0.8


class Event(NamedTuple):
    """When which record is touched, and whether that changes what counts."""

    time: float
    side: Side
    number: int
    changes: bool


def draw(touches: float, events: int, seed: int = 7) -> list[Event]:
    """Return a log of `events` events, in the order of their times, with `touches` a visit on average."""
    random = np.random.default_rng(seed)
    odds = {side: _zipf(count) for side, count in _sizes().items()}
    began, coming, found = 0.0, list[Event](), list[Event]()
    while len(found) < events:
        began += random.exponential(touches / PER_SECOND)
        while coming and coming[0].time <= began:
            found.append(heapq.heappop(coming))
        side: Side = "talent" if random.random() < _OF_TALENTS else "job"
        number, time = int(random.choice(len(odds[side]), p=odds[side])), began
        for _ in range(int(random.geometric(1 / touches))):
            heapq.heappush(coming, Event(time, side, number, bool(random.random() < CHANGING)))
            time += random.exponential(_APART_SECONDS)
    return found[:events]


def _sizes() -> dict[Side, int]:
    return {"talent": TALENTS, "job": JOBS}


def _zipf(count: int) -> NDArray[np.float64]:
    weights = np.arange(1, count + 1) ** -EXPONENT
    return np.asarray(weights / weights.sum())


def bench_log(source: VectorSource, model: EmbeddingModel, progress: Progress, limits: Limits) -> list[dict[str, Any]]:
    """Return, for each number of touches a visit, the shares of what was served from what is kept."""
    contents: dict[Side, list[Point]] = {}
    (chunk,) = source.chunks(TALENTS + JOBS, TALENTS + JOBS)
    vectors = iter(chunk.vectors)
    for side, count in _sizes().items():
        contents[side] = [Point(p["id"], p, next(vectors)) for p in payloads(side, count, 3, model)]
    return [
        {"touches": touches, **_play(_World(contents), draw(touches, EVENTS), f"{touches} a visit", progress, limits)}
        for touches in TOUCHES
    ]


class _World:
    """The points as they are stored at the moment, and an exact search among them."""

    def __init__(self, contents: dict[Side, list[Point]]) -> None:
        self._contents = contents
        self._content = {side: list(range(len(points))) for side, points in contents.items()}
        self._revisions = {side: [1] * len(points) for side, points in contents.items()}
        self._rows = {side: np.stack([p.vector for p in points]) for side, points in contents.items()}
        self.kept: Cache[tuple[Side, int], tuple[int, Point]] = Cache(KEPT_POINTS)

    def touch(self, event: Event, turn: int) -> Point:
        """Store the next revision of a record; return its point."""
        side, number = event.side, event.number
        if event.changes:
            contents = self._contents[side]
            self._content[side][number] = (self._content[side][number] + 1 + turn) % len(contents)
            self._rows[side][number] = contents[self._content[side][number]].vector
        self._revisions[side][number] += 1
        return self._point(side, number)

    def nearest(self, side: Side, point: Point, limit: int) -> list[Hit]:
        """Return the nearest points, kept ones if they are of the stored revision."""
        found = []
        for number in np.argsort(-(self._rows[side] @ np.asarray(point.vector)))[:limit].tolist():
            revision = self._revisions[side][number]
            kept = self.kept.get((side, number), lambda entry, now=revision: entry[0] == now)  # type: ignore[misc]
            if kept is None:
                kept = revision, self._point(side, number)
                self.kept.put((side, number), kept)
            found.append(Hit(kept[1], cosine(point.vector, kept[1].vector)))
        return found

    def _point(self, side: Side, number: int) -> Point:
        content, revision = self._contents[side][self._content[side][number]], self._revisions[side][number]
        name = f"{side}-{number}"
        return Point(name, {**content.payload, "id": name, "revision": revision, "updated": revision}, content.vector)


def _play(world: _World, log: list[Event], what: str, progress: Progress, limits: Limits) -> dict[str, float]:
    scores, now = PairScores(), log[0].time
    caches: dict[str, Cache[Any, Any]] = {
        "points": world.kept,
        "scores": scores.totals,
        "explanations": scores.explanations,
    }
    for kept in caches.values():
        kept.clock = lambda: now
    before: dict[str, tuple[int, int]] = {}
    for turn, event in enumerate(log):
        now = event.time
        if not before and now >= log[0].time + WARM_SECONDS:
            before = {name: (kept.hits, kept.misses) for name, kept in caches.items()}
        point = world.touch(event, turn)
        near = [hit.near for hit in world.nearest(OTHER[event.side], point, limits.candidates)]
        for scored in best_matches(event.side, point.candidate, near, limits, (), scores):
            scored.match()
        progress(what, turn + 1, len(log))
    return {name: _share(kept, before.get(name, (0, 0))) for name, kept in caches.items()}


def _share(kept: Cache[Any, Any], before: tuple[int, int]) -> float:
    hits, misses = kept.hits - before[0], kept.misses - before[1]
    return round(hits / max(1, hits + misses), 3)
