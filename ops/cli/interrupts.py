"""Ctrl-C: while modules are imported, which no handler of theirs expects, and in work that ends where it can go on."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from schemas.exits import Exit

if TYPE_CHECKING:
    import asyncio


def end_at_once(number: int, frame: FrameType | None) -> None:
    """End the process without a word; for when nothing is open that must be closed."""
    os._exit(Exit.INTERRUPTED)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process at once in the block, if it would raise KeyboardInterrupt there."""
    own = threading.current_thread() is threading.main_thread()
    if not own or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, end_at_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def stopping(stop: "asyncio.Event") -> Iterator[list[int]]:
    """Let Ctrl-C or SIGTERM set `stop`, and a second one end the work at once; gives the list of what Ctrl-C has told.

    Whoever was interrupted before the end has `Exit.INTERRUPTED` for status.
    """
    import asyncio  # slow; this module is what is imported before anything can be interrupted

    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    interrupted: list[int] = []

    def told(number: int) -> None:
        if number == signal.SIGINT:
            interrupted.append(number)
        stop.set()
        for each in signals:
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, told, each)
    try:
        yield interrupted
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
