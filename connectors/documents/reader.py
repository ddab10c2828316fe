"""Reads documents in a pool of confined processes, so that no file can harm, stall or outgrow the caller."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import ValidationError

from connectors.documents.errors import CODES, DocumentError
from connectors.documents.model import Document, Limits
from connectors.documents.sandbox import allow_cpu

TEXT_MEMORY = 1 << 30
OCR_MEMORY = 4 << 30
"""Address space, most of it never touched: a dense page of A4 takes 600 MB of it resident."""
START_SECONDS = 60
PATIENCE = 4
"""Elapsed time allowed for each second of processor time: other processes want the processor too."""
MAX_ANSWER = 64 << 20
DOCUMENTS_PER_WORKER = 500
"""A worker is replaced after so many, so that what libraries leak stays bounded."""
_ROOT = Path(__file__).parents[2]
_PROGRAM = "connectors.documents.worker"
_ENVIRONMENT = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE")
"""What of the environment a worker sees: where libraries are, no setting, no credential."""
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
"""So that libraries start no thread before the process is confined. ONNX Runtime's would report to Microsoft."""
Kind = Literal["text", "ocr"]


class DocumentReader:
    """A pool of long-lived workers: some for digital documents, as many for OCR, started when first needed.

    A slow document holds one worker and no more; scans never hold those of digital documents. `read` waits for a free
    worker; beyond `max_waiting` documents it refuses with `busy`, so that memory stays bounded. Use it as an async
    context manager, within one event loop.
    """

    def __init__(self, workers: int | None = None, max_waiting: int = 64) -> None:
        size = workers or os.cpu_count() or 1
        self._pools = {kind: _Pool(kind, size) for kind in get_args(Kind)}
        self._max_waiting = max_waiting
        self._waiting = 0

    async def read(self, data: bytes, limits: Limits | None = None) -> Document:
        """Return what the bytes hold. Whatever they are, it raises nothing but `DocumentError`.

        `RuntimeError` means that workers cannot start at all: something is not installed.
        """
        limits = limits or Limits()
        if not data:
            raise DocumentError("empty")
        if len(data) > limits.bytes:
            raise DocumentError("too_big", f"{len(data)} bytes, at most {limits.bytes}")
        if self._waiting >= self._max_waiting:
            raise DocumentError("busy")
        self._waiting += 1
        try:
            answer = await self._pools["text"].ask(data, limits, limits.cpu_seconds)
            if answer.get("needs_ocr"):
                answer = await self._pools["ocr"].ask(data, limits, limits.ocr_cpu_seconds)
        finally:
            self._waiting -= 1
        if (code := answer.get("code")) in CODES:
            raise DocumentError(code, str(answer.get("detail", ""))[:200])
        try:
            return Document.model_validate(answer.get("document"))
        except ValidationError:
            raise DocumentError("crashed", "the worker's answer is not a document") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all workers; whoever still waits is refused."""
        for pool in self._pools.values():
            pool.close()


async def read_document(data: bytes, limits: Limits | None = None) -> Document:
    """Read one document in a worker of its own. Whoever reads many keeps a `DocumentReader`."""
    async with DocumentReader(workers=1) as reader:
        return await reader.read(data, limits)


class _Pool:
    """At most `size` workers of one kind."""

    def __init__(self, kind: Kind, size: int) -> None:
        self._kind = kind
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    async def ask(self, data: bytes, limits: Limits, cpu_seconds: int) -> dict[str, Any]:
        async with self._slots:
            if self._closed:
                raise DocumentError("busy", "the reader is closed")
            while self._idle and not self._idle[-1].lives:
                self._idle.pop().end()
            worker = self._idle.pop() if self._idle else _Worker(self._kind)
            self._busy.add(worker)
            try:
                answer = await worker.ask(data, limits, cpu_seconds)
            except BaseException:  # also when the caller is cancelled: the worker is in the middle of something
                worker.end()
                raise
            finally:
                self._busy.discard(worker)
            if self._closed or worker.documents >= DOCUMENTS_PER_WORKER:
                worker.end()
            else:
                self._idle.append(worker)
            return answer

    def close(self) -> None:
        self._closed = True
        for worker in (*self._idle, *self._busy):
            worker.end()
        self._idle.clear()


class _Worker:
    """One process and the socket to it."""

    def __init__(self, kind: Kind) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        memory = OCR_MEMORY if kind == "ocr" else TEXT_MEMORY
        with theirs:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, kind, str(memory)],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _ALONE,
                start_new_session=True,  # Ctrl-C is the caller's to handle
            )
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.documents = 0

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    async def ask(self, data: bytes, limits: Limits, cpu_seconds: int) -> dict[str, Any]:
        """Have the worker read a document; a worker that dies or does not answer in time is a `DocumentError`."""
        if self._streams is None:
            await self._connect()
        self.documents += 1
        head = json.dumps({"limits": limits.model_dump(), "size": len(data)}).encode() + b"\n"
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
            raise RuntimeError(f"`{self._process.args!r}` does not start")
        if refused := started.get("refused"):
            raise RuntimeError(str(refused))

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
