"""Real parts for the tests: one embedded stack a file, and workers as processes of their own."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner

from ops.local.embedded.stack import local_settings

if "PYTEST_XDIST_WORKER" in os.environ:
    # Lines that processes beside the tests run are not counted, which slows them by a half: they have unit tests.
    os.environ["COVERAGE_PROCESS_CONFIG"] = ""
os.environ["COLUMNS"] = "200"  # before rich is imported: what tests look for in tables must not be wrapped
# A broker that lives for a minute spends half of its time on compiling for the hours to come.
os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

from ops.cli import main
from ops.local.embedded.stack import Stack, free_ports
from ops.local.worker import environment_of, is_ready
from schemas.envelope import Envelope
from schemas.events import EntityEvent, encode
from schemas.settings import Settings
from sinks import mongodb
from sinks.indexes import apply_indexes
from sinks.provisioning import apply_topics
from streams.generations.database import base_database
from streams.lag import group_lag
from streams.reading import read_topic
from tests.support.untraced import first_examples_traced

# Commands speak of the stack that was started last, but not of a developer's own.
_state = tempfile.TemporaryDirectory()
os.environ["XDG_STATE_HOME"] = _state.name

# A busy machine draws slowly; how long an example takes is no property of the code.
# 40 examples, not 100: the suite must be short. More: pytest --hypothesis-profile=default
hypothesis.settings.register_profile(
    "tests", max_examples=40, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that none is left alone at the end.

    A suite that is counted runs its properties' later examples uncounted, or it would take twice as long.
    """
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    for item in items:
        if "module_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
        property_ = getattr(getattr(item, "obj", None), "hypothesis", None)
        if property_ is not None and not hasattr(property_.inner_test, "__wrapped__"):
            property_.inner_test = first_examples_traced(property_.inner_test)


def pytest_collection_finish() -> None:
    """Let the collector pass over modules and tests, which stay: walking them took a fifth of the time."""
    gc.set_threshold(100_000, 50, 50)
    gc.collect()
    gc.freeze()


LONGEST = (
    "test_verify",
    "test_export_parquet",
    "test_replay",
    "test_forget",
    "test_backfill",
    "test_under_fire",
    "test_cli",
    "test_delivery_faults",
    "test_servers_stop",
    "test_bench_ingest",
    "test_identity",
    "test_telemetry",
    "test_demo",
)

BASE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class Done(NamedTuple):
    """What a command that ended has left."""

    code: int
    stdout: str
    stderr: str


QUIET = {
    "backup",
    "config",
    "consume",
    "dlq",
    "export",
    "forget",
    "index",
    "indexes",
    "matches",
    "migrate",
    "models",
    "search",
    "status",
    "topics",
    "trace",
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
    command = [sys.executable, "-m", "ops.cli", *arguments]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=300, check=False)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass
class Worker:
    """A worker process."""

    process: subprocess.Popen[bytes]
    log: Path

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
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli", "worker", *arguments],
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )
        worker = Worker(process, log)
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


@contextmanager
def running_cluster(folder: Path, group_id: str, partitions: int) -> Iterator[Cluster]:
    """Run a stack with its topics and indexes for the block."""
    kafka, mongo, vectors, controller = free_ports(4)
    settings = local_settings(folder / "data", kafka, mongo, vectors).changed(
        kafka__group_id=group_id, kafka__partitions=partitions
    )
    stack = Stack(settings, controller_port=controller)
    asyncio.run(stack.up())
    try:
        asyncio.run(apply_topics(settings.kafka))
        asyncio.run(_apply_indexes(settings))
        yield Cluster(settings, stack, folder)
    finally:
        asyncio.run(stack.down())


@pytest.fixture(scope="module")
def module_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster"), "looma-test", 4) as cluster:
        yield cluster


@pytest.fixture
def cluster(module_cluster: Cluster) -> Iterator[Cluster]:
    """The stack; workers that a test leaves running are ended after it."""
    yield module_cluster
    module_cluster.stop_workers()


@pytest.fixture
def prefix() -> str:
    """The beginning of a test's own entity ids."""
    return f"x{uuid.uuid4().hex[:8]}"


Encoded = tuple[str, bytes, bytes, list[tuple[str, bytes]]]


@pytest.fixture
def make() -> Callable[..., Encoded]:
    """A maker of encoded events: make(entity, id, fields, minute=0, source="crm", ...)."""

    def encoded(
        entity: str,
        entity_id: str,
        fields: dict[str, Any],
        *,
        minute: int = 0,
        source: str = "crm",
        action: str = "upserted",
        event_id: str | None = None,
        version: int | None = None,
    ) -> Encoded:
        envelope = Envelope(
            event_id or f"{entity_id}-{minute}-{source}-{action}",
            source,
            f"looma.{entity}.{action}",
            entity_id,
            BASE + timedelta(minutes=minute),
            version or {"talent": 2, "job": 2, "company": 1}[entity],
        )
        return (f"{entity}-events", *encode(EntityEvent(envelope, entity, action, fields)))  # type: ignore[arg-type]

    return encoded
