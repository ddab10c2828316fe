"""The crew of a fault run: which worker a fault may take."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ops.faults import crew
from ops.faults.crew import SPARED_SECONDS, Crew, Member
from schemas.settings import Settings


def member(name: str, age: float) -> Member:
    nothing: Any = None
    return Member(name, nothing, Path(), Path(), time.monotonic() - age, 0, None)


async def test_a_worker_that_has_just_become_ready_is_spared(monkeypatch: Any) -> None:
    workers = Crew(Settings(), 2, clocks=False)
    workers.running = {1: member("old", SPARED_SECONDS + 1), 2: member("new", 0)}
    workers._any.set()
    assert {(await workers.one(n / 10)).name for n in range(10)} == {"old"}

    workers.running = {2: member("new", 0)}
    waiting = asyncio.create_task(workers.one(0.5))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    monkeypatch.setattr(crew, "SPARED_SECONDS", 0.0)
    assert (await waiting).name == "new"


class Process:
    """A worker that ends when it is told to."""

    pids = iter(range(1, 1000))

    def __init__(self) -> None:
        self.pid, self.returncode, self._ended = next(self.pids), None, asyncio.Event()

    def send_signal(self, _: int) -> None:
        self.returncode = 0
        self._ended.set()

    kill = send_signal

    async def wait(self) -> int:
        await self._ended.wait()
        return 0


async def test_a_roll_takes_one_place_after_the_other(monkeypatch: Any, tmp_path: Path) -> None:
    older, running, least = tmp_path / "older", 0, 3

    @asynccontextmanager
    async def local_worker(*_: object, code: Path | None, **__: object) -> AsyncIterator[Process]:
        nonlocal running, least
        await asyncio.sleep(0.05)  # it starts
        process, running = Process(), running + 1
        try:
            yield process
        finally:
            running -= 1
            least = min(least, running)

    beside: list[list[Path | None]] = []

    async def work() -> None:
        beside.append([m.code for m in sorted(workers.running.values(), key=lambda m: m.place)])

    monkeypatch.setattr(crew, "local_worker", local_worker)
    workers = Crew(Settings(data_dir=tmp_path), 3, clocks=False, code=older)
    async with workers.at_work():
        for code in (None, older):
            assert {m.code for m in workers.running.values()} == {older if code is None else None}
            await workers.roll(code, work)
            assert [m.code for m in workers.running.values()] == [code] * 3
            assert sorted(m.place for m in workers.running.values()) == [0, 1, 2]
        assert beside == [[None, older, older], [older, None, None]]
        assert least == 2, "never more than one was away"
        assert not workers.exits
