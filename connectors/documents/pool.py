"""A pool of processes that each answer one request at a time, within bounds, and are ended when they do not."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.documents.errors import DocumentError, ReaderError
from connectors.documents.sandbox import allow_cpu

START_SECONDS = 60
PATIENCE = 4
"""Elapsed time allowed for each second of processor time: other processes want the processor too."""
MAX_ANSWER = 64 << 20
REQUESTS_PER_WORKER = 500
"""A worker is replaced after so many, so that what libraries leak stays bounded."""
ENVIRONMENT = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE")
"""What of the environment a worker sees: where libraries are, no setting, no credential."""
ALONE = {"OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
"""So that libraries start no thread before the process is confined. ONNX Runtime's would report to Microsoft."""
_ROOT = Path(__file__).parents[2]


class WorkerPool:
    """At most `size` processes of one program, which calls `worker.serve`; started when first needed.

    `program` is a module and its arguments. A slow request holds one process and no more. Use it within one event loop.
    """

    def __init__(self, program: Sequence[str], size: int) -> None:
        self._program = program
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    async def ask(self, request: Mapping[str, Any], data: bytes, cpu_seconds: int) -> dict[str, Any]:
        """Return a worker's answer. One that dies or does not answer in time is a DocumentError, and is replaced.

        `ReaderError` means that workers cannot start at all: something is not installed, or nothing confines them.
        """
        async with self._slots:
            if self._closed:
                raise DocumentError("busy", "the reader is closed")
            while self._idle and not self._idle[-1].lives:
                self._idle.pop().end()
            worker = self._idle.pop() if self._idle else Worker(self._program)
            self._busy.add(worker)
            try:
                answer = await worker.ask(request, data, cpu_seconds)
            except BaseException:  # also when the caller is cancelled: the worker is in the middle of something
                worker.end()
                raise
            finally:
                self._busy.discard(worker)
            if self._closed or worker.requests >= REQUESTS_PER_WORKER:
                worker.end()
            else:
                self._idle.append(worker)
            return answer

    def close(self) -> None:
        """End all workers; whoever still waits is refused."""
        self._closed = True
        for worker in (*self._idle, *self._busy):
            worker.end()
        self._idle.clear()


class Worker:
    """One process and the socket to it."""

    def __init__(self, program: Sequence[str]) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        with theirs:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", *program],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | ALONE,
                start_new_session=True,  # Ctrl-C is the caller's to handle
            )
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.requests = 0

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    async def ask(self, request: Mapping[str, Any], data: bytes, cpu_seconds: int) -> dict[str, Any]:
        """Have the worker answer; one that dies or does not answer in time is a DocumentError."""
        if self._streams is None:
            await self._connect()
        self.requests += 1
        head = json.dumps({**request, "size": len(data)}).encode() + b"\n"
        allow_cpu(self._process.pid, cpu_seconds)
        try:
            async with asyncio.timeout(cpu_seconds * PATIENCE):
                answer = await self._exchange(head + data)
        except TimeoutError:
            raise DocumentError("too_slow", f"{cpu_seconds * PATIENCE} s") from None
        if answer is None:
            status = await asyncio.to_thread(self._status)
            if status in (-signal.SIGXCPU, -signal.SIGKILL):
                raise DocumentError("too_slow", f"{cpu_seconds} s of processor time")
            raise DocumentError("crashed", signal.Signals(-status).name if status < 0 else f"exit {status}")
        return answer

    def end(self) -> None:
        """Kill the process and close the socket."""
        self._process.kill()
        self._process.wait()
        if self._streams is not None:
            self._streams[1].close()
        else:
            self._socket.close()

    async def _connect(self) -> None:
        self._streams = await asyncio.open_connection(sock=self._socket, limit=MAX_ANSWER)
        try:
            async with asyncio.timeout(START_SECONDS):
                started = await self._exchange(b"")
        except TimeoutError:
            started = None
        if started is None:
            raise ReaderError(f"`{self._process.args!r}` does not start")
        if refused := started.get("refused"):
            raise ReaderError(str(refused))

    def _status(self) -> int:
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return 0  # hung up, but lives

    async def _exchange(self, request: bytes) -> dict[str, Any] | None:
        """Send a request and return the answer; None if the worker is gone or answers nonsense."""
        assert self._streams is not None
        reader, writer = self._streams
        try:
            writer.write(request)
            await writer.drain()
            line = await reader.readline()
            value = json.loads(line) if line.endswith(b"\n") else None
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None
