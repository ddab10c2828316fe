"""From the fault to the notice: each fault is made to happen in a running stack, and a receiver waits to be told."""

import asyncio
import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ops.benchmarks.stack import Progress, fresh_stack, prepare
from ops.benchmarks.workload import publish, publish_in_bulk
from ops.faults.disk import full_disk
from ops.faults.lookout import LOOK_SECONDS, Receiver, watching, watching_with_prometheus
from ops.local.embedded.stack import Stack, free_ports
from ops.local.worker import drained, local_worker
from ops.runtime.settings import environment_of
from schemas.settings import Settings
from schemas.topics import EVENTS, MATCH_REQUESTS
from sinks import mongodb
from sinks.kafka import admin, producer
from sinks.provisioning import apply_topics

PROMISED_SECONDS = 60
GIVE_UP_SECONDS = 240
QUIET_SECONDS = 300
"""How long it may take until an earlier fault's alert is over."""
SETTLE_SECONDS = 3 * LOOK_SECONDS
TOPIC = EVENTS["talent"]
DISK_MEGABYTES = 64
STILL_SECONDS = 45
"""How long MongoDB stands still, so that what came meanwhile is late."""
LATE_EVENTS = 300
BACKLOG = 40_000
MAY_WAIT = 10_000
"""Messages behind that are no alert yet."""


class Post:
    """A worker's place: the same address, whichever process has it."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings = settings.changed(
            data_dir=settings.data_dir / name,
            worker__members_dir=settings.data_dir / "members",
            worker__port=free_ports(1)[0],
        )
        self._log = settings.data_dir / f"{name}.log"
        self._running = AsyncExitStack()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def page(self) -> str:
        """The address of its metrics."""
        return f"http://127.0.0.1:{self.settings.worker.port}/metrics"

    async def start(self, **environment: str) -> None:
        """Start a worker and wait until it is ready."""
        worker = local_worker(self.settings, self._log, environment=environment)
        self._process = await self._running.enter_async_context(worker)

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        await self._running.aclose()

    async def stop(self) -> None:
        """Let it drain."""
        await self._running.aclose()


@dataclass
class Scene:
    """The running stack. `since`: when the fault that is on began, if it began later than its preparation."""

    settings: Settings
    stack: Stack
    first: Post
    second: Post
    since: float = 0.0

    def begins(self) -> None:
        """Note that the fault begins now."""
        self.since = time.monotonic()

    def session(self, server: str) -> int:
        """Return the number of a server's process, which has a session of its own."""
        pid = next(s.pid for s in self.stack.status() if s.name == server)
        assert pid, f"{server} does not run"
        return pid

    @asynccontextmanager
    async def trickle(self, per_second: float = 5) -> AsyncIterator[None]:
        """Publish a few events a second for the block."""
        run = f"trickle{time.monotonic_ns()}"
        task = asyncio.create_task(publish(self.settings, run, 100_000, per_second=per_second))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


