"""Golden records follow their members' events, also those that their own records do not show."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry import trace

from processors.resolution.clusters import Link
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.envelope import Envelope
from schemas.events import EntityEvent
from sinks.errors import ConflictError
from sinks.identities import Component
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.resolution import FIRST_PAUSE, MAX_ROUNDS, Known, ResolutionStage, Resolver
from streams.sync import SyncStage
from tests.support.events import BASE

Document = dict[str, Any]


def said(record: str, title: str, minute: int, source: str) -> EntityEvent:
    envelope = Envelope(
        f"{record}-{minute}", source, "looma.talent.upserted", record, BASE + timedelta(minutes=minute), 2
    )
    return EntityEvent(envelope, "talent", "upserted", {"title": title})


def delivery(event: EntityEvent) -> Delivery[EntityEvent]:
    inbound = Inbound("talent-events", 0, 0, event.id.encode(), b"", [], event.envelope.time.timestamp())
    return Delivery(inbound, event, trace.INVALID_SPAN)


class World:
    """MongoDB and Kafka in memory: records a and b, which are linked, and another writer of b."""

    collection = "talents"

    def __init__(self) -> None:
        self.stored: dict[str, StoredRecord] = {}
        self.documents: dict[str, Document] = {}
        self.roots: dict[str, str] = {}
        self.settled = self.looks = self.reads = 0
        self.linked = True
        self.durable = False
        self.written: list[str] = []
        self.others_writes: list[EntityEvent] = []
        self.store(said("a", "后端工程师", 0, "crm"))
        self.store(said("b", "数据工程师", 5, "zervigo"))

    def store(self, event: EntityEvent) -> None:
        old = self.stored.get(event.id)
        state = apply(old.state if old else State(), [event])
        revision = (old.record.revision if old else 0) + 1
        self.stored[event.id] = StoredRecord.of("talent", event.id, revision, state, DEFAULT)

    async def load(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        wanted = set(ids)
        self.reads += bool(wanted)
        return {i: self.stored[i] for i in wanted if i in self.stored}

    async def revisions(self, ids: Iterable[str]) -> dict[str, int]:
        return {i: self.stored[i].record.revision for i in ids if i in self.stored}

    async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
        self.stored |= {stored.record.id: stored for stored in records}

    async def publish(self, messages: Iterable[Message]) -> None:
        list(messages)

    async def component(self, start: Iterable[str]) -> Component:
        if not set(start):
            return Component()
        self.looks += 1
        if not self.linked:
            return Component({"a": BASE}, {"a": "a"})
        found = list(("ab" if {"a", "b"} & set(start) else "") + ("c" if "c" in start else ""))
        golden = {r: root for r, root in self.roots.items() if r in found}
        return Component(dict.fromkeys(found, BASE), golden, [Link("a", "b", 9)] if "a" in found else [], [])

    async def save_golden(self, documents: Sequence[Document], dissolved: Collection[str]) -> None:
        self.settled += 1
        self.written += [d["_id"] for d in documents]
        self.durable = False
        if self.others_writes:  # between what the settling read and what it stores
            self.store(self.others_writes.pop())
        self.documents |= {d["_id"]: d for d in documents}

    async def assign(self, golden: Mapping[str, str]) -> None:
        self.roots |= golden
        self.durable = False

    async def make_durable(self) -> None:
        self.durable = True

    async def stored_golden(self, records: Iterable[str]) -> list[Document]:
        return [self.documents[root] for root in {self.roots[r] for r in records if r in self.roots}]

    @property
    def title(self) -> str:
        return str(self.documents["a"]["fields"]["title"])


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def resolver(world: Any) -> Resolver:
    return Resolver("talent", world, world, world, DEFAULT)


async def test_what_is_known_is_not_read_before(world: World, resolver: Resolver) -> None:
    world.linked = False
    known = Known({"a": world.stored["a"]}, {"a": BASE})
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")), known)
    assert (world.looks, world.reads) == (1, 0)
    assert world.documents["a"]["members"] == ["a"]
    assert world.durable
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")))
    assert (world.looks, world.reads) == (3, 1)


async def test_who_is_not_alone_after_all_is_settled_anew(world: World, resolver: Resolver) -> None:
    known = Known({"a": world.stored["a"]}, {"a": BASE})  # a verdict has linked it before it came
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")), known)
    assert world.documents["a"]["members"] == ["a", "b"]
    assert world.roots == {"a": "a", "b": "a"}
    assert world.durable


async def test_a_record_changed_since_it_was_read_is_read_again(world: World, resolver: Resolver) -> None:
    known = Known(dict(world.stored))
    world.store(said("b", "架构师", 9, "zervigo"))
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")), known)
    assert world.title == "架构师"


async def test_an_event_stored_meanwhile_is_not_lost(world: World, resolver: Resolver) -> None:
    world.others_writes = [said("b", "架构师", 9, "zervigo")]
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")))
    assert world.title == "架构师"
    assert world.settled == 2
    assert world.durable


async def test_only_what_another_worker_has_changed_is_settled_again(world: World, resolver: Resolver) -> None:
    world.store(said("c", "设计师", 0, "crm"))
    world.others_writes = [said("b", "架构师", 9, "zervigo")]
    await resolver.settle(["a", "c"], delivery(said("a", "后端工程师", 0, "crm")))
    assert world.title == "架构师"
    assert world.written == ["a", "c", "a"]
    assert world.durable


async def test_what_never_comes_to_rest_is_tried_again_later(world: World, resolver: Resolver) -> None:
    world.others_writes = [said("b", f"{n}", n, "zervigo") for n in range(30, 9, -1)]
    with pytest.raises(ConflictError):
        await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")))
    assert world.settled == MAX_ROUNDS


async def test_a_value_said_again_decides_between_members_though_its_own_record_shows_nothing_new(
    world: Any, resolver: Resolver
) -> None:
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")))
    assert (world.title, world.settled) == ("数据工程师", 1)
    stage = SyncStage("talent", world, world, DEFAULT, resolver)
    again = said("a", "后端工程师", 10, "crm")
    one = delivery(again)
    await stage.process([one])
    assert one.outcome == "confirmed"
    assert (world.title, world.settled) == ("后端工程师", 2)
    two = delivery(again)
    await stage.process([two])
    assert two.outcome == "unchanged"
    assert world.settled == 2, "what is right is left alone"


async def test_after_a_crash_before_it_was_settled_the_event_comes_again_and_is(world: Any, resolver: Resolver) -> None:
    await resolver.settle(["a"], delivery(said("a", "后端工程师", 0, "crm")))
    again = said("a", "后端工程师", 10, "crm")
    world.store(again)
    await SyncStage("talent", world, world, DEFAULT, resolver).process([delivery(again)])
    assert world.title == "后端工程师"


async def test_a_record_that_was_never_resolved_is_left_to_the_resolution_stage(world: Any, resolver: Resolver) -> None:
    await resolver.refresh(["a"], delivery(said("a", "后端工程师", 0, "crm")))
    assert world.settled == 0


async def test_a_record_published_a_moment_before_it_is_stored_is_waited_for(
    world: World, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    wanted = said("c", "设计师", 0, "crm")

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            world.store(wanted)

    monkeypatch.setattr("streams.resolution.asyncio.sleep", sleep)
    record = StoredRecord.of("talent", "c", 1, apply(State(), [wanted]), DEFAULT).record
    stage = ResolutionStage(resolver)
    assert (await stage._stored({"c"}, {"c": record})).keys() == {"c"}
    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    monkeypatch.setattr("streams.resolution.STORED_SECONDS", -1.0)
    never = StoredRecord.of("talent", "d", 1, apply(State(), [said("d", "设计师", 0, "crm")]), DEFAULT).record
    assert await stage._stored({"d"}, {"d": never}) == {}
    assert len(pauses) == 3
