"""Deliveries to a real receiver: signed, in order, again until it accepts, and from where the last process was."""

import asyncio
import base64
import json
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import ClientSession, web

from connectors.webhooks import delivery
from connectors.webhooks.delivery import Delivery, group_of, message_of
from connectors.webhooks.signature import headers, key_of
from schemas.settings import WebhookSettings
from schemas.topics import MATCH_RESULTS
from sinks.kafka import producer
from tests.support.cluster import Cluster

SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()


class Receiver:
    """Takes requests; `answers` are the statuses of the next ones, then 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.accepted: list[str] = []
        self.seen: list[str] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        sent = {name: request.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
        assert sent == headers(key_of(SECRET), sent["webhook-id"], int(sent["webhook-timestamp"]), body)
        status = self.answers.pop(0) if self.answers else 204
        self.seen.append(sent["webhook-id"])
        if status < 300:
            self.accepted.append(sent["webhook-id"])
        return web.Response(status=status, headers={"location": "/other"} if status == 302 else {})


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield found
    finally:
        await runner.cleanup()


@asynccontextmanager
async def delivering(cluster: Cluster, hook: WebhookSettings) -> AsyncIterator[Delivery]:
    async with ClientSession() as session:
        made = Delivery(cluster.settings.kafka, hook, session)
        task = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def tell(cluster: Cluster, ids: list[str]) -> None:
    sending = producer(cluster.settings.kafka)
    await sending.start()
    for each in ids:
        value = json.dumps({"talent_id": "T1", "features": [{"reason": "call 13800138000"}]}).encode()
        await sending.send_and_wait(MATCH_RESULTS, value, key=b"T1|J1", headers=[("ce_id", each.encode())])
    await sending.stop()


async def test_each_message_is_sent_until_it_is_accepted_and_in_order(
    api_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FIRST_SECONDS", 0.02)
    name = f"w{uuid.uuid4().hex[:8]}"
    first, second = [f"{name}-{n}" for n in range(6)], [f"{name}-{n}" for n in range(6, 9)]
    async with receiver() as taking:
        hook = WebhookSettings.model_validate({"name": name, "url": taking.url, "secret": SECRET, "begin": "first"})
        own: Callable[[], list[str]] = lambda: [each for each in taking.accepted if each.startswith(name)]  # noqa: E731
        async with delivering(api_cluster, hook):
            taking.answers = [500, 302, 429, 410]
            await tell(api_cluster, first)
            await until(lambda: own() == first)
        assert len([each for each in taking.seen if each.startswith(name)]) >= len(first)
        await tell(api_cluster, second)  # while nobody sends
        async with delivering(api_cluster, hook):
            await until(lambda: own()[-1:] == second[-1:])
            await asyncio.sleep(0.2)
        # Only what was not committed may come again; what is told while nobody sends comes next.
        assert own()[: len(first)] == first
        assert own()[-len(second) :] == second
    assert group_of("looma", hook) == f"looma-webhook-{name}"


def test_reasons_name_nobody_unless_the_receiver_may_know() -> None:
    class Record:
        topic, partition, offset = MATCH_RESULTS, 0, 7
        headers: Any = ()
        value = json.dumps({"talent_id": "T1", "features": [{"reason": "电话 13800138000"}]}).encode()

    record: Any = Record()
    (one, masked), (two, whole) = (message_of(record, personal=personal) for personal in (False, True))
    assert one == two
    assert b"13800138000" not in masked
    assert b"13800138000" in whole
