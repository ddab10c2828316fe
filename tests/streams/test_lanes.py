import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.lanes import Held, Lanes

Item = tuple[int, int]
"""A partition and a number."""


class Handling:
    """What lanes hand out; each batch is at work until it is released."""

    def __init__(self) -> None:
        self.at_work: list[tuple[list[Item], asyncio.Event]] = []
        self.done: list[Item] = []
        self.most_at_work = 0

    async def __call__(self, batch: list[Item]) -> Held:
        release = asyncio.Event()
        of = (batch, release)
        self.at_work.append(of)
        self.most_at_work = max(self.most_at_work, len(self.at_work))
        partitions = Counter(p for each, _ in self.at_work for p in {partition for partition, _ in each})
        assert max(partitions.values()) == 1, "a partition is in one batch at a time"
        await release.wait()
        self.at_work.remove(of)
        self.done += batch
        return {}


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 3)), max_size=60), st.integers(1, 3))
async def test_partitions_keep_their_order_in_bounded_batches(steps: list[tuple[int, int | None]], lanes: int) -> None:
    handling = Handling()
    sizes: list[int] = []

    async def handle(batch: list[Item]) -> Held:
        sizes.append(len(batch))
        return await handling(batch)

    async def produce() -> None:
        for number, (partition, _) in enumerate(steps):
            await work.put(partition, (partition, number))

    async with asyncio.TaskGroup() as group:
        work = Lanes(group, handle, lanes, max_items=4, max_queued=8)
        producer = group.create_task(produce())
        for _, released in steps:
            await settle()
            if released is not None and handling.at_work:
                handling.at_work[released % len(handling.at_work)][1].set()
        while len(handling.done) < len(steps):
            await settle()
            for _, release in handling.at_work:
                release.set()
        await producer
        for task in group._tasks:
            task.cancel()
    assert max(sizes, default=1) <= 4
    assert handling.most_at_work <= lanes
    for partition in range(5):
        numbers = [number for of, number in handling.done if of == partition]
        assert numbers == [number for number, (of, _) in enumerate(steps) if of == partition]


async def test_a_backlog_of_one_partition_holds_up_no_other_and_each_lane_takes_its_share() -> None:
    handling = Handling()
    async with asyncio.TaskGroup() as group:
        work = Lanes(group, handling, 3, max_items=4, max_queued=12)
        for number in range(7):
            await work.put(0, (0, number))
        for partition in (3, 6, 1):  # lanes of fixed partitions would have put two of them behind the backlog
            await work.put(partition, (partition, 0))
        await settle()
        assert [batch for batch, _ in handling.at_work] == [
            [(0, 0), (0, 1), (0, 2), (0, 3)],
            [(3, 0), (6, 0)],
            [(1, 0)],
        ]
        handling.at_work[0][1].set()
        await settle()
        assert handling.at_work[-1][0] == [(0, 4), (0, 5), (0, 6)]
        for task in group._tasks:
            task.cancel()


async def test_a_partition_that_is_held_back_leaves_its_lane_and_keeps_its_order() -> None:
    batches: list[list[Item]] = []
    back, beside = asyncio.Event(), list[Item]()

    async def handle(batch: list[Item]) -> Held:
        batches.append(batch)
        late = [item for item in batch if item[0] == 0 and not back.is_set()]

        async def go_on() -> None:
            await back.wait()
            beside.extend(late)

        return {0: go_on} if late else {}

    async with asyncio.TaskGroup() as group:
        work = Lanes(group, handle, 1, max_items=4, max_queued=12)
        for number in range(3):
            for partition in (0, 1):
                await work.put(partition, (partition, number))
                await settle()
        assert batches == [[(0, 0)], [(1, 0)], [(1, 1)], [(1, 2)]], "the others go on in the only lane"
        back.set()
        await settle()
        assert beside == [(0, 0)]
        assert batches[4:] == [[(0, 1), (0, 2)]]
        for task in group._tasks:
            task.cancel()


async def test_full_lanes_make_their_producer_wait_and_a_failure_ends_the_group() -> None:
    release = asyncio.Event()

    async def handle(batch: list[int]) -> Held:
        await release.wait()
        raise RuntimeError("broken stage")

    async def produce() -> None:
        async with asyncio.TaskGroup() as group:
            lanes = Lanes(group, handle, 1, max_items=2, max_queued=2)
            for number in range(100):
                await lanes.put(0, number)
                put.append(number)

    put: list[int] = []
    producer = asyncio.create_task(produce())
    for _ in range(20):
        await asyncio.sleep(0)
    assert put == [0, 1, 2, 3]
    release.set()
    with pytest.raises(ExceptionGroup) as caught:
        await producer
    assert caught.value.subgroup(RuntimeError)
