"""Says for a worker that was killed that it has left its group, so that Kafka need not wait until its session ends.

Each worker keeps a small file in a folder that it shares with the others of its machine, locked for as long as it
lives: the system takes the lock away however the process ends. Whoever can lock another's file has found a dead
worker, and sends the LeaveGroup request that it could not send. Without a shared folder nobody finds anything, and
Kafka's session time-out decides.
"""

import asyncio
import fcntl
import json
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, UnknownMemberIdError, for_code
from aiokafka.protocol.group import LeaveGroupRequest
from loguru import logger

from schemas.settings import KafkaSettings
from sinks.kafka import client

INTERVAL = 0.05
"""Seconds between two looks into the folder."""

PAUSE = 2.0
"""Seconds after a look that failed, because the broker did not answer."""

KEPT = 24 * 3600.0
"""Seconds after which what a dead worker left is removed, whoever's it was; its session has ended long ago."""

_GROUP = 0  # the type of coordinator that is looked up

Leave = Callable[[str], Awaitable[bool]]
"""Makes a member leave; whether it still was one. If it raises, it is tried again."""


class LeaveError(Exception):
    """The broker could not be told that a member has left, so it is tried again."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a worker's file says: the group, on which brokers, the id that it has there, and the process."""

    brokers: str
    group: str
    id: str
    machine: str
    pid: int
    started: str

    @classmethod
    def of_this_process(cls, brokers: str, group: str, member_id: str) -> "Member":
        """Return what this process has to say."""
        return cls(brokers, group, member_id, _machine(), os.getpid(), _started(os.getpid()))

    @classmethod
    def read(cls, text: str) -> "Member | None":
        """Return what a file says; None if it was cut off, or is of another version."""
        try:
            found = cls(**json.loads(text))
        except (ValueError, TypeError):
            return None
        return found if isinstance(found.pid, int) and isinstance(found.id, str) else None

    @property
    def is_alive(self) -> bool:
        """Whether its process lives: not another one that has its number by now, and no zombie.

        Only a second look, for file systems whose locks hold nothing. The number counts on its own machine alone.
        """
        return self.started != "" and _started(self.pid) == self.started


class Membership:
    """A worker's own file, and an eye on those of the dead of its group. `member_id` is "" while it has none."""

    def __init__(self, folder: Path, brokers: str, group: str, member_id: Callable[[], str], leave: Leave) -> None:
        self._folder = folder
        self._brokers = brokers
        self._group = group
        self._member_id = member_id
        self._leave = leave
        self._path = folder / f"{uuid.uuid4().hex}.json"
        self._file: IO[str] | None = None
        self._noted = ""

    async def watch(self) -> None:
        """Keep the own file up to date and speak for the dead, until cancelled or the folder cannot be used."""
        while True:
            pause = INTERVAL
            try:
                self.note()
                await self.speak_for_the_dead()
            except LeaveError as error:
                logger.debug("{}", error)
                pause = PAUSE
            except OSError as error:
                text = "members' files in {} cannot be kept, so a killed worker's session has to end: {}"
                logger.warning(text, self._folder, error)
                return
            await asyncio.sleep(pause)

    def note(self) -> None:
        """Write down which member of the group this process is, if that has changed. Raises OSError."""
        member_id = self._member_id()
        if member_id == self._noted:
            return
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("x+", encoding="utf-8")  # children do not inherit it, so none holds the lock
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.seek(0)
        self._file.truncate()
        json.dump(asdict(Member.of_this_process(self._brokers, self._group, member_id)), self._file)
        self._file.flush()
        self._noted = member_id

    async def speak_for_the_dead(self) -> int:
        """Make the dead members of the group leave it; return how many still were members. Raises LeaveError, OSError.

        A file is locked meanwhile, so that one worker speaks for it, and stays until the broker has answered.
        """
        left = 0
        for path in self._others():
            with suppress(FileNotFoundError, PermissionError), path.open(encoding="utf-8", errors="replace") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # it lives, or another speaks for it
                member = Member.read(file.read())
                if member and self._is_dead_here(member):
                    if member.id and await self._speak_for(member):
                        left += 1
                        logger.info("a killed worker (process {}) has left group {}", member.pid, self._group)
                elif time.time() - os.fstat(file.fileno()).st_mtime < KEPT:
                    continue
                path.unlink(missing_ok=True)
        return left

    def _others(self) -> list[Path]:
        """Return the files of other workers. A glob, and a look at the own file, took 2 % of a busy worker's time."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        return [self._folder / name for name in sorted(names) if name.endswith(".json") and name != self._path.name]

    async def _speak_for(self, member: Member) -> bool:
        try:
            return await self._leave(member.id)
        except Exception as error:  # whatever it is: a worker does not end because another has
            raise LeaveError(f"process {member.pid} could not be said to have left {self._group}: {error!r}") from error

    def _is_dead_here(self, member: Member) -> bool:
        """Whether an unlocked file is for this worker to act upon. Locks are sure only within one machine."""
        mine = (self._brokers, self._group, _machine())
        return (member.brokers, member.group, member.machine) == mine and not member.is_alive

    def close(self) -> None:
        """Remove the own file; the worker must have left its group."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None
            self._noted = ""


class Leaver:
    """Sends LeaveGroup requests for members. Its connection is kept: making one took longer than the request."""

    def __init__(self, kafka: KafkaSettings, group: str) -> None:
        self._kafka = kafka
        self._group = group
        self._opened = AsyncExitStack()
        self._client: AIOKafkaClient | None = None

    async def __call__(self, member_id: str) -> bool:
        """Make a member leave; return whether it still was one. Raises KafkaError, OSError or TimeoutError."""
        try:
            async with asyncio.timeout(self._kafka.timeout_seconds):
                asked = await self._connected()
                coordinator = await asked.coordinator_lookup(_GROUP, self._group)
                answer = await asked.send(coordinator, LeaveGroupRequest(self._group, member_id))
            if answer.error_code not in (0, UnknownMemberIdError.errno):
                raise for_code(answer.error_code)
        except BaseException:
            await self.close()  # the brokers may have moved: the next try asks where they are
            raise
        return bool(answer.error_code == 0)

    async def connect(self) -> None:
        """Connect in advance, if the brokers answer; else the first request does."""
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(self._kafka.timeout_seconds):
                await self._connected()

    async def close(self) -> None:
        """Close the connection; a later request makes another."""
        self._client = None
        await self._opened.aclose()

    async def _connected(self) -> AIOKafkaClient:
        if self._client is None:
            self._client = await self._opened.enter_async_context(client(self._kafka))
        return self._client


@cache
def _machine() -> str:
    """Return what is the same for all processes under one kernel since it was started, in containers too."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{socket.gethostname()}-{uuid.getnode():x}"


def _started(pid: int) -> str:
    """Return when a living process started, in the system's own count; "" for none and for zombies.

    Where there is no /proc, "?" for each process that has the number.
    """
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except OSError:
            pass
        return "?"
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
