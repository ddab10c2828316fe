"""The embedding stage: which of a batch's vectors is stored as what."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from opentelemetry import trace

from processors.embedding.model import Vectors
from processors.matching.closeness import Closeness
from processors.matching.features import location, skills
from processors.matching.features.feature import Finding
from processors.matching.meaning import unpack
from processors.matching.reading.record import job_profile
from processors.sync.merge import State, apply, survivors
from schemas.entities import Side
from schemas.envelope import Envelope
from schemas.events import EntityEvent, decode, encode
from schemas.records import SourceRecord
from sinks.owners import Owner, RevokedError
from sinks.qdrant import Embedded, Point, Stamp
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.vectors import VectorStage, payload_of

WORDS = ["支付", "网关", "护理", "病人", "工程师", "护士"]


class Pool:
    """A model with a dimension for each of WORDS."""

    version = "m"

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return np.array([[float(word in text) for word in WORDS] for text in texts], dtype=np.float32)


class Store:
    """Points in memory."""

    def __init__(self) -> None:
        self.collections = {"talent": "talents", "job": "jobs"}
        self.points: dict[str, Point] = {}

    async def stamps(self, side: Side, ids: Sequence[str]) -> dict[str, Stamp]:
        there = [self.points[i].payload for i in ids if i in self.points]
        return {p["id"]: Stamp(p["revision"], p["text_hash"], p["model"]) for p in there}

    async def upsert(self, side: Side, points: Sequence[Embedded]) -> None:
        self.points |= {p.id: Point(p.id, json.loads(json.dumps(p.to_dict())), p.vector) for p in points}


class Sink:
    """A topic."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.messages += messages


def delivery(id: str, **fields: Any) -> Delivery[SourceRecord]:
    record = SourceRecord("talent", id, 1, False, fields, {})
    return Delivery(Inbound("talent-records", 0, 1, id.encode(), None, [], 0.0), record, trace.INVALID_SPAN)


async def stored(parts: int, *deliveries: Delivery[SourceRecord]) -> dict[str, Point]:
    store, sink = Store(), Sink()
    stage: Any = VectorStage
    await stage("talent", Pool(), store, sink, parts).process(deliveries)
    assert [m.key for m in sink.messages] == [d.item.id.encode() for d in deliveries]
    return store.points


ENGINEER = delivery("t-1", title="工程师", summary="负责支付。维护网关。")
NURSE = delivery("t-2", title="护士", summary="照顾病人")
NOBODY = delivery("t-3")


async def test_each_record_gets_the_vectors_of_its_own_texts() -> None:
    points = await stored(24, ENGINEER, NOBODY, NURSE)
    engineer, nobody, nurse = (points[i].candidate.profile for i in ("t-1", "t-3", "t-2"))
    assert unpack(engineer.title_vector).tolist() == [[0, 0, 0, 0, 1, 0]]
    assert unpack(engineer.section_vectors).tolist() == [[0, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]
    assert unpack(nurse.section_vectors).tolist() == [[0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0]]
    assert nobody.title_vector == nobody.section_vectors == b""
    assert list(points["t-2"].vector) == [0, 0, 0, 1, 0, 1]


async def test_a_restored_record_is_embedded_only_if_its_vector_did_not_come_with_it() -> None:
    """Records 0 to 5 of the topic come from a backup, with the vectors of 0, 1 (older), 2 (other text), 3 (other model)."""
    texts = {n: f"护士 {n}" for n in range(8)}

    def said(n: int, title: str, revision: int = 2) -> Delivery[SourceRecord]:
        record = SourceRecord("talent", f"t-{n}", revision, False, {"title": title}, {})
        return Delivery(Inbound("talent-records", 0, n, b"k", None, [], 0.0), record, trace.INVALID_SPAN)

    stage: Any = VectorStage
    store, sink, other = Store(), Sink(), Pool()
    other.version = "another"
    await stage("talent", Pool(), store, Sink(), 0).process(
        [said(0, texts[0]), said(1, texts[1], revision=1), said(2, "护士")]
    )
    await stage("talent", other, store, Sink(), 0).process([said(3, texts[3])])
    await stage("talent", Pool(), store, Sink(), 0).process([said(6, texts[6])])
    pool = Pool()
    restored = {("talent-records", 0): 6, ("job-records", 0): 100}
    everything = [said(n, text) for n, text in texts.items()]
    await stage("talent", pool, store, sink, 0, restored).process(everything)
    embedded = {n for n, text in texts.items() if text in pool.texts}
    assert embedded == {1, 2, 3, 4, 5, 6, 7}, "6 and 7 came later: whoever sends a record again wants it embedded"
    assert {m.key for m in sink.messages} == {f"t-{n}".encode() for n in texts}, "all are matched"
    assert {p.payload["model"] for p in store.points.values()} == {"m"}


async def test_what_was_embedded_when_its_partition_became_another_s_is_not_stored() -> None:
    """The new owner may have stored a later revision by then, or removed the vector of who was deleted."""

    class Reassigning(Pool):
        async def embed(self, texts: Sequence[str]) -> Vectors:
            sink.generation = 2
            return await super().embed(texts)

    class Owning(Sink):
        generation = 1

        def require(self, owners: Iterable[Owner]) -> None:
            if any(owner.generation != self.generation for owner in owners):
                raise RevokedError

    store, sink = Store(), Owning()
    stage: Any = VectorStage
    late = delivery("t-1", title="护士")
    late.inbound = replace(late.inbound, generation=1)
    with pytest.raises(RevokedError):
        await stage("talent", Reassigning(), store, sink, 0).process([late])
    assert (store.points, sink.messages) == ({}, [])


@pytest.mark.parametrize(("parts", "stored_parts"), [(0, 0), (2, 2)])
async def test_as_many_items_as_are_wanted(parts: int, stored_parts: int) -> None:
    profile = (await stored(parts, ENGINEER))["t-1"].candidate.profile
    assert (len(unpack(profile.section_vectors)) if profile.section_vectors else 0) == stored_parts
    assert profile.title_vector


async def test_what_an_event_says_of_moves_and_of_last_use_reaches_the_score() -> None:
    def scores(**said: Any) -> tuple[Finding, Finding]:
        envelope = Envelope("e-1", "crm", "looma.talent.upserted", "t-1", datetime(2026, 1, 5, tzinfo=UTC), 2)
        event = decode("talent", *encode(EntityEvent(envelope, "talent", "upserted", said)))
        record = SourceRecord("talent", "t-1", 1, False, survivors(apply(State(), [event])).fields, {})
        profile = payload_of("talent", record, "", "m", today=date(2026, 6, 1)).profile
        wanted = job_profile("j-1", 1, {"locations": ["上海"], "skills": [{"name": "Java"}]})
        close = Closeness(0.5)
        return location.score(profile, wanted, close), skills.score(profile, wanted, close)

    home: dict[str, Any] = {"locations": ["北京"], "skills": [{"name": "Java"}]}
    place, skill = scores(**home)
    assert (place.code, skill.score) == ("different", 1)
    place, skill = scores(**home | {"relocates": True, "skills": [{"name": "Java", "last_used": "2016-06-01"}]})
    assert place.code == "relocates"
    assert skill.score < 1
