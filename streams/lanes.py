"""Lanes: the events of one partition are worked on in order, those of different partitions side by side.

While one lane waits for a sink, another decodes; what arrives meanwhile becomes a later batch, so batches grow with the
load and an event at rest waits for nothing. A free lane takes from partitions that no other lane has: a backlog in one
of them holds up none of the others. A partition that is held back leaves its lane, and goes on beside them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Held = Mapping[int, Callable[[], Awaitable[Any]]]
"""By partition, what goes on with its items."""


class Lanes(Generic[T]):
    """Hands items out in batches, up to `lanes` of them at a time, and never two with items of one partition.

    `handle` gets batches of 1 to `max_items` from its share of the partitions at most, those that have waited longest.
    Larger batches would only keep what is done first waiting for the rest. What it returns, of partitions that are held
    back, goes on in tasks of their own. What any of them raises ends the task group.
    """

    def __init__(
        self,
        group: asyncio.TaskGroup,
        handle: Callable[[list[T]], Awaitable[Held]],
        lanes: int,
        max_items: int,
        max_queued: int,
    ) -> None:
        self._group = group
        self._handle = handle
        self._lanes = lanes
        self._max_items = max_items
        self._max_queued = max_queued
        self._waiting: dict[int, deque[T]] = {}  # by partition; the one whose turn it is comes first
        self._queued = 0
        self._seen: set[int] = set()
        self._taken: set[int] = set()
        self._work, self._room = asyncio.Event(), asyncio.Event()
        for _ in range(lanes):
            group.create_task(self._lane())

    async def put(self, partition: int, item: T) -> None:
        """Queue an item; waits while `max_queued` items wait already."""
        while self._queued >= self._max_queued:
            self._room.clear()
            await self._room.wait()
        self._seen.add(partition)
        self._waiting.setdefault(partition, deque()).append(item)
        self._queued += 1
        self._work.set()

    async def _lane(self) -> None:
        while True:
            batch, partitions = self._take()
            if not batch:
                self._work.clear()
                await self._work.wait()
                continue
            held = await self._handle(batch)
            for partition, go_on in held.items():
                self._group.create_task(self._beside(partition, go_on))
            self._free(partitions - held.keys())

    async def _beside(self, partition: int, go_on: Callable[[], Awaitable[Any]]) -> None:
        await go_on()
        self._free({partition})

    def _free(self, partitions: set[int]) -> None:
        self._taken -= partitions
        self._work.set()

    def _take(self) -> tuple[list[T], set[int]]:
        batch: list[T] = []
        partitions: set[int] = set()
        share = -(-len(self._seen) // self._lanes)
        for partition in [p for p in self._waiting if p not in self._taken][:share]:
            if len(batch) == self._max_items:
                break
            items = self._waiting.pop(partition)
            while items and len(batch) < self._max_items:
                batch.append(items.popleft())
            partitions.add(partition)
            if items:  # behind the others
                self._waiting[partition] = items
        self._taken |= partitions
        self._queued -= len(batch)
        self._room.set()
        return batch, partitions
