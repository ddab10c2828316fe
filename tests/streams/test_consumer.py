"""What is fetched, of which partitions, and from where on."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import IllegalStateError, KafkaConnectionError, NodeNotReadyError
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger
from mode.utils.queues import FlowControlEvent, FlowControlQueue

from schemas.settings import KafkaSettings
from sinks.sealing import SEALED, SEALED_SECONDS
from streams import consumer as consumer_module
from streams.consumer import Span, buffered
from tests.support.consumers import PLACE, Committing, Fetched, bare_thread


def test_a_fetch_says_what_it_covers() -> None:
    def state(position: int | None) -> SimpleNamespace:
        return SimpleNamespace(position=position, has_valid_position=position is not None)

    place = TopicPartition("t", 0)
    thread = bare_thread()

    def covered(assigned: SimpleNamespace, *offsets: int) -> Span | None:
        assignment = SimpleNamespace(tps=[place], state_value=lambda _: assigned)
        client = SimpleNamespace(_subscription=SimpleNamespace(subscription=SimpleNamespace(assignment=assignment)))
        records = {place: [SimpleNamespace(offset=offset) for offset in offsets]} if offsets else {}
        return thread._spans(client, records).get(place)  # type: ignore[arg-type]

    first = state(None)
    assert covered(first) is None, "it is not known yet where to begin"
    first.position, first.has_valid_position = 5, True
    assert covered(first, 3, 4) == Span(None, 5)
    first.position = 9
    assert covered(first, 7, 8) == Span(5, 9), "what is missing between was never there"
    assert covered(first) == Span(9, 9)
    first.position = 7
    assert covered(first, 5, 6) == Span(None, 7), "sought back"
    assert covered(state(7)) == Span(None, 7), "another assignment"


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


async def test_a_fetch_that_a_rebalance_overtakes_gives_its_records_back(monkeypatch) -> None:
    app = SimpleNamespace(consumer_generation_id=1)
    sought: list[tuple[TopicPartition, int]] = []
    place, gone = TopicPartition("t", 0), TopicPartition("t", 1)

    class Client:
        """As much of aiokafka's consumer as gives records back."""

        _fetcher = SimpleNamespace(_records=OrderedDict())

        def seek(self, partition: TopicPartition, offset: int) -> None:
            if partition == gone:
                raise IllegalStateError("not assigned")
            sought.append((partition, offset))

    async def overtaken(self, consumer, active, timeout, most) -> dict:
        app.consumer_generation_id += 1
        return {gone: [SimpleNamespace(offset=3)], place: [SimpleNamespace(offset=7), SimpleNamespace(offset=8)]}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", overtaken)
    thread = bare_thread()
    thread.app = app
    assert await thread._fetch_records(Client(), {place}, 1, 1.0) == ({}, {})
    assert sought == [(place, 7)]


