"""Faust's consumer with our own acknowledgement: an offset is committed when everything before it was handled.

Faust commits past messages that were not acknowledged: the first acknowledged run of a partition counts whatever stands
before it, a gap of one message is let through, and a commit that failed is taken for done (docs/decisions, 18).
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from loguru import logger

from schemas.envelope import timestamp
from sinks.kafka import consumer, login
from sinks.sealing import SEALED_SECONDS, NoKeyError, ring
from sinks.topic_ids import topic_ids
from streams.offsets import Offsets
from streams.starting import until_it_answers

FETCH_WAIT_MS = 100
"""How long a broker holds an idle fetch, and what its connection asks next: the first fetch after a rebalance."""
POLL_RECORDS = 250
"""The most records of a fetch: those of one partition, if it has so many, and then it is another's turn."""


def buffered(batch: int) -> int:
    """Return how many messages wait for a stage at most, which takes `batch` at a time.

    Faust calls four fifths full, and fetches no more: what a fetch brings must have room in the last fifth.
    """
    return max(4 * batch, 5 * POLL_RECORDS)


MOST_BYTES = 64 * 1024**2
"""Of messages of one topic that are in hand: with more of them nothing is fetched of it until half is handled."""


class Span(NamedTuple):
    """What one fetch covers of a partition: from where the fetch before it ended, or else None, to the next one."""

    start: int | None
    end: int


Places = Mapping[TopicPartition, tuple[int | None, int | None]]
"""Of partitions, the offset that may be committed and the one where they end now; None where it is not known."""


TOPICS_SECONDS = 2.0
"""How often it is looked whether a topic was made anew."""


CONTACT_SECONDS = 5 * TOPICS_SECONDS


class Backlog:
    """How long a partition has had messages of which none was handled."""

    def __init__(self) -> None:
        self._seen: dict[TopicPartition, tuple[int | None, float]] = {}

    def stalled(self, partitions: Places, now: float) -> dict[str, float]:
        """Return the seconds by topic, of its worst partition."""
        worst: dict[str, float] = {}
        seen = {}
        for partition, (done, end) in partitions.items():
            before, since = self._seen.get(partition, (None, now))
            if done is None or end is None or done >= end or done != before:
                since = now
            seen[partition] = (done, since)
            worst[partition.topic] = max(worst.get(partition.topic, 0.0), now - since)
        self._seen = seen
        return worst


