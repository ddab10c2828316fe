"""How long Qdrant's requests on points take, by what they ask for and never by whom."""

import re
import time
from collections.abc import Awaitable, Callable

from httpx import Request, Response
from qdrant_client import AsyncQdrantClient

from schemas.settings import QdrantSettings
from sinks import qdrant
from streams import metrics

_ON_POINTS = re.compile(r"/collections/([^/]+)/points(?:/(count|delete|payload|query|query/batch|scroll))?$")
_WITHOUT_NAME = {"PUT": "upsert", "POST": "retrieve"}


def connect(settings: QdrantSettings) -> AsyncQdrantClient:
    """Return a client whose requests are measured. Raises QdrantCaError."""
    client = qdrant.connect(settings)
    client.http.client.add_middleware(measured)
    return client


async def measured(request: Request, send: Callable[[Request], Awaitable[Response]]) -> Response:
    """Send a request and measure it; `failed` if nothing came, or the server could not do it."""
    asked = _ON_POINTS.search(request.url.path)
    if asked is None:
        return await send(request)
    collection, name = asked.groups()
    started, outcome = time.perf_counter(), "failed"
    try:
        response = await send(request)
        if not response.is_server_error:
            outcome = "done"
        return response
    finally:
        labels = {"request": name or _WITHOUT_NAME.get(request.method, request.method), "collection": collection}
        metrics.vectors_duration.record(time.perf_counter() - started, {**labels, "outcome": outcome})
