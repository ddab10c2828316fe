"""REST APIs with cursor paging as sources: the cursor is the address of the next page.

A page is a JSON array, or an object with the array under `items`, `data` or `results`. The next page is named by a
`Link: <...>; rel="next"` header (RFC 8288), or by `next` or `next_cursor` in the object: an address of the same origin,
or a value for the query parameter `cursor`.
"""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientTimeout, InvalidURL
from pydantic_core import from_json
from yarl import URL

from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.record import RecordReader
from connectors.sources.retry import BusyError, may_pass, patiently
from schemas.entities import Entity
from schemas.envelope import timestamp

MAX_PAGE_BYTES = 16 * 1024 * 1024
_ITEMS = ("items", "data", "results")
_ADDRESSES = ("http://", "https://", "/", "?")
_NEXT = ("next", "next_cursor")


class RestSource:
    """One paged collection; an item without a time was so when the run began."""

    def __init__(
        self,
        url: str,
        *,
        entity: Entity | None,
        source: str,
        token: str | None = None,
        timeout_seconds: float = 30.0,
    ) -> None:
        try:
            self._url = URL(url)
        except ValueError as error:
            raise SourceError("not a valid address") from error
        if self._url.host is None:
            raise SourceError("the address lacks a host")
        bare = self._url.with_user(None)
        # Queries may hold keys, so that they are neither shown nor written down.
        self.name = str(bare.with_query(None))
        self.identity = hashlib.sha256(str(bare).encode()).hexdigest()
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._timeout = ClientTimeout(total=timeout_seconds)
        self._records = RecordReader(entity, source, self.name)

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step an item; only the last of a page has a cursor, so that pages are read whole."""
        if cursor is None:
            cursor = {"next": str(self._url.relative()), "items": 0, "time": timestamp(datetime.now(UTC))}
            yield Step(None, cursor)
        time, done = datetime.fromisoformat(cursor["time"]), cursor["items"]
        async with ClientSession(headers=self._headers, timeout=self._timeout) as session:
            while cursor["next"] is not None:
                page = self._address(cursor["next"])
                items, following = await self._get(session, page)
                if following == page:
                    raise SourceError("the API names a page as its own successor")
                # Relative, so that no credentials of the address are written down.
                cursor = {**cursor, "next": following and str(following.relative()), "items": done + len(items)}
                for number, item in enumerate(items, done + 1):
                    yield Step(self._records.read(number, item, time), cursor if number == cursor["items"] else None)
                if not items:
                    yield Step(None, cursor)
                done = cursor["items"]

    def share(self, cursor: Cursor) -> float | None:
        """Nobody knows how many pages there are."""
        return 1.0 if cursor["next"] is None else None

    async def _get(self, session: ClientSession, page: URL) -> tuple[list[Any], URL | None]:
        async def once() -> tuple[Any, URL | None]:
            # A redirect could lead anywhere, into the private network too.
            async with session.get(page, allow_redirects=False) as response:
                _check(response)
                body = await _bounded(response)
                link = response.links.get("next")
                return body, link.get("url") if link else None  # type: ignore[return-value]

        try:
            body, link = await patiently(once)
        except (TimeoutError, InvalidURL) as error:
            raise SourceError(f"no answer: {type(error).__name__}") from error
        except Exception as error:
            if may_pass(error):
                raise SourceError(f"the API keeps failing: {error or type(error).__name__}") from error
            raise
        return _items(body), self._following(page, body, link)

    def _following(self, page: URL, body: Any, link: URL | None) -> URL | None:
        named: Any = link
        if named is None and isinstance(body, dict):
            named = next((body[name] for name in _NEXT if body.get(name)), None)
        if named is None:
            return None
        if isinstance(named, int) or (isinstance(named, str) and not named.startswith(_ADDRESSES)):
            return page.update_query(cursor=str(named))
        return self._address(named)

    def _address(self, reference: Any) -> URL:
        """Return the address that `reference` means. Raises SourceError if that is not of the same origin."""
        try:
            address = self._url.join(URL(reference))
        except (TypeError, ValueError) as error:
            raise SourceError("the next page's address is not valid") from error
        if address.origin() != self._url.origin():
            raise SourceError("the next page is on another host")
        return address.with_user(self._url.user).with_password(self._url.password)


def _check(response: ClientResponse) -> None:
    if response.status in (408, 425, 429) or response.status >= 500:
        raise BusyError(f"HTTP {response.status}", _seconds(response.headers.get("Retry-After", "")))
    if response.status != 200:
        raise SourceError(f"the API answers HTTP {response.status}")


def _seconds(retry_after: str) -> float:
    """Read a Retry-After header, a number of seconds or a date (RFC 9110); 0 if it is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    return 0.0


async def _bounded(response: ClientResponse) -> Any:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MAX_PAGE_BYTES:
            raise SourceError(f"a page is larger than {MAX_PAGE_BYTES} bytes; ask the API for smaller ones")
    try:
        return from_json(bytes(body), allow_inf_nan=False)
    except ValueError as error:
        raise SourceError("a page is not JSON") from error


def _items(body: Any) -> list[Any]:
    if isinstance(body, dict):
        body = next((body[name] for name in _ITEMS if name in body), None)
    if not isinstance(body, list):
        raise SourceError(f"a page must be a JSON array, or have one under {', '.join(_ITEMS)}")
    return body
