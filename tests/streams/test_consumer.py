"""What may be committed, when it is, and how a standstill is told."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, NodeNotReadyError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams import consumer as consumer_module
from streams.consumer import Backlog, Consumer

PLACE = TP("talent-events", 0)


@dataclass(eq=False)
class Fetched:
    """A message as Faust hands it on."""

    offset: int
    tp: TP = PLACE
    acked: bool = False


class Committing(Consumer):
    """The consumer without its thread: commits go to a list, or fail."""

    def __init__(self) -> None:
        self._offsets, self._committed, self._unacked_messages, self._read_offset = {}, {}, set(), {}
        self.assigned = {PLACE}
        self.commits: list[dict[TP, int]] = []
        self.fails = False
        self.next_fetch: object = None
        self._thread = SimpleNamespace(getmany=self._fetched)
        self.app = SimpleNamespace(consumer_generation_id=1)
        self.rebalances = self.is_revoked = False
        self._is_assigned = True

    async def _fetched(self, *_: object) -> object:
        if self.rebalances:
            self.app.consumer_generation_id += 1
        if self.is_revoked:
            await self.on_partitions_revoked(self.assigned)
        return self.next_fetch

    def assignment(self) -> set[TP]:
        return self.assigned

    async def _commit(self, offsets: dict[TP, int]) -> bool:
        self.commits.append(dict(offsets))
        return not self.fails

    async def fetch(self, *offsets: int, position: int | None = None) -> list[Fetched]:
        records = [SimpleNamespace(offset=o) for o in offsets]
        self.next_fetch = ({PLACE: records} if records else {}, {TopicPartition(*PLACE): position or offsets[-1] + 1})
        await self._getmany({PLACE}, 1.0)
        return [Fetched(o) for o in offsets]


async def test_a_first_message_that_was_not_handled_is_never_committed_past() -> None:
    consumer = Committing()
    messages = await consumer.fetch(0, 1, 2, 3)
    for message in messages[1:]:
        assert consumer.ack(message)
    await consumer.force_commit()
    assert consumer.commits == [{PLACE: 0}]
    consumer.ack(messages[0])
    await consumer.force_commit()
    assert consumer.commits[-1] == {PLACE: 4}


async def test_a_commit_that_failed_is_made_again() -> None:
    consumer = Committing()
    (message,) = await consumer.fetch(7)
    consumer.ack(message)
    consumer.fails = True
    assert not await consumer.force_commit()
    consumer.fails = False
    assert await consumer.force_commit()
    assert not await consumer.force_commit(), "it is committed now"
    assert consumer.commits == [{PLACE: 8}, {PLACE: 8}]


async def test_markers_of_transactions_at_the_end_are_committed_past() -> None:
    consumer = Committing()
    (message,) = await consumer.fetch(3, position=5)
    consumer.ack(message)
    await consumer.force_commit()
    await consumer.fetch(position=9)
    await consumer.force_commit()
    assert consumer.commits == [{PLACE: 5}, {PLACE: 9}]


async def test_a_topic_made_anew_is_read_and_committed_from_its_beginning() -> None:
    consumer = Committing()
    for message in await consumer.fetch(500, 501):
        consumer.ack(message)
    await consumer.force_commit()
    old = await consumer.fetch(502)
    consumer._read_offset[PLACE] = 502
    new = await consumer.fetch(0, 1)
    assert consumer._read_offset[PLACE] is None, "Faust would drop what is lower than it has read"
    consumer.ack(old[0])
    consumer.ack(new[0])
    await consumer.force_commit()
    assert consumer.commits[-1] == {PLACE: 1}


async def test_what_is_acknowledged_after_its_partition_has_gone_is_not_committed() -> None:
    consumer = Committing()
    (message,) = await consumer.fetch(3)
    consumer.assigned = set()
    consumer.ack(message)
    assert not await consumer.force_commit()
    consumer._offsets.pop(PLACE)
    assert not consumer.ack(message), "it was acknowledged before"
    assert not await consumer.force_commit()
    assert consumer.commits == []


async def test_what_was_fetched_for_a_generation_that_is_over_is_not_waited_for() -> None:
    consumer = Committing()
    consumer.rebalances = True
    await consumer.fetch(50, 51)
    consumer.rebalances = False
    for message in await consumer.fetch(150, 151):  # others have worked on what lies between
        consumer.ack(message)
    await consumer.force_commit()
    assert consumer.commits == [{PLACE: 152}]


@pytest.mark.parametrize("late", [(), (3, 4)])
async def test_a_fetch_that_ends_while_partitions_are_revoked_commits_past_nothing(
    late: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rebalance(*_: object) -> None: ...

    monkeypatch.setattr(driver.Consumer, "on_partitions_revoked", rebalance)
    monkeypatch.setattr(driver.Consumer, "on_partitions_assigned", rebalance)
    consumer = Committing()
    await consumer.fetch(0, 1, 2)  # at work still
    consumer.is_revoked = True
    await consumer.fetch(*late, position=5)
    await consumer.force_commit()
    assert consumer.commits == []
    consumer.is_revoked = False
    await consumer.on_partitions_assigned(consumer.assigned, 2)
    for message in await consumer.fetch(0, 1, 2):
        consumer.ack(message)
    await consumer.force_commit()
    assert consumer.commits == [{PLACE: 3}]


async def test_a_topic_of_another_id_is_sought_from_its_beginning_and_only_an_answer_is_contact(monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(consumer_module.time, "monotonic", lambda: now[0])
    consumer = Committing()
    consumer._topic_ids, consumer._answered = {}, 0.0
    sought: list[TopicPartition] = []
    answers: list[dict[str, bytes] | Exception] = [{"talent-events": b"1"}, {"talent-events": b"1"}, {}]
    answers += [NodeNotReadyError(), {"talent-events": b"2"}, {"talent-events": b"2"}]

    async def topic_ids(topics: set[str]) -> dict[str, bytes]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def seek_to_beginning(*partitions: TopicPartition) -> None:
        sought.extend(partitions)

    consumer._thread = SimpleNamespace(topic_ids=topic_ids, seek_to_beginning=seek_to_beginning)
    seen = []
    while answers:
        now[0] += 100
        assert not consumer.in_contact
        await consumer._begin_anew()
        seen.append((consumer.in_contact, len(sought)))
    assert seen == [(True, 0), (True, 0), (True, 0), (False, 0), (True, 1), (True, 1)]
    assert sought == [TopicPartition(*PLACE)]


def test_a_backlog_stalls_only_while_none_of_it_is_handled() -> None:
    place, other = TopicPartition("t", 0), TopicPartition("t", 1)
    backlog = Backlog()
    assert backlog.stalled({place: (None, None), other: (5, 5)}, 0) == {"t": 0}
    assert backlog.stalled({place: (3, 9), other: (5, 5)}, 10) == {"t": 0}
    assert backlog.stalled({place: (3, 9), other: (5, 5)}, 40) == {"t": 30}
    assert backlog.stalled({place: (4, 9), other: (5, 6)}, 50) == {"t": 10}
    assert backlog.stalled({place: (4, 9), other: (5, 6)}, 70) == {"t": 30}
    assert backlog.stalled({place: (9, 9), other: (6, 6)}, 90) == {"t": 0}
    assert backlog.stalled({}, 99) == {}


async def test_a_fetch_that_a_rebalance_overtakes_gives_its_records_back(monkeypatch) -> None:
    app = SimpleNamespace(consumer_generation_id=1)
    sought: list[tuple[TopicPartition, int]] = []
    place, gone = TopicPartition("t", 0), TopicPartition("t", 1)

    class Client:
        """As much of aiokafka's consumer as gives records back."""

        def seek(self, partition: TopicPartition, offset: int) -> None:
            if partition == gone:
                raise IllegalStateError("not assigned")
            sought.append((partition, offset))

    async def overtaken(self, consumer, active, timeout, most) -> dict:
        app.consumer_generation_id += 1
        return {gone: [SimpleNamespace(offset=3)], place: [SimpleNamespace(offset=7), SimpleNamespace(offset=8)]}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", overtaken)
    thread = object.__new__(consumer_module._Thread)
    thread.app = app
    assert await thread._fetch_records(Client(), {place}, 1, 1.0) == ({}, {})
    assert sought == [(place, 7)]
