"""Bodies of answers, read whole and within a bound: a stream gives what has come, which may be a part."""

import aiohttp

_CHUNK_BYTES = 64 * 1024


async def body_of(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the whole body. Raises ValueError if it is longer than `most`."""
    found = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        found += chunk
        if len(found) > most:
            raise ValueError(f"the body has more than {most} bytes")
    return bytes(found)
