"""Alerts on a page: those that fire first, nothing known where nothing was seen, and the runbook as text."""

import asyncio
import time
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from ops.alerts import runbook
from ops.alerts.rules import NOT_HERE, OWN_RULES, read_rules
from ops.console.alerting import OfPrometheus, OwnLook, Standing, open_alerts, ordered, shown, standing
from ops.console.markdown import as_html
from ops.local.embedded.stack import free_ports
from schemas.base import Language
from schemas.settings import AlertSettings

RULES = {rule.name: rule for rule in read_rules(OWN_RULES)}
PAGE = """# TYPE target_info gauge
target_info{service_name="looma-worker",service_instance_id="a"} 1.0
# TYPE looma_stage_last_progress_seconds gauge
looma_stage_last_progress_seconds{stage="sync job",topic="job-events"} 1
# TYPE looma_worker_start_time_seconds gauge
looma_worker_start_time_seconds 1
"""


def test_what_fires_comes_first_and_of_that_what_is_critical() -> None:
    alert = shown([("alertname", "A"), ("topic", "t")], {"summary": "s"}, 2.0, datetime.now(UTC), is_firing=True)
    pending = alert._replace(is_firing=False)
    found = ordered(
        [
            standing(RULES["LoomaNoEvents"], [alert]),
            standing(RULES["LoomaConsumerStalled"], [pending]),
            standing(RULES["LoomaDeadLetters"], [], "absent"),
            standing(RULES["LoomaConsumerLagHigh"], []),
            standing(RULES["LoomaStageStalled"], [pending, alert]),
        ]
    )
    assert [(each.rule.name, each.state) for each in found] == [
        ("LoomaStageStalled", "firing"),
        ("LoomaNoEvents", "firing"),
        ("LoomaConsumerStalled", "pending"),
        ("LoomaDeadLetters", "unknown"),
        ("LoomaConsumerLagHigh", "quiet"),
    ]
    assert found[0].alerts == [alert, pending]
    assert alert.labels == [("topic", "t")]


async def test_the_consoles_own_look_finds_what_watch_would_tell() -> None:
    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=PAGE)

    app, (port, nobody) = web.Application(), free_ports(2)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        settings = AlertSettings(
            targets=[f"http://127.0.0.1:{port}/metrics", f"http://127.0.0.1:{nobody}/metrics"], interval_seconds=0.2
        )
        async with open_alerts(settings) as alerts:
            assert isinstance(alerts, OwnLook)
            deadline = time.monotonic() + 60
            firing: dict[str, Standing] = {}
            while "LoomaNoEvents" not in firing:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
                board = await alerts.board()
                firing = {each.rule.name: each for each in board.rules if each.state == "firing"}
        assert firing["LoomaNoEvents"].alerts[0].value > 3600
        assert [each.state for each in board.rules[: len(firing)]] == ["firing"] * len(firing)
        assert [is_up for _, is_up in board.looked_at] == [True, False]
        assert {each.rule.name for each in board.rules} == {r.name for r in read_rules(OWN_RULES, NOT_HERE)}
    finally:
        await runner.cleanup()


async def test_nothing_is_said_to_be_well_that_nobody_has_seen() -> None:
    (port,) = free_ports(1)
    async with aiohttp.ClientSession() as session:
        look = OwnLook(AlertSettings(targets=[f"http://127.0.0.1:{port}/metrics"]), list(RULES.values()))
        assert {each.state for each in (await look.board()).rules} == {"unknown"}
        await look._lookout.look(session, 1_000_000.0)
    assert {each.state for each in (await look.board()).rules} <= {"unknown", "pending"}
    away = await OfPrometheus(f"http://127.0.0.1:{port}", list(RULES.values())).board()
    assert away.problem
    assert {each.state for each in away.rules} == {"unknown"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_runbook_is_shown_with_links_to_its_other_sections_alone(language: Language) -> None:
    assert set(runbook.sections(language)) == set(RULES)
    places = {f"#{name.lower()}": f"../alerts/{name}" for name in RULES}
    pages = "".join(as_html(text, places) for text in runbook.sections(language).values())
    assert "<ol>" in pages
    assert '<a href="../alerts/LoomaConsumerStalled">' in pages
    assert 'href="docs' not in pages
    assert ".md" not in "".join(part.partition('"')[0] for part in pages.split('href="')[1:])


def test_markdown_brings_no_markup_and_no_other_links() -> None:
    said = as_html(
        "<script>x</script> [a](javascript:alert(1)) [b](https://e.example/) ![c](x.png) [d](#d)", {"#d": "d"}
    )
    assert "<script" not in said
    assert said.count("<a ") == 1
    assert "<img" not in said
    assert '<a href="d">d</a>' in said
