"""A process that is late refuses requests at once: whoever waits behind them would be answered too late as well.

Admission counts what waits for servers. What waits for this process itself lies in its sockets, where nobody counts it;
but the event loop is late then, and that can be measured.
"""

import asyncio

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from ops.api.admission import class_of_scope
from ops.api.problems import MEDIA_TYPE, RETRY_SECONDS

LATE_SECONDS = 0.04
"""A loop that is so late has that much to do before it comes to what arrives now."""
CROWD = 16
"""Requests of one turn of the loop that make it late; fewer are not the reason, but the machine or one long piece."""
TICK_SECONDS = 0.01
_TICKS = 2
_BODY = orjson.dumps(
    {
        "type": "urn:looma:problem:busy",
        "title": "Service Unavailable",
        "status": 503,
        "code": "busy",
        "detail": "too many requests are being answered; repeat the request",
    }
)
_HEADERS = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"content-length", str(len(_BODY)).encode()),
    (b"retry-after", str(RETRY_SECONDS).encode()),
    (b"cache-control", b"no-store"),
]


class Lateness:
    """How late the event loop is, looked at every TICK_SECONDS."""

    def __init__(self) -> None:
        self._late = 0
        self._arrived = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_late(self) -> bool:
        """Whether a crowd has made it late, more than once."""
        return self._late >= _TICKS

    def arrived(self) -> None:
        """Note a request."""
        self._arrived += 1

    def start(self) -> None:
        """Begin to look; on the loop that is looked at."""
        loop = asyncio.get_running_loop()
        self._next(loop)

    def stop(self) -> None:
        """Look no longer."""
        if self._timer:
            self._timer.cancel()

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + TICK_SECONDS
        self._timer = loop.call_at(due, self._look, loop, due)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        is_late = loop.time() - due > LATE_SECONDS and self._arrived >= CROWD
        self._late = self._late + 1 if is_late else 0
        self._arrived = 0
        self._next(loop)


class Punctual:
    """ASGI middleware, before all others: while the process is late, a request costs it as little as can be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if class_of_scope(scope) is not None:
            lateness: Lateness = scope["app"].state.api.lateness
            lateness.arrived()
            if lateness.is_late:
                kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
                await send({"type": f"{kind}.start", "status": 503, "headers": _HEADERS})
                await send({"type": f"{kind}.body", "body": _BODY})
                return
        await self._app(scope, receive, send)
