import asyncio

import pytest

from streams.lanes import Lanes


async def test_each_lane_keeps_its_order_in_bounded_batches_and_lanes_overlap() -> None:
    done: dict[int, list[int]] = {0: [], 1: []}
    sizes: list[int] = []
    busy: set[int] = set()
    overlapped = False
    finished = asyncio.Event()

    async def handle(batch: list[tuple[int, int]]) -> None:
        nonlocal overlapped
        (lane,) = {lane for lane, _ in batch}
        assert lane not in busy, "a lane works on one batch at a time"
        busy.add(lane)
        overlapped = overlapped or len(busy) > 1
        await asyncio.sleep(0)
        sizes.append(len(batch))
        done[lane] += [number for _, number in batch]
        busy.discard(lane)
        if sum(map(len, done.values())) == 50:
            finished.set()

    async with asyncio.TaskGroup() as group:
        lanes = Lanes(group, handle, 4)
        for number in range(50):
            await lanes.put(number % 2, (number % 2, number))
        async with asyncio.timeout(10):
            await finished.wait()
        for task in group._tasks:
            task.cancel()
    assert done == {0: list(range(0, 50, 2)), 1: list(range(1, 50, 2))}
    assert max(sizes) <= 4
    assert max(sizes) > 1, "what waits becomes one batch"
    assert overlapped


async def test_a_full_lane_makes_its_producer_wait_and_a_failure_ends_the_group() -> None:
    release = asyncio.Event()

    async def handle(batch: list[int]) -> None:
        await release.wait()
        raise RuntimeError("broken stage")

    async def produce() -> None:
        async with asyncio.TaskGroup() as group:
            lanes = Lanes(group, handle, 2)
            for number in range(100):
                await lanes.put(0, number)
                put.append(number)

    put: list[int] = []
    producer = asyncio.create_task(produce())
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(put) <= 5
    release.set()
    with pytest.raises(ExceptionGroup) as caught:
        await producer
    assert caught.value.subgroup(RuntimeError)
