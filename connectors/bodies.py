"""Bodies of others' answers, read whole within a limit."""

from aiohttp import ClientResponse

_CHUNK = 64 * 1024


async def read_within(response: ClientResponse, limit: int) -> bytes | None:
    """Return a body; None if it has more than `limit` bytes, of which hardly more are read. Raises ClientError."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
