"""What may be committed, when it is, and how a standstill is told."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams.consumer import Backlog
from tests.support.consumers import PLACE, Committing, Fetched


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
    new = await consumer.fetch(0, 1, anew=True)
    consumer.ack(old[0])
    consumer.ack(new[0])
    await consumer.force_commit()
    assert consumer.commits[-1] == {PLACE: 1}


@pytest.mark.parametrize("ends_by", ["flow", "generation"])
async def test_what_is_fetched_is_handed_on_in_order_until_a_rebalance(ends_by: str) -> None:
    consumer = Committing()
    consumer.flow_active = True
    given = []

    async def take(message: SimpleNamespace) -> None:
        given.append(message.offset)
        if message.offset == 2:
            if ends_by == "flow":
                consumer.flow_active = False
            else:
                consumer.app.consumer_generation_id += 1

    consumer.callback = take
    await consumer._hand_on([SimpleNamespace(offset=offset, generation_id=1) for offset in range(5)])
    assert given == [0, 1, 2]


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
    for message in await consumer.fetch(150, 151, anew=True):  # others have worked on what lies between
        consumer.ack(message)
    await consumer.force_commit()
    assert consumer.commits == [{PLACE: 152}]


async def test_what_a_rebalance_swallows_is_fetched_again_and_never_committed_past() -> None:
    consumer = Committing()
    consumer.rebalances = True
    assert await consumer.fetch(50, 51) == [], "of a generation that is over"
    consumer.rebalances = False
    assert await consumer.fetch(52, 53) == [], "what was before it has reached nobody"
    assert consumer.given_back == [PLACE]
    assert not await consumer.force_commit()
    messages = await consumer.fetch(50, 51, 52, 53)
    assert [message.offset for message in messages] == [50, 51, 52, 53]
    for message in messages:
        consumer.ack(message)
    await consumer.force_commit()
    assert consumer.commits == [{PLACE: 54}]


async def test_what_was_fetched_before_an_assignment_was_told_is_fetched_again() -> None:
    consumer = Committing()
    await consumer.fetch(10, 11)  # of the new assignment already
    consumer._offsets.clear()  # as `on_partitions_assigned` does
    assert await consumer.fetch(12) == []
    assert consumer.given_back == [PLACE]


@given(st.lists(st.sampled_from(["fetch", "swallow", "seek", "assign", "handle", "commit"]), max_size=60))
async def test_whatever_comes_between_nothing_is_committed_that_was_not_handled(steps: list[str]) -> None:
    """A log of which each fetch reads two messages; a fetch may be swallowed, sought back from, or forgotten."""
    consumer = Committing()
    at, committed, handled, held = 0, 0, set[int](), list[Fetched]()
    for step in steps:
        if step in ("fetch", "swallow"):
            consumer.rebalances = step == "swallow"
            held += await consumer.fetch(at, at + 1)
            consumer.rebalances = False
            at = committed if consumer.given_back else at + 2
            consumer.given_back.clear()
        elif step in ("seek", "assign"):
            at, consumer.end = committed, None
            if step == "assign":
                consumer._offsets.clear()
                consumer._committed.clear()
        elif step == "handle" and held:
            message = held.pop(0)
            handled.add(message.offset)
            consumer.ack(message)
        elif step == "commit":
            await consumer.force_commit()
            if consumer.commits:
                committed = max(committed, consumer.commits[-1][PLACE])
    assert set(range(committed)) <= handled


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
