"""Makes the faults of a schedule happen, and notes when they did."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from ops.bench import Progress
from ops.embedded.stack import Stack
from ops.faults.crew import Crew
from ops.faults.history import Happened
from ops.faults.schedule import Fault


class Conductor:
    """Applies faults to a crew and to a stack. Faults overlap, but a server is only ever away once at a time."""

    def __init__(self, crew: Crew, stack: Stack, progress: Progress) -> None:
        self._crew = crew
        self._stack = stack
        self._progress = progress
        self._servers = {name: asyncio.Lock() for name in ("kafka", "mongodb")}
        self.happened: list[Happened] = []

    async def play(self, faults: Sequence[Fault]) -> None:
        """Let every fault happen at its time; return when all servers are back."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, begun + fault.at - time.monotonic()))
                self._progress(f"{fault.at:.0f} s: {fault.kind}" + (f" for {fault.seconds} s" if fault.seconds else ""))
                group.create_task(self._happen(fault))

    async def _happen(self, fault: Fault) -> None:
        if fault.kind in ("kill", "rebalance"):
            how = signal.SIGKILL if fault.kind == "kill" else signal.SIGTERM
            member = await self._crew.one(fault.target)
            happened = self._note(fault, member.process.pid)
            await self._crew.end(member, how)
        else:
            server = "kafka" if fault.kind == "broker" else "mongodb"
            async with self._servers[server]:
                happened = self._note(fault)
                if fault.kind == "slow":
                    async with self._paused(server):
                        await asyncio.sleep(fault.seconds)
                else:
                    await self._stack.stop(server, kill=fault.hard)
                    await asyncio.sleep(fault.seconds)
                    await self._stack.start(server)
        happened.ended = time.time()

    def _note(self, fault: Fault, worker: int | None = None) -> Happened:
        happened = Happened(fault, time.time(), worker=worker)
        self.happened.append(happened)
        return happened

    @asynccontextmanager
    async def _paused(self, server: str) -> AsyncIterator[None]:
        """Let a server of ours stand still; it has a session of its own."""
        pid = next(s.pid for s in self._stack.status() if s.name == server)
        if pid is None:
            raise RuntimeError(f"{server} does not run")
        os.killpg(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGCONT)
