"""Two workers have the two sides of the same pairs: whatever the interleaving, nothing is lost, doubled or outdated."""

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.trace import INVALID_SPAN

from processors.matching import pages as pages_module
from processors.matching.pages import Page, match_of
from processors.matching.ranking import Limits, Pair
from processors.matching.reading.record import job_profile, talent_profile
from schemas.entities import Side
from schemas.messages import Match, MatchRequest
from sinks.errors import ConflictError
from sinks.matches import MatchStore
from sinks.qdrant import Hit, Point, cosine
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.matching import MatchStage
from tests.support.interleaving import interleave, step

TALENTS, JOBS = ("t", "u"), ("a", "b", "c")
GONE = "gone"
CONTENTS = ("上海", "北京", GONE)
MOST_FAILURES = 3
LIMITS = Limits(candidates=30, results=10, threshold=0.5)


class AwayError(Exception):
    """A server does not answer."""


class Event(NamedTuple):
    """An entity changes: it is in Qdrant first, and then asks for its matches."""

    side: Side
    id: str
    content: str


class World:
    """Qdrant, MongoDB and Kafka; each operation is a step, and may fail before or after it has been done."""

    def __init__(self) -> None:
        self.points: dict[tuple[Side, str], Point] = {}
        self.revisions: dict[tuple[Side, str], int] = {}
        self.pages: dict[tuple[str, int], dict[str, Any]] = {}
        self.published: list[tuple[str, Match]] = []
        self.requests: dict[Side, list[MatchRequest]] = {"talent": [], "job": []}
        self.is_open = True
        self._failures = 0

    async def _goes(self) -> tuple[bool, bool]:
        drawn = await step()
        if drawn > 1 or self._failures >= MOST_FAILURES:
            return True, True
        self._failures += 1
        return drawn == 0, False

    def happens(self, event: Event) -> None:
        key = (event.side, event.id)
        revision = self.revisions[key] = self.revisions.get(key, 0) + 1
        self.points.pop(key, None)
        if event.content != GONE:
            fields = {"title": "Engineer", "skills": [{"name": "Java"}], "locations": [event.content]}
            make = talent_profile if event.side == "talent" else job_profile
            self.points[key] = Point(event.id, {**make(event.id, revision, fields).to_payload(), "model": "m"}, [1.0])
        self.requests[event.side].append(MatchRequest(entity=event.side, id=event.id, revision=revision))

    async def get(self, side: Side, ids: Iterable[str]) -> dict[str, Point]:
        await step()
        return {i: self.points[side, i] for i in ids if (side, i) in self.points}

    async def nearest(self, side: Side, vectors: Sequence[Any], **_: Any) -> list[list[Hit]]:
        await step()
        found = [p for (s, _), p in self.points.items() if s == side]
        return [[Hit(p, cosine(v, p.vector)) for p in found] for v in vectors]

    async def talents_of(self, job_ids: Iterable[str]) -> dict[str, set[str]]:
        await step()
        return {
            j: {p["talent_id"] for p in self.pages.values() for e in p["matches"] if e["job_id"] == j} for j in job_ids
        }

    async def _read(self, places: Sequence[tuple[str, int]]) -> list[Page]:
        await step()
        return [Page.from_document(self.pages[p]) if p in self.pages else Page(*p) for p in places]

    async def load(self, wanted: Mapping[str, Any]) -> list[Page]:
        return await MatchStore.load(self, wanted)  # type: ignore[arg-type]

    async def save(self, pages: Iterable[Page]) -> None:
        """Each page is stored or refused by itself, in steps of its own."""
        conflict = False
        for page in pages:
            done, told = await self._goes()
            place = (page.talent_id, page.number)
            if done and self.pages.get(place, {"version": 0})["version"] != page.version - 1:
                conflict = True
            elif done:
                self.pages[place] = page.to_document()
            if not told:
                raise AwayError
        if conflict:
            raise ConflictError

    async def publish(self, messages: Iterable[Message]) -> None:
        done, told = await self._goes()
        if done:
            for m in messages:
                self.published.append((dict(m.headers)["ce_id"].decode(), Match.model_validate_json(m.value or b"")))
        if not told:
            raise AwayError

    def stored(self) -> dict[Pair, Match]:
        found: dict[Pair, Match] = {}
        for document in self.pages.values():
            page = Page.from_document(document)
            for job, entry in page.entries().items():
                assert (page.talent_id, job) not in found, "a pair is in two pages"
                found[page.talent_id, job] = match_of(page.talent_id, entry)
        return found

    def heard(self) -> dict[Pair, Match]:
        """Return what a consumer knows: an id once, the newest revisions of a pair."""
        known: dict[Pair, Match] = {}
        seen = set()
        for ce_id, m in self.published:
            before = known.get((m.talent_id, m.job_id))
            is_old = before and (before.talent_revision, before.job_revision) > (m.talent_revision, m.job_revision)
            if ce_id not in seen and not is_old:
                known[m.talent_id, m.job_id] = m
            seen.add(ce_id)
        return known


