"""The match stage against stores in memory: what is published, what is stored, and in how many requests."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from opentelemetry import trace

from processors.matching.pages import Page, match_of
from processors.matching.ranking import OTHER, Limits, Pair
from processors.matching.reading.record import job_profile, talent_profile
from schemas.chain import CAUSE, said
from schemas.entities import Side
from schemas.messages import Match, MatchRequest
from sinks.errors import ConflictError, for_log, is_transient
from sinks.matches import MatchStore
from sinks.qdrant import Hit, Point, cosine
from sinks.topic_sink import Message
from streams import matching
from streams.delivery import Delivery, Inbound
from streams.matching import MatchStage, StaleVectorError, chunks

SKILLS = ("Java", "Kafka", "Nursing", "Welding")


class World:
    """Qdrant, MongoDB and Kafka as far as the stage needs them, with what was asked of each."""

    def __init__(self) -> None:
        self.points: dict[tuple[Side, str], Point] = {}
        self.pages: dict[tuple[str, int], dict[str, Any]] = {}
        self.published: list[Match] = []
        self.causes: list[str | None] = []
        self.asked: Counter[str] = Counter()
        self.sizes: list[int] = []

    def put(self, side: Side, entity_id: str, revision: int = 1, skill: str = "Java", city: str = "上海") -> None:
        fields = {"title": "Engineer", "skills": [{"name": skill}], "locations": [city]}
        make = talent_profile if side == "talent" else job_profile
        payload = {**make(entity_id, revision, fields).to_payload(), "model": "m"}
        vector = [1.0 if name == skill else 0.0 for name in SKILLS]
        self.points[side, entity_id] = Point(entity_id, payload, vector)

    async def get(self, side: Side, ids: Iterable[str]) -> dict[str, Point]:
        ids = list(ids)
        self.asked["get"] += bool(ids)
        self.sizes.append(len(ids))
        return {i: self.points[side, i] for i in ids if (side, i) in self.points}

    async def nearest(self, side: Side, vectors: Sequence[Any], *, limit: int, **_: Any) -> list[list[Hit]]:
        self.asked["nearest"] += bool(vectors)
        found = []
        for vector in vectors:
            hits = [Hit(p, cosine(vector, p.vector)) for (s, _), p in sorted(self.points.items()) if s == side]
            found.append(sorted(hits, key=lambda h: (-h.similarity, h.point.id))[:limit])
        return found

    async def talents_of(self, job_ids: Iterable[str]) -> dict[str, set[str]]:
        self.asked["talents_of"] += 1
        return {
            j: {p["talent_id"] for p in self.pages.values() for e in p["matches"] if e["job_id"] == j} for j in job_ids
        }

    async def _read(self, places: Sequence[tuple[str, int]]) -> list[Page]:
        self.asked["pages read"] += len(places)
        return [Page.from_document(self.pages[p]) if p in self.pages else Page(*p) for p in places]

    async def load(self, wanted: Mapping[str, Any]) -> list[Page]:
        return await MatchStore.load(self, wanted)  # type: ignore[arg-type]

    async def save(self, pages: Iterable[Page]) -> None:
        pages = list(pages)
        self.asked["bulks"] += 1
        self.asked["writes"] += len(pages)
        for page in pages:
            place = (page.talent_id, page.number)
            if self.pages.get(place, {"version": 0})["version"] != page.version - 1:
                raise ConflictError
            self.pages[place] = page.to_document()

    async def publish(self, messages: Iterable[Message]) -> None:
        self.asked["batches"] += 1
        for message in messages:
            self.asked["sends"] += 1
            self.published.append(Match.model_validate_json(message.value or b""))
            self.causes.append(said(message.headers, CAUSE))

    def active(self) -> dict[Pair, Match]:
        pages = [Page.from_document(d) for d in self.pages.values()]
        return {(p.talent_id, job): match_of(p.talent_id, entry) for p in pages for job, entry in p.active.items()}


def request(side: Side, entity_id: str, revision: int = 1) -> Delivery[MatchRequest]:
    inbound = Inbound(
        "match-requests", 0, 0, entity_id.encode(), b"", [(CAUSE, f"{entity_id}-{revision}".encode())], 0.0
    )
    return Delivery(inbound, MatchRequest(entity=side, id=entity_id, revision=revision), trace.INVALID_SPAN)


def stage_of(world: Any, **limits: Any) -> MatchStage:
    return MatchStage(world, world, world, Limits(**{"threshold": 0.5, **limits}))


def told(world: World) -> list[tuple[str, str, str]]:
    found = [(m.talent_id, m.job_id, m.status) for m in world.published]
    world.published.clear()
    return found


async def test_a_changed_score_and_a_withdrawal_are_remembered_with_the_event_that_caused_them() -> None:
    world = World()
    stage = stage_of(world)
    world.put("talent", "t")
    world.put("job", "j")
    await stage.process([request("talent", "t")])
    world.put("talent", "t", 2, city="北京")
    await stage.process([request("talent", "t", 2)])
    del world.points["talent", "t"]
    await stage.process([request("talent", "t", 3)])
    first, second, third = Page.from_document(world.pages["t", 0]).revisions("j")
    assert (first.cause, second.cause, third.cause) == ("t-1", "t-2", "t-3")
    assert world.causes == ["t-1", "t-2", "t-3"]
    assert (first.status, second.status, third.status) == ("active", "active", "withdrawn")
    assert first.score > second.score == third.score
    assert (third.talent_revision, third.job_revision) == (3, 1)
    assert told(world) == [("t", "j", "active"), ("t", "j", "active"), ("t", "j", "withdrawn")]


async def test_a_revision_alone_is_stored_but_is_no_history_and_no_news() -> None:
    world = World()
    stage = stage_of(world)
    world.put("talent", "t")
    world.put("job", "j")
    await stage.process([request("talent", "t")])
    told(world)
    world.put("job", "j", 2)
    await stage.process([request("job", "j", 2)])
    assert told(world) == []
    assert world.active()["t", "j"].job_revision == 2
    assert len(Page.from_document(world.pages["t", 0]).revisions("j")) == 1


async def test_a_batch_is_read_published_and_stored_at_once_whichever_sides_ask() -> None:
    """The cost of matching, counted: five talents and three jobs that all fit each other, new, then changed."""
    world = World()
    stage = stage_of(world)
    for number in range(5):
        world.put("talent", f"t{number}")
    for number in range(3):
        world.put("job", f"j{number}")
    requests = [request("talent", f"t{n}") for n in range(5)] + [request("job", f"j{n}") for n in range(3)]
    await stage.process(requests)
    assert len(world.active()) == 15
    assert dict(world.asked) == {
        "get": 2, "nearest": 2, "talents_of": 1, "pages read": 5, "bulks": 1, "writes": 5, "batches": 1, "sends": 15,
    }  # fmt: skip
    world.asked.clear()
    for number in range(5):
        world.put("talent", f"t{number}", 2, city="北京")
    for number in range(3):
        world.put("job", f"j{number}", 2)
    requests = [request("talent", f"t{n}", 2) for n in range(5)] + [request("job", f"j{n}", 2) for n in range(3)]
    await stage.process(requests)
    assert dict(world.asked) == {
        "get": 2, "nearest": 2, "talents_of": 1, "pages read": 5, "bulks": 1, "writes": 5, "batches": 1, "sends": 15,
    }  # fmt: skip
    world.asked.clear()
    await stage.process([*requests, *requests])
    assert dict(world.asked) == {
        "get": 2, "nearest": 2, "talents_of": 1, "pages read": 5, "bulks": 1, "writes": 0,
    }  # fmt: skip


async def test_a_job_that_many_talents_are_matched_with_is_ranked_in_chunks_and_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    stage = stage_of(world, candidates=5, results=3)
    world.put("job", "j")
    for number in range(40):  # each finds the job by itself
        world.put("talent", f"t{number:02}", city="北京" if number % 2 else "上海")
        await stage.process([request("talent", f"t{number:02}")])
    assert len(told(world)) == 40
    world.put("talent", "better")  # the search finds it first; it would be the best but for those that are matched
    world.put("job", "j", 2, city="北京")
    whole, cut = World(), World()
    for copy in (whole, cut):
        copy.points, copy.pages = dict(world.points), dict(world.pages)
    await stage_of(whole, candidates=5, results=3).process([request("job", "j", 2)])
    monkeypatch.setattr(matching, "MAX_TALENTS", 7)
    monkeypatch.setattr(matching, "MAX_PARTNERS", 4)
    await stage_of(cut, candidates=5, results=3).process([request("job", "j", 2)])
    assert cut.active() == whole.active()
    assert sorted(told(cut)) == sorted(told(whole))
    assert max(cut.sizes) <= 4
    assert cut.asked["bulks"] > 5
    assert ("better", "j") not in cut.active()
    assert len(cut.active()) == 40


async def test_a_talent_of_very_many_matches_is_scored_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    stage = stage_of(world, candidates=5, results=3)
    world.put("talent", "t")
    for number in range(150):
        world.put("job", f"j{number:03}")
        await stage.process([request("job", f"j{number:03}")])
    assert len(world.active()) == 150
    assert len(world.pages) > 1
    told(world)
    monkeypatch.setattr(matching, "MAX_PARTNERS", 16)
    world.put("talent", "t", 2, city="北京")
    world.sizes.clear()
    await stage.process([request("talent", "t", 2)])
    assert len(told(world)) == 150
    assert max(world.sizes) <= 16
    assert {m.talent_revision for m in world.active().values()} == {2}
    world.put("job", "j000", 2)
    world.asked.clear()
    await stage.process([request("job", "j000", 2)])
    assert world.asked["pages read"] == 2, "not all pages of the talent"


def test_chunks_are_bounded_and_in_order() -> None:
    asking: list[Any] = []
    for side, count in (("talent", 30), ("job", 20)):
        for number in range(count):
            found = matching.Asking(side, request(side, f"{side[0]}{number}"), None, {})  # type: ignore[arg-type]
            found.matched = {f"t{n}" for n in range(number)} if side == "job" else set()
            asking.append(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "MAX_TALENTS", 16)
        cut = list(chunks(asking, 2))
    assert [p.asking.id for chunk in cut for p in chunk if p.is_last] == [a.id for a in asking]
    assert all(len(set().union(*(p.talents for p in chunk))) <= 16 for chunk in cut)
    for each in asking[30:]:
        own = [p.talents for chunk in cut for p in chunk if p.asking is each]
        assert set().union(*own) == each.matched
        assert sum(map(len, own)) == len(each.matched)
    assert list(chunks([], 2)) == []
    assert set(OTHER) == {"talent", "job"}


class Outrun(World):
    """Others come first with one talent, so many times."""

    times = 0

    async def save(self, pages: Iterable[Page]) -> None:
        written = list(pages)
        if self.times and any(page.talent_id == "t" for page in written):
            self.times -= 1
            raise ConflictError
        await super().save(written)


@pytest.mark.parametrize("times", [2, 4])  # once with the other, then alone
async def test_one_that_others_come_first_with_is_searched_again_by_itself(times: int) -> None:
    world = Outrun()
    world.times = times
    stage = stage_of(world)
    for side, each in (("talent", "t"), ("talent", "u"), ("job", "j")):
        world.put(side, each)  # type: ignore[arg-type]
    await stage.process([request("talent", "t"), request("talent", "u")])
    assert world.active().keys() == {("t", "j"), ("u", "j")}


async def test_who_waits_for_a_vector_that_is_too_old_says_what_mends_it() -> None:
    """As of a worker that had lost its partition and stored an earlier revision over a later one."""
    world = World()
    world.put("job", "j")
    world.put("talent", "t", 2)
    await stage_of(world).process([request("talent", "t", 2)])
    world.put("talent", "t", 1)
    with pytest.raises(StaleVectorError) as waiting:
        await stage_of(world).process([request("talent", "t", 1)])
    assert is_transient(waiting.value)
    assert "verify --repair" in for_log(waiting.value)
    world.put("talent", "t", 3)
    await stage_of(world).process([request("talent", "t", 1), request("talent", "t", 3)])
    assert told(world) == [("t", "j", "active")]


async def test_its_batch_is_tried_again_if_others_always_come_first() -> None:
    world = Outrun()
    world.times = 100
    world.put("talent", "t")
    world.put("job", "j")
    with pytest.raises(ConflictError):
        await stage_of(world).process([request("talent", "t")])
