"""`looma watch` on a real page over HTTP, hours passing at once; and the whole way through the real Alertmanager."""

import asyncio
import json
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ops.alerts.policy import OWN_POLICY, matcher, read_policy
from ops.alerts.relay import Relay
from ops.alerts.rules import NOT_HERE, OWN_RULES, read_rules
from ops.alerts.scrape import MAX_PAGE_BYTES
from ops.alerts.silences import InAlertmanager, InFolder, Silence, SilenceError
from ops.alerts.watch import Watch
from ops.compose_secrets import make
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


def watch_of(port: int, folder: Path) -> Watch:
    settings = AlertSettings(targets=[f"http://127.0.0.1:{port}/metrics"])
    return Watch(settings, [hook(port)], read_rules(OWN_RULES, NOT_HERE), read_policy(OWN_POLICY), InFolder(folder))


async def test_faults_are_told_once_again_after_hours_and_when_they_are_over(
    worker: tuple[Worker, int], tmp_path: Path
) -> None:
    of, port = worker
    watch = watch_of(port, tmp_path)
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
        assert await passes(0.5) == []
        assert await passes(1) == ["firing LoomaTelemetryDown"]
        of.is_up = True
        assert await passes(1) == ["resolved LoomaTelemetryDown"]
        assert await passes(30) == ["firing LoomaNoEvents"]
        assert await passes(4 * 60) == ["firing LoomaNoEvents"], "again after four hours"
        of.page = "x" * (MAX_PAGE_BYTES + 1)
        await passes(0.5)
    (up,) = [v for labels, _, v in watch.history.latest(_all("up"), now)]
    assert up == 0, "a page that is too long is none"


FAULTS = {
    "LoomaServerDown": 'looma_server_up{{server="mongodb"}} {0}',
    "LoomaStageStalled": 'looma_stage_stalled_seconds{{stage="match",topic="match-requests"}} {stalled}',
    "LoomaDiskFull": "looma_disk_used_ratio {1}",
    "LoomaVerifyDiffers": 'looma_upkeep_findings{{upkeep="verify"}} {2}',
    "LoomaCertificateEnds": 'looma_certificate_expiry_seconds{{server="kafka"}} {3}',
    "LoomaConsumerLagHigh": 'looma_consumer_lag{{group="looma",topic="match-requests",partition="0"}} {4}',
    "LoomaDeadLetters": 'looma_dead_letters_total{{stage="match",topic="match-requests",reason="invalid"}} {5}',
    "LoomaEventLatencyHigh": (
        'looma_event_latency_seconds_bucket{{stage="match",topic="match-requests",le="30.0"}} {events}\n'
        'looma_event_latency_seconds_bucket{{stage="match",topic="match-requests",le="60.0"}} {late}\n'
        'looma_event_latency_seconds_bucket{{stage="match",topic="match-requests",le="120.0"}} {late}\n'
        'looma_event_latency_seconds_bucket{{stage="match",topic="match-requests",le="+Inf"}} {late}'
    ),
    "LoomaStoreFailing": (
        'looma_store_duration_seconds_count{{command="find",collection="jobs",outcome="failed"}} {failed}\n'
        'looma_store_duration_seconds_count{{command="find",collection="jobs",outcome="done"}} {events}'
    ),
    "LoomaTelemetryDown": "",
}
"""What a page says of each fault."""


