"""Who looks on while faults happen: `looma watch`, or Prometheus and Alertmanager, and a receiver that is told."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from aiohttp import web

from ops.alerts.policy import OWN_POLICY
from ops.alerts.relay import told
from ops.alerts.rules import OWN_RULES
from ops.local.embedded.stack import free_ports
from ops.runtime.settings import environment_of
from schemas.errors import LoomaError
from schemas.settings import Settings

LOOK_SECONDS = 5
"""How often compose's Prometheus looks at workers and evaluates rules."""
LISTEN_SECONDS = 60
MANAGERS = ("prometheus-alertmanager", "alertmanager")


class LookoutError(LoomaError):
    """What is to look on cannot be started; the text says why."""

    code = "lookout"


@dataclass(frozen=True, slots=True)
class Heard:
    """An alert as the receiver was told of it; `at` in seconds of the monotonic clock."""

    at: float
    labels: Mapping[str, str]
    is_over: bool


class Receiver:
    """Takes webhooks on this machine."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.heard: list[Heard] = []
        self._news = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen for the block."""
        app = web.Application()
        app.router.add_post("/", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            yield
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        now = time.monotonic()
        self.heard += [Heard(now, each.labels, each.is_over) for each in told(await request.read())]
        self._news.set()
        return web.Response()

    async def hears(self, labels: Mapping[str, str], since: float, seconds: float) -> float | None:
        """Return when it was first told of a new alert with these labels; None if it was not within `seconds`."""
        deadline = since + seconds
        while True:
            found = [h for h in self.heard if h.at > since and not h.is_over and labels.items() <= h.labels.items()]
            if found:
                return found[0].at
            self._news.clear()
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await self._news.wait()
            except TimeoutError:
                return None

    def is_told(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels goes on, as far as it was told."""
        of = [h for h in self.heard if labels.items() <= h.labels.items()]
        return bool({_key(h) for h in of if not h.is_over} - {_key(h) for h in of if h.is_over})

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a process of ours tell this receiver."""
        url = f"http://127.0.0.1:{self.port}/"
        return {"LOOMA_RECEIVERS": json.dumps([{"name": "bench", "kind": "webhook", "url": url}])}


def _key(heard: Heard) -> str:
    return json.dumps(sorted(heard.labels.items()))


@asynccontextmanager
async def watching(settings: Settings, pages: Sequence[str], receiver: Receiver) -> AsyncIterator[None]:
    """Have `looma watch` look at pages, for the block."""
    environment = {**environment_of(settings), **receiver.environment, "LOOMA_ALERTS__TARGETS": json.dumps(pages)}
    command = (sys.executable, "-m", "ops.cli", "watch")
    async with _running(command, settings.data_dir / "watch.log", environment):
        yield


@asynccontextmanager
async def watching_with_prometheus(settings: Settings, pages: Sequence[str], receiver: Receiver) -> AsyncIterator[None]:
    """Have Prometheus, Alertmanager and `looma alerts relay` do that: each with the files and the times of compose.

    There is no collector between: Prometheus reads the workers' own pages. Raises LookoutError.
    """
    prometheus, manager = shutil.which("prometheus"), next(filter(None, map(shutil.which, MANAGERS)), None)
    if not prometheus or not manager:
        raise LookoutError("this needs the programs prometheus and alertmanager (Debian has both)")
    relay_port, manager_port, port = free_ports(3)
    folder = settings.data_dir / "prometheus"
    folder.mkdir(parents=True)
    policy = yaml.safe_load(OWN_POLICY.read_text("utf-8"))
    policy["receivers"][0]["webhook_configs"] = [{"url": f"http://127.0.0.1:{relay_port}/alerts"}]
    (folder / "alertmanager.yaml").write_text(yaml.safe_dump(policy))
    targets = [page.removeprefix("http://").removesuffix("/metrics") for page in pages]
    config = {
        "global": {"scrape_interval": f"{LOOK_SECONDS}s", "evaluation_interval": f"{LOOK_SECONDS}s"},
        "rule_files": [str(OWN_RULES)],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager_port}"]}]}]},
        "scrape_configs": [{"job_name": "looma-worker", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    relay = {**environment_of(settings), **receiver.environment, "LOOMA_ALERTS__PORT": str(relay_port)}
    commands: list[tuple[tuple[str, ...], str, dict[str, str], int]] = [
        ((sys.executable, "-m", "ops.cli", "alerts", "relay"), "relay.log", relay, relay_port),
        (
            (manager, f"--config.file={folder / 'alertmanager.yaml'}", f"--storage.path={folder}",
             f"--web.listen-address=127.0.0.1:{manager_port}", "--cluster.listen-address="),
            "alertmanager.log", {}, manager_port,
        ),
        (
            (prometheus, f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{port}"),
            "prometheus.log", {}, port,
        ),
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        for command, log, environment, listens in commands:
            await stack.enter_async_context(_running(command, folder / log, environment))
            await _listening(listens, folder / log)
        yield


@asynccontextmanager
async def _running(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> AsyncIterator[None]:
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output, stderr=output, env={**os.environ, **environment}
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _listening(port: int, log: Path) -> None:
    try:
        async with asyncio.timeout(LISTEN_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    writer.close()
                    return
    except TimeoutError:
        raise LookoutError(f"nobody listens on port {port}; see {log}") from None
