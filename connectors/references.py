"""Fetches what an event refers to: a file in the folder for resumes, or a URL under one of the trusted prefixes."""

import asyncio
import errno
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import httpx

from schemas.errors import BadMessageError


class References:
    """Reads files by reference. Whatever a stranger refers to, nothing else is opened, and no more than `max_bytes`.

    `folder` holds the files that may be named by a relative path; `prefixes` are URLs such as
    `https://files.example.com/resumes/`. Redirects are not followed.
    """

    def __init__(self, folder: Path | None, prefixes: Sequence[str], *, max_bytes: int, timeout_seconds: float) -> None:
        self._folder = folder.resolve() if folder else None
        self._prefixes = [httpx.URL(prefix) for prefix in prefixes]
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=False)
        self._timeout = timeout_seconds

    async def read(self, reference: str) -> bytes:
        """Return the bytes behind a reference.

        Raises BadMessageError (`bad_reference`, `not_found`, `too_big`), and HTTPError, OSError or TimeoutError if
        trying again may help.
        """
        if "://" in reference:
            return await self._download(reference)
        return await asyncio.to_thread(self._open, reference)

    async def close(self) -> None:
        """Close idle connections."""
        await self._client.aclose()

    def _open(self, name: str) -> bytes:
        if self._folder is None:
            raise BadMessageError("bad_reference", "no folder for resumes is set (resume_folder)")
        try:
            path = (self._folder / name).resolve()
            if not path.is_relative_to(self._folder) or not path.is_file():
                raise BadMessageError("not_found", "there is no such file in the folder for resumes")
            with path.open("rb") as file:
                data = file.read(self._max_bytes + 1)
        except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; links that lead in a circle
            if isinstance(error, OSError) and error.errno not in (errno.ENOENT, errno.ENAMETOOLONG):
                raise
            raise BadMessageError("not_found", "there is no such file in the folder for resumes") from None
        return self._bounded(data)

    async def _download(self, reference: str) -> bytes:
        try:
            url = httpx.URL(reference)
        except (httpx.InvalidURL, ValueError):
            raise BadMessageError("bad_reference", "not a URL") from None
        if not any(_is_under(url, prefix) for prefix in self._prefixes):
            raise BadMessageError("bad_reference", "the URL is under no trusted prefix (resume_urls)")
        data = bytearray()
        async with asyncio.timeout(self._timeout), self._client.stream("GET", url) as response:
            if response.status_code in (408, 425, 429) or response.status_code >= 500:
                response.raise_for_status()
            if response.status_code != 200:
                raise BadMessageError("not_found", f"the server answered {response.status_code}")
            async for part in response.aiter_bytes():
                data += part
                if len(data) > self._max_bytes:
                    break
        return self._bounded(bytes(data))

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self._max_bytes:
            raise BadMessageError("too_big", f"the file has more than {self._max_bytes} bytes")
        return data


def _is_under(url: httpx.URL, prefix: httpx.URL) -> bool:
    """Whether a URL has the prefix's scheme, host, port and path, no user, and no way up."""
    return (
        (url.scheme, url.host, url.port, url.userinfo) == (prefix.scheme, prefix.host, prefix.port, b"")
        and url.path.startswith(prefix.path.rstrip("/") + "/")
        and ".." not in unquote(url.path).replace("\\", "/").split("/")
    )