class Sealed(NamedTuple):
    """A partition that is not read on for want of a key: at which offset, since when, and when to look again."""

    offset: int
    since: str
    again: float


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sealed: dict[TP, Sealed] = {}
        self._ended: dict[TopicPartition, tuple[Any, int]] = {}
        self._fetching: asyncio.Task[Any] | None = None

    async def on_start(self) -> None:
        """Start when the broker answers: it may go away after the worker has first heard of it."""
        await until_it_answers("Kafka", self._start_consumer)

    async def _start_consumer(self) -> None:
        try:
            await super().on_start()
        except BaseException:
            await self._consumer.stop()
            raise

    def _create_worker_consumer(self, transport: "Transport") -> AIOKafkaConsumer:
        conf = self.app.conf
        self._assignor = RoundRobinPartitionAssignor
        return consumer(
            self.app.kafka,
            client_id=conf.broker_client_id,
            group_id=conf.id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            auto_offset_reset=conf.consumer_auto_offset_reset,
            max_poll_records=POLL_RECORDS,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
        )

    async def getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        """Fetch from the thread, for the generation of now; see `_fetch_records`."""
        generation, consumer = self.app.consumer_generation_id, self._ensure_consumer()
        return await self.call_thread(self._fetch_records, consumer, active_partitions, generation, timeout)

    async def _fetch_records(
        self, consumer: AIOKafkaConsumer, active_partitions: set[TP], generation: int, timeout: float
    ) -> Any:
        """Return the records and, of the same moment, what this fetch covers of each partition."""
        self._fetching = asyncio.create_task(self._fetch(consumer, active_partitions, generation, timeout))
        try:
            return await self._fetching
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            return {}, {}  # its partitions were revoked

    async def _fetch(
        self, consumer: AIOKafkaConsumer, active_partitions: set[TP], generation: int, timeout: float
    ) -> Any:
        """Do it. Nothing comes between aiokafka's last step, which moves the positions, and the look at them.

        A fetch that a rebalance overtakes may end when the new assignment's positions have been sought already: nobody
        asks for its records, so they are given back.
        """
        for tp, each in self.sealed.items():
            if time.monotonic() >= each.again:
                with suppress(IllegalStateError):  # it is not assigned any more
                    consumer.resume(TopicPartition(*tp))
        records = await super()._fetch_records(consumer, active_partitions, timeout, POLL_RECORDS)
        for partition in records.keys() & consumer._fetcher._records.keys():
            consumer._fetcher._records.move_to_end(partition)  # aiokafka would empty it before it looks at the next
        if self.app.consumer_generation_id != generation:
            for partition, batch in records.items():
                with suppress(IllegalStateError):  # it is not assigned any more
                    consumer.seek(partition, batch[0].offset)
            return {}, {}
        records = {partition: self._opened(consumer, partition, batch) for partition, batch in records.items()}
        spans = self._spans(consumer, records)
        for tp, each in list(self.sealed.items()):
            span = spans.get(TopicPartition(*tp))
            if span and span.end != each.offset:  # it was opened, retention took it, or it is read from elsewhere
                del self.sealed[tp]
                consumer.resume(TopicPartition(*tp))
        return {p: batch for p, batch in records.items() if batch}, spans

    def _opened(self, consumer: AIOKafkaConsumer, partition: TopicPartition, batch: Sequence[Any]) -> list[Any]:
        """Return records as they were before they were sealed, up to the first that no key here opens.

        At that one the partition stops: what is behind it waits in the log, for a worker that has the key.
        """
        keys, opened, tp = ring(self.app.kafka), list[Any](), TP(*partition)
        try:
            for record in batch:
                opened.append(keys.opened(record))
        except NoKeyError as error:
            offset = batch[len(opened)].offset
            with suppress(IllegalStateError):  # it is not assigned any more
                consumer.pause(partition)
                consumer.seek(partition, offset)
            known = self.sealed.get(tp)
            since = known.since if known and known.offset == offset else timestamp(datetime.now(UTC))
            self.sealed[tp] = Sealed(offset, since, time.monotonic() + SEALED_SECONDS)
            logger.error("{} [{}] stops at offset {} since {}: {}", *partition, offset, since, error)
        return opened

    def look_again(self) -> None:
        """Have a fetch that waits look at what is buffered: a partition has room again, and aiokafka tells nobody."""
        with suppress(RuntimeError):  # the loop is closed: the worker ends
            self.thread_loop.call_soon_threadsafe(self._look_again)

    def _look_again(self) -> None:
        if self._consumer:
            fetcher = self._consumer._fetcher
            for waiter in list(fetcher._fetch_waiters):
                fetcher._notify(waiter)

    def _spans(self, consumer: AIOKafkaConsumer, records: Mapping[TopicPartition, Any]) -> dict[TopicPartition, Span]:
        """Say from where to where each partition has been fetched since the last time that this was asked.

        A new assignment, or a seek back, begins anew. (An assignment has state objects of its own.)
        """
        spans = {}
        for tp, state in _states(consumer):
            if not state.has_valid_position:
                continue
            of, end = self._ended.get(tp, (None, 0))
            begins_anew = of is not state or state.position < end or (records.get(tp) and records[tp][0].offset < end)
            spans[tp] = Span(None if begins_anew else end, state.position)
            self._ended[tp] = (state, state.position)
        return spans

    async def give_back(self, partitions: Collection[TP]) -> None:
        """Fetch partitions again from where they are committed."""
        await self.call_thread(self._give_back, [TopicPartition(*tp) for tp in partitions])

    async def _give_back(self, partitions: Collection[TopicPartition]) -> None:
        consumer = self._ensure_consumer()
        for tp, offset in (await _committed(consumer, partitions)).items():
            with suppress(IllegalStateError):  # it is not assigned any more
                if offset is None:
                    await consumer.seek_to_beginning(tp)
                else:
                    consumer.seek(tp, offset)
                self._ended.pop(tp, None)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stop the flow, and the fetch that waits: it would wait for the next assignment and then hold up its fetch."""
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.sealed.pop(tp, None)
        if self._fetching:
            self._fetching.cancel()

    async def seek_to_committed(self) -> Mapping[TP, int | None]:
        """Begin each partition where the group has committed, and return where that is."""
        committed = await self.call_thread(self._seek_to_committed, self._ensure_consumer())
        return cast("Mapping[TP, int | None]", committed)

    async def _seek_to_committed(self, consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, int | None]:
        generation = self.app.consumer_generation_id
        committed = await _committed(consumer, consumer.assignment())
        if self.app.consumer_generation_id != generation:
            return {}  # the next assignment's own seek follows
        for tp, offset in committed.items():
            if offset:  # else the consumer's own start holds
                with suppress(IllegalStateError):  # it is not assigned any more
                    consumer.seek(tp, offset)
        return committed

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit; what aiokafka does not retry itself, the next commit says again. Faust's own would end the worker."""
        consumer = self._ensure_consumer()
        own = {p: OffsetAndMetadata(offsets[TP(*p)], "") for p in consumer.assignment() if TP(*p) in offsets}
        if not own:
            return False
        try:
            await consumer.commit(own)
        except KafkaError as error:
            logger.warning("offsets are not committed yet: {}", type(error).__name__)
            return False
        return True

    async def topic_ids(self, topics: Iterable[str]) -> dict[str, bytes]:
        """Return the ids of topics."""
        return cast("dict[str, bytes]", await self.call_thread(topic_ids, self._ensure_consumer()._client, topics))

    def ends(self) -> dict[TopicPartition, int | None]:
        """Return how far each assigned partition can be read, as of its last fetch."""
        return {tp: state.highwater if state.lso is None else state.lso for tp, state in _states(self._consumer)}


