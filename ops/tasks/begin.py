"""Begins tasks: a document, then a process that outlives who has begun it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from loguru import logger

from ops.runtime.settings import environment_of
from ops.tasks.actions import Action, read_action
from schemas.settings import Settings
from sinks.tasks import Task, TaskStore

LOOK_SECONDS = 0.5
_PROGRAM = "ops.tasks.work"


class Tasks:
    """Begins tasks and buries their processes; at most one of a lane, in the whole deployment."""

    def __init__(self, settings: Settings, store: TaskStore) -> None:
        self._settings = settings
        self._store = store
        self._watching: set[asyncio.Task[None]] = set()

    async def begin(self, id: str, action: Action, caller: str, allowed: Callable[[], Awaitable[None]]) -> Task:
        """Begin a task, or return the one of this id; `allowed` is awaited before anything is done.

        Raises TaskBusyError; ValueError if the id came with another request before; what `allowed` raises.
        """
        now = datetime.now(UTC)
        request = action.model_dump(mode="json", exclude_none=True)
        task = Task(id, action.action, action.lane, caller, request, "running", now)
        if known := await self._store.begin(task):
            if read_action(known.request) != action:
                raise ValueError("the id came with another request before")
            return known
        try:
            await allowed()
            process = await asyncio.to_thread(self._start, id)
        except BaseException:
            await asyncio.shield(self._store.withdraw(task))
            raise
        watching = asyncio.create_task(self._bury(task, process))
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        return task

    async def close(self) -> None:
        """Watch no longer; what has begun goes on."""
        for watching in self._watching:
            watching.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    def _start(self, id: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", _PROGRAM, id],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **environment_of(self._settings)},
            start_new_session=True,  # a signal to this process is none to its tasks
        )

    async def _bury(self, task: Task, process: "subprocess.Popen[bytes]") -> None:
        while (status := process.poll()) is None:  # noqa: ASYNC110 - the system tells nobody else
            await asyncio.sleep(LOOK_SECONDS)
        if status:
            logger.error("task {} ended with status {}", task.id, status)
        # One that has said how it ended keeps its word.
        await self._store.end(task, error={"code": "internal", "detail": f"its process ended with status {status}"})
