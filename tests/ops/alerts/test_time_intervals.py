"""Times of maintenance: Alertmanager's own cases, and its own answer beside `looma watch`'s."""

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from ops.alerts.intervals import interval
from ops.alerts.notice import Told
from ops.alerts.policy import read_policy
from ops.alerts.promql import QueryError
from ops.alerts.watch import Desk
from ops.local.embedded.ports import free_ports
from schemas.settings import ReceiverSettings

CASES = yaml.safe_load((Path(__file__).parent / "alertmanager" / "time_intervals.yaml").read_text("utf-8"))
ALERTMANAGER, AMTOOL = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager"), shutil.which("amtool")


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d %b %y %H:%M %z")


@pytest.mark.parametrize("case", CASES["holds"], ids=lambda case: yaml.safe_dump(case["intervals"])[:60])
def test_a_time_is_in_an_interval_or_not_as_alertmanager_says(case: dict[str, Any]) -> None:
    intervals = list(map(interval, case["intervals"]))
    for expected, times in ((True, case.get("contains", [])), (False, case.get("excludes", []))):
        for text in times:
            assert any(each.holds(at(text)) for each in intervals) is expected, text


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: yaml.safe_dump(case)[:60])
def test_what_alertmanager_refuses_is_refused(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(QueryError):
        interval(case)
    if AMTOOL:
        assert not accepted(policy(tmp_path, [case]))


def policy(folder: Path, intervals: Sequence[dict[str, Any]], url: str = "http://127.0.0.1:1/") -> Path:
    file = folder / "alertmanager.yaml"
    content = {
        "route": {
            "receiver": "people", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "1s",
            "routes": [{"matchers": ['alertname =~ "Muted.*"'], "mute_time_intervals": ["maintenance"]}],
        },
        "time_intervals": [{"name": "maintenance", "time_intervals": list(intervals)}],
        "receivers": [{"name": "people", "webhook_configs": [{"url": url}]}],
    }  # fmt: skip
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file


def accepted(file: Path) -> bool:
    assert AMTOOL
    done = subprocess.run([AMTOOL, "check-config", str(file)], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


@pytest.mark.skipif(AMTOOL is None, reason="no amtool")
def test_what_is_read_here_is_accepted_there(tmp_path: Path) -> None:
    assert accepted(policy(tmp_path, [each for case in CASES["holds"] for each in case["intervals"]]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("route: {receiver: x, routes: [{mute_time_intervals: [none]}]}", "no time_intervals of the name none"),
        ("route: {receiver: x, routes: [{continue: true}]}", "continue is not supported"),
        ("route: {receiver: x, mute_time_intervals: [a]}", "mute_time_intervals is not supported"),
    ],
)
def test_what_watch_would_do_otherwise_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    with pytest.raises(QueryError, match=said):
        read_policy(file)


class Heard:
    """A receiver that notes which alerts it is told of."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.news = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.told += [f"{alert['status']} {alert['labels']['alertname']}" for alert in body["alerts"]]
        self.news.set()
        return web.Response()

    async def serve(self) -> tuple[web.AppRunner, str]:
        app = web.Application()
        app.router.add_post("/", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        [port] = free_ports(1)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner, f"http://127.0.0.1:{port}/"


def alert(name: str, now: datetime) -> Told:
    return Told({"alertname": name, "severity": "warning"}, {}, now)


def today(now: datetime) -> dict[str, Any]:
    """Return an interval that holds all of today and tomorrow."""
    days = [now + timedelta(days=n) for n in range(2)]
    return {"weekdays": [f"{day:%A}".lower() for day in days]}


async def test_watch_tells_after_the_maintenance_what_still_fires(tmp_path: Path) -> None:
    begins = datetime(2026, 1, 5, 8, tzinfo=UTC)
    window = {"times": [{"start_time": "08:00", "end_time": "08:10"}]}
    heard = Heard()
    runner, url = await heard.serve()
    followed = read_policy(policy(tmp_path, [window]))
    desk = Desk(ReceiverSettings.model_validate({"name": "n", "kind": "webhook", "url": url}), followed)

    async def told_of(minutes: range, *names: str) -> list[str]:
        heard.told.clear()
        for minute in minutes:
            now = begins + timedelta(minutes=minute)
            firing = [alert(name, now) for name in names]
            told = [each for each in firing if not followed.is_muted(each.labels, now)]
            held = {frozenset(each.labels.items()) for each in firing if each not in told}
            await desk.tell(told, held, now.timestamp(), session)
        return list(heard.told)

    async with aiohttp.ClientSession() as session:
        assert await told_of(range(-5, 0), "MutedAndOver") == ["firing MutedAndOver"]
        assert await told_of(range(5), "MutedAndOver", "MutedLong", "Heard") == ["firing Heard"]
        assert await told_of(range(5, 10), "MutedLong") == ["resolved Heard"], "the other ended unheard"
        assert await told_of(range(10, 13), "MutedLong") == ["firing MutedLong"]
    await runner.cleanup()


@pytest.mark.long
@pytest.mark.skipif(ALERTMANAGER is None, reason="no Alertmanager")
async def test_alertmanager_and_watch_tell_the_same_of_one_file(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    heard = Heard()
    runner, url = await heard.serve()
    file = policy(tmp_path, [today(now)], url)
    followed = read_policy(file)
    names = ["MutedNow", "Heard"]
    expected = [name for name in names if not followed.is_muted({"alertname": name}, now)]
    [port] = free_ports(1)
    assert ALERTMANAGER
    manager = await asyncio.create_subprocess_exec(
        ALERTMANAGER, f"--config.file={file}", f"--storage.path={tmp_path}", "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{port}", stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            body = [{"labels": {"alertname": name, "severity": "warning"}} for name in names]
            while True:
                try:
                    async with session.post(f"http://127.0.0.1:{port}/api/v2/alerts", json=body) as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientConnectorError:
                    await asyncio.sleep(0.1)
            await heard.news.wait()
            await asyncio.sleep(4)  # groups wait a second
    finally:
        manager.terminate()
        await manager.wait()
        await runner.cleanup()
    assert {told.removeprefix("firing ") for told in heard.told} == set(expected) == {"Heard"}
