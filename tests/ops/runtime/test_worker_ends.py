"""How a worker ends that cannot start: with the status of what is wrong, said once."""

import asyncio
from types import SimpleNamespace

import pytest
from loguru import logger

from ops.runtime.worker import _serve
from processors.sync.policy import PolicyError
from schemas.exits import Exit


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (PolicyError("fields.name.rules: nonsense"), Exit.USAGE, "fields.name.rules: nonsense"),
        (KeyError("王芳"), Exit.INTERNAL, "KeyError"),
        (None, Exit.DONE, ""),
    ],
)
def test_a_worker_that_cannot_start(error: Exception | None, status: Exit, says: str) -> None:
    def fails() -> None:
        if error:
            raise error

    async def start() -> None:
        fails()

    loop = asyncio.new_event_loop()
    worker = SimpleNamespace(loop=loop, start=start, on_worker_shutdown=lambda: None, stop_and_shutdown=fails)
    said: list[str] = []
    sink = logger.add(said.append, format="{message}")
    try:
        assert _serve(worker) == status
    finally:
        logger.remove(sink)
        loop.close()
    assert len(said) == bool(error)
    assert all(says in line for line in said)
