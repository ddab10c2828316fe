"""The workers of a run: each place is filled again as soon as its worker has ended, whatever ended it."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ops.faults import clock
from ops.local.embedded.stack import free_ports
from ops.local.worker import WorkerError, local_worker
from ops.runtime.telemetry import traces_dir
from schemas.settings import Settings

START_SECONDS = 120
RESTART_SECONDS = 1.0
LEAVE_SECONDS = 60
SPARED_SECONDS = 3.0
"""How long a worker is left alone: one killed as soon as it is ready does nothing, and the backlog never ends."""


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that became ready, and where it writes its spans."""

    name: str
    process: asyncio.subprocess.Process
    traces: Path
    clock: Path
    """The file that says by how many seconds its clock is wrong."""
    ready_at: float
    """Of the monotonic clock."""
    place: int
    code: Path | None
    """The folder of its source, if that is another version's."""


class Crew:
    """Keeps `size` workers of one group running; `clocks`: so that their clocks can be put wrong.

    They do the sync stage alone, unless they are not `sync_only`. With `code`, the folder of another version's source,
    they begin as that version and do every stage: what one version's stage says, the other's must read.
    """

    def __init__(
        self, settings: Settings, size: int, *, clocks: bool, code: Path | None = None, sync_only: bool = True
    ) -> None:
        self._settings = settings
        self._size = size
        self._clocks = clocks
        self._codes = [code] * size
        self._arguments = ("--sync-only",) if sync_only and not code else ()
        self._begun = 0
        self._told: set[int] = set()
        self._any = asyncio.Event()
        self.is_excused: Callable[[], bool] = lambda: False
        """Whether workers cannot become ready now, since servers are away on purpose."""
        self.running: dict[int, Member] = {}
        self.members: list[Member] = []
        self.exits: list[str] = []
        """Of the workers that ended though nobody had told them to, or did not start."""
        self.changes: list[float] = []
        """When workers came and went, in seconds since the epoch."""

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Run the workers; all are ready in the block, and drained after it. Raises an ExceptionGroup."""
        async with asyncio.TaskGroup() as group:
            ready = [asyncio.Event() for _ in range(self._size)]
            tasks = [group.create_task(self._fill(place, each)) for place, each in enumerate(ready)]
            try:
                try:
                    async with asyncio.timeout(START_SECONDS):
                        for each in ready:
                            await each.wait()
                except TimeoutError:
                    raise WorkerError("\n".join(self.exits) or "the workers did not start") from None
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def _fill(self, place: int, ready: asyncio.Event) -> None:
        while True:
            self._begun += 1
            name = f"worker-{self._begun}"
            folder = self._settings.data_dir / name
            self.changes.append(time.time())
            own = self._settings.changed(
                data_dir=folder,
                worker__members_dir=self._settings.data_dir / "members",
                worker__port=free_ports(1)[0],
            )
            try:
                environment = clock.environment(folder) if self._clocks else {}
                log, code = folder / "worker.log", self._codes[place]
                async with local_worker(
                    own, log, *self._arguments, environment=environment, code=code, is_excused=lambda: self.is_excused()
                ) as process:
                    now = time.monotonic()
                    member = Member(name, process, traces_dir(own), clock.file(folder), now, place, code)
                    self.members.append(member)
                    self.running[process.pid] = member
                    ready.set()
                    self._any.set()
                    self.changes.append(time.time())  # it may have taken long, and the group is rebalanced only now
                    try:
                        await process.wait()
                    finally:
                        del self.running[process.pid]
                        if not self.running:
                            self._any.clear()
                        self.changes.append(time.time())
                    if process.pid not in self._told or process.returncode not in (0, -signal.SIGKILL):
                        self.exits.append(f"{name} ended with {process.returncode}")
            except WorkerError as error:
                self.exits.append(str(error))
                await asyncio.sleep(RESTART_SECONDS)

    async def one(self, target: float) -> Member:
        """Return a worker that has run for SPARED_SECONDS, by a number from 0 to 1; waits while there is none."""
        while True:
            await self._any.wait()
            since = time.monotonic() - SPARED_SECONDS
            if members := [m for m in self.running.values() if m.ready_at <= since]:
                return members[int(target * len(members))]
            await asyncio.sleep(0.1)

    async def roll(self, code: Path | None, beside: Callable[[], Awaitable[None]]) -> None:
        """Let workers of another version take the places, one by one: the next leaves when the last is ready.

        `beside` is awaited while the first of them works beside those that have not left yet.
        """
        for place in range(self._size):
            if place == 1:
                await beside()
            self._codes[place] = code
            while (member := self._in_place(place)) is None or member.code != code:
                if member:
                    await self.end(member, signal.SIGTERM)
                await asyncio.sleep(0.1)

    def _in_place(self, place: int) -> Member | None:
        return next((member for member in self.running.values() if member.place == place), None)

    async def end(self, member: Member, how: signal.Signals) -> None:
        """Send a worker a signal and wait until it has ended, and make sure of it."""
        self._told.add(member.process.pid)
        with suppress(ProcessLookupError):
            member.process.send_signal(how)
        try:
            await asyncio.wait_for(member.process.wait(), LEAVE_SECONDS)
        except TimeoutError:
            self.exits.append(f"{member.name} did not leave within {LEAVE_SECONDS} s")
            member.process.kill()