class Committed:
    """As much of aiokafka's consumer as begins where the group has committed."""

    def __init__(self, committed: dict[TopicPartition, int | None], app: SimpleNamespace, rebalances: bool) -> None:
        self._committed, self._app, self._rebalances = committed, app, rebalances
        self._coordinator = self
        self.requests: list[set[TopicPartition]] = []
        self.sought: dict[TopicPartition, int] = {}

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._committed)

    async def fetch_committed_offsets(
        self, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        self.requests.append(set(partitions))
        self._app.consumer_generation_id += self._rebalances
        return {tp: OffsetAndMetadata(at, "") for tp in partitions if (at := self._committed[tp]) is not None}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought[partition] = offset


async def test_what_is_given_back_begins_where_it_was_committed_or_at_the_beginning() -> None:
    place, new = TopicPartition("t", 0), TopicPartition("t", 1)
    thread = bare_thread()
    thread._ended = {place: (None, 9), new: (None, 9)}
    consumer = Committed({place: 0, new: None}, SimpleNamespace(consumer_generation_id=1), rebalances=False)
    begun: list[TopicPartition] = []

    async def seek_to_beginning(partition: TopicPartition) -> None:
        begun.append(partition)

    consumer.seek_to_beginning = seek_to_beginning  # type: ignore[attr-defined]
    thread._consumer = consumer
    await thread._give_back([place, new])
    assert (consumer.sought, begun) == ({place: 0}, [new])
    assert consumer.requests == [{place, new}]
    assert thread._ended == {}, "what is fetched next begins anew"


PLACES = st.builds(TopicPartition, st.sampled_from(["talent-events", "job-events"]), st.integers(0, 50))


@given(st.dictionaries(PLACES, st.none() | st.integers(0, 2**62)), st.booleans())
async def test_an_assignment_begins_where_it_was_committed_by_one_request(
    committed: dict[TopicPartition, int | None], rebalances: bool
) -> None:
    thread = bare_thread()
    thread.app = SimpleNamespace(consumer_generation_id=1)
    consumer = Committed(committed, thread.app, rebalances)
    answered = await thread._seek_to_committed(consumer)
    assert consumer.requests == [set(committed)]
    if rebalances:  # the next assignment seeks itself, and these offsets may be old by then
        assert (answered, consumer.sought) == ({}, {})
    else:
        assert answered == committed
        assert consumer.sought == {tp: offset for tp, offset in committed.items() if offset}


class Waiting:
    """Records that were fetched and that nobody has taken yet."""

    sealed: int | None = None
    """The offset of one that is sealed by a key which nobody has."""

    def __init__(self, count: int, first: int = 0) -> None:
        self._count, self.next_fetch_offset = count, first

    def __iter__(self) -> "Waiting":
        return self

    def __next__(self) -> Any:
        if self.next_fetch_offset == self._count:
            raise StopIteration
        offset, self.next_fetch_offset = self.next_fetch_offset, self.next_fetch_offset + 1
        headers = [(SEALED, b"2:0123456789abcdef")] if offset == self.sealed else []
        return ConsumerRecord("t", 0, offset, 0, 0, b"k", b"v", None, 0, 0, headers)


def having_fetched(*waiting: int) -> tuple[consumer_module._Thread, SimpleNamespace]:
    """A thread, and a consumer that has fetched so many records of each partition of `t`."""
    thread = bare_thread()
    thread.app = SimpleNamespace(consumer_generation_id=1, kafka=KafkaSettings())
    thread.consumer = SimpleNamespace(flow_active=True)
    subscriptions = SubscriptionState()
    subscriptions.subscribe({"t"})
    subscriptions.assign_from_subscribed([TopicPartition("t", number) for number in range(len(waiting))])
    fetcher = object.__new__(Fetcher)
    fetcher._subscriptions, fetcher._closed, fetcher._wait_consume_future = subscriptions, False, None  # not started
    fetcher._loop, fetcher._fetch_waiters = asyncio.get_running_loop(), set()
    fetcher._records = OrderedDict()
    for number, count in enumerate(waiting):
        place = TopicPartition("t", number)
        subscriptions.seek(place, 0)
        fetcher._records[place] = FetchResult(
            place, assignment=subscriptions.subscription.assignment, partition_records=Waiting(count), backoff=0
        )
    return thread, SimpleNamespace(_fetcher=fetcher, _closed=False, _subscription=subscriptions)


async def test_a_partition_stops_at_what_no_key_opens_and_the_others_go_on(monkeypatch) -> None:
    now, lines, sought = [1000.0], list[str](), list[int]()
    monkeypatch.setattr(consumer_module.time, "monotonic", lambda: now[0])
    thread, client = having_fetched(4, 3)
    place, other = TopicPartition("t", 0), TopicPartition("t", 1)
    client._fetcher._records[place]._partition_records.sealed = 2

    def seek(partition: TopicPartition, offset: int) -> None:
        sought.append(offset)
        client._subscription.seek(partition, offset)

    async def fetched() -> tuple[dict[TopicPartition, list[int]], dict[Any, Span]]:
        records, spans = await thread._fetch_records(client, {TP(*place), TP(*other)}, 1, 0.0)
        return {p: [r.offset for r in batch] for p, batch in records.items()}, spans

    client.seek, client.pause, client.resume = seek, client._subscription.pause, client._subscription.resume
    sink = logger.add(lines.append, format="{message}", level="ERROR")
    try:
        records, spans = await fetched()
    finally:
        logger.remove(sink)
    assert records == {place: [0, 1], other: [0, 1, 2]}
    assert (spans[place].end, spans[other].end) == (2, 3), "nothing behind it may be committed"
    assert "t [0] stops at offset 2" in lines[0]
    assert "0123456789abcdef" in lines[0], "the key that is lacking"
    since = thread.sealed[TP("t", 0)].since
    assignment = client._subscription.subscription.assignment
    assert assignment.state_value(place).paused, "left alone for a while"
    assert (await fetched())[0] == {}
    again = Waiting(4, first=2)
    again.sealed = 2
    client._fetcher._records[place] = FetchResult(place, assignment=assignment, partition_records=again, backoff=0)
    now[0] += SEALED_SECONDS
    assert (await fetched())[0] == {}
    assert (sought, thread.sealed[TP("t", 0)].since) == ([2, 2], since)
    now[0] += SEALED_SECONDS
    left = Waiting(4, first=2)  # as compaction, or a worker that has the key, leaves it
    client._fetcher._records[place] = FetchResult(place, assignment=assignment, partition_records=left, backoff=0)
    assert (await fetched())[0] == {place: [2, 3]}
    assert not thread.sealed
    last = Waiting(5, first=4)
    last.sealed = 4
    client._fetcher._records[place] = FetchResult(place, assignment=assignment, partition_records=last, backoff=0)
    assert (await fetched())[0] == {}
    assert thread.sealed[TP("t", 0)].offset == 4
    client._subscription.seek(place, 5)  # as aiokafka does once retention has taken it, and nothing is behind it
    assert (await fetched())[0] == {}
    assert not thread.sealed, "nothing waits for a key"
    assert not assignment.state_value(place).paused


@given(st.lists(st.integers(1, 2000), min_size=2, max_size=6))
async def test_no_partition_waits_until_another_is_empty(waiting: list[int]) -> None:
    thread, client = having_fetched(*waiting)
    seen: dict[TopicPartition, list[int]] = {}
    for _ in waiting:
        records, _ = await thread._fetch_records(client, set(client._fetcher._records), 1, 0.0)
        for place, batch in records.items():
            seen.setdefault(place, []).extend(record.offset for record in batch)
    assert len(seen) == len(waiting)
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values())