async def publisher(world: World, events: Sequence[Event]) -> None:
    for event in events:
        await step()
        world.happens(event)
    world.is_open = False


async def worker(world: Any, sides: Sequence[Side], at_once: int) -> None:
    """Do what a courier does: each batch again until it has an end."""
    stage = MatchStage(world, world, world, LIMITS)
    while world.is_open or any(world.requests[side] for side in sides):
        await step()
        batch = [r for side in sides for r in world.requests[side]][:at_once]
        for request in batch:
            world.requests[request.entity].remove(request)
        deliveries = [Delivery(Inbound("match-requests", 0, 0, b"", b"", [], 0.0), r, INVALID_SPAN) for r in batch]
        for _ in range(60):
            try:
                await stage.process(deliveries)
                break
            except (ConflictError, AwayError):
                continue
        else:
            raise AssertionError("no end")


def run(*tasks: Coroutine[None, int, None], turns: Iterable[tuple[int, int]] = ()) -> None:
    interleave(list(tasks), turns)


def begun() -> World:
    """Everybody is matched with everybody."""
    world = World()
    for side, ids in (("talent", TALENTS), ("job", JOBS)):
        for each in ids:
            world.happens(Event(side, each, CONTENTS[0]))  # type: ignore[arg-type]
    world.is_open = False
    run(worker(world, ("talent", "job"), 9))
    world.is_open = True
    assert len(world.stored()) == len(TALENTS) * len(JOBS)
    return world


def check(world: World) -> None:
    stored, heard = world.stored(), world.heard()
    new = World()
    for (side, each), point in world.points.items():
        new.points[side, each] = point
        new.requests[side].append(MatchRequest(entity=side, id=each, revision=1))
    new.is_open = False
    run(worker(new, ("talent", "job"), 9))
    expected = {pair: m.score for pair, m in new.stored().items()}
    assert {pair: m.score for pair, m in stored.items() if m.status == "active"} == expected
    assert {pair: m.score for pair, m in heard.items() if m.status == "active"} == expected
    for document in world.pages.values():
        page = Page.from_document(document)
        for job, entry in page.entries().items():
            last = page.revisions(job)[-1]
            assert (last.status, last.score) == (entry["status"], entry["score"]), "a result is not in the history"


events = st.lists(
    st.one_of(
        st.builds(Event, st.just("talent"), st.sampled_from(TALENTS), st.sampled_from(CONTENTS)),
        st.builds(Event, st.just("job"), st.sampled_from(JOBS), st.sampled_from(CONTENTS)),
    ),
    min_size=1,
    max_size=6,
)
runs = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 15), st.integers(0, 12)), max_size=40)
"""Whose turn it is, for how many operations, and how the first of them ends."""


@settings(max_examples=100)
@given(events, st.integers(1, 3), st.integers(1, 3), runs, st.booleans())
def test_two_workers_come_to_what_one_would(
    happening: list[Event], mine: int, yours: int, drawn: list[tuple[int, int, int]], spread: bool
) -> None:
    """One has the talents' requests and the other the jobs'; or both whatever is there, as after a rebalance."""
    most = pages_module.MAX_PAIRS
    pages_module.MAX_PAIRS = 2 if spread else most
    try:
        world = begun()
        both: tuple[Side, ...] = ("talent", "job")
        run(
            worker(world, both[:1], mine),
            worker(world, both[1:], yours),
            publisher(world, happening),
            turns=[(who, how if n == 0 else 9) for who, times, how in drawn for n in range(times)],
        )
        check(world)
    finally:
        pages_module.MAX_PAIRS = most


@pytest.mark.parametrize("content", CONTENTS[1:])
@pytest.mark.parametrize("first", ["talent", "job"])
def test_a_worker_that_paused_anywhere_finds_out_what_the_other_did(first: Side, content: str) -> None:
    happening = [Event("talent", "t", content), Event("job", "a", CONTENTS[1])]
    slow, fast = (0, 1) if first == "talent" else (1, 0)
    if first == "job":
        happening.reverse()
    for pause in range(16):
        world = begun()
        tasks = [worker(world, ("talent",), 1), worker(world, ("job",), 1), publisher(world, happening)]
        run(*tasks, turns=[(2, 9), *[(slow, 9)] * pause, (2, 9), *[(fast, 9)] * 20])
        check(world)


class Overtaken(World):
    """Whoever writes more than one page finds that another came first."""

    async def save(self, pages: Iterable[Page]) -> None:
        written = list(pages)
        if len(written) > 1:
            raise ConflictError
        await super().save(written)


def test_who_is_overtaken_again_and_again_writes_less_at_once() -> None:
    world = Overtaken()
    for side, each in (("job", "a"), ("talent", "t"), ("talent", "u")):
        world.happens(Event(side, each, CONTENTS[0]))
    world.requests["job"].clear()
    world.is_open = False
    run(worker(world, ("talent",), 2))
    assert set(world.stored()) == {("t", "a"), ("u", "a")}
    check(world)
