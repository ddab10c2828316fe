"""What a worker publishes keeps its order, whatever happens to the broker or to the producer's place in its sequence."""

import asyncio
import os
import random
import signal
from collections import Counter, defaultdict

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import OutOfOrderSequenceNumber, ProducerFenced
from aiokafka.protocol.produce import ProduceRequest

from sinks.errors import is_transient
from sinks.kafka import admin, consumer
from sinks.owners import Owner, RevokedError
from sinks.topic_sink import BATCH_BYTES, Message, TopicSink
from streams.reading import read_topic

PARTITIONS = 3
LAST_EPOCH = 2**15 - 1


async def made(kafka, topic: str) -> None:
    async with admin(kafka) as client:
        await client.create_topics([NewTopic(topic, PARTITIONS, 1)])


def said(topic: str, key: str, number: int, size: int = 0) -> Message:
    return Message(topic, key.encode(), str(number).encode() + b" " * size, [])


async def told(kafka, topic: str) -> dict[str, list[int]]:
    """Return what was said under each key, in log order."""
    found: dict[str, list[int]] = defaultdict(list)
    async for record in read_topic(kafka, topic):
        found[record.key.decode()].append(int(record.value))
    return found


@pytest.mark.parametrize("epoch", [0, LAST_EPOCH])
async def test_a_producer_that_lost_its_sequence_goes_on(cluster, prefix, epoch: int) -> None:
    kafka = cluster.settings.kafka
    await made(kafka, prefix)
    async with TopicSink(kafka, client_id="test") as sink:
        producer = sink._producer
        producer._txn_manager._pid_and_epoch = producer._txn_manager._pid_and_epoch._replace(epoch=epoch)
        await sink.publish([said(prefix, "a", n) for n in range(3)])
        for partition in range(PARTITIONS):  # as if batches had expired unsent
            producer._txn_manager.increment_sequence_number(TopicPartition(prefix, partition), 7)
        waiting = [asyncio.create_task(sink.publish([said(prefix, key, 3)])) for key in "abcde"]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert OutOfOrderSequenceNumber in map(type, outcomes)
        for key in "abcde":
            await sink.publish([said(prefix, key, 4)])
        assert producer.epoch == (epoch + 1 if epoch < LAST_EPOCH else 0)
    assert {key: numbers[-1] for key, numbers in (await told(kafka, prefix)).items()} == dict.fromkeys("abcde", 4)


async def test_outages_of_the_broker_leave_the_order_as_it_is(cluster, prefix) -> None:
    """The broker stands still for longer than requests may take; each writer tries again until it is heard.

    Its batches fill up meanwhile: what has no room in time fails, while what has waits for the broker.
    """
    kafka = cluster.settings.kafka.model_copy(update={"timeout_seconds": 1.0})
    await made(cluster.settings.kafka, prefix)
    over, failures = asyncio.Event(), Counter()

    async def write(sink: TopicSink, key: str) -> int:
        number = 0
        while not over.is_set():
            batch = [said(prefix, key, number + n, size=BATCH_BYTES // 4) for n in range(random.randint(1, 12))]
            while True:
                try:
                    await sink.publish(batch)
                    break
                except Exception as error:
                    assert is_transient(error)
                    failures[type(error).__name__] += 1
                    await asyncio.sleep(random.random() / 5)
            number += len(batch)
        return number

    async with TopicSink(kafka, client_id="test") as sink:
        writers = {key: asyncio.create_task(write(sink, key)) for key in "abcdefgh"}
        broker = next(s.pid for s in cluster.stack.status() if s.name == "kafka")
        for _ in range(2):
            await asyncio.sleep(0.5)
            os.kill(broker, signal.SIGSTOP)
            await asyncio.sleep(2.5)
            os.kill(broker, signal.SIGCONT)
        await asyncio.sleep(0.5)
        over.set()
        counts = {key: await writer for key, writer in writers.items()}
    assert failures, "the broker was never missed"
    for key, numbers in (await told(kafka, prefix)).items():
        first_time = list(dict.fromkeys(numbers))
        assert first_time == list(range(counts[key])), "heard once each, in order"
        assert numbers[-1] == counts[key] - 1


class Member:
    """One worker in a group: its consumer, and its sink that publishes as the owner of partition 0."""

    def __init__(self, kafka, topic: str) -> None:
        self._consumer = consumer(kafka, topic, group_id=topic, heartbeat_interval_ms=100)
        self.sink = TopicSink(kafka, client_id="test", group=topic, member=lambda: self._coordinator.member_id)
        self._topic = topic

    @property
    def _coordinator(self):
        return self._consumer._coordinator

    async def join(self) -> None:
        await self._consumer.start()
        await self._consumer.getmany(timeout_ms=10_000, max_records=1)
        self.owner = Owner(f"{self._topic}-in", 0, self._coordinator.generation)
        await self.sink.__aenter__()

    async def leave(self) -> None:
        await self._consumer.stop()

    async def say(self, number: int) -> None:
        await self.sink.publish([said(self._topic, "a", number)._replace(owner=self.owner)])

    def hold(self) -> asyncio.Event:
        """Hold what is sent from now on, until the event is set."""
        client, gate = self.sink._producer.client, asyncio.Event()
        send = client.send

        async def held(node: int, request: object, **options: object) -> object:
            if isinstance(request, ProduceRequest):
                await gate.wait()
            return await send(node, request, **options)

        client.send = held
        return gate


async def test_what_a_former_owner_holds_is_refused_behind_the_next_owners(cluster, prefix) -> None:
    kafka = cluster.settings.kafka
    await made(kafka, prefix)
    former, owner = Member(kafka, prefix), Member(kafka, prefix)
    await former.join()
    await former.say(34)
    let_go = former.hold()
    held = asyncio.create_task(former.say(35))
    await asyncio.sleep(0.2)
    await former.leave()
    await owner.join()
    assert owner.owner.generation > former.owner.generation
    for number in (35, 36):
        await owner.say(number)
    let_go.set()
    with pytest.raises(ProducerFenced):
        await held
    with pytest.raises(RevokedError):  # it asks for an epoch, and is given one; but is not the owner
        await former.say(35)
    await owner.say(37)
    numbering = owner.sink._owners._producers[owner.owner][0]._txn_manager
    for partition in range(PARTITIONS):  # as if batches had expired unsent
        numbering.increment_sequence_number(TopicPartition(prefix, partition), 7)
    with pytest.raises(OutOfOrderSequenceNumber):
        await owner.say(38)
    await owner.say(38)
    await owner.leave()
    for each in (former, owner):
        await each.sink.__aexit__(None, None, None)
    assert (await told(kafka, prefix))["a"] == [34, 35, 36, 37, 38]


async def test_what_an_owner_holds_is_given_up_when_it_is_one_no_more(cluster, prefix) -> None:
    kafka = cluster.settings.kafka
    await made(kafka, prefix)
    member = Member(kafka, prefix)
    await member.join()
    await member.say(1)
    let_go = member.hold()
    held = asyncio.create_task(member.say(2))
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(member.say(3))
    await asyncio.sleep(0.1)
    member.sink.revoke(member.owner.generation + 1)
    for each in (held, waiting):
        with pytest.raises(RevokedError):
            await each
    let_go.set()
    await member.leave()
    await member.sink.__aexit__(None, None, None)
    assert 3 not in (await told(kafka, prefix))["a"], "sent after it was given up"