async def test_a_fetch_that_waits_goes_on_as_soon_as_a_stream_has_room_again() -> None:
    thread, client = having_fetched(3)
    thread._consumer, thread.thread_loop = client, asyncio.get_running_loop()
    place = TP("t", 0)
    consumer = Committing()
    consumer._thread, consumer._room = thread, asyncio.Event()
    consumer._active_partitions, consumer._buffered_partitions = {place, TP("other", 0)}, set()
    consumer.app.in_recovery = False
    consumer.on_buffer_full(place)
    fetch = asyncio.create_task(thread._fetch_records(client, consumer._get_active_partitions(), 1, 3600.0))
    for _ in range(5):
        await asyncio.sleep(0)
    assert client._fetcher._fetch_waiters
    consumer.on_buffer_drop(place)
    async with asyncio.timeout(30):
        records, _ = await fetch
    assert [record.offset for record in records[place]] == [0, 1, 2]


def test_a_topic_whose_stage_is_behind_is_not_fetched_from_any_partition() -> None:
    late, other = {TP("match-requests", number) for number in range(3)}, {PLACE}
    consumer = Committing()
    consumer._thread = SimpleNamespace(look_again=lambda: None)
    consumer._room = asyncio.Event()
    consumer.assigned = late | other
    consumer._active_partitions, consumer._buffered_partitions = late | other, set()
    consumer.app.in_recovery = False
    consumer.on_buffer_full(TP("match-requests", 1))
    assert consumer._get_active_partitions() == other
    consumer.on_buffer_drop(TP("match-requests", 1))
    assert consumer._get_active_partitions() == late | other


async def test_a_topic_with_too_many_bytes_in_hand_is_fetched_again_when_half_are_handled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_module, "MOST_BYTES", 350)
    consumer, other = Committing(), TP("other", 0)
    consumer._thread.look_again, consumer._room = (lambda: None), asyncio.Event()
    consumer.assigned, consumer.value = {PLACE, other}, b"x" * 98  # with key and header 100
    consumer._active_partitions, consumer._buffered_partitions = {PLACE, other}, set()
    consumer.app.in_recovery = False
    messages = await consumer.fetch(0, 1, 2, anew=True)
    assert consumer._get_active_partitions() == {PLACE, other}
    messages += await consumer.fetch(3)
    assert consumer._get_active_partitions() == {other}
    consumer.on_buffer_drop(PLACE)  # its queue has room, but that is not all
    assert consumer._get_active_partitions() == {other}
    for message in messages[:3]:
        assert consumer._get_active_partitions() == {other}
        consumer.ack(message)
    assert consumer._get_active_partitions() == {PLACE, other}


