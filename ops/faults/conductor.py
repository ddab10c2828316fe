"""Makes the faults of a schedule happen, and notes when they did."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from ops.benchmarks.stack import Progress
from ops.faults.changes import EventTopic
from ops.faults.clock import Clocks, offset
from ops.faults.crew import Crew
from ops.faults.disk import full_disk
from ops.faults.history import Happened
from ops.faults.schedule import Fault
from ops.local.embedded.stack import Stack, StackError

PULSE_SECONDS = 0.3
"""How long servers that crawl stand still, and how long they go on."""
STARTS = 3


class Conductor:
    """Applies faults to a crew and to a stack. Faults overlap, but a server is only ever away once at a time."""

    def __init__(self, crew: Crew, stack: Stack, topic: EventTopic, progress: Progress) -> None:
        self._crew = crew
        self._stack = stack
        self._topic = topic
        self._progress = progress
        self._servers = {name: asyncio.Lock() for name in ("kafka", "mongodb")}
        crew.is_excused = lambda: any(away.locked() for away in self._servers.values())
        self.clocks = Clocks()
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
        elif fault.kind == "stop":
            member = await self._crew.one(fault.target)
            happened = self._note(fault, member.process.pid)
            async with _still(member.process.pid):
                await asyncio.sleep(fault.seconds)
        elif fault.kind == "clock_jump":
            member = await self._crew.one(fault.target)
            happened = self._note(fault, member.process.pid)
            await self.clocks.jump(member.clock, offset(fault.target), fault.seconds)
        elif fault.kind == "disk_full":
            async with self._servers["mongodb"]:
                happened = self._note(fault)
                with full_disk(self._session("mongodb")):
                    await asyncio.sleep(fault.seconds)
                await self._start("mongodb")  # as `looma up` does: one that does not recover is started again
        elif fault.kind in ("topic_anew", "partitions_added"):
            async with self._servers["kafka"]:
                happened = self._note(fault)
                await (self._topic.make_anew() if fault.kind == "topic_anew" else self._topic.add_partitions())
        elif fault.kind == "crawl":
            async with self._servers["kafka"], self._servers["mongodb"]:
                happened = self._note(fault)
                await self._crawl(fault.seconds)
        else:
            server = "kafka" if fault.kind == "broker" else "mongodb"
            async with self._servers[server]:
                happened = self._note(fault)
                if fault.kind == "slow":
                    async with _still(self._session(server), os.killpg):
                        await asyncio.sleep(fault.seconds)
                else:
                    await self._stack.stop(server, kill=fault.hard)
                    await asyncio.sleep(fault.seconds)
                    await self._start(server)
        happened.ended = time.time()

    async def _start(self, server: str) -> None:
        """Start a server; one that is not up in its time, on a busy machine, is started again, as an operator would."""
        for left in reversed(range(STARTS)):
            try:
                await self._stack.start(server)
            except StackError:
                if not left:
                    raise
                self._progress(f"{server} was not up in time; starting it again")
            else:
                return

    def _note(self, fault: Fault, worker: int | None = None) -> Happened:
        happened = Happened(fault, time.time(), worker=worker)
        self.happened.append(happened)
        return happened

    async def _crawl(self, seconds: float) -> None:
        """Let both servers stand still again and again, together."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            async with _still(self._session("kafka"), os.killpg), _still(self._session("mongodb"), os.killpg):
                await asyncio.sleep(PULSE_SECONDS)
            await asyncio.sleep(PULSE_SECONDS)

    def _session(self, server: str) -> int:
        """Return the number of a server's process, which has a session of its own."""
        pid = next(s.pid for s in self._stack.status() if s.name == server)
        if pid is None:
            raise RuntimeError(f"{server} does not run")
        return pid


@asynccontextmanager
async def _still(pid: int, send: Callable[[int, signal.Signals], None] = os.kill) -> AsyncIterator[None]:
    """Let a process stand still, if it is still there."""
    with suppress(ProcessLookupError):
        send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            send(pid, signal.SIGCONT)
