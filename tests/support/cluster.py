"""A stack of real servers, workers as processes of their own, and the commands of a shell."""

import asyncio
import atexit
import base64
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from click.testing import CliRunner
from pydantic import SecretStr

from ops.cli import main
from ops.local.embedded import assets
from ops.local.embedded import mongodb as embedded_mongodb
from ops.local.embedded.class_cache import ensure_class_cache
from ops.local.embedded.kafka import Kafka
from ops.local.embedded.stack import Stack, free_ports, local_settings
from ops.local.worker import is_ready
from ops.runtime import credentials
from ops.runtime.settings import environment_of
from schemas.settings import Settings
from sinks import mongodb
from sinks.indexes import apply_indexes
from sinks.provisioning import apply_topics
from streams.generations.database import base_database
from streams.lag import group_lag
from streams.models.downloads import cache_dir
from streams.reading import read_topic
from tests.support.forked import Looma


class Done(NamedTuple):
    """What a command that ended has left."""

    code: int
    stdout: str
    stderr: str


QUIET = {
    "audit",
    "backup",
    "config",
    "consume",
    "dlq",
    "doctor",
    "export",
    "forget",
    "index",
    "indexes",
    "keys",
    "matches",
    "migrate",
    "models",
    "search",
    "show",
    "status",
    "topics",
    "trace",
    "validate",
}
QUIET_MATCH = {"history", "learn"}
QUIET_REPLAY = {"drop", "rollback", "start", "status", "switch"}


def run_looma(environment: dict[str, str], *arguments: str) -> Done:
    """Run `looma`: here where it records no traces, for a process has one tracer provider; else as its own process."""
    of_group = {"replay": QUIET_REPLAY, "match": QUIET_MATCH}.get(arguments[0], set())
    if arguments[0] in QUIET or {*arguments[1:2]} & of_group or arguments[-1] == "--help":
        result = CliRunner().invoke(main, arguments, env=environment)
        crash = "" if result.exception is None else repr(result.exception)
        return Done(result.exit_code, result.stdout, result.stderr + crash)
    with tempfile.TemporaryDirectory() as folder:
        said, problems = Path(folder, "stdout"), Path(folder, "stderr")
        command = Looma(arguments, environment, said, problems)
        try:
            code = command.wait(300)
        finally:
            command.kill()
        return Done(code, said.read_text(), problems.read_text())


