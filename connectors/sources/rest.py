"""REST APIs with cursor paging as sources: the cursor is the address of the next page.

A page is a JSON array, or an object with the array under `items`, `data` or `results`. The next page is named by a
`Link: <...>; rel="next"` header (RFC 8288), or in the object (`next`, `next_cursor`, `links.next` and others): an
address of the same origin, or a value for the query parameter `cursor`. Pages of other systems are read as their
formats say (`names`).

An API cannot keep a run for ever: pages that repeat, or that stay empty, end it with an error.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aiohttp import ClientResponse, ClientSession, ClientTimeout, InvalidURL
from yarl import URL

from connectors import retry_after
from connectors.bodies import read_within
from connectors.formats.importer import Importer
from connectors.mapping import NO_MAPPING, ColumnMapping
from connectors.plain import text
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.page import PageError, items_of, more_said, named_next, parse_page
from connectors.sources.record import RecordReader
from connectors.sources.retry import BusyError, may_pass, patiently
from schemas.entities import Entity
from schemas.envelope import timestamp

MAX_PAGE_BYTES = 16 * 1024 * 1024
MAX_PAGES = 100_000
MAX_EMPTY_PAGES = 100
_ADDRESSES = ("http://", "https://", "/", "?")


class _Page(NamedTuple):
    items: list[Any]
    following: URL | None
    digest: bytes


class _Seen:
    """The pages of one process's run, so that none is read twice. Raises SourceError."""

    def __init__(self) -> None:
        self._addresses: set[bytes] = set()
        self._contents: set[bytes] = set()
        self._empty = 0

    def check(self, page: _Page) -> None:
        """Take note of a page that was read."""
        self._empty = 0 if page.items else self._empty + 1
        if self._empty >= MAX_EMPTY_PAGES and page.following:
            raise SourceError(f"{MAX_EMPTY_PAGES} pages in a row are empty, and each names another")
        if page.items and page.digest in self._contents:
            raise SourceError("the pages repeat: one holds just what an earlier one held; does the API know ?cursor=")
        self._contents.add(page.digest)

    def check_address(self, address: URL) -> None:
        """Take note of an address that is read next."""
        digest = _digest(str(address).encode("utf-8", "surrogatepass"))
        if digest in self._addresses:
            raise SourceError("the pages repeat: one names an earlier page as the next")
        if len(self._addresses) >= MAX_PAGES:
            raise SourceError(f"{MAX_PAGES} pages and no end; the same command goes on with the next")
        self._addresses.add(digest)


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
        mapping: ColumnMapping = NO_MAPPING,
        names: Sequence[str] = (),
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
        records = RecordReader(entity, source, self.name, mapping)
        self._importer = Importer(records, names)
        self.ignored, self.taken = records.ignored, self._importer.taken

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step an item; only the last of a page has a cursor, so that pages are read whole."""
        if cursor is None:
            cursor = {"next": str(self._url.relative()), "items": 0, "time": timestamp(datetime.now(UTC))}
            yield Step(None, cursor)
        time, done = datetime.fromisoformat(cursor["time"]), cursor["items"]
        seen = _Seen()
        async with ClientSession(headers=self._headers, timeout=self._timeout) as session:
            while cursor["next"] is not None:
                address = self._address(cursor["next"])
                seen.check_address(address)
                page = await self._get(session, address)
                if page.following == address:
                    raise SourceError("the API names a page as its own successor; does it know ?cursor=")
                seen.check(page)
                # Relative, so that no credentials of the address are written down.
                following = page.following and str(page.following.relative())
                cursor = {**cursor, "next": following, "items": done + len(page.items)}
                for number, item in enumerate(page.items, done + 1):
                    yield Step(self._importer.row(number, item, time), cursor if number == cursor["items"] else None)
                if not page.items:
                    yield Step(None, cursor)
                done = cursor["items"]

    def share(self, cursor: Cursor) -> float | None:
        """Nobody knows how many pages there are."""
        return 1.0 if cursor["next"] is None else None

    async def _get(self, session: ClientSession, address: URL) -> _Page:
        async def once() -> tuple[Any, bytes, Any]:
            # A redirect could lead anywhere, into the private network too.
            async with session.get(address, allow_redirects=False) as response:
                _check(response)
                body = await _bounded(response)
                return parse_page(body, response.charset), _digest(body), _link(response)

        try:
            body, digest, link = await patiently(once)
            return _Page(self._items(body), self._following(address, body, link), digest)
        except PageError as error:
            raise SourceError(str(error)) from error
        except (TimeoutError, InvalidURL) as error:
            raise SourceError(f"no answer: {type(error).__name__}") from error
        except Exception as error:
            if may_pass(error):
                raise SourceError(f"the API keeps failing: {error or type(error).__name__}") from error
            raise

    def _items(self, body: Any) -> list[Any]:
        """Return the items of a page as events have them, or as one of the formats has. Raises PageError."""
        found = self._importer.format(body)
        if found is None:
            return items_of(body)
        self.taken.add(found.name)
        return list(found.items(body))

    def _following(self, page: URL, body: Any, link: Any) -> URL | None:
        named = link or named_next(body)
        if not named:
            if more_said(body):
                raise SourceError(
                    "the API says that there are more pages, but not where: no next, no next_cursor, no Link"
                )
            return None
        if isinstance(named, dict):  # JSON:API's link objects
            named = named.get("href")
        if (isinstance(named, str) and not named.startswith(_ADDRESSES)) or type(named) is int:
            try:
                return page.update_query({self._importer.page: text(named)})
            except ValueError as error:  # half of a surrogate pair
                raise SourceError("the next page's cursor is not valid") from error
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
        raise BusyError(f"HTTP {response.status}", retry_after.seconds(response.headers.get("Retry-After", "")))
    if response.status != 200:
        raise SourceError(f"the API answers HTTP {response.status}")


async def _bounded(response: ClientResponse) -> bytes:
    body = await read_within(response, MAX_PAGE_BYTES)
    if body is None:
        raise SourceError(f"a page is larger than {MAX_PAGE_BYTES} bytes; ask the API for smaller ones")
    return body


def _link(response: ClientResponse) -> URL | None:
    try:
        link = response.links.get("next")
    except ValueError as error:
        raise SourceError("the next page's address is not valid") from error
    return link.get("url") if link else None  # type: ignore[return-value]


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
