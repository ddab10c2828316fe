"""Faust's consumer with our own acknowledgement: an offset is committed when everything before it was handled.

Faust commits past messages that were not acknowledged: the first acknowledged run of a partition counts whatever stands
before it, a gap of one message is let through, and a commit that failed is taken for done. See docs/decisions.md.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from loguru import logger

from sinks.kafka import consumer, login
from sinks.topic_ids import topic_ids
from streams.offsets import Offsets

FETCH_WAIT_MS = 500
POLL_RECORDS = 1000


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


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
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
        """Return the records and, of the same moment, where the next fetch of each partition begins.

        A fetch that a rebalance overtakes may end when the new assignment's positions have been sought already: nobody
        asks for its records, so they are given back.
        """
        records = await super()._fetch_records(consumer, active_partitions, timeout, POLL_RECORDS)
        if self.app.consumer_generation_id != generation:
            for partition, batch in records.items():
                with suppress(IllegalStateError):  # it is not assigned any more
                    consumer.seek(partition, batch[0].offset)
            return {}, {}
        return records, {tp: state.position for tp, state in _states(consumer) if state.has_valid_position}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        try:
            return bool(await super()._commit(offsets))
        except KafkaError as error:  # what aiokafka does not retry itself; the next commit says it again
            logger.warning("offsets are not committed yet: {}", type(error).__name__)
            return False

    async def topic_ids(self, topics: Iterable[str]) -> dict[str, bytes]:
        """Return the ids of topics."""
        return cast("dict[str, bytes]", await self.call_thread(topic_ids, self._ensure_consumer()._client, topics))

    def ends(self) -> dict[TopicPartition, int | None]:
        """Return how far each assigned partition can be read, as of its last fetch."""
        return {tp: state.highwater if state.lso is None else state.lso for tp, state in _states(self._consumer)}


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
        self._answered = 0.0
        self._is_assigned = False

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
        records, positions = await super()._getmany(active_partitions, timeout)
        if self.app.consumer_generation_id != generation or not self._is_assigned:
            return {}  # it is fetched again, by whoever has its partitions then
        for tp, position in positions.items():
            tp = TP(*tp)
            offsets = [record.offset for record in records.get(tp, ())]
            self._offsets.setdefault(tp, Offsets()).fetched(offsets, position)
            # Faust would drop what comes again, after a seek or from a topic that was made anew.
            self._read_offset[tp] = None
        return records

    def ack(self, message: Any) -> bool:
        """Note that every stage which reads the message's topic has handled it."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        if offsets := self._offsets.get(message.tp):
            offsets.handled(message.offset)
        return True

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget what was fetched of partitions that others may have now; it is fetched again.

        A fetch under way ends later. It must not be noted: what was fetched before it is forgotten, though not handled
        yet, and would be committed past.
        """
        self._is_assigned = False
        for tp in revoked:
            self._offsets.pop(tp, None)
            self._committed.pop(tp, None)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Begin anew with partitions that others may have worked on meanwhile."""
        self._offsets.clear()
        self._committed.clear()
        self._is_assigned = True
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

    def progress(self) -> Places:
        """Return how far each assigned partition is handled, and how far it can be read."""
        unknown = Offsets()
        return {tp: (self._offsets.get(TP(*tp), unknown).committable, end) for tp, end in self._thread.ends().items()}


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer, with the login of every other client."""

    def _settings_auth(self) -> Mapping[str, Any]:
        return login(self.app.kafka)


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's transport with our consumer and our login."""

    Consumer = Consumer
    Producer = Producer
