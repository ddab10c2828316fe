"""Lanes: the events of one partition are worked on in order, those of different partitions side by side.

While one lane waits for a sink, another decodes; what arrives meanwhile becomes a lane's next batch, so batches grow
with the load and an event at rest waits for nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """Spreads items over bounded queues, each with a task of its own that takes them in batches.

    `handle` gets batches of 1 to `max_items`, never two of one lane at a time. What it raises ends the task group.
    A lane holds back the others once `max_queued` items wait in it, by default as many as a batch has at most.
    """

    def __init__(
        self,
        group: asyncio.TaskGroup,
        handle: Callable[[list[T]], Awaitable[None]],
        max_items: int,
        max_queued: int | None = None,
    ) -> None:
        self._group = group
        self._handle = handle
        self._max_items = max_items
        self._max_queued = max_queued or max_items
        self._queues: dict[int, asyncio.Queue[T]] = {}

    async def put(self, lane: int, item: T) -> None:
        """Queue an item; waits while its lane is full."""
        queue = self._queues.get(lane)
        if queue is None:
            queue = self._queues[lane] = asyncio.Queue(self._max_queued)
            self._group.create_task(self._work(queue))
        await queue.put(item)

    async def _work(self, queue: asyncio.Queue[T]) -> None:
        while True:
            batch = [await queue.get()]
            while len(batch) < self._max_items and not queue.empty():
                batch.append(queue.get_nowait())
            await self._handle(batch)
