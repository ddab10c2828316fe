"""Callers who leave: what is done for them ends at once, and a stream that broke off does not look complete."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

R = TypeVar("R")
LEFT = 499
"""What is logged of a request whose caller has left; nobody reads the answer."""


async def unless_left(request: Request, work: Coroutine[Any, Any, R]) -> R | None:
    """Return what comes of the work; None if the caller leaves meanwhile: then it is cancelled."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request.receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            return None
        return await working
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait((working,))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Chunked(Protocol):
    """What is sent piece by piece, and may break off."""

    headers: dict[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end."""
        ...

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the pieces."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class EventResponse(Response):
    """Server-sent events. The body ends, as HTTP has it, only if they are whole; else the connection is cut."""

    def __init__(self, events: Chunked, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(
            None, 200, {**events.headers, **(headers or {}), "cache-control": "no-store"}, "text/event-stream"
        )
        self._events = events
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them while somebody reads."""
        pumping = asyncio.ensure_future(self._pump(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((pumping, leaving), return_when=asyncio.FIRST_COMPLETED)
            if pumping.done():
                await pumping
        finally:
            leaving.cancel()
            if not pumping.done():
                pumping.cancel()
                await asyncio.wait((pumping,))
            await self._events.close()

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        chunks = self._events.chunks()
        try:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            await chunks.aclose()
        if self._events.is_whole:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
