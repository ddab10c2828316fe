"""compose's broker as compose starts it, with the users, certificates and rights that it gives them.

The image and its scripts are not here: two lines stand for `kafka-storage.sh` and `kafka-server-start.sh`. MongoDB and
Qdrant are the embedded ones behind TLS, with compose's certificates.
"""

import asyncio
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from ops.compose_secrets import make
from ops.local.embedded import assets
from ops.local.embedded.kafka import class_path, java
from ops.local.embedded.stack import Stack, free_ports, local_settings
from ops.runtime import credentials
from schemas.settings import KafkaSettings
from streams.models.downloads import cache_dir
from tests.integration.test_kafka_login import JOB, TALENT, lines
from tests.support.cluster import Cluster
from tests.support.tls_front import tls_front

pytestmark = pytest.mark.long
COMPOSE = Path(__file__).parents[2] / "compose"
PORTS = ("9092", "9093", "9094", "19092")


class Composed(Cluster):
    """The stack as one user of compose sees it."""

    secrets: Path

    def of(self, user: str) -> "Composed":
        password = SecretStr((self.secrets / f"kafka-{user}.password").read_text())
        changed = self.settings.changed(kafka__sasl_username=user, kafka__sasl_password=password)
        other = Composed(changed, self.stack, self.folder, self.workers)
        other.secrets = self.secrets
        return other


def broker(folder: Path, secrets: Path, ports: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start compose's script, with other ports and folders."""

    def here(text: str) -> str:
        for usual, port in sorted(ports.items(), reverse=True):
            text = text.replace(f":{usual}", f":{port}")
        moved = {"/run/secrets": secrets, "/opt/kafka/bin": folder / "bin", "/var/lib/kafka/data": folder / "data"}
        for place, other in moved.items():
            text = text.replace(place, str(other))
        return text

    for name in ("server.properties", "start.sh"):
        (folder / name).write_text(here((COMPOSE / "kafka" / name).read_text("utf-8")), "utf-8")
    (folder / "bin").mkdir()
    (folder / "tmp").mkdir()
    runs = {"kafka-storage.sh": "kafka.tools.StorageTool", "kafka-server-start.sh": "kafka.Kafka"}
    for script, main in runs.items():
        file = folder / "bin" / script
        file.write_text(f'#!/bin/sh\nexec {shlex.join(java("-Xmx512m"))} {main} "$@"\n', "utf-8")
        file.chmod(0o755)
    stack = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))
    declared = stack["services"]["kafka"]["environment"]
    environment = {name: value for name, value in declared.items() if "$" not in value}
    environment |= {
        "CLUSTER_ID": "bG9vbWEtc3RyZWFtcy1rZg",
        "HOST_PORT": ports["19092"],
        "NAME": "localhost",
        "VOTERS": f"1@localhost:{ports['9093']}",
        "TMPDIR": str(folder / "tmp"),
        "CLASSPATH": class_path(assets.ensure_kafka(cache_dir())),
    }
    with (folder / "kafka.log").open("wb") as log:
        return subprocess.Popen(
            ["bash", str(folder / "start.sh")], env={**os.environ, **environment}, stdout=log, stderr=log
        )


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    folder = tmp_path_factory.mktemp("compose")
    secrets = folder / "secrets"
    make(secrets)
    *kafka_ports, mongodb, qdrant = free_ports(6)
    ports = dict(zip(PORTS, map(str, kafka_ports), strict=True))
    settings = local_settings(folder / "data", kafka_ports[0], mongodb, qdrant)
    kafka = KafkaSettings(
        bootstrap_servers=f"localhost:{ports['9092']}",
        partitions=2,
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="admin",
        sasl_password=SecretStr((secrets / "kafka-admin.password").read_text()),
        ca_file=secrets / "ca.pem",
    )
    stack = Stack(settings)
    place = folder / "kafka"
    place.mkdir()
    running = broker(place, secrets, ports)
    try:
        asyncio.run(stack.start("mongodb"))
        asyncio.run(stack.start("qdrant"))
        login = credentials.read(settings.data_dir)
        assert login
        with (
            tls_front(secrets / "mongodb.pem", mongodb) as mongodb_front,
            tls_front(secrets / "qdrant.pem", qdrant) as qdrant_front,
        ):
            url = f"mongodb://{credentials.USER}:{login.secret}@localhost:{mongodb_front}/"
            options = f"?directConnection=true&tls=true&tlsCAFile={secrets / 'ca.pem'}"
            cluster = Composed(
                settings.changed(
                    mongodb__url=SecretStr(url + options),
                    qdrant__url=f"https://localhost:{qdrant_front}",
                    qdrant__ca_file=secrets / "ca.pem",
                    qdrant__api_key=SecretStr(login.secret),
                ).model_copy(update={"kafka": kafka}),
                stack,
                folder,
            )
            cluster.secrets = secrets
            until_provisioned(cluster, running, place / "kafka.log")
            yield cluster
            cluster.stop_workers()
    finally:
        asyncio.run(stack.down())
        running.terminate()
        running.wait(30)


def until_provisioned(cluster: Composed, running: subprocess.Popen[bytes], log: Path) -> None:
    """Do what the service `provision` does, once the broker is there."""
    stack = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))
    deadline = time.monotonic() + 120
    while "Kafka Server started" not in (said := log.read_text()):
        assert running.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.3)
    for command in stack["services"]["provision"]["command"][2].split(" && "):
        cluster.looma(*shlex.split(command)[1:])


def test_each_process_does_its_work_as_its_own_user(composed: Composed, prefix: str, tmp_path: Path) -> None:
    composed.of("worker").worker()
    for file in lines(tmp_path, prefix):
        composed.of("publisher").looma("publish", file)
    composed.of("worker").drained()
    board = composed.of("subscriber")
    told = board.looma("consume", "match-results", "--json", "--from-beginning", "--max", "1")
    assert f"{prefix}-t" in told
    assert "TOPIC_AUTHORIZATION" not in composed.logs()
    assert (JOB["title"], TALENT["name"]) == ("后端工程师", "王小明")


def test_an_operator_forgets_replays_and_switches_and_no_other_may(
    composed: Composed, prefix: str, tmp_path: Path
) -> None:
    for file in lines(tmp_path, prefix):
        composed.of("publisher").looma("publish", file)
    composed.of("worker").worker()
    composed.of("worker").drained()
    composed.of("worker").stop_workers()
    assert re.search("not created|does not let this user", composed.of("worker").refused("replay", "start", "g3"))
    operator = composed.of("operator")
    operator.looma("forget", f"{prefix}-t", "--yes")
    assert not [r for r in composed.read("talent-events") if prefix.encode() in (r.key or b"") and r.value]
    operator.looma("replay", "start", "g2")
    operator.looma("replay", "drop", "g2", "--yes")


def test_who_has_no_certificate_or_password_of_compose_comes_in_nowhere(composed: Composed) -> None:
    stranger = composed.of("worker")
    stranger.settings.kafka.ca_file = None
    assert "certificate of localhost" in stranger.refused("topics", "list")
    wrong = composed.of("worker")
    wrong.settings.kafka.sasl_password = SecretStr("wrong")
    assert "refuses kafka.sasl_username" in wrong.refused("topics", "list")
