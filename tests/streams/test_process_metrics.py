"""What a process tells of itself."""

import asyncio
import time

from streams.process_metrics import TICK_SECONDS, LoopDelay


async def test_a_blocked_event_loop_shows_and_is_told_once() -> None:
    delay = LoopDelay()
    watch = asyncio.create_task(delay.watch())
    await asyncio.sleep(0)
    time.sleep(2 * TICK_SECONDS)  # noqa: ASYNC251 - what is to be seen
    for _ in range(10):
        await asyncio.sleep(0)
    (first,), (second,) = delay.observe(None), delay.observe(None)  # type: ignore[arg-type]
    watch.cancel()
    assert first.value > TICK_SECONDS / 2
    assert second.value == 0
