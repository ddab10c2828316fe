"""Bodies of requests: read whole within a limit, unpacked within the same limit, before anything is made of them."""

import zlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.api.problems import Problem

_GZIP = 16 + zlib.MAX_WBITS
_PATIENCE = 4
"""So many times the limit is read of a body that is too large, and thrown away, before the connection is closed."""


def unpack(packed: bytes, limit: int) -> bytes:
    """Return what gzip holds. Raises Problem, 413 beyond the limit and 400 for what is no gzip."""
    parts: list[bytes] = []
    room = limit
    while packed:
        stream = zlib.decompressobj(_GZIP)
        try:
            part = stream.decompress(packed, room + 1)
        except zlib.error:
            raise Problem(400, "bad_encoding", "the body is not gzip") from None
        room -= len(part)
        if room < 0:
            raise _too_large(limit)
        if not stream.eof:
            raise Problem(400, "bad_encoding", "the gzip body is cut off")
        parts.append(part)
        packed = stream.unused_data
    return b"".join(parts)


def _too_large(limit: int) -> Problem:
    return Problem(413, "too_large", f"a body may have {limit} bytes, unpacked too", headers={"connection": "close"})


class Bodies:
    """ASGI middleware: what is below gets a body whole and unpacked."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"content-length" not in headers and b"transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        encoding = headers.get(b"content-encoding", b"identity").lower()
        if encoding not in (b"identity", b"gzip"):
            raise Problem(
                415, "bad_encoding", "content-encoding may be gzip", headers={"accept-encoding": "gzip, identity"}
            )
        body = await self._read(headers, receive)
        if encoding == b"gzip":
            body = unpack(body, self._limit)
        dropped = (b"content-encoding", b"content-length", b"transfer-encoding")
        kept = [(name, value) for name, value in scope["headers"] if name not in dropped]
        scope = {**scope, "headers": [*kept, (b"content-length", b"%d" % len(body))]}
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)

    async def _read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        length = headers.get(b"content-length", b"0")
        limit = 0 if length.isdigit() and int(length) > self._limit else self._limit
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem(400, "cut_off", "the caller left before the end of the body")
            part = message.get("body", b"")
            size += len(part)
            if size <= limit:
                parts.append(part)
            else:
                parts.clear()  # read on for a while: a caller who is cut off in the middle sees no answer
            if size > self._limit * _PATIENCE or not message.get("more_body"):
                break
        if size > limit:
            raise _too_large(self._limit)
        return b"".join(parts)
