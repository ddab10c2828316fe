"""HTTP/1.1 as uvicorn speaks it, with the head of an answer and its body in one packet.

uvicorn writes them one after the other, and uvloop sends each at once: two system calls here, and two wake-ups of the
reader. Measured, a second write costs as much as a third of an answer from memory.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1.1 "


class Together(asyncio.Transport):
    """A connection that keeps a head until its body comes, or until the loop has nothing else to do at the moment."""

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._inner, self._loop = inner, loop
        self._head = b""
        self.is_closing = inner.is_closing  # type: ignore[method-assign]
        self.pause_reading = inner.pause_reading  # type: ignore[method-assign]
        self.resume_reading = inner.resume_reading  # type: ignore[method-assign]
        self.get_extra_info = inner.get_extra_info  # type: ignore[method-assign]
        self.set_protocol = inner.set_protocol  # type: ignore[method-assign]

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, in order; a head with what comes next."""
        if self._head:
            head, self._head = self._head, b""
            self._inner.write(head + data)
        elif data[: len(_HEAD)] == _HEAD:
            self._head = bytes(data)
            self._loop.call_soon(self._flush)
        else:
            self._inner.write(data)

    def close(self) -> None:
        """Send what is kept, and close."""
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        """Close at once."""
        self._inner.abort()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._inner.write(head)


class ApiProtocol(HttpToolsProtocol):
    """A connection of the API."""

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(Together(transport, self.loop))
