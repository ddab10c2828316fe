"""Processes that serve the API: each with a socket of its own on the shared port, each draining when told to stop."""

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Semaphore

import uvicorn
import uvloop
from fastapi import FastAPI
from loguru import logger

from ops.api.access import is_loopback
from ops.api.address import address_of
from ops.api.app import create_app
from ops.api.event_stream import HEARTBEAT_SECONDS
from ops.api.protocol import ApiProtocol
from ops.runtime import logs
from ops.runtime.interpreter import settle
from ops.runtime.telemetry import telemetry
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import ApiSettings, Settings

BACKLOG = 1024
KEEP_ALIVE_SECONDS = 30
RESTART_SECONDS = 1.0
"""Between the end of a process and its successor's start, so that one that cannot start does not use up a core."""
GRACE_SECONDS = 5.0
"""What a process has, beyond draining, to close its connections."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_REFUSED = "ASGI callable returned without completing handshake."
"""What uvicorn calls an error where a socket is refused, as ASGI allows, by an answer of HTTP."""


class ApiAddressError(LoomaError):
    """The API would be reachable by others without keys or without encryption."""

    code = "api_address"
    exit_status = Exit.USAGE


class PortInUseError(LoomaError):
    """The API's address is taken, or is not of this machine."""

    code = "api_port"
    exit_status = Exit.PORT


def require_safe(settings: ApiSettings) -> None:
    """Raise ApiAddressError for an address that others reach, unless callers must show keys and nobody listens in."""
    if is_loopback(settings.host):
        return
    if not settings.keys:
        raise ApiAddressError(f"{settings.host} is open to others: set api.keys, so that every request needs a key")
    if not (settings.certificate_file or settings.behind_proxy):
        raise ApiAddressError(
            f"{settings.host} is open to others: set api.certificate_file and api.key_file, or api.behind_proxy if TLS "
            "ends at a proxy in front"
        )


def bind(settings: ApiSettings, port: int | None = None) -> socket.socket:
    """Return a socket on the port, which others may share. Raises PortInUseError."""
    port = settings.port if port is None else port
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind(address)
        except BaseException:
            bound.close()
            raise
    except OSError as error:
        raise _taken(settings.host, port, error) from None
    return bound


def _taken(host: str, port: int, error: OSError) -> PortInUseError:
    return PortInUseError(f"{host}:{port} cannot be listened on ({error.strerror}); choose another by --port")


def reserve(settings: ApiSettings) -> socket.socket:
    """Return a socket that keeps the port and takes no connection, once nobody else has the port."""
    if settings.port:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, settings.port))
            except OSError as error:
                raise _taken(settings.host, settings.port, error) from None
    return bind(settings)


class _Server(uvicorn.Server):
    """Leaves signals to its process, and tells streams that it drains."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain."""
        self._stopping.set()
        await super().shutdown(sockets)

    def stop(self, interrupted: Callable[[], None] = lambda: None) -> None:
        """Begin to drain; a second time, end at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        interrupted()


async def serve(
    app: FastAPI, settings: Settings, bound: socket.socket, *, ready: Callable[[], None] = lambda: None
) -> int:
    """Serve on a socket until SIGTERM or SIGINT, then drain; return the exit status."""
    status = Exit.DONE
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task
    for each in _SIGNALS:  # until it serves, it has nothing to drain
        loop.add_signal_handler(each, task.cancel)
    try:
        async with app.router.lifespan_context(app):
            settle()
            server = _Server(uvicorn_config(settings.api, app), app.state.api.stopping)

            def interrupted() -> None:
                nonlocal status
                status = Exit.INTERRUPTED

            loop.add_signal_handler(signal.SIGTERM, server.stop)
            loop.add_signal_handler(signal.SIGINT, server.stop, interrupted)
            ready()
            await server.serve([bound])
    except asyncio.CancelledError:
        return Exit.INTERRUPTED
    return status


def _is_no_refusal(record: logging.LogRecord) -> bool:
    return record.msg != _REFUSED


def uvicorn_config(settings: ApiSettings, app: object) -> uvicorn.Config:
    """Return how an application is served."""
    logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=ApiProtocol,
        lifespan="off",
        ws_max_size=settings.body_bytes,
        ws_ping_interval=HEARTBEAT_SECONDS,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.drain_seconds) or 1,
        ssl_certfile=settings.certificate_file,
        ssl_keyfile=settings.key_file,
        proxy_headers=False,
    )


def run(settings: Settings, *, ready: Callable[[str], None]) -> int:
    """Serve in this process, or in several children of it, until told to stop; return the exit status.

    `ready` is told the address. Raises LoomaError for an address that is not safe or not free.
    """
    require_safe(settings.api)
    with reserve(settings.api) as reserved:
        host, port = reserved.getsockname()[:2]
        settings = settings.changed(api__port=port)
        address = address_of("https" if settings.api.certificate_file else "http", host, port)
        if settings.api.processes == 1:
            return _process(settings, lambda: ready(address))
        return _Crew(settings, lambda: ready(address)).run()


def _process(settings: Settings, ready: Callable[[], None] = lambda: None) -> int:
    logs.configure(settings.telemetry, settings.data_dir / "logs" / f"api-{os.getpid()}.jsonl")
    with telemetry(settings, "api"), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(create_app(settings), settings, bind(settings.api), ready=ready))


def _child(settings: Settings, ready: Semaphore) -> None:
    try:
        sys.exit(_process(settings, ready.release))
    except LoomaError as error:
        logger.critical("the process ends: {}", error.message)
        sys.exit(error.exit_status)


class _Crew:
    """The processes of one address: one that ends is replaced, and all are told to stop together."""

    def __init__(self, settings: Settings, ready: Callable[[], None]) -> None:
        self._settings = settings
        self._ready = ready
        self._context = multiprocessing.get_context("spawn")
        self._serving = self._context.Semaphore(0)
        self._stopped: signal.Signals | None = None

    def run(self) -> int:
        for each in _SIGNALS:
            signal.signal(each, self._stop)
        crew = [self._start() for _ in range(self._settings.api.processes)]
        waited_for = len(crew)
        while self._stopped is None:
            if waited_for and self._serving.acquire(block=False):
                waited_for -= 1
                if not waited_for:
                    self._ready()
            for at, process in enumerate(crew):
                if process.exitcode is not None and self._stopped is None:
                    if waited_for:  # it has said why
                        self._drain(crew)
                        return process.exitcode
                    logger.error(
                        "process {} of the API ended with {}; another takes its place", process.pid, process.exitcode
                    )
                    time.sleep(RESTART_SECONDS)
                    crew[at] = self._start()
            time.sleep(0.1)
        self._drain(crew)
        return Exit.INTERRUPTED if self._stopped == signal.SIGINT else Exit.DONE

    def _start(self) -> BaseProcess:
        process = self._context.Process(target=_child, args=(self._settings, self._serving), daemon=True)
        process.start()
        return process

    def _stop(self, number: int, _: object) -> None:
        self._stopped = signal.Signals(number)

    def _drain(self, crew: list[BaseProcess]) -> None:
        deadline = time.monotonic() + self._settings.api.drain_seconds + GRACE_SECONDS
        for process in crew:
            with suppress(ProcessLookupError):
                process.terminate()
        for process in crew:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                process.kill()
