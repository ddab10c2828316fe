"""Two workers hold one partition: after whatever interleaving and failures, the record topic ends with what is stored."""

from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.trace import INVALID_SPAN

from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.envelope import Envelope
from schemas.events import EntityEvent
from schemas.records import SourceRecord
from schemas.topics import RECORDS
from sinks.errors import ConflictError
from sinks.mongodb import as_read
from sinks.owners import Owner, RevokedError
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.sync import SyncStage
from tests.support.interleaving import interleave, step

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)
MOST_FAILURES = 3
LOST, HELD, HEARD = 1, 2, 9
"""How a publication ends, beside 0: it is appended, and its caller does not hear."""


class AwayError(Exception):
    """A server does not answer."""


class KilledError(Exception):
    """The worker is no more."""


class World:
    """MongoDB and Kafka, as far as the sync stage needs them. `is_fencing`: whether Kafka refuses former owners."""

    def __init__(self, *, is_fencing: bool = True) -> None:
        self.stored: dict[str, StoredRecord] = {}
        self.published: list[tuple[str, SourceRecord]] = []
        self.failures = 0
        self.generation = 1
        self.epochs = 0
        self._is_fencing = is_fencing
        self._appended = 0

    def append(self, messages: Iterable[Message], epoch: int) -> None:
        """What the broker does with a batch."""
        if self._is_fencing and epoch < self._appended:
            raise AwayError
        self._appended = max(self._appended, epoch)
        for m in messages:
            if m.topic == RECORDS["talent"]:
                ce_id = dict(m.headers)["ce_id"].decode()
                self.published.append((ce_id, SourceRecord.from_json(m.value or b"")))

    def ends_as_stored(self) -> bool:
        """Whether both who reads all and who drops ids that it knows end with what is stored."""
        known = dict(reversed([(name, n) for n, (name, _) in enumerate(self.published)]))
        heard = [record for n, (name, record) in enumerate(self.published) if known[name] == n]
        stored = self.stored["t1"].record
        return all((r.fields, r.deleted) == (stored.fields, stored.deleted) for r in (heard[-1], self.published[-1][1]))