@dataclass
class Worker:
    """A worker process."""

    process: Looma
    log: Path
    port: int = 0

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """Let it drain; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@dataclass
class Cluster:
    """The running stack and what tests do with it."""

    settings: Settings
    stack: Stack
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The environment that leads commands to this stack."""
        return {**os.environ, **environment_of(self.settings)}

    def worker(self, *arguments: str, **settings: object) -> Worker:
        """Start a worker and wait until it is ready."""
        port = free_ports(1)[0]
        log = self.folder / f"worker-{port}.log"
        environment = {**self.environment, "LOOMA_WORKER__PORT": str(port)}
        environment |= {f"LOOMA_{name.upper()}": str(value) for name, value in settings.items()}
        worker = Worker(Looma(["worker", *arguments], environment, log, log), log, port)
        self.workers.append(worker)
        asyncio.run(_ready(port, worker))
        return worker

    def stop_workers(self) -> None:
        """End the workers that are left."""
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.stop()
        self.workers.clear()

    def looma(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run a command; return its standard output."""
        done = run_looma({**self.environment, **environment}, *arguments)
        assert done.code == code, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str, **environment: str) -> str:
        """Run a command that is refused with exit code 1; return what it says."""
        done = run_looma({**self.environment, **environment}, *arguments)
        assert done.code == 1, done.stdout + done.stderr
        return done.stderr

    def publish(self, messages: list[tuple[str, bytes | None, bytes | None, list[tuple[str, bytes]]]]) -> None:
        """Publish (topic, key, value, headers) with a bare producer."""

        async def send() -> None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.settings.kafka.bootstrap_servers, enable_idempotence=True
            )
            await producer.start()
            try:
                futures = [await producer.send(t, v, k, headers=h) for t, k, v, h in messages]
                await asyncio.gather(*futures)
            finally:
                await producer.stop()

        asyncio.run(send())

    def read(self, topic: str) -> list[Any]:
        """Return all records of a topic."""

        async def consume() -> list[Any]:
            return [record async for record in read_topic(self.settings.kafka, topic)]

        return asyncio.run(consume())

    def documents(self, collection: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what MongoDB has."""

        async def find() -> list[dict[str, Any]]:
            client, database = mongodb.connect(self.settings.mongodb)
            try:
                return [d async for d in database[collection].find(query)]
            finally:
                await client.close()

        return asyncio.run(find())

    def count(self, collection: str, prefix: str) -> int:
        """Return how many documents have an id that starts with `prefix`."""
        return len(self.documents(collection, {"_id": {"$gte": prefix, "$lt": prefix + "~"}}))

    def drained(self, topics: tuple[str, ...] | None = None, timeout: float = 300, group: str = "") -> None:
        """Wait until the workers have nothing left to do."""
        s = self.settings
        deadline = time.monotonic() + timeout
        quiet, lag = 0, {}
        while quiet < 2:
            assert time.monotonic() < deadline, f"still behind after {timeout} s: {lag}\n{self.logs()}"
            arguments = (topics,) if topics else ()
            lag = asyncio.run(group_lag(s.kafka, group or s.kafka.group_id, *arguments))
            quiet = 0 if any(lag.values()) else quiet + 1
            time.sleep(0.3)

    def logs(self) -> str:
        """Return the ends of the workers' logs."""
        return "\n".join(w.log.read_text(errors="replace")[-3000:] for w in self.workers)


async def _ready(port: int, worker: Worker) -> None:
    deadline = time.monotonic() + 60
    while not await is_ready(port):
        assert worker.process.poll() is None, worker.log.read_text(errors="replace")[-5000:]
        assert time.monotonic() < deadline, "not ready: " + worker.log.read_text(errors="replace")[-5000:]
        await asyncio.sleep(0.2)


async def _apply_indexes(settings: Settings) -> None:
    async with base_database(settings) as database:
        await apply_indexes(database, base=True)


@cache
def _made() -> Path:
    """Return a folder for what is made once in this process."""
    kept = tempfile.TemporaryDirectory()
    atexit.register(kept.cleanup)
    return Path(kept.name)


@cache
def _formatted() -> Path:
    folder, jars = _made() / "kafka", assets.ensure_kafka(cache_dir())
    ensure_class_cache(jars)
    Kafka(folder, *free_ports(2)).prepare(jars)
    return folder


@cache
def _with_user() -> Path:
    folder = _made() / "mongodb"
    credentials.ensure(folder, "mongodb", free_ports(1)[0])
    embedded_mongodb.prepare(folder)
    return folder


def prepare(data_dir: Path, *, kafka: bool = True) -> None:
    """Put into a stack's folder what its servers would begin with, Kafka's format and MongoDB's user: a start of each."""
    shutil.copytree(_with_user(), data_dir, dirs_exist_ok=True)
    if kafka:
        shutil.copytree(_formatted(), data_dir / "kafka")


@contextmanager
def running_cluster(folder: Path, group_id: str, partitions: int) -> Iterator[Cluster]:
    """Run a stack with its topics and indexes for the block."""
    kafka, mongo, vectors, controller = free_ports(4)
    settings = local_settings(folder / "data", kafka, mongo, vectors).changed(
        kafka__group_id=group_id, kafka__partitions=partitions
    )
    if topics := os.environ.get("TEST_SEALED"):  # the same tests, with topics encrypted
        secret = SecretStr(base64.b64encode(os.urandom(32)).decode())
        settings = settings.changed(kafka__encryption_keys=[secret], kafka__sealed_topics=topics.split(","))
    stack = Stack(settings, controller_port=controller)
    prepare(settings.data_dir)
    asyncio.run(stack.up())
    try:
        asyncio.run(apply_topics(settings.kafka))
        asyncio.run(_apply_indexes(settings))
        yield Cluster(settings, stack, folder)
    finally:
        asyncio.run(stack.down())
