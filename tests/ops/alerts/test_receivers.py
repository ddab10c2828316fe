"""Receivers of alerts: bodies and signatures as their makers describe them, against servers that check them."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.alerts import notice, relay
from ops.alerts.notice import Told
from ops.alerts.send import ReceiverError, send, wanted
from ops.alerts.tls import AlertTlsError, connector
from ops.cli import main
from ops.local.embedded.stack import free_ports
from schemas.settings import AlertSettings, ReceiverSettings

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
STALLED = Told(
    {"alertname": "LoomaStageStalled", "severity": "critical", "stage": "sync job"},
    {
        "summary": "sync job <has> had work & got nowhere",
        "description": "See /ready.",
        "runbook": "docs/guides/runbook.md",
    },
    AT,
)
QUIET = Told({"alertname": "LoomaNoEvents", "severity": "warning"}, {"summary": "no event"}, AT)
OVER = Told(STALLED.labels, STALLED.annotations, AT, is_over=True)


class Robots:
    """Stand in for the servers of robots: they check what their documents say, and answer 200 to everything."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.answer: dict[str, Any] = {"errcode": 0, "code": 0}
        self.status = 200

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.path_qs, json.loads(await request.read())))
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def robots() -> AsyncIterator[tuple[Robots, str]]:
    robots, (port,) = Robots(), free_ports(1)
    app = web.Application()
    app.router.add_post("/{anything:.*}", robots.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield robots, f"http://127.0.0.1:{port}"
    await runner.cleanup()


def receiver(kind: str, url: str, **more: Any) -> ReceiverSettings:
    return ReceiverSettings.model_validate({"name": kind, "kind": kind, "url": url, "timeout_seconds": 5, **more})


async def sent(to: ReceiverSettings, *alerts: Told) -> None:
    async with aiohttp.ClientSession() as session:
        await send(to, alerts, session)


async def test_a_robot_of_dingtalk_gets_a_signed_text(robots: tuple[Robots, str]) -> None:
    """As https://open.dingtalk.com/document/robots/customize-robot-security-settings computes the signature."""
    server, url = robots
    await sent(receiver("dingtalk", f"{url}/robot/send?access_token=t", secret="SEC1"), STALLED)
    ((path, body),) = server.got
    query = parse_qs(urlsplit(path).query)
    stamp, secret = query["timestamp"][0], "SEC1"
    right = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), digestmod=hashlib.sha256).digest()
    assert base64.b64decode(query["sign"][0]) == right
    assert query["access_token"] == ["t"]
    assert len(stamp) == 13, "milliseconds"
    assert body["msgtype"] == "text"
    assert "LoomaStageStalled" in body["text"]["content"]


async def test_a_robot_of_feishu_gets_a_signed_text(robots: tuple[Robots, str]) -> None:
    """As https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot computes the signature."""
    server, url = robots
    await sent(receiver("feishu", f"{url}/open-apis/bot/v2/hook/x", secret="demo"), STALLED)
    ((_, body),) = server.got
    string_to_sign = f"{body['timestamp']}\ndemo"
    right = base64.b64encode(hmac.new(string_to_sign.encode(), digestmod=hashlib.sha256).digest()).decode()
    assert body["sign"] == right
    assert body["msg_type"] == "text"
    assert "runbook: docs/guides/runbook.md" in body["content"]["text"]


async def test_slack_wecom_and_webhooks_get_what_they_expect(robots: tuple[Robots, str]) -> None:
    server, url = robots
    for kind in ("slack", "wecom", "webhook"):
        await sent(receiver(kind, f"{url}/{kind}"), STALLED, QUIET, OVER)
    slack, wecom, webhook = (body for _, body in server.got)
    assert "&lt;has&gt; had work &amp; got" in slack["text"]
    assert wecom["msgtype"] == "text"
    assert len(wecom["text"]["content"].encode()) < 2048
    assert (webhook["version"], webhook["status"]) == ("4", "firing")
    assert [a["status"] for a in webhook["alerts"]] == ["firing", "firing", "resolved"]


async def test_an_error_in_an_answer_of_200_is_one(robots: tuple[Robots, str]) -> None:
    server, url = robots
    server.answer = {"errcode": 310000, "errmsg": "sign not match", "code": 19021, "msg": "sign match fail"}
    for kind, code in (("dingtalk", 310000), ("wecom", 310000), ("feishu", 19021)):
        with pytest.raises(ReceiverError, match=f"{kind}: code {code}"):
            await sent(receiver(kind, url), STALLED)
    server.answer = {}
    with pytest.raises(ReceiverError, match="code None"):
        await sent(receiver("dingtalk", url), STALLED)
    server.status = 404
    with pytest.raises(ReceiverError, match="slack: status 404"):
        await sent(receiver("slack", f"{url}/secret-token"), STALLED)
    with pytest.raises(ReceiverError) as error:
        await sent(receiver("slack", f"http://127.0.0.1:{free_ports(1)[0]}/secret-token"), STALLED)
    assert "secret" not in str(error.value)


