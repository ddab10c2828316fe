"""What a process itself is like: how late its event loop is, and how much memory it has."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import psutil
from opentelemetry.metrics import CallbackOptions, Observation

from streams import metrics

TICK_SECONDS = 0.25
WINDOW_SECONDS = 60.0


class LoopDelay:
    """How late the event loop has called at worst in the last minute, whoever asks and however often."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=int(WINDOW_SECONDS / TICK_SECONDS))

    async def watch(self) -> None:
        """Measure until cancelled: a loop that is busy wakes its sleepers late."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self._late.append((time.monotonic(), clock() - due))

    def worst(self) -> float:
        """Return the longest delay."""
        since = time.monotonic() - WINDOW_SECONDS
        return max((late for at, late in list(self._late) if at > since), default=0.0)

    def observe(self, _: CallbackOptions) -> Iterator[Observation]:
        """Tell it."""
        yield Observation(self.worst())


def report_process(data_dir: Path) -> LoopDelay:
    """Report memory and the disk of the data folder; return what is to watch the event loop."""
    process, delay = psutil.Process(), LoopDelay()

    def memory(_: CallbackOptions) -> Iterator[Observation]:
        yield Observation(process.memory_info().rss)

    def disk(_: CallbackOptions) -> Iterator[Observation]:
        yield Observation(psutil.disk_usage(str(data_dir)).percent / 100)

    metrics.PROCESS_MEMORY.observe(memory)
    metrics.DISK_USED.observe(disk)
    metrics.LOOP_DELAY.observe(delay.observe)
    return delay