class Worker:
    """One worker's way to the servers. Each operation is a step; it may fail before or after it is done.

    What it publishes may be held: it does not hear of it, and that is appended some time later, at the latest before
    what it publishes next. After `life` steps it is killed; what it holds is on its way all the same.
    """

    collection = "talents"

    def __init__(self, world: World, generation: int, life: int = 1_000) -> None:
        self.generation = generation
        self.held: list[tuple[list[Message], int]] = []
        self._world = world
        self._life = life
        self._epoch: int | None = None

    async def _drawn(self) -> int:
        drawn = await step()
        self._world.generation = max(self._world.generation, self.generation)
        if not self._life:
            raise KilledError
        self._life -= 1
        return drawn

    def _fails(self) -> bool:
        self._world.failures += 1
        return self._world.failures <= MOST_FAILURES

    async def _goes(self) -> tuple[bool, bool]:
        """Return whether the next operation is done, and whether its caller hears so."""
        drawn = await self._drawn()
        if drawn > 1 or not self._fails():
            return True, True
        return drawn == 0, False

    async def load(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        _, told = await self._goes()
        if not told:
            raise AwayError
        return {i: self._world.stored[i] for i in ids if i in self._world.stored}

    async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
        done, told = await self._goes()
        if done:
            for each in records:
                if as_read(self._world.stored.get(each.record.id)) != as_read(read.get(each.record.id)):
                    raise ConflictError
                self._world.stored[each.record.id] = each
        if not told:
            raise AwayError

    def expect(self, owners: Iterable[Owner]) -> None:
        """Epochs that are asked for earlier are those of a worker that has published before."""
        assert set(owners) == {Owner("talent-events", 0, self.generation)}

    async def publish(self, messages: Iterable[Message]) -> None:
        batch = list(messages)
        assert {m.owner for m in batch} == {Owner("talent-events", 0, self.generation)}
        epoch = self._epoch = self._epoch or await self._owned()
        drawn = await self._drawn()
        if drawn > HELD or not self._fails():
            drawn = HEARD
        if drawn != LOST:
            self.held.append((batch, epoch))
        if drawn in (LOST, HELD):
            raise AwayError
        self.flush()
        if drawn != HEARD:
            raise AwayError

    async def _owned(self) -> int:
        """Ask for an epoch, and then whether anybody has been assigned the partition since."""
        await self._drawn()
        self._world.epochs += 1
        epoch = self._world.epochs
        await self._drawn()
        if self._world.generation > self.generation:
            raise RevokedError
        return epoch

    def flush(self) -> None:
        """The broker takes what was held, in its order."""
        try:
            for batch, epoch in self.held:
                self._world.append(batch, epoch)
        except AwayError:
            self._epoch = None
            raise
        finally:
            self.held.clear()


def event(number: int, title: str) -> EntityEvent:
    time = TIME + timedelta(minutes=number)
    return EntityEvent(
        Envelope(f"e{number}", "crm", "looma.talent.upserted", "t1", time, version=2),
        "talent",
        "upserted",
        {"title": title},
    )


async def work(worker: Worker, batches: Sequence[Sequence[EntityEvent]]) -> None:
    """Do what a courier does: each batch again until it has an end."""
    stage = SyncStage("talent", cast("Any", worker), cast("Any", worker), DEFAULT)
    inbound = Inbound("talent-events", 0, 0, b"t1", b"", [], 0.0, worker.generation)
    with suppress(KilledError, RevokedError):
        for batch in batches:
            deliveries = [Delivery(inbound, e, INVALID_SPAN) for e in batch]
            for _ in range(30):
                try:
                    await stage.process(deliveries)
                    break
                except (ConflictError, AwayError):
                    continue
            else:
                raise AssertionError("no end")


async def in_turn(*tasks: Coroutine[None, int, None]) -> None:
    """One after the other."""
    for task in tasks:
        await task


async def arrive(worker: Worker) -> None:
    """What the worker holds is appended when it is this one's turn."""
    await step()
    with suppress(AwayError):
        worker.flush()


def cut(events: Sequence[EntityEvent], sizes: Iterable[int]) -> list[Sequence[EntityEvent]]:
    batches, at = [], 0
    for size in sizes:
        batches.append(events[at : at + size])
        at += size
    return [b for b in (*batches, events[at:]) if b]


@pytest.mark.parametrize("titles", ["ab", "aba"])
def test_the_topic_ends_with_what_is_stored(titles: str) -> None:
    """One has lost the partition and works on what it had fetched; the other begins where that was committed."""
    events = [event(n, title) for n, title in enumerate(titles)]
    for length in range(8):
        for mine in combinations(range(10), length):
            world = World()
            tasks = [work(Worker(world, 1), [events[:1]]), work(Worker(world, 2), [[e] for e in events])]
            interleave(tasks, [(0 if turn in mine else 1, 9) for turn in range(10)])
            assert world.ends_as_stored(), (mine, [(n, r.revision, r.fields) for n, r in world.published])


def killed_in_every_moment(*, is_fencing: bool) -> Iterator[World]:
    """The former owner's publication is held, and it is killed before it can tell what is stored again.

    Its four turns are a read, two to own the partition and the publication; the fifth is what it holds arriving.
    """
    events = [event(n, title) for n, title in enumerate("ab")]
    for moments in combinations(range(13), 5):
        world = World(is_fencing=is_fencing)
        former = Worker(world, 1, life=4)
        mine = in_turn(work(former, [events[:1]]), arrive(former))
        tasks = [mine, work(Worker(world, 2), [[e] for e in events])]
        interleave(tasks, [(0, HELD) if turn in moments else (1, HEARD) for turn in range(13)])
        yield world


def test_what_a_killed_former_owner_holds_is_refused_behind_the_next_owners() -> None:
    ends = [world.ends_as_stored() for world in killed_in_every_moment(is_fencing=True)]
    assert all(ends)
    assert not all(world.ends_as_stored() for world in killed_in_every_moment(is_fencing=False)), "nothing was held"


sizes = st.lists(st.integers(1, 3), max_size=4)
turns = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=60)


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 40), sizes, sizes, turns
)
def test_the_topic_ends_with_what_is_stored_whatever_fails(
    titles: list[str], fetched: int, life: int, mine: list[int], yours: list[int], drawn: list[tuple[int, int]]
) -> None:
    events = [event(n, title) for n, title in enumerate(titles)]
    world = World()
    former = Worker(world, 1, life)
    work_of_both = [work(former, cut(events[:fetched], mine)), work(Worker(world, 2), cut(events, yours))]
    interleave([*work_of_both, arrive(former)], drawn)
    with suppress(AwayError):
        former.flush()
    assert world.ends_as_stored(), [(n, r.revision, r.fields) for n, r in world.published]
