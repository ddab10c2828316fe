"""The crew of a fault run: which worker a fault may take."""

import asyncio
import time
from pathlib import Path
from typing import Any

from ops.faults import crew
from ops.faults.crew import SPARED_SECONDS, Crew, Member
from schemas.settings import Settings


def member(name: str, age: float) -> Member:
    nothing: Any = None
    return Member(name, nothing, Path(), Path(), time.monotonic() - age)


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