@pytest.mark.parametrize("name", FAULTS)
async def test_a_page_comes_within_a_minute_of_its_fault(
    name: str, worker: tuple[Worker, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the moment that a worker says so; `looma bench alerts` times it from the real fault on."""
    of, port = worker
    watch = watch_of(port, tmp_path)
    step = AlertSettings().interval_seconds
    async with aiohttp.ClientSession() as session:
        faulty, now = 0.0, STARTED
        while faulty <= 60 and not of.told:
            now += step
            elapsed = now - STARTED
            is_faulty = elapsed > 120
            faulty += step * is_faulty
            ends = now + 3600 if is_faulty else now + 1e8
            values = (0, 0.95, 3, ends, 20_000, 7) if is_faulty else (1, 0.5, 0, ends, 0, 4)
            grows = {"events": elapsed, "late": elapsed + 9 * faulty, "failed": faulty, "stalled": faulty}
            page = PAGE.format(progress=now, disk=0.2) + FAULTS[name].format(*values, **grows) + "\n"
            of.page = page.replace("start_time_seconds 1e6", "start_time_seconds 9.6e5")
            of.is_up = not (is_faulty and name == "LoomaTelemetryDown")
            await watch.turn(session, now)
        assert of.told[:1] == [f"firing {name}"]
        assert 0 < faulty <= 60


async def test_what_is_silenced_is_told_when_it_goes_on_after_the_silence(
    worker: tuple[Worker, int], tmp_path: Path
) -> None:
    of, port = worker
    watch = watch_of(port, tmp_path)
    at = datetime.fromtimestamp(STARTED, UTC)
    window = Silence(
        id="", matchers=['alertname=~"LoomaDisk.*"'], starts=at - timedelta(hours=1), ends=at + timedelta(hours=1)
    )
    await InFolder(tmp_path).add(window)
    of.page = PAGE.format(progress=STARTED, disk=0.95)
    async with aiohttp.ClientSession() as session:
        for second in range(0, 3500, 100):
            await watch.turn(session, STARTED + second)
        assert of.told == []
        for second in range(3600, 3700, 5):
            await watch.turn(session, STARTED + second)
        assert of.told[:1] == ["firing LoomaDiskFull"]
        (found,) = await InFolder(tmp_path).all()
        with pytest.raises(SilenceError, match="has not ended"):
            await InFolder(tmp_path).end("none")
        (tmp_path / "silences.json").write_text("{")
        await watch.turn(session, STARTED + 3800)  # a file that cannot be read silences nothing
        with pytest.raises(SilenceError, match="delete it"):
            await InFolder(tmp_path).end(found.id)


async def test_a_server_that_is_away_says_so_alone(worker: tuple[Worker, int], tmp_path: Path) -> None:
    of, port = worker
    watch = watch_of(port, tmp_path)
    page = PAGE.format(progress=STARTED, disk=0.2) + (
        'looma_server_up{server="mongodb"} 0\nlooma_stage_stalled_seconds{stage="match",topic="match-requests"} '
    )
    async with aiohttp.ClientSession() as session:
        for second in range(0, 120, 5):
            of.page = f"{page}{second}\n"
            await watch.turn(session, STARTED + second)
        assert of.told == ["firing LoomaServerDown"]
        assert {alert.name for alert in watch.evaluation.firing()} == {"LoomaServerDown", "LoomaStageStalled"}
        of.page = of.page.replace('server="mongodb"} 0', 'server="mongodb"} 1')
        for second in range(120, 240, 5):
            await watch.turn(session, STARTED + second)
    assert of.told == ["firing LoomaServerDown", "resolved LoomaServerDown", "firing LoomaStageStalled"]


async def test_old_dead_letters_are_not_new_because_a_watch_begins(worker: tuple[Worker, int], tmp_path: Path) -> None:
    of, port = worker
    watch = watch_of(port, tmp_path)
    letters = 'looma_dead_letters_total{stage="sync job",topic="job-events",reason="invalid"} '
    peace = PAGE.format(progress=STARTED, disk=0.2).replace("start_time_seconds 1e6", "start_time_seconds 9e5")
    async with aiohttp.ClientSession() as session:
        for minute in range(90):
            of.page = f"{peace}{letters}{4 if minute < 80 else 5}\n"
            await watch.turn(session, STARTED + 60 * minute)
            letters_told = [told for told in of.told if "DeadLetters" in told]
            assert letters_told == (["firing LoomaDeadLetters"] if minute > 80 else [])


def _all(name: str) -> Any:
    from ops.alerts.history import Selection

    return Selection(name, [])


ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")


@pytest.mark.skipif(ALERTMANAGER is None, reason="no Alertmanager")
async def test_a_test_alert_goes_through_alertmanager_and_the_relay(worker: tuple[Worker, int], tmp_path: Path) -> None:
    """With compose's own configuration and certificates, but for the address of the relay."""
    of, port = worker
    relay_port, manager_port = free_ports(2)
    secrets, file, served = tmp_path / "secrets", tmp_path / "alertmanager.yaml", tmp_path / "web.yaml"
    make(secrets)
    policy = OWN_POLICY.read_text("utf-8").replace("relay:16094", f"localhost:{relay_port}")
    for place, text in ((file, policy), (served, (ROOT / "compose" / "alertmanager" / "web.yaml").read_text("utf-8"))):
        place.write_text(text.replace("/run/secrets", str(secrets)))
    own = secrets / "relay.pem"
    settings = AlertSettings(port=relay_port, certificate_file=own, key_file=own)
    relay = asyncio.create_task(Relay(settings, [hook(port)]).run())
    assert ALERTMANAGER
    manager = await asyncio.create_subprocess_exec(
        ALERTMANAGER,
        f"--config.file={file}",
        f"--web.config.file={served}",
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
            env={
                "LOOMA_ALERTS__ALERTMANAGER": f"https://localhost:{manager_port}",
                "LOOMA_ALERTS__CA_FILE": str(secrets / "ca.pem"),
                "PATH": "/usr/bin:/bin",
            },
        )
        assert await done.wait() == 0
        async with asyncio.timeout(60):
            await of.has_told.wait()
        silences = InAlertmanager(f"https://localhost:{manager_port}", secrets / "ca.pem")
        now = datetime.now(UTC)
        wanted = Silence(
            id="",
            matchers=['a="b"', 'c!~"d|e"', "f!=g", "h=~i"],
            starts=now,
            ends=now + timedelta(hours=1),
            comment="x",
        )
        name = await silences.add(wanted)
        (found,) = await silences.all()
        assert (found.id, set(map(matcher, found.matchers))) == (name, set(map(matcher, wanted.matchers)))
        await silences.end(name)
        assert not any(each.is_on(datetime.now(UTC)) for each in await silences.all())
        with pytest.raises(SilenceError):
            await silences.end("none")
        with pytest.raises(SilenceError):
            await InAlertmanager(silences.url).all()  # whom the system's authorities do not know
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
