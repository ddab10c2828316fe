"""What a process tells of itself."""

import asyncio
import time

import pytest

from streams import process_metrics
from streams.process_metrics import TICK_SECONDS, WINDOW_SECONDS, LoopDelay


async def test_a_blocked_event_loop_shows_for_a_minute_to_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    delay = LoopDelay()
    watch = asyncio.create_task(delay.watch())
    await asyncio.sleep(0)
    time.sleep(2 * TICK_SECONDS)  # noqa: ASYNC251 - what is to be seen
    for _ in range(10):
        await asyncio.sleep(0)
    watch.cancel()
    told = [next(delay.observe(None)).value for _ in range(2)]  # type: ignore[arg-type]
    assert min(told) > TICK_SECONDS / 2
    later = time.monotonic() + WINDOW_SECONDS + 1
    monkeypatch.setattr(process_metrics.time, "monotonic", lambda: later)
    assert delay.worst() == 0
