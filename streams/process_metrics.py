"""What a process itself is like: how late its event loop is, and how much memory it has."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psutil
from opentelemetry.metrics import CallbackOptions, Observation

from streams import metrics

TICK_SECONDS = 0.25


class LoopDelay:
    """How late the event loop has called at worst, since somebody last asked."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Measure until cancelled: a loop that is busy wakes its sleepers late."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self.worst = max(self.worst, clock() - due)

    def observe(self, _: CallbackOptions) -> Iterator[Observation]:
        """Tell the worst, and begin anew."""
        worst, self.worst = self.worst, 0.0
        yield Observation(worst)


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
