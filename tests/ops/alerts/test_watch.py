"""`looma watch` on a real page over HTTP, hours passing at once; and the whole way through the real Alertmanager."""

import asyncio
import json
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from ops.alerts.relay import Relay
from ops.alerts.rules import NOT_HERE, OWN_RULES, read_rules
from ops.alerts.scrape import MAX_PAGE_BYTES
from ops.alerts.watch import Watch
from ops.local.embedded.stack import free_ports
from schemas.settings import AlertSettings, ReceiverSettings

ROOT = Path(__file__).parents[3]
STARTED = 1_000_000.0
PAGE = """# TYPE target_info gauge
target_info{{service_name="looma-worker",service_instance_id="a"}} 1.0
# TYPE looma_stage_last_progress_seconds gauge
looma_stage_last_progress_seconds{{stage="sync job",topic="job-events"}} {progress}
# TYPE looma_worker_start_time_seconds gauge
looma_worker_start_time_seconds 1e6
# TYPE looma_disk_used_ratio gauge
looma_disk_used_ratio {disk}
"""


class Worker:
    """Show a worker's page, and take what receivers are told; both can fail."""

    def __init__(self) -> None:
        self.page = PAGE.format(progress=STARTED, disk=0.2)
        self.is_up = self.is_taking = True
        self.told: list[str] = []
        self.has_told = asyncio.Event()

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """Answer in two parts, as a long page comes."""
        answer = web.StreamResponse(status=200 if self.is_up else 503)
        await answer.prepare(request)
        half = len(self.page) // 2
        for part in (self.page[:half], self.page[half:]):
            await answer.write(part.encode())
            await asyncio.sleep(0.001)
        return answer

    async def hook(self, request: web.Request) -> web.Response:
        if not self.is_taking:
            return web.Response(status=500)
        alerts = json.loads(await request.read())["alerts"]
        self.told += [f"{a['status']} {a['labels']['alertname']}" for a in alerts]
        self.has_told.set()
        return web.Response()


@pytest.fixture
async def worker() -> AsyncIterator[tuple[Worker, int]]:
    worker, (port,) = Worker(), free_ports(1)
    app = web.Application()
    app.router.add_get("/metrics", worker.metrics)
    app.router.add_post("/hook", worker.hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield worker, port
    await runner.cleanup()


def hook(port: int) -> ReceiverSettings:
    return ReceiverSettings.model_validate(
        {"name": "hook", "kind": "webhook", "url": f"http://127.0.0.1:{port}/hook", "timeout_seconds": 5}
    )


async def test_faults_are_told_once_again_after_hours_and_when_they_are_over(worker: tuple[Worker, int]) -> None:
    of, port = worker
    settings = AlertSettings(targets=[f"http://127.0.0.1:{port}/metrics"], repeat_hours=4)
    watch = Watch(settings, [hook(port)], read_rules(OWN_RULES, NOT_HERE))
    now = STARTED
    async with aiohttp.ClientSession() as session:

        async def passes(minutes: float) -> list[str]:
            nonlocal now
            before = len(of.told)
            for _ in range(round(minutes * 2)):
                now += 30
                await watch.turn(session, now)
            return of.told[before:]

        assert await passes(5) == [], "a worker in peace"
        of.page = PAGE.format(progress=STARTED, disk=0.95)
        of.is_taking = False
        assert await passes(4) == [], "nobody takes it"
        of.is_taking = True
        assert await passes(0.5) == ["firing LoomaDiskFull"], "what was not taken is told as soon as it can be"
        assert await passes(30) == []
        of.page = PAGE.format(progress=STARTED, disk=0.2)
        assert await passes(1) == ["resolved LoomaDiskFull"]
        of.is_up = False
        assert await passes(4) == []
        assert await passes(2) == ["firing LoomaTelemetryDown"]
        of.is_up = True
        assert await passes(1) == ["resolved LoomaTelemetryDown"]
        assert await passes(30) == ["firing LoomaNoEvents"]
        assert await passes(4 * 60) == ["firing LoomaNoEvents"], "again after four hours"
        of.page = "x" * (MAX_PAGE_BYTES + 1)
        await passes(0.5)
    (up,) = [v for labels, _, v in watch.history.latest(_all("up"), now)]
    assert up == 0, "a page that is too long is none"


async def test_old_dead_letters_are_not_new_because_a_watch_begins(worker: tuple[Worker, int]) -> None:
    of, port = worker
    watch = Watch(
        AlertSettings(targets=[f"http://127.0.0.1:{port}/metrics"]), [hook(port)], read_rules(OWN_RULES, NOT_HERE)
    )
    letters = 'looma_dead_letters_total{stage="sync job",topic="job-events",reason="invalid"} '
    peace = PAGE.format(progress=STARTED, disk=0.2).replace("start_time_seconds 1e6", "start_time_seconds 9e5")
    async with aiohttp.ClientSession() as session:
        for minute in range(90):
            of.page = f"{peace}{letters}{4 if minute < 80 else 5}\n"
            await watch.turn(session, STARTED + 60 * minute)
            letters_told = [told for told in of.told if "DeadLetters" in told]
            assert letters_told == (["firing LoomaDeadLetters"] if minute >= 80 else [])


def _all(name: str) -> Any:
    from ops.alerts.history import Selection

    return Selection(name, [])


ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")


@pytest.mark.skipif(ALERTMANAGER is None, reason="no Alertmanager")
async def test_a_test_alert_goes_through_alertmanager_and_the_relay(worker: tuple[Worker, int], tmp_path: Path) -> None:
    """With compose's own configuration, but for the address of the relay and the time that it gathers alerts."""
    of, port = worker
    relay_port, manager_port = free_ports(2)
    config = yaml.safe_load((ROOT / "compose" / "alertmanager" / "alertmanager.yaml").read_text("utf-8"))
    config["route"]["group_wait"] = "1s"
    config["receivers"][0]["webhook_configs"][0]["url"] = f"http://127.0.0.1:{relay_port}/alerts"
    file = tmp_path / "alertmanager.yaml"
    file.write_text(yaml.safe_dump(config))
    relay = asyncio.create_task(Relay(AlertSettings(port=relay_port), [hook(port)]).run())
    assert ALERTMANAGER
    manager = await asyncio.create_subprocess_exec(
        ALERTMANAGER,
        f"--config.file={file}",
        f"--storage.path={tmp_path}",
        f"--web.listen-address=127.0.0.1:{manager_port}",
        "--cluster.listen-address=",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(manager_port)
        await _listening(relay_port)
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ops.cli", "alerts", "test"),
            cwd=ROOT,
            env={"LOOMA_ALERTS__ALERTMANAGER": f"http://127.0.0.1:{manager_port}", "PATH": "/usr/bin:/bin"},
        )
        assert await done.wait() == 0
        async with asyncio.timeout(60):
            await of.has_told.wait()
    finally:
        relay.cancel()
        manager.terminate()
        await manager.wait()
    assert of.told == ["firing LoomaTest"]


async def _listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.1)
