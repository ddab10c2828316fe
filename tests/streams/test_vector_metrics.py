"""Requests of Qdrant are measured where they are sent, whatever becomes of them; by what they ask for, not by whom."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from qdrant_client import models as q
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from ops.local.embedded.stack import free_ports
from schemas.settings import QdrantSettings
from streams import metrics, vector_metrics

FOUND = {"result": {"count": 3, "points": [], "collections": []}, "status": "ok", "time": 0.1}


class Server:
    """Answers every request as a Qdrant that has little to say."""

    status = 200

    async def answer(self, request: web.Request) -> web.Response:
        found: Any = {**FOUND, "result": []} if request.path.endswith("/points") else FOUND
        return web.Response(text=json.dumps(found), status=self.status, content_type="application/json")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, int]]:
    server, (port,) = Server(), free_ports(1)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield server, port
    await runner.cleanup()


async def test_requests_are_measured_done_refused_or_unanswered(
    server: tuple[Server, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, port = server
    told: list[tuple[str, ...]] = []

    class Histogram:
        def record(self, seconds: float, labels: dict[str, str]) -> None:
            assert seconds > 0
            told.append(tuple(labels.values()))

    monkeypatch.setattr(metrics, "vectors_duration", Histogram())
    client = vector_metrics.connect(QdrantSettings(url=f"http://127.0.0.1:{port}"))
    try:
        assert (await client.count("jobs")).count == 3
        await client.retrieve("talents-g2", ["5f5ad0ee-57ae-4fc1-9e4e-0dd7a9cbd5a5"])
        await client.query_points("jobs", query=[1.0])
        await client.get_collections()  # of no points
        answering.status = 404
        with pytest.raises(UnexpectedResponse):
            await client.count("jobs")
        answering.status = 503
        with pytest.raises(UnexpectedResponse):
            await client.delete("jobs", q.PointIdsList(points=[1]))
    finally:
        await client.close()
    away = vector_metrics.connect(QdrantSettings(url=f"http://127.0.0.1:{free_ports(1)[0]}"))
    with pytest.raises(ResponseHandlingException):
        await away.count("jobs")
    await away.close()
    assert told == [
        ("count", "jobs", "done"),
        ("retrieve", "talents-g2", "done"),
        ("query", "jobs", "done"),
        ("count", "jobs", "done"),
        ("delete", "jobs", "failed"),
        ("count", "jobs", "failed"),
    ]
