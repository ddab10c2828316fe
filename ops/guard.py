"""Ends a worker that was told to end, or that has work and gets nowhere, whatever its event loop is doing.

It is a thread of its own: signals come to it, and not to an event loop that may stand still. It first asks the worker
to stop, then ends the process. Before it does so it writes the stack of every thread and every task to the log.
"""

import asyncio
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator

import faust
from loguru import logger

from streams.app import LoomaApp

SIGNALS = frozenset((signal.SIGTERM, signal.SIGINT))
POLL_SECONDS = 0.5
GRACE_SECONDS = 4.0
"""What a worker has for closing its connections when it has drained; with it, it ends within drain_seconds + 5 s."""

FAILED = 70
"""Exit status of a worker that ended by itself: what escaped a batch, or no progress. Start it again."""
INTERRUPTED = 130


class Guard(threading.Thread):
    """Watches one worker from the moment it starts. `status` is what its process should end with."""

    def __init__(self, worker: faust.Worker, app: LoomaApp, drain_seconds: float, stall_seconds: float) -> None:
        super().__init__(name="guard", daemon=True)
        self._worker = worker
        self._app = app
        self._drain_seconds = drain_seconds
        self._stall_seconds = stall_seconds
        self._beat = time.monotonic()
        self._stalled: dict[str, float] = {}
        self._deadline: float | None = None
        self.status = 0

    def run(self) -> None:
        """Watch until the process ends."""
        loop = self._worker.loop
        while True:
            got = signal.sigtimedwait(SIGNALS, POLL_SECONDS)
            if got is not None:
                self._told(signal.Signals(got.si_signo), loop)
            if self._deadline is None:
                self._watch(loop)
            elif time.monotonic() > self._deadline:
                self._end("it did not stop in time")

    def _told(self, what: signal.Signals, loop: asyncio.AbstractEventLoop) -> None:
        if self._deadline is not None:
            if what == signal.SIGINT:
                self._end("it was interrupted again")
            return
        self._deadline = time.monotonic() + self._drain_seconds + GRACE_SECONDS
        if self._app.resources.failure:
            self.status = FAILED
        elif what == signal.SIGINT:
            self.status = INTERRUPTED
        loop.call_soon_threadsafe(self._worker._on_sigterm)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        if now - self._beat > self._stall_seconds:
            self._end(f"its event loop has stood still for {now - self._beat:.0f} s")
        for name, seconds in self._stalled.items():
            if seconds > self._stall_seconds:
                self._end(f"{name} has had work and made no progress for {seconds:.0f} s")
        loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        self._beat = time.monotonic()
        self._stalled = self._app.stalled()

    def _end(self, why: str) -> None:
        """End the process at once, with every stack in the log; what is not committed is delivered again."""
        logger.critical("the worker ends: {}\n{}", why, "\n".join(stacks(self._worker.loop)))
        logger.complete()
        sys.stderr.flush()
        os._exit(self.status or FAILED)


def stacks(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Yield where each thread and each task is; no values, which may be personal data."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        yield f"thread {names.get(ident, ident)}\n" + "".join(traceback.format_stack(frame))
    for task in asyncio.all_tasks(loop):
        lines = [line for frame in task.get_stack() for line in traceback.format_stack(frame)[-1:]]
        yield f"task {task.get_name()}\n" + "".join(lines)


def block_signals() -> None:
    """Leave the signals to the guard; to be called before any thread is started, since threads inherit it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
