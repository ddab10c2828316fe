"""A worker in a process of its own, as the demo and the benchmarks run it."""

import asyncio
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from ops.runtime.data_folder import SETTINGS_FILE
from ops.runtime.settings import environment_of
from schemas.errors import LoomaError
from schemas.settings import Settings
from schemas.topics import PIPELINE
from streams.lag import LagReader

START_SECONDS = 90
LOOK_SECONDS = 0.2


class WorkerError(LoomaError):
    """A worker does not start, or does not get its work done; the text says why and where to look."""

    code = "worker"


@asynccontextmanager
async def local_worker(
    settings: Settings,
    log: Path,
    *arguments: str,
    environment: Mapping[str, str] = MappingProxyType({}),
    code: Path | None = None,
    is_excused: Callable[[], bool] = lambda: False,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker with these settings, logging to `log`; it is ready in the block and drained after it.

    `code`: the folder of another version's source, to run that one.
    Raises WorkerError if it does not become ready in time; while it `is_excused`, that does not count.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if code:
        # Settings files of here may have what another version does not know.
        (log.parent / SETTINGS_FILE).touch()
        environment = {**environment, "PYTHONPATH": str(code)}  # before what is installed
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ops.cli", "worker", *arguments),
            stdout=output,
            stderr=output,
            env={**os.environ, **environment, **environment_of(settings)},
            cwd=log.parent if code else None,
        )
    try:
        await _wait_ready(settings.worker.port, process, log, is_excused)
        yield process
    finally:
        await _stop(process, settings.worker.drain_seconds + 10)


async def is_ready(port: int) -> bool:
    """Whether the worker on `port` says that it has its partitions and its sinks are open."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in answer


async def drained(
    settings: Settings,
    timeout_seconds: float,
    progress: Callable[[str], None],
    topics: Sequence[str] = PIPELINE,
    *,
    limit_seconds: float = math.inf,
) -> None:
    """Wait until the group has nothing left to do, seen twice in a row.

    Raises WorkerError if it comes no nearer to that for `timeout_seconds`, or takes over `limit_seconds` in all.
    """
    now = asyncio.get_running_loop().time
    begun = now()
    quiet, least, since = 0, math.inf, begun
    async with LagReader(settings.kafka, settings.kafka.group_id) as reader:
        while quiet < 2:
            lag = await reader.by_topic(topics)
            behind = sum(lag.values())
            if behind and now() > begun + limit_seconds:
                raise WorkerError(f"still {behind} messages behind after {limit_seconds:.0f} s: {lag}")
            if behind < least:
                least, since = behind, now()
            elif behind and now() > since + timeout_seconds:
                raise WorkerError(f"still {behind} messages behind, and no fewer for {timeout_seconds:.0f} s: {lag}")
            quiet = 0 if behind else quiet + 1
            progress(f"{behind} messages to go")
            await asyncio.sleep(LOOK_SECONDS)


async def _wait_ready(
    port: int, process: asyncio.subprocess.Process, log: Path, is_excused: Callable[[], bool]
) -> None:
    now = asyncio.get_running_loop().time
    deadline = now() + START_SECONDS
    while not await is_ready(port):
        if process.returncode is not None:
            raise WorkerError(f"the worker ended with exit code {process.returncode}; see {log}")
        if is_excused():
            deadline = now() + START_SECONDS
        elif now() > deadline:
            raise WorkerError(f"the worker was not ready after {START_SECONDS} s; see {log}")
        await asyncio.sleep(0.1)


async def _stop(process: asyncio.subprocess.Process, timeout_seconds: float) -> None:
    """Let the worker drain; end it if it does not."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), timeout_seconds)
    except TimeoutError:
        process.kill()
        await process.wait()