def _size(record: Any) -> int:
    return sum(len(each or b"") for each in (record.key, record.value, *(value for _, value in record.headers)))


async def _committed(
    consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, int | None]:
    """Ask for all partitions at once: aiokafka asks for one after the other, each with a request of its own."""
    known = await consumer._coordinator.fetch_committed_offsets(list(partitions))
    return {tp: known[tp].offset if tp in known else None for tp in partitions}


def _states(consumer: AIOKafkaConsumer | None) -> list[tuple[TopicPartition, Any]]:
    subscription = consumer._subscription.subscription if consumer else None
    assignment = subscription.assignment if subscription else None
    return [(tp, assignment.state_value(tp)) for tp in assignment.tps] if assignment else []


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Commits by `Offsets`; fetches are told to them before anything else sees a message."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._offsets: dict[TP, Offsets] = {}
        self._committed: dict[TP, int] = {}
        self._topic_ids: dict[str, bytes] = {}
        self._answered = time.monotonic()  # it is made once the sinks are open, and Kafka is one of them
        self._room = asyncio.Event()
        self._full: set[str] = set()
        self._heavy: set[str] = set()

    @driver.ThreadDelegateConsumer.task  # type: ignore[untyped-decorator]
    async def _watch_topics(self) -> None:
        while not self.should_stop:
            await self.sleep(TOPICS_SECONDS)
            if self.flow_active:
                await self._begin_anew()

    async def _begin_anew(self) -> None:
        """Read topics that were deleted and made again from their beginning: an offset may be one of either life."""
        assigned = self.assignment()
        try:
            ids = await self._thread.topic_ids({tp.topic for tp in assigned})
        except (KafkaError, OSError, TimeoutError):
            return  # the next look tells
        self._answered = time.monotonic()
        anew = {topic for topic, each in ids.items() if self._topic_ids.setdefault(topic, each) != each}
        self._topic_ids |= ids
        if partitions := [tp for tp in assigned if tp.topic in anew]:
            logger.warning("{} was made anew and is read from its beginning", ", ".join(sorted(anew)))
            await self._thread.seek_to_beginning(*map(driver.ensure_aiokafka_TP, partitions))

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        generation = self.app.consumer_generation_id
        records, spans = await super()._getmany(active_partitions, timeout)
        if self.app.consumer_generation_id != generation:
            return {}  # it is fetched again, by whoever has its partitions now
        torn = set()
        for place, span in spans.items():
            tp = TP(*place)
            known = self._offsets.get(tp)
            if span.start is None:
                known = self._offsets[tp] = Offsets()
            elif known is None or known.position != span.start:
                torn.add(tp)
                continue
            known.fetched([(record.offset, _size(record)) for record in records.get(place, ())], span.end)
            if tp.topic not in self._heavy and self._in_hand(tp.topic) > MOST_BYTES:
                self._heavy.add(tp.topic)
                self._stop(tp)
        if torn:
            # What a rebalance has swallowed is before it: committing on would lose that.
            logger.info("{} partitions are fetched again from where they are committed", len(torn))
            for tp in torn:
                self._offsets.pop(tp, None)
            await self._thread.give_back(torn)
        return {place: batch for place, batch in records.items() if TP(*place) not in torn}

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand on what is fetched until told to stop: a rebalance ends the wait for room, once a fetch.

        Faust waits for that with every message, by four tasks and a turn of the event loop.
        """
        while not (self.should_stop or fetcher.should_stop):
            if self._buffered_partitions and not self._get_active_partitions():  # Faust would sleep for a second
                self._room.clear()
                await self.wait_first(self._room.wait(), self.suspend_flow.wait())
            try:
                messages = [message async for _, message in self.getmany(timeout=1.0)]
            except self.consumer_stopped_errors:
                if self.app.should_stop:
                    return
                raise
            if messages:
                await self.wait_first(self._hand_on(messages), self.suspend_flow.wait())
            await self.sleep(0)

    async def _hand_on(self, messages: Iterable[Any]) -> None:
        for message in messages:
            if not self.flow_active or message.generation_id != self.app.consumer_generation_id:
                return  # it is fetched again, by whoever has its partition now
            await self.callback(message)

    def on_buffer_full(self, tp: TP) -> None:
        """Fetch no more of a topic whose stage is behind: a message that finds its queue full holds up all topics.

        Faust leaves out the one partition, and others of the topic fill the queue.
        """
        self._full.add(tp.topic)
        self._stop(tp)

    def on_buffer_drop(self, tp: TP) -> None:
        """Go on with a topic whose stage has room again; Faust would notice with the next fetch, in a second."""
        self._full.discard(tp.topic)
        self._go_on(tp)

    def _stop(self, tp: TP) -> None:
        for each in self._of_topic(tp):
            super().on_buffer_full(each)

    def _go_on(self, tp: TP) -> None:
        if tp.topic in self._full or tp.topic in self._heavy:
            return
        for each in self._of_topic(tp):
            super().on_buffer_drop(each)
        self._room.set()
        self._thread.look_again()

    def _in_hand(self, topic: str) -> int:
        return sum(each.bytes for tp, each in self._offsets.items() if tp.topic == topic)

    def _of_topic(self, tp: TP) -> set[TP]:
        return {tp} | {each for each in self.assignment() if each.topic == tp.topic}

    def ack(self, message: Any) -> bool:
        """Note that every stage which reads the message's topic has handled it."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        if offsets := self._offsets.get(message.tp):
            offsets.handled(message.offset)
        if message.tp.topic in self._heavy and self._in_hand(message.tp.topic) <= MOST_BYTES // 2:
            self._heavy.discard(message.tp.topic)
            self._go_on(message.tp)
        return True

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget what was fetched of partitions that others may have now; it is fetched again."""
        for tp in revoked:
            self._offsets.pop(tp, None)
            self._committed.pop(tp, None)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Begin anew with partitions that others may have worked on meanwhile."""
        for each in (self._offsets, self._committed, self._full, self._heavy):
            each.clear()
        self._answered = time.monotonic()
        self.app.resources.revoke(generation_id)
        await super().on_partitions_assigned(assigned, generation_id)

    async def force_commit(self, topics: Iterable[Any] | None = None, start_new_transaction: bool = True) -> bool:
        """Commit what may be committed and is not yet."""
        if not self._offsets:
            return False  # it may not even be connected
        assigned = self.assignment()
        offsets = {
            tp: done
            for tp, each in self._offsets.items()
            if tp in assigned and (done := each.committable) is not None and done != self._committed.get(tp)
        }
        if not offsets or not await self._commit(offsets):
            return False
        self._committed.update(offsets)
        return True

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Left to the guard: Faust's look at a partition whose position is being sought ends the consumer."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Gaps need no note: only what was fetched is waited for."""

    @property
    def in_contact(self) -> bool:
        """Whether a broker has answered just now; while none does, a backlog is nobody's fault here."""
        return time.monotonic() - self._answered < CONTACT_SECONDS

    def sealed(self) -> dict[str, str]:
        """Return the topics of which a partition waits for a key, and since when."""
        waiting = sorted(self._thread.sealed.copy().items(), key=lambda each: each[1].since, reverse=True)
        return {tp.topic: each.since for tp, each in waiting}

    def progress(self) -> Places:
        """Return how far each assigned partition is handled, and how far it can be read."""
        unknown = Offsets()
        return {tp: (self._offsets.get(TP(*tp), unknown).committable, end) for tp, end in self._thread.ends().items()}


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer, with the login of every other client. It starts when the broker answers."""

    async def on_start(self) -> None:
        """Start, however often that has to be tried."""
        await until_it_answers("Kafka", self._start_producer)

    async def _start_producer(self) -> None:
        try:
            await super().on_start()
        except BaseException:
            await self._producer.stop()
            raise

    def _settings_auth(self) -> Mapping[str, Any]:
        return login(self.app.kafka)


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's transport with our consumer and our login."""

    Consumer = Consumer
    Producer = Producer
