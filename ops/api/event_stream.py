"""Server-sent events: an answer that goes on, with an id behind every event by which the reader comes back.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from loguru import logger
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ops.api.access import until_closed

MEDIA_TYPE = "text/event-stream"
SLOW_SECONDS = 10.0
"""How long a reader may take no byte; then the connection is closed, and she comes back with the last id she has."""
HEARTBEAT_SECONDS = 15.0
"""So often a stream without news says that it lives."""
RETRY_MS = 1000
"""After so long readers come back."""


def event(name: str, data: bytes, event_id: str | None = None) -> bytes:
    """Return an event; `data` is JSON in one line. Without an id the reader comes back by the one before."""
    at = b"" if event_id is None else b"id: %b\n" % event_id.encode()
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), at, data)


def heartbeat(event_id: str) -> bytes:
    """Return what says that the stream lives, and where it is, without an event."""
    return b": still here\nid: %b\n\n" % event_id.encode()


class EventStream(Response):
    """Sends what `chunks` yield, then calls `close`.

    It ends when the reader leaves or is too slow, when her key is revoked or ends, and when the process drains.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        stopping: asyncio.Event,
        close: Callable[[], Awaitable[None]],
        *,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._chunks = chunks
        self._stopping = stopping
        self._close = close
        self._slow_seconds = slow_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        sending = asyncio.create_task(self._send(send))
        ends = (_disconnected(receive), self._stopping.wait(), until_closed(scope))
        others = [asyncio.create_task(end) for end in ends]
        try:
            await asyncio.wait([sending, *others], return_when=asyncio.FIRST_COMPLETED)
            is_left = others[0].done()
        finally:
            for task in (sending, *others):
                task.cancel()
            await asyncio.wait([sending, *others])
            await self._close()
        error = None if sending.cancelled() else sending.exception()
        if isinstance(error, TimeoutError):
            logger.info("a reader of a stream is too slow and is left")
            raise ConnectionAbortedError("a slow reader")
        if error is not None:
            raise error
        if not is_left:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send) -> None:
        await self._part(send, b"retry: %d\n\n" % RETRY_MS)
        async for chunk in self._chunks:
            await self._part(send, chunk)

    async def _part(self, send: Send, chunk: bytes) -> None:
        async with asyncio.timeout(self._slow_seconds):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
