"""How many requests of a class are answered at a time, and how many may wait for their turn."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Literal, get_args

from starlette.types import ASGIApp, Receive, Scope, Send

from ops.api.problems import CALLS, unavailable
from schemas.settings import ApiSettings

Class = Literal["read", "search", "write", "ai", "stream"]
CLASSES: tuple[Class, ...] = get_args(Class)
_PREFIXES: Mapping[str, Class] = {
    "/v1/search": "search",
    "/v1/subscriptions/": "stream",
    "/v1/ai/": "ai",
    "/openai/": "ai",
}
_FREE = frozenset(("/v1/health", "/v1/ready", "/v1/openapi.json", "/v1/docs"))


def class_of(method: str, path: str) -> Class | None:
    """Return the class of a request; None for what is always answered."""
    if path in _FREE:
        return None
    if path.startswith(("/v1/conversations/", "/console/")) and path.endswith(("/stream", "/socket", "/live")):
        return "stream"
    for prefix, found in _PREFIXES.items():
        if path.startswith(prefix):
            return found
    return "read" if method in ("GET", "HEAD", "OPTIONS") else "write"


def class_of_scope(scope: Scope) -> Class | None:
    """Return the class of a request or of a WebSocket; None also for what is neither."""
    if scope["type"] not in CALLS:
        return None
    return class_of(scope.get("method", "GET"), scope["path"])


class Lane:
    """Lets `limit` requests in and keeps at most `queue` waiting, each for `wait_seconds` at most."""

    def __init__(self, limit: int, queue: int, wait_seconds: float) -> None:
        self._places = asyncio.Semaphore(limit)
        self._queue = queue
        self._wait_seconds = wait_seconds
        self.waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for the block. Raises Problem, 503, if there is none in time."""
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self) -> None:
        if self.waiting >= self._queue:
            raise unavailable("busy", "too many requests wait already; repeat the request")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise unavailable("busy", "too many requests are being answered; repeat the request") from None
        finally:
            self.waiting -= 1


class Admission:
    """The lanes of one process."""

    def __init__(self, settings: ApiSettings) -> None:
        wait = settings.queue_ms / 1000
        self.lanes: Mapping[Class, Lane] = {
            "read": Lane(settings.reads, settings.queue, wait),
            "search": Lane(settings.searches, settings.queue, wait),
            "write": Lane(settings.writes, settings.queue, wait),
            "ai": Lane(settings.ai_requests, settings.queue, wait),
            "stream": Lane(settings.streams, 0, wait),
        }


class Admitted:
    """ASGI middleware: a request takes a place in its lane until it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = class_of_scope(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        async with scope["app"].state.api.admission.lanes[found].place():
            await self._app(scope, receive, send)


class Deadline:
    """ASGI middleware: an answer begins within `timeout_seconds`, whatever waits; once begun it may take its time."""

    def __init__(self, app: ASGIApp, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in CALLS or class_of_scope(scope) == "ai":  # the gateway has its own
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._timeout_seconds) as limit:

                async def sending(message: object) -> None:
                    limit.reschedule(None)
                    await send(message)  # type: ignore[arg-type]

                await self._app(scope, receive, sending)
        except TimeoutError:
            if not limit.expired():
                raise
            raise unavailable("timeout", "not answered in time; a write may have been accepted: repeat it") from None
