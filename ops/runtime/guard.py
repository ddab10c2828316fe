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
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from loguru import logger

from schemas.exits import Exit

if TYPE_CHECKING:
    import faust

    from streams.app import LoomaApp

SIGNALS = frozenset((signal.SIGTERM, signal.SIGINT))
POLL_SECONDS = 0.2
GRACE_SECONDS = 4.0
"""What a worker has for closing its connections when it has drained; with it, it ends within drain_seconds + 5 s."""

MAX_DEPTH = 50
_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITED = ("cr_await", "gi_yieldfrom", "ag_await")


class Guard(threading.Thread):
    """Watches the worker of this process. `status` is what the process should end with.

    Make it before any other thread is started: threads inherit that signals are not for them.
    """

    def __init__(self, drain_seconds: float, stall_seconds: float) -> None:
        super().__init__(name="guard", daemon=True)
        self._drain_seconds = drain_seconds
        self._stall_seconds = stall_seconds
        self._watched: tuple[faust.Worker, LoomaApp, asyncio.AbstractEventLoop] | None = None
        self._beat = time.monotonic()
        self._stalled: dict[str, float] = {}
        self._deadline: float | None = None
        self.status: int = Exit.DONE
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)

    def watch(self, worker: "faust.Worker", app: "LoomaApp") -> None:
        """Watch a worker from now on; until then a signal ends the process at once."""
        self._beat = time.monotonic()
        self._watched = worker, app, worker.loop

    def told(self, what: signal.Signals) -> None:
        """Note that the worker is to stop, and begin to count."""
        if self._deadline is not None:
            if what == signal.SIGINT:
                self._end("it was interrupted again")
            return
        self._deadline = time.monotonic() + self._drain_seconds + GRACE_SECONDS
        if self._watched and self._watched[1].resources.failure:
            self.status = Exit.INTERNAL
        elif what == signal.SIGINT:
            self.status = Exit.INTERRUPTED

    def run(self) -> None:
        """Watch until the process ends."""
        while True:
            time.sleep(POLL_SECONDS)
            # Not sigtimedwait: in a process that was stopped and goes on, Python's returns signals that nobody sent.
            pending = signal.sigpending() & SIGNALS
            got = signal.Signals(signal.sigwait(pending)) if pending else None
            if self._watched is None:
                if got is not None:
                    os._exit(128 + got)
                continue
            worker, app, loop = self._watched
            if got is not None:
                self.told(got)
                loop.call_soon_threadsafe(worker._on_sigterm)
            if self._deadline is None:
                self._look(app, loop)
            elif time.monotonic() > self._deadline:
                self._end("it did not stop in time")

    def _look(self, app: "LoomaApp", loop: asyncio.AbstractEventLoop) -> None:
        if app.crashed:
            app.resources.fail("Faust cannot go on", app.crash_reason)
            return
        now = time.monotonic()
        if now - self._beat > self._stall_seconds:
            self._end(f"its event loop has stood still for {now - self._beat:.0f} s")
        for name, seconds in self._stalled.items():
            if seconds > self._stall_seconds:
                self._end(f"{name} has had work and made no progress for {seconds:.0f} s")

        def beat() -> None:
            self._beat = time.monotonic()
            self._stalled = app.stalled()

        loop.call_soon_threadsafe(beat)

    def _end(self, why: str) -> None:
        """End the process at once, with every stack in the log; what is not committed is delivered again."""
        loop = self._watched[2] if self._watched else None
        logger.critical("the worker ends: {}", why)
        for line in stacks(loop):
            logger.critical("{}", line)
        logger.complete()
        sys.stderr.flush()
        os._exit(self.status or Exit.INTERNAL)


def stacks(loop: asyncio.AbstractEventLoop | None) -> Iterator[str]:
    """Yield line by line where each thread and each task is; no values, which may be personal data."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        yield f"thread {names.get(ident, ident)}"
        yield from _lines(traceback.extract_stack(frame))
    for task in asyncio.all_tasks(loop) if loop else ():
        yield f"task {task.get_name()}"
        yield from _awaits(task.get_coro())


def _awaits(awaited: object) -> Iterator[str]:
    """Yield the places that a task waits at, the innermost last; a task's own stack has the outermost alone."""
    for _ in range(MAX_DEPTH):
        frame = next((f for name in _FRAMES if (f := getattr(awaited, name, None)) is not None), None)
        if frame is None:
            return
        yield from _lines(traceback.extract_stack(frame)[-1:])
        awaited = next((a for name in _AWAITED if (a := getattr(awaited, name, None)) is not None), None)


def _lines(places: Iterable[traceback.FrameSummary]) -> Iterator[str]:
    for place in places:
        yield f"  {place.filename}:{place.lineno} in {place.name}: {place.line}"
