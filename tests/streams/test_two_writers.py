"""Two workers hold one partition: after whatever interleaving and failures, the record topic ends with what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

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
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.sync import SyncStage
from tests.support.interleaving import interleave, step

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)
MOST_FAILURES = 3


class AwayError(Exception):
    """A server does not answer."""


class World:
    """MongoDB and Kafka as far as the sync stage needs them; each operation is a step, and may fail before or after."""

    collection = "talents"

    def __init__(self) -> None:
        self.stored: dict[str, StoredRecord] = {}
        self.published: list[tuple[str, SourceRecord]] = []
        self._failures = 0

    async def _goes(self) -> tuple[bool, bool]:
        """Return whether the next operation is done, and whether its caller hears so."""
        drawn = await step()
        if drawn > 1 or self._failures >= MOST_FAILURES:
            return True, True
        self._failures += 1
        return drawn == 0, False

    async def load(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        _, told = await self._goes()
        if not told:
            raise AwayError
        return {i: self.stored[i] for i in ids if i in self.stored}

    async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
        done, told = await self._goes()
        if done:
            for each in records:
                if as_read(self.stored.get(each.record.id)) != as_read(read.get(each.record.id)):
                    raise ConflictError
                self.stored[each.record.id] = each
        if not told:
            raise AwayError

    async def publish(self, messages: Iterable[Message]) -> None:
        done, told = await self._goes()
        if done:
            for m in messages:
                if m.topic == RECORDS["talent"]:
                    ce_id = dict(m.headers)["ce_id"].decode()
                    self.published.append((ce_id, SourceRecord.from_json(m.value or b"")))
        if not told:
            raise AwayError

    def ends_as_stored(self) -> bool:
        """Whether both who reads all and who drops ids that it knows end with what is stored."""
        known = dict(reversed([(name, n) for n, (name, _) in enumerate(self.published)]))
        heard = [record for n, (name, record) in enumerate(self.published) if known[name] == n]
        stored = self.stored["t1"].record
        return all((r.fields, r.deleted) == (stored.fields, stored.deleted) for r in (heard[-1], self.published[-1][1]))


def event(number: int, title: str) -> EntityEvent:
    time = TIME + timedelta(minutes=number)
    return EntityEvent(
        Envelope(f"e{number}", "crm", "looma.talent.upserted", "t1", time, version=2),
        "talent",
        "upserted",
        {"title": title},
    )


async def worker(world: Any, batches: Sequence[Sequence[EntityEvent]]) -> None:
    """Do what a courier does: each batch again until it has an end."""
    stage = SyncStage("talent", world, world, DEFAULT)
    for batch in batches:
        deliveries = [Delivery(Inbound("talent-events", 0, 0, b"t1", b"", [], 0.0), e, INVALID_SPAN) for e in batch]
        for _ in range(30):
            try:
                await stage.process(deliveries)
                break
            except (ConflictError, AwayError):
                continue
        else:
            raise AssertionError("no end")


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
            tasks = [worker(world, [events[:1]]), worker(world, [[e] for e in events])]
            interleave(tasks, [(0 if turn in mine else 1, 9) for turn in range(10)])
            assert world.ends_as_stored(), (mine, [(n, r.revision, r.fields) for n, r in world.published])


sizes = st.lists(st.integers(1, 3), max_size=4)
turns = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), max_size=60)


@settings(max_examples=300)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.integers(1, 4), sizes, sizes, turns)
def test_the_topic_ends_with_what_is_stored_whatever_fails(
    titles: list[str], fetched: int, mine: list[int], yours: list[int], drawn: list[tuple[int, int]]
) -> None:
    events = [event(n, title) for n, title in enumerate(titles)]
    world = World()
    interleave([worker(world, cut(events[:fetched], mine)), worker(world, cut(events, yours))], drawn)
    assert world.ends_as_stored(), [(n, r.revision, r.fields) for n, r in world.published]