Inject = Callable[[Scene], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Case:
    """A fault, and the labels of the alerts that must tell of it."""

    fault: str
    alerts: Sequence[Mapping[str, str]]
    inject: Inject
    needs_root: bool = False


@asynccontextmanager
async def _server_away(scene: Scene, server: str) -> AsyncIterator[None]:
    await scene.stack.stop(server, kill=True)
    try:
        yield
    finally:
        await scene.stack.start(server)


@asynccontextmanager
async def _worker_killed(scene: Scene) -> AsyncIterator[None]:
    await scene.second.kill()
    try:
        yield
    finally:
        await scene.second.start()


@asynccontextmanager
async def _worker_restarts(scene: Scene) -> AsyncIterator[None]:
    """Kill a worker three times; each time it comes back. The fault is there with the third."""
    for _ in range(3):
        scene.begins()
        await scene.second.kill()
        await scene.second.start()
        await asyncio.sleep(LOOK_SECONDS + 1)
    yield


@asynccontextmanager
async def _full_store(scene: Scene) -> AsyncIterator[None]:
    async with scene.trickle():
        try:
            with full_disk(scene.session("mongodb")):
                scene.begins()
                yield
        finally:
            await scene.stack.start("mongodb")


@asynccontextmanager
async def _late(scene: Scene) -> AsyncIterator[None]:
    """Let MongoDB stand still while events come; they are late as soon as it goes on."""
    await publish(scene.settings, f"warm{time.monotonic_ns()}", 20)
    await drained(scene.settings, GIVE_UP_SECONDS, lambda _: None)
    await asyncio.sleep(2 * LOOK_SECONDS)
    session = scene.session("mongodb")
    os.killpg(session, signal.SIGSTOP)
    try:
        await publish(scene.settings, f"late{time.monotonic_ns()}", LATE_EVENTS)
        await asyncio.sleep(STILL_SECONDS)
    finally:
        os.killpg(session, signal.SIGCONT)
    scene.begins()
    yield


@asynccontextmanager
async def _topic_gone(scene: Scene) -> AsyncIterator[None]:
    """Delete a topic that a stage publishes to: all servers answer, and the stage gets nowhere."""
    kafka = scene.settings.kafka
    async with scene.trickle():
        await asyncio.sleep(LOOK_SECONDS)
        async with admin(kafka) as asked:
            await asked.delete_topics([MATCH_REQUESTS])
        scene.begins()
        try:
            yield
        finally:
            await apply_topics(kafka)


@asynccontextmanager
async def _slow_store(scene: Scene) -> AsyncIterator[None]:
    """Let MongoDB answer once in two seconds."""
    session = scene.session("mongodb")

    async def pulse() -> None:
        while True:
            os.killpg(session, signal.SIGSTOP)
            try:
                await asyncio.sleep(1.9)
            finally:
                os.killpg(session, signal.SIGCONT)
            await asyncio.sleep(0.1)

    async with scene.trickle():
        await asyncio.sleep(LOOK_SECONDS)
        scene.begins()
        task = asyncio.create_task(pulse())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def _poison(scene: Scene) -> AsyncIterator[None]:
    async with producer(scene.settings.kafka) as sending:
        await sending.send_and_wait(TOPIC, b"this is no event", b"t1")
    yield


@asynccontextmanager
async def _disk(scene: Scene) -> AsyncIterator[None]:
    """Fill a small disk that has the data folder of a worker."""
    folder = scene.second.settings.data_dir
    await scene.second.stop()
    folder.mkdir(exist_ok=True)
    await _run("mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder))
    try:
        await scene.second.start()
        await asyncio.sleep(2 * LOOK_SECONDS)
        with (folder / "filler").open("wb") as file:
            file.write(bytes(round(0.91 * DISK_MEGABYTES * 1024 * 1024)))
        scene.begins()
        yield
    finally:
        await scene.second.kill()
        await _run("umount", "--lazy", str(folder))
        await scene.second.start()


@asynccontextmanager
async def _certificate(scene: Scene) -> AsyncIterator[None]:
    """Start a worker of an installation whose certificate ends tomorrow."""
    file = scene.settings.data_dir / "api.pem"
    await asyncio.to_thread(_write_certificate, file, datetime.timedelta(days=1))
    await scene.second.stop()
    scene.begins()
    await scene.second.start(LOOMA_API__CERTIFICATE_FILE=str(file), LOOMA_API__KEY_FILE=str(file))
    try:
        yield
    finally:
        await scene.second.stop()
        await scene.second.start()


@asynccontextmanager
async def _difference(scene: Scene) -> AsyncIterator[None]:
    """Lose a stored record and have it found."""
    run = f"kept{time.monotonic_ns()}"
    await publish(scene.settings, run, 3)
    await drained(scene.settings, GIVE_UP_SECONDS, lambda _: None)
    client, database = mongodb.connect(scene.settings.mongodb)
    try:
        await database["talents"].delete_one({"_id": f"{run}-0"})
    finally:
        await client.close()
    command = (sys.executable, "-m", "ops.cli", "sync", "verify")
    await _run(*command, code=1, environment=environment_of(scene.settings))
    scene.begins()
    try:
        yield
    finally:
        await _run(*command, "--repair", environment=environment_of(scene.settings))


@asynccontextmanager
async def _backlog(scene: Scene) -> AsyncIterator[None]:
    """Publish more than workers get done; from when as many are there as may wait, for of fewer nobody is told."""
    run = f"bulk{time.monotonic_ns()}"
    await publish_in_bulk(scene.settings, run, MAY_WAIT)
    scene.begins()
    await publish_in_bulk(scene.settings, f"{run}-more", BACKLOG - MAY_WAIT)
    yield


def names() -> list[str]:
    """Return the alerts that can be timed."""
    return sorted({each["alertname"] for case in CASES for each in case.alerts})


def _alerts(*names: str, **labels: str) -> Sequence[Mapping[str, str]]:
    return [{"alertname": name, **labels} for name in names]


CASES: Sequence[Case] = (
    # The first, for others restart the worker, too.
    Case("a worker is killed for the third time, and comes back", _alerts("LoomaWorkerRestarting"), _worker_restarts),
    Case(
        "MongoDB stands still for 45 s; from when it goes on",
        _alerts("LoomaEventLatencyHigh", "LoomaFreshnessBurns"),
        _late,
    ),
    Case("a worker is killed and stays away", _alerts("LoomaTelemetryDown"), _worker_killed),
    *(
        Case(f"{name} is killed", _alerts("LoomaServerDown", server=server), partial(_server_away, server=server))
        for server, name in (("kafka", "the broker"), ("mongodb", "MongoDB"), ("qdrant", "Qdrant"))
    ),
    # The embedded one then answers nobody any more.
    Case("MongoDB can write nothing more", _alerts("LoomaServerDown", server="mongodb"), _full_store),
    Case("a topic is gone", _alerts("LoomaStageStalled"), _topic_gone),
    Case("MongoDB answers once in two seconds", _alerts("LoomaStoreSlow"), _slow_store),
    Case("a message that is no event", _alerts("LoomaDeadLetters"), _poison),
    Case("a disk is 91 % full", _alerts("LoomaDiskFull"), _disk, needs_root=True),
    Case("a worker starts with a certificate that ends tomorrow", _alerts("LoomaCertificateEnds"), _certificate),
    Case("a verification finds a lost record", _alerts("LoomaVerifyDiffers"), _difference),
    # The last, for what it leaves to do.
    Case(
        f"{BACKLOG:,} events at once; from when {MAY_WAIT:,} are published",
        _alerts("LoomaConsumerLagHigh", topic=TOPIC),  # the records that come of them are behind later
        _backlog,
    ),
)


async def time_alarms(
    progress: Progress, *, with_prometheus: bool = False, only: Collection[str] = ()
) -> dict[str, Any]:
    """Make each fault happen; return how long it took until the receiver of each that looks on was told.

    `only`: the names of the alerts to time; all if there is none.
    Raises StackError, WorkerError or LookoutError if a part does not start.
    """
    receivers = {name: Receiver() for name in ("watch", *(["prometheus"] if with_prometheus else []))}
    wanted = [case for case in CASES if not only or any(each["alertname"] in only for each in case.alerts)]
    cases = [case for case in wanted if not case.needs_root or os.geteuid() == 0]
    rows: list[dict[str, Any]] = []
    async with AsyncExitStack() as opened:
        settings = await opened.enter_async_context(fresh_stack(progress))
        await prepare(settings)
        for receiver in receivers.values():
            await opened.enter_async_context(receiver.listening())
        stack = Stack(settings, controller_port=free_ports(1)[0])
        scene = Scene(settings, stack, Post(settings, "first"), Post(settings, "second"))
        for post in (scene.first, scene.second):
            progress("a worker: starting")
            opened.push_async_callback(post.stop)
            await post.start()
        pages = [scene.first.page, scene.second.page]
        if with_prometheus:
            await opened.enter_async_context(watching_with_prometheus(settings, pages, receivers["prometheus"]))
        for case in cases:
            progress(case.fault)
            async with watching(settings, pages, receivers["watch"]):
                rows += await _timed(case, scene, receivers)
            for row in rows[-len(case.alerts) :]:
                progress("  " + ", ".join(f"{name} {value}" for name, value in row.items() if name != "fault"))
    seconds = [row[name] for row in rows for name in receivers]
    return {
        "rules": len({row["alert"] for row in rows}),
        "longest_seconds": max((each for each in seconds if each is not None), default=None),
        "missed": sum(each is None or each > PROMISED_SECONDS for each in seconds),
        "faults": rows,
        "left_out": [case.fault for case in wanted if case not in cases],
        "load": [round(each, 1) for each in os.getloadavg()],
    }


async def _timed(case: Case, scene: Scene, receivers: Mapping[str, Receiver]) -> list[dict[str, Any]]:
    """Have one fault, once no alert of an earlier one that is like its own goes on."""
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline and any(  # noqa: ASYNC110
        of.is_told(each) for of in receivers.values() for each in case.alerts
    ):
        await asyncio.sleep(1)
    for receiver in receivers.values():
        receiver.heard.clear()
    await asyncio.sleep(SETTLE_SECONDS)
    scene.begins()
    async with case.inject(scene):
        since = scene.since
        asked = [
            receiver.hears(each, since, GIVE_UP_SECONDS) for each in case.alerts for receiver in receivers.values()
        ]
        told = iter(await asyncio.gather(*asked))
    rows = []
    for each in case.alerts:
        times = {name: None if (at := next(told)) is None else round(at - since, 1) for name in receivers}
        rows.append({"fault": case.fault, "alert": each["alertname"], **times})
    return rows


async def _run(*command: str, code: int = 0, environment: Mapping[str, str] | None = None) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    _, said = await process.communicate()
    assert process.returncode == code, said.decode("utf-8", "replace")[-2000:]


def _write_certificate(file: Path, lasts: datetime.timedelta) -> None:
    """Write a key and a certificate that it has signed itself."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from ops.certificates import begun, named, pem

    key, name = ec.generate_private_key(ec.SECP256R1()), named("localhost")
    made = begun(name, name, key, lasts).sign(key, hashes.SHA256())
    file.write_bytes(pem(key) + made.public_bytes(serialization.Encoding.PEM))