@given(st.integers(1, 10_000))
def test_what_a_fetch_brings_has_room_when_a_stage_is_called_full(batch: int) -> None:
    queue: FlowControlQueue[int] = FlowControlQueue(maxsize=buffered(batch), flow_control=FlowControlEvent())
    assert queue.pressure_high_size - 1 + consumer_module.POLL_RECORDS < queue.maxsize


async def test_nothing_is_fetched_while_every_stream_is_full() -> None:
    consumer = Committing()
    consumer._thread = SimpleNamespace(look_again=lambda: None)
    consumer._room, consumer.suspend_flow = asyncio.Event(), asyncio.Event()
    consumer._active_partitions, consumer._buffered_partitions = {PLACE}, set()
    consumer.app.in_recovery = False
    fetches = 0
    fetcher = SimpleNamespace(should_stop=False)

    async def getmany(timeout: float) -> AsyncIterator[tuple[TP, Fetched]]:
        nonlocal fetches
        fetches += 1
        fetcher.should_stop = True
        yield PLACE, Fetched(0)

    async def first(*waits: Coroutine[Any, Any, bool]) -> None:
        _, waiting = await asyncio.wait(map(asyncio.ensure_future, waits), return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()

    async def hand_on(_: object) -> bool:
        return True

    consumer._stopped = consumer._crashed = asyncio.Event()
    consumer.getmany, consumer.wait_first, consumer._hand_on = getmany, first, hand_on
    consumer.on_buffer_full(PLACE)
    drain = asyncio.create_task(consumer._drain_messages(fetcher))
    for _ in range(5):
        await asyncio.sleep(0)
    assert fetches == 0
    consumer.on_buffer_drop(PLACE)
    async with asyncio.timeout(30):
        await drain
    assert fetches == 1


async def test_a_fetch_that_waits_ends_with_its_assignment_and_a_cancelled_one_as_cancelled(monkeypatch) -> None:
    async def waiting(self, consumer, active, timeout, most) -> dict:
        waits.set()
        await asyncio.Event().wait()

    async def revoked(self, partitions) -> None:
        pass

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", waiting)
    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "on_partitions_revoked", revoked)
    thread = bare_thread()
    thread.app = SimpleNamespace(consumer_generation_id=1)
    await thread.on_partitions_revoked(set())  # before there was a fetch
    for ended in (lambda: thread.on_partitions_revoked({PLACE}), None):
        waits = asyncio.Event()
        fetch = asyncio.create_task(thread._fetch_records(SimpleNamespace(), {PLACE}, 1, 1.0))
        await waits.wait()
        if ended:
            await ended()
            assert await fetch == ({}, {})
        else:
            fetch.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetch


@pytest.mark.parametrize(
    ("ours", "theirs", "client"),
    [
        (consumer_module._Thread, driver.AIOKafkaConsumerThread, "_consumer"),
        (consumer_module.Producer, driver.Producer, "_producer"),
    ],
)
async def test_fausts_clients_wait_for_a_broker_that_went_away(
    monkeypatch: pytest.MonkeyPatch, ours: type, theirs: type, client: str
) -> None:
    """The sinks have heard of it already, and it is restarted now; each client that did not start is closed."""
    tries: list[bool] = []

    async def stop() -> None:
        tries.append(False)

    async def on_start(self: object) -> None:
        setattr(self, client, SimpleNamespace(stop=stop))
        if len(tries) < 2:
            raise KafkaConnectionError("Unable to bootstrap")
        tries.append(True)

    monkeypatch.setattr(theirs, "on_start", on_start)
    monkeypatch.setattr("streams.starting.LONGEST_PAUSE", 0.01)
    await object.__new__(ours).on_start()
    assert tries == [False, False, True]
