"""A worker's wall clock that jumps: time-machine, in its process, follows a file. `time.monotonic` goes on.

The worker knows nothing of it: Python imports `sitecustomize` before anything else, from a folder of the run's.
"""

import asyncio
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a worker imports this before all else
    from time_machine import Traveller

    from ops.faults.history import History

POLL_SECONDS = 0.05
SLACK_SECONDS = 2.0
"""How much later than told a busy worker may have followed."""

LEAST_HOURS, MOST_HOURS = 1.5, 48.0
"""By how much clocks jump: more than the longest run lasts, or a right time could be taken for a wrong one."""
_VARIABLE = "FAULTS_CLOCK"
_STARTUP = "from ops.faults.clock import follow\n\nfollow()\n"


class Jump(NamedTuple):
    """A clock was wrong by so many seconds, from one moment to another of the true time."""

    begun: float
    ended: float
    offset: float


def offset(drawn: float) -> float:
    """Return by how many seconds a clock jumps, from a number from 0 to 1."""
    return float(3600 * LEAST_HOURS * (MOST_HOURS / LEAST_HOURS) ** drawn)


def file(folder: Path) -> Path:
    """Return the file that says by how many seconds the clock of the worker in `folder` is wrong."""
    return folder / "clock"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a process whose clock is to follow the file in `folder`."""
    startup = folder / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "sitecustomize.py").write_text(_STARTUP)
    paths = [str(startup), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), _VARIABLE: str(file(folder))}


def follow() -> None:
    """Let this process's clock follow the file, from a thread."""
    from time_machine import travel

    # Started here, before there are other threads, and only shifted later: to start and stop is not safe beside them.
    clock = travel(time.time()).start()
    time.time()  # from now on it ticks
    threading.Thread(target=_follow, args=(Path(os.environ[_VARIABLE]), clock), daemon=True).start()


def _follow(path: Path, clock: "Traveller") -> None:
    wrong = 0.0
    while True:
        said = float(path.read_text()) if path.exists() else 0.0
        if said != wrong:
            clock.shift(said - wrong)
            wrong = said
        time.sleep(POLL_SECONDS)


class Clocks:
    """Lets clocks jump, and keeps when they did."""

    def __init__(self) -> None:
        self.jumps: list[Jump] = []

    async def jump(self, path: Path, offset: float, seconds: float) -> None:
        """Let the clock that follows a file jump forth, then back, each for half of the time, then be right again."""
        for wrong in (offset, -offset):
            begun = time.time()
            _write(path, wrong)
            try:
                await asyncio.sleep(seconds / 2)
            finally:
                _write(path, 0.0)
                self.jumps.append(Jump(begun, time.time(), wrong))


def _write(path: Path, wrong: float) -> None:
    new = path.with_suffix(".new")
    new.write_text(str(wrong))
    new.replace(path)


def true_time(moment: float, jumps: Sequence[Jump]) -> float:
    """Return the true time of a moment by a clock that one of the jumps may have put wrong.

    A jump is wider than a run is long, so that no other moment of the run looks like it.
    """
    for begun, ended, wrong in jumps:
        if begun - SLACK_SECONDS <= moment - wrong <= ended + SLACK_SECONDS:
            return moment - wrong
    return moment


def set_right(history: "History", jumps: Sequence[Jump]) -> int:
    """Set the times right that workers wrote while their clocks were wrong; topics have the broker's.

    Returns how many pieces of work have other times now.
    """

    def true(moment: float) -> float:
        return true_time(moment, jumps)

    work = [each._replace(begun=true(each.begun), ended=true(each.ended)) for each in history.work]
    changed = sum(one != other for one, other in zip(history.work, work, strict=True))
    history.work = work
    history.letters = [replace(each, failed_at=true(each.failed_at)) for each in history.letters]
    return changed
