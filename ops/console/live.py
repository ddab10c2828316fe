"""Parts of a page that are sent anew as they change: one stream a page, each event a few parts by their ids."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import orjson

from ops.api.event_stream import event

HEARTBEAT_SECONDS = 15.0
ALIVE = b": still here\n\n"


def parts(shown: Mapping[str, str]) -> bytes:
    """Return the event that replaces the contents of elements, by id."""
    return event("parts", orjson.dumps(dict(shown)))


async def none_to_close() -> None:
    """End a stream that holds nothing."""


async def alive(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield chunks, and in silence what tells that the stream lives."""
    coming = asyncio.ensure_future(anext(chunks, None))
    try:
        while True:
            done, _ = await asyncio.wait((coming,), timeout=HEARTBEAT_SECONDS)
            if not done:
                yield ALIVE
                continue
            chunk = coming.result()
            if chunk is None:
                return
            yield chunk
            coming = asyncio.ensure_future(anext(chunks, None))
    finally:
        coming.cancel()
