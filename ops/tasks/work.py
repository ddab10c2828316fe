"""The process that does one task: `python -m ops.tasks.work ID`. It has the settings of the API that began it."""

import asyncio
import os
import sys
from typing import Any

from loguru import logger

from ops.runtime import logs
from ops.runtime.settings_errors import read_settings
from ops.runtime.telemetry import telemetry
from ops.tasks.actions import Work, read_action
from schemas.errors import LoomaError
from schemas.settings import Settings
from sinks.errors import is_transient
from sinks.tasks import Task, TaskStore
from streams.generations.database import base_database

BEAT_SECONDS = 2.0
"""Between signs of life; a lane is lost after fifteen that are missing."""
STOPPED = {"code": "stopped", "detail": "somebody has stopped it"}


def main() -> None:
    """Do the task that the arguments name."""
    settings = read_settings()
    logs.configure(settings.telemetry, settings.data_dir / "logs" / f"task-{os.getpid()}.jsonl")
    with telemetry(settings, "task"):
        asyncio.run(work(settings, sys.argv[1]))


async def work(settings: Settings, id: str) -> None:
    """Do a task and note how it ended. One that is no longer ours is left to whoever has it."""
    async with base_database(settings) as base:
        store = TaskStore(base)
        task = await store.find(id)
        if task is None or task.ended:
            return
        own = Work(settings)
        doing = asyncio.create_task(read_action(task.request).do(own))
        try:
            if not await _kept(store, task, own, doing):
                logger.error("task {} is no longer ours; it ends here", id)
                return
            await _end(store, task, own, doing)
        finally:
            doing.cancel()
            await asyncio.wait([doing])


async def _kept(store: TaskStore, task: Task, own: Work, doing: "asyncio.Task[dict[str, Any]]") -> bool:
    """Give signs of life until it is done; False if the task was lost."""
    while True:
        await asyncio.wait([doing], timeout=BEAT_SECONDS)
        if doing.done():
            return True
        beat = await store.beat(task, own.progress)
        if not beat.is_held:
            return False
        if beat.is_stopped:
            own.stopping.set()
            if task.lane == "look":  # nothing is written, so nothing has to be finished
                doing.cancel()


async def _end(store: TaskStore, task: Task, own: Work, doing: "asyncio.Task[dict[str, Any]]") -> None:
    result, error = None, None
    try:
        result = doing.result()
    except asyncio.CancelledError:
        error = STOPPED
    except LoomaError as problem:
        error = {"code": problem.code, "detail": problem.message}
    except Exception as problem:
        if is_transient(problem):
            error = {"code": "unavailable", "detail": f"a server does not answer: {type(problem).__name__}"}
        else:
            logger.opt(exception=problem).error("task {} failed", task.id)
            error = {"code": "internal", "detail": "an unexpected error; the log of the task says where"}
    await store.end(task, result=result, error=error, progress=own.progress)


if __name__ == "__main__":
    main()
