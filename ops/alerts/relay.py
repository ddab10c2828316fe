"""Takes Alertmanager's webhooks and tells receivers that it does not know, robots in groups above all."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import aiohttp
from aiohttp import web
from loguru import logger
from pydantic import BaseModel, Field, ValidationError

from ops.alerts.notice import Told
from ops.alerts.send import tell, wanted
from ops.alerts.tls import shown
from schemas.settings import AlertSettings, ReceiverSettings

MAX_BODY_BYTES = 1024 * 1024


class _Alert(BaseModel):
    status: str = Field(pattern="^(firing|resolved)$")
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime = Field(alias="startsAt")


class _Notice(BaseModel):
    alerts: list[_Alert] = Field(max_length=1000)


def told(body: bytes) -> list[Told]:
    """Return the alerts of a webhook. Raises ValueError."""
    notice = _Notice.model_validate_json(body)
    return [Told(a.labels, a.annotations, a.starts_at, is_over=a.status == "resolved") for a in notice.alerts]


class Relay:
    """Passes each notice on to all receivers; one that fails makes Alertmanager send it again, to all."""

    def __init__(self, settings: AlertSettings, receivers: Sequence[ReceiverSettings]) -> None:
        self._settings = settings
        self._receivers = receivers

    async def run(self) -> None:
        """Serve until cancelled. Raises AlertTlsError."""
        certificate = shown(self._settings)
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/alerts", self._take)
        app.router.add_get("/health", self._health)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as self._session:
            try:
                await web.TCPSite(runner, self._settings.host, self._settings.port, ssl_context=certificate).start()
                await asyncio.Event().wait()
            finally:
                await runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "up"})

    async def _take(self, request: web.Request) -> web.Response:
        try:
            alerts = told(await request.read())
        except ValidationError:
            return web.json_response({"error": "this is no webhook of Alertmanager"}, status=400)
        for alert in alerts:
            logger.warning("alert: {}", alert.line)
        results = await asyncio.gather(*(self._tell(receiver, alerts) for receiver in self._receivers))
        return web.json_response({"taken": results.count(True)}, status=200 if all(results) else 502)

    async def _tell(self, receiver: ReceiverSettings, alerts: Sequence[Told]) -> bool:
        heard = wanted(receiver, alerts)
        return not heard or await tell(receiver, heard, self._session)
