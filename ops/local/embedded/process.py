"""A server process that outlives the command that started it, found again by its pid file."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ops.local.embedded import StackError

if TYPE_CHECKING:
    import psutil

State = Literal["running", "stopped", "stale"]

LOG_BYTES = 10 * 1024 * 1024
LOG_TAIL_LINES = 15
READY_POLL_SECONDS = 0.1
START_TOLERANCE_SECONDS = 1.0  # the system rounds the time of its boot
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass
class ManagedProcess:
    """One server. A stale one has a pid file whose process is gone or is another one."""

    name: str
    argv: Sequence[str]
    port: int
    log: Path
    pid_file: Path
    ready: Callable[[], Awaitable[bool]]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    ready_seconds: float = 60.0
    stop_seconds: float = 20.0
    _child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start it detached, in a session of its own, unless it runs."""
        import psutil

        if self.find() is not None:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        self._rotate_log()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env={**os.environ, **self.env},
                start_new_session=True,
            )
        try:
            started = _since_boot(psutil.Process(self._child.pid))
        except psutil.NoSuchProcess:
            started = 0.0
        record = {"pid": self._child.pid, "boot": _boot(), "started": started, "port": self.port}
        temporary = self.pid_file.with_suffix(".new")
        temporary.write_text(json.dumps(record), encoding="utf-8")
        temporary.replace(self.pid_file)

    async def wait_ready(self) -> None:
        """Wait until it answers; raise StackError with the end of its log if it exits or takes too long."""
        deadline = time.monotonic() + self.ready_seconds
        while not await self.ready():
            if self.find() is None:
                raise StackError(self._explain("ended while starting"))
            if time.monotonic() > deadline:
                raise StackError(self._explain(f"did not answer within {self.ready_seconds:.0f} s"))
            await asyncio.sleep(READY_POLL_SECONDS)

    async def stop(self, kill: bool = False) -> None:
        """End it and remove the pid file: SIGTERM, then SIGKILL to its whole session when it takes too long."""
        import psutil

        process = self.find()
        if process is not None:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if not kill:
                    process.terminate()
                    try:
                        await asyncio.to_thread(process.wait, self.stop_seconds)
                    except psutil.TimeoutExpired:
                        kill = True
                if kill:
                    os.killpg(process.pid, signal.SIGKILL)
                    await asyncio.to_thread(process.wait, self.stop_seconds)
        self._reap()
        self.pid_file.unlink(missing_ok=True)

    @property
    def state(self) -> State:
        """Tell whether it runs, was stopped, or died."""
        if self.find() is not None:
            return "running"
        return "stale" if self.pid_file.exists() else "stopped"

    @property
    def recorded_port(self) -> int | None:
        """The port it was started with, if there is a pid file."""
        return record["port"] if (record := self._record()) else None

    def find(self) -> "psutil.Process | None":
        """Return the live process of the pid file, and not another one that got its pid."""
        import psutil

        self._reap()
        record = self._record()
        if record is None:
            return None
        try:
            process = psutil.Process(record["pid"])
            if abs(_since_boot(process) - record["started"]) > START_TOLERANCE_SECONDS or _boot() != record["boot"]:
                return None
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None

    def _record(self) -> "dict[str, Any] | None":
        try:
            record = json.loads(self.pid_file.read_text(encoding="utf-8"))
            return record if {"pid", "boot", "started", "port"} <= record.keys() else None
        except (OSError, ValueError, AttributeError):
            return None

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_name(self.log.name + ".1"))

    def _explain(self, problem: str) -> str:
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 65_536))
            lines = log.read().decode(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n".join([f"{self.name} {problem}. The end of {self.log}:", *(f"  {line}" for line in lines)])


def _since_boot(process: "psutil.Process") -> float:
    """Return when a process started, in seconds since the system did: its clock may be set meanwhile."""
    import psutil

    return process.create_time() - psutil.boot_time()


def _boot() -> str:
    """Return what is the same until the system starts again, where it has that."""
    return _BOOT_ID.read_text("ascii").strip() if _BOOT_ID.exists() else ""
