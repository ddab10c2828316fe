"""What the checker has found in the delivery, each made to happen without chance; docs/benchmarks/faults.md explains them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from aiokafka.errors import KafkaError, KafkaTimeoutError, LeaderNotAvailableError, OutOfOrderSequenceNumber
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import INVALID_SPAN

from ops.faults import check as checker
from ops.faults.check import check
from ops.faults.collect import event_id
from ops.faults.history import History, Notice, Published
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.envelope import Envelope
from schemas.events import EntityEvent
from schemas.messages import ConflictNotice
from schemas.records import SourceRecord
from schemas.topics import RECORDS
from sinks.errors import ConflictError, is_transient
from sinks.mongodb import as_read
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.sync import SyncStage, record_id

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)


class CrashError(BaseException):
    """The worker is gone."""


class World:
    """MongoDB and Kafka as far as the sync stage needs them, and the history they leave."""

    collection = "talents"

    def __init__(self, events: Sequence[EntityEvent]) -> None:
        self.history = History(events={"t1": list(events)}, disturbances=[0.0])
        self.before_save: Callable[[], Awaitable[None]] | None = None
        self._clock = count(1.0)

    async def load(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        return {i: self.history.stored[i] for i in ids if i in self.history.stored}

    async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
        before, self.before_save = self.before_save, None
        if before:
            await before()
        for stored in records:
            record = stored.record
            if as_read(self.history.stored.get(record.id)) != as_read(read.get(record.id)):
                raise ConflictError
            self.history.stored[record.id] = stored

    async def publish(self, messages: Iterable[Message]) -> None:
        for m in messages:
            if m.topic == RECORDS["talent"]:
                record = SourceRecord.from_json(m.value or b"")
                published = Published(event_id(m.headers) or "", record, next(self._clock))
                self.history.published.setdefault(record.id, []).append(published)
            else:
                notice = ConflictNotice.model_validate_json(m.value or b"")
                self.history.notices.append(Notice(notice.id, notice.entity_id, notice.status, event_id(m.headers)))

    def worker(self) -> SyncStage:
        """Return what a worker remembers from one try to the next."""
        return SyncStage("talent", self, self, DEFAULT)  # type: ignore[arg-type]

    async def process(self, events: Sequence[EntityEvent], stage: SyncStage | None = None) -> None:
        """Let a worker, by default a new one, take one batch, crash included."""
        stage = stage or self.worker()
        inbound = Inbound("talent-events", 0, 0, b"t1", b"", [], 0.0)
        try:
            await stage.process([Delivery(inbound, event, INVALID_SPAN) for event in events])
        except CrashError:
            return

    async def crash(self) -> None:
        raise CrashError


def said(number: int, source: str = "crm", **fields: Any) -> EntityEvent:
    envelope = Envelope(
        f"e{number}", source, "looma.talent.upserted", "t1", TIME + timedelta(minutes=number), version=2
    )
    return EntityEvent(envelope, "talent", "upserted", fields)


async def test_a_crash_before_storing_tells_nothing_that_a_consumer_cannot_drop_by_its_id() -> None:
    events = [said(1, title="a"), said(2, title="b")]
    world = World(events)
    world.before_save = world.crash
    await world.process(events)
    await world.process(events[:1])
    await world.process(events[1:])
    verdict = check(world.history)
    assert verdict.kept
    assert not verdict.rewound, "revision 1 was told with both events, and then with the first alone"


async def test_a_crash_before_storing_leaves_no_notice_of_a_conflict_that_never_was() -> None:
    events = [said(1, name="Ann"), said(2, "zervigo", name="Bob"), said(3, "zervigo", name="Ann")]
    world = World(events)
    world.before_save = world.crash
    await world.process(events[:2])
    assert [n.status for n in world.history.notices] == ["open"]
    await world.process(events)
    verdict = check(world.history)
    assert verdict.kept
    assert not verdict.stale_notices


async def test_a_slower_writer_tells_again_what_is_stored() -> None:
    """While one worker is about to store the first event, another has stored two, of which the second only confirms."""
    events = [said(1, title="a"), said(2, "zervigo", title="a")]
    world = World(events)
    world.before_save = lambda: world.process(events)
    slower = world.worker()
    with pytest.raises(ConflictError):
        await world.process(events[:1], slower)
    await world.process(events[:1], slower)
    await world.process(events)
    assert [m.record.revision for m in world.history.published["t1"]] == [1, 1, 2]
    assert check(world.history).kept


async def test_a_slower_writer_may_tell_again_what_was_never_told_itself() -> None:
    events = [said(1, title="a"), said(2, title="b"), said(3, "zervigo", title="b")]
    world = World(events)
    world.before_save = lambda: world.process(events)
    slower = world.worker()
    with pytest.raises(ConflictError):
        await world.process(events[:1], slower)
    await world.process(events[:1], slower)
    await world.process(events)
    assert [m.record.revision for m in world.history.published["t1"]] == [1, 1, 2, 3]  # 3 only confirms
    assert check(world.history).kept


async def test_the_checker_looks_where_the_next_publication_is_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [said(n, title=str(n)) for n in range(100)]
    world = World(events)
    world.before_save = lambda: world.process(events[:1])
    slower = world.worker()
    with pytest.raises(ConflictError):
        await world.process(events[:1], slower)
    await world.process(events[:1], slower)
    for event in events:
        await world.process([event])
    tries = []
    monkeypatch.setattr(checker, "record_id", lambda *a, **k: tries.append(a) or record_id(*a, **k))
    assert check(world.history).kept
    assert len(tries) < 10 * len(events), "each of the 99 publications after it was told again has another id"


words = st.tuples(st.sampled_from(("crm", "zervigo")), st.sampled_from(("Ann", "Bob", "Cid")), st.booleans())
batches = st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=6)


@given(st.lists(words, min_size=1, max_size=8), batches, st.data())
def test_whatever_crashes_and_batches_a_consumer_that_drops_ids_hears_each_change_once_in_order(
    said_: list[tuple[str, str, bool]], cuts: list[tuple[int, bool]], data: st.DataObject
) -> None:
    """A batch is stored, and its first event comes again; or the worker dies between publishing and storing it."""
    order = data.draw(st.permutations(range(len(said_))))
    drawn = [(n, *said_[n]) for n in order]
    events = [said(n, source, name=name, **({"title": name} if more else {})) for n, source, name, more in drawn]
    world, alone = World(events), World(events)

    async def work() -> None:
        at = 0
        for size, crashes in cuts:
            world.before_save = world.crash if crashes else None
            await world.process(events[at : at + size])
            if not crashes:
                await world.process(events[at : at + 1])
                at += size
        world.before_save = None
        await world.process(events[at:])
        for event in events:
            await alone.process([event])

    asyncio.run(work())
    assert world.history.stored == alone.history.stored
    assert heard(world) == heard(alone)
    verdict = check(world.history)
    assert verdict.kept
    assert not verdict.rewound
    assert not verdict.stale_notices


def heard(world: World) -> list[Published]:
    """Return what a consumer takes of the record topic: each id once."""
    known: dict[str, Published] = {}
    for message in world.history.published["t1"]:
        known.setdefault(message.ce_id, replace(message, at=0.0))
    return list(known.values())


@pytest.mark.parametrize("failure", [KafkaTimeoutError, OutOfOrderSequenceNumber, LeaderNotAvailableError])
def test_what_a_producer_says_after_an_outage_passes_by_itself(failure: type[KafkaError]) -> None:
    assert is_transient(failure()), "it was taken for a fault of the messages"


async def test_two_writers_of_a_key_keep_what_is_promised() -> None:
    """While one worker is about to store both events, another stores the first."""
    events = [said(1, title="a"), said(2, title="b")]
    world = World(events)
    world.before_save = lambda: world.process(events[:1])
    slower = world.worker()
    with pytest.raises(ConflictError):
        await world.process(events, slower)
    await world.process(events, slower)
    assert check(world.history).kept, "one id, two contents: a consumer drops the correction as a repeat"


class AwayError(Exception):
    """MongoDB does not answer."""


async def test_a_writer_that_is_late_and_cannot_store_tells_what_is_stored_when_it_tries_again() -> None:
    """Another worker stores both events after this one has read and before it has published the first."""
    events = [said(1, title="a"), said(2, title="b")]
    world = World(events)

    class Late(World):
        def __init__(self) -> None:
            self.history, self._clock = world.history, world._clock
            self.overtaken = False

        async def publish(self, messages: Iterable[Message]) -> None:
            if not self.overtaken:
                self.overtaken = True
                await world.process(events)
            await super().publish(messages)

        async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
            raise AwayError

    late: Any = Late()
    stage = SyncStage("talent", late, late, DEFAULT)
    batch = [Delivery(Inbound("talent-events", 0, 0, b"t1", b"", [], 0.0), events[0], INVALID_SPAN)]
    with pytest.raises(AwayError):
        await stage.process(batch)
    assert not check(world.history).kept, "what is told last is not what is stored"
    late.before_save, late.save = None, super(Late, late).save
    await stage.process(batch)
    assert check(world.history).kept
    told = len(world.history.published["t1"])
    await stage.process(batch)
    assert len(world.history.published["t1"]) == told, "told once"