class Mailbox:
    """What a mail server does with mails."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox() -> Any:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0])
    controller.start()
    yield mailbox, controller.port
    controller.stop()


async def test_an_email_arrives_and_no_password_goes_in_the_clear(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    await sent(receiver("email", f"smtp://127.0.0.1:{port}", to=["a@example.com", "b@example.com"]), STALLED, QUIET)
    (mail,) = box.mails
    assert mail.rcpt_tos == ["a@example.com", "b@example.com"]
    assert b"Subject: Looma: 2 firing, 0 over" in mail.content
    assert b"LoomaNoEvents" in mail.content
    with pytest.raises(ReceiverError, match="no encryption for the password"):
        await sent(receiver("email", f"smtp://u:p@127.0.0.1:{port}", to=["a@example.com"]), STALLED)
    assert len(box.mails) == 1


@given(st.lists(st.builds(lambda s: Told(STALLED.labels, {"summary": s}, AT), st.text(max_size=4000)), max_size=30))
@settings(max_examples=30)
def test_a_text_is_never_longer_than_robots_take(alerts: list[Told]) -> None:
    assert len(notice.text(alerts).encode(errors="replace")) < 4096


def test_a_receiver_hears_of_what_is_bad_enough() -> None:
    assert wanted(receiver("slack", "https://x", least="critical"), [STALLED, QUIET]) == [STALLED]
    assert wanted(receiver("slack", "https://x"), [STALLED, QUIET]) == [STALLED, QUIET]


@pytest.mark.parametrize(("severity", "is_told"), [("page", True), ("error", True), ("info", False), ("none", False)])
def test_severities_of_other_peoples_rules_are_not_lost(severity: str, is_told: bool) -> None:
    """As the rules have them that come with the kube-prometheus stack, and others."""
    theirs = Told({"alertname": "KubeNodeNotReady", "severity": severity}, {}, AT)
    assert bool(wanted(receiver("slack", "https://x"), [theirs])) == is_told
    assert wanted(receiver("slack", "https://x", least="critical"), [theirs]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "email", "url": "https://x", "to": ["a@b.c"]},
        {"kind": "email", "url": "smtp://x"},
        {"kind": "email", "url": "smtp://x", "to": ["a@b.c\nBcc: d@e.f"]},
        {"kind": "slack", "url": "smtp://x"},
        {"kind": "slack", "url": "ftp://x/y"},
    ],
)
def test_a_receiver_that_cannot_be_reached_is_refused_and_its_address_not_repeated(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReceiverSettings.model_validate({"name": "a", **wrong})


ALERTMANAGER_SAYS = b"""{"version":"4","groupKey":"{}:{alertname=\\"X\\"}","status":"firing","receiver":"people",
"groupLabels":{"alertname":"X"},"alerts":[{"status":"firing","labels":{"alertname":"X","severity":"critical"},
"annotations":{"summary":"s"},"startsAt":"2018-08-03T09:52:26.739266876+02:00","endsAt":"0001-01-01T00:00:00Z",
"generatorURL":"http://p/graph","fingerprint":"c24d"}]}"""
"""As Prometheus' documentation shows it."""


def test_what_alertmanager_sends_is_understood_and_what_is_none_of_it_refused() -> None:
    (alert,) = relay.told(ALERTMANAGER_SAYS)
    assert alert.line == "[critical] X: s"
    assert relay.told(json.dumps(notice.webhook([OVER])).encode())[0].is_over
    for body in (b"", b"[]", b'{"alerts":[{}]}', b'{"alerts":"x"}', b"\xff"):
        with pytest.raises(ValueError):
            relay.told(body)


async def test_the_relay_passes_notices_on_and_asks_for_them_again_if_one_fails(robots: tuple[Robots, str]) -> None:
    server, url = robots
    (port,) = free_ports(1)
    running = asyncio.create_task(relay.Relay(AlertSettings(port=port), [receiver("feishu", url)]).run())
    async with aiohttp.ClientSession() as session:

        async def post(body: bytes) -> int:
            while True:
                try:
                    async with session.post(f"http://127.0.0.1:{port}/alerts", data=body) as answer:
                        return answer.status
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.02)

        assert await post(ALERTMANAGER_SAYS) == 200
        assert "[critical] X: s" in server.got[0][1]["content"]["text"]
        assert await post(b"{}") == 400
        assert await post(b"x" * (relay.MAX_BODY_BYTES + 1)) == 413
        server.answer = {"code": 9499}
        assert await post(ALERTMANAGER_SAYS) == 502
    running.cancel()


async def test_a_file_that_tls_cannot_use_is_named(tmp_path: Path) -> None:
    """With files that it can use, tests/ops/alerts/test_watch.py goes the whole way."""
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for file in (wrong, tmp_path / "none.pem"):
        with pytest.raises(AlertTlsError, match=rf"alerts\.ca_file .*{file.name}: \S"):
            connector(file)
        with pytest.raises(AlertTlsError, match=rf"alerts\.certificate_file .*{file.name}: \S"):
            await relay.Relay(AlertSettings(certificate_file=file, key_file=file), []).run()
    with pytest.raises(ValidationError, match="go together"):
        AlertSettings(certificate_file=wrong)


def test_alerts_test_says_who_took_it(mailbox: tuple[Mailbox, int], monkeypatch: pytest.MonkeyPatch) -> None:
    box, port = mailbox
    people = {"name": "people", "kind": "email", "url": f"smtp://127.0.0.1:{port}", "to": ["a@example.com"]}
    away = {"name": "away", "kind": "slack", "url": f"http://127.0.0.1:{free_ports(1)[0]}"}
    run: Callable[..., Any] = CliRunner().invoke
    assert run(main, ["alerts", "test"]).exit_code == 1, "nobody hears of it"
    monkeypatch.setenv("LOOMA_RECEIVERS", json.dumps([people]))
    done = run(main, ["alerts", "test"])
    assert (done.exit_code, done.stdout) == (0, "people has taken it\n")
    assert b"LoomaTest" in box.mails[0].content
    monkeypatch.setenv("LOOMA_RECEIVERS", json.dumps([people, away]))
    done = run(main, ["alerts", "test", "--json"])
    said = json.loads(done.stdout)
    assert done.exit_code == 1
    assert said["people"] == {"taken": True, "error": None}
    assert said["away"] == {"taken": False, "error": "away: ClientConnectorError"}
