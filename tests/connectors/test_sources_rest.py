"""The REST source against a real HTTP server, well-behaved, overloaded and hostile."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from connectors.rows import Row, RowError
from connectors.sources import rest, retry
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.rest import RestSource

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, port: int = 0) -> AsyncIterator[str]:
    server = web.Server(handler)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def steps(url: str, cursor: Cursor | None = None, **options: Any) -> list[Step]:
    source = RestSource(url, **{"entity": "talent", "source": "crm", "timeout_seconds": 5.0, **options})
    async with aclosing(source.steps(cursor)) as found:
        return [step async for step in found]


def ids(found: list[Step]) -> list[str]:
    return [step.row.id for step in found if isinstance(step.row, Row)]


class Api:
    """Seven talents in pages of three."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.asked: list[str] = []
        self.answers: list[web.Response] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if self.answers:
            return self.answers.pop(0)
        first = int(request.query.get("cursor", "0"))
        page = [{"id": f"t-{n}", "name": f"n{n}"} for n in range(first, min(first + 3, 7))]
        following = first + 3 if first + 3 < 7 else None
        if self.style == "link":
            link = {"Link": f'</talents?kind=a&cursor={following}>; rel="next"'} if following else {}
            return web.json_response(page, headers=link)
        if self.style == "address":
            following_url = following and str(request.url.update_query(cursor=following))
            return web.json_response({"results": page, "next": following_url})
        return web.json_response({"items": page, "next_cursor": following})


@pytest.mark.parametrize("style", ["link", "address", "cursor"])
async def test_pages_are_followed_and_resumed_at_every_one(style: str) -> None:
    async with serving(Api(style)) as url:
        every = await steps(f"{url}/talents?kind=a")
        assert ids(every) == [f"t-{n}" for n in range(7)]
        cursors = [(n, s.cursor) for n, s in enumerate(every, 1) if s.cursor]
        assert [n for n, _ in cursors] == [1, 4, 7, 8], "before anything is published, and after each page"
        for number, cursor in cursors:
            assert await steps(f"{url}/talents?kind=a", cursor) == every[number:], "same events, same ids and times"
        source = RestSource(url, entity="talent", source="crm")
        assert [source.share(cursor) for _, cursor in cursors if cursor] == [None, None, None, 1.0]


async def test_errors_and_overload_are_waited_out_for_as_long_as_the_api_asks() -> None:
    api = Api("cursor")
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    api.answers = [
        web.Response(status=500),
        web.Response(status=503, headers={"Retry-After": soon}),
        web.Response(status=429, headers={"Retry-After": "1"}),
        web.Response(status=502, headers={"Retry-After": "whenever"}),
    ]
    begun = time.monotonic()
    async with serving(api) as url:
        assert ids(await steps(f"{url}/talents")) == [f"t-{n}" for n in range(7)]
    assert time.monotonic() - begun >= 1
    assert len(api.asked) == 4 + 3


async def test_an_api_that_never_recovers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_wait", lambda _: 0.0)

    async def failing(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async with serving(failing) as url:
        with pytest.raises(SourceError, match="keeps failing: HTTP 500"):
            await steps(url)
    with pytest.raises(SourceError, match="keeps failing"):
        await steps(url)


async def test_a_slow_api_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_wait", lambda _: 0.0)

    async def stuck(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3)
        return web.Response()

    async with serving(stuck) as url:
        with pytest.raises(SourceError, match="no answer"):
            await steps(url, timeout_seconds=0.05)


async def test_the_token_and_the_credentials_of_the_address_go_to_every_page() -> None:
    seen = []
    api = Api("cursor")

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization"))
        return await api(request)

    async with serving(handler) as url:
        every = await steps(url, token="t0ken")
        assert set(seen) == {"Bearer t0ken"}
        seen.clear()
        every = await steps(url.replace("http://", "http://user:hunter2@"))
    assert len(set(seen)) == 1
    assert str(seen[0]).startswith("Basic ")
    assert "hunter2" not in str([step.cursor for step in every])


async def test_items_are_refused_alone() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response([{"id": "t-1"}, "nothing", {"id": "t-2", "nickname": "x"}, {"id": "t-3"}])

    async with serving(handler) as url:
        found = await steps(url)
    assert ids(found) == ["t-1", "t-3"]
    assert [s.row.line for s in found if isinstance(s.row, RowError)] == [2, 3]


async def test_an_empty_page_does_not_end_the_paging() -> None:
    async def handler(request: web.Request) -> web.Response:
        if "cursor" in request.query:
            return web.json_response({"data": [{"id": "t-1"}]})
        return web.json_response({"data": [], "next": 1})

    async with serving(handler) as url:
        assert ids(await steps(url)) == ["t-1"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (web.Response(status=302, headers={"Location": "http://169.254.169.254/"}), "HTTP 302"),
        (web.Response(status=401), "HTTP 401"),
        (web.Response(text="<html>"), "not JSON"),
        (web.Response(text='[{"id": NaN}]'), "not JSON"),
        (web.json_response({"total": 3}), "must be a JSON array"),
        (web.json_response({"items": [], "next": "http://elsewhere.example/"}), "another host"),
        (web.json_response({"items": [], "next": "//elsewhere.example/"}), "another host"),
        (web.json_response({"items": [], "next": "http://127.0.0.1:99999/"}), "not valid"),
        (web.json_response({"items": [], "next": {"page": 2}}), "not valid"),
        (web.json_response({"items": [], "next": "/"}), "its own successor"),
        (web.Response(text="[" + " " * 3000 + "]"), "larger than 2000 bytes"),
    ],
)
async def test_a_hostile_api_is_not_followed(monkeypatch: pytest.MonkeyPatch, answer: web.Response, text: str) -> None:
    monkeypatch.setattr(rest, "MAX_PAGE_BYTES", 2000)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async with serving(handler) as url:
        with pytest.raises(SourceError, match=text):
            await steps(f"{url}/")


async def test_a_tampered_cursor_does_not_lead_elsewhere() -> None:
    cursor = {"next": "//elsewhere.example/x", "items": 0, "time": "2026-01-01T00:00:00Z"}
    with pytest.raises(SourceError, match="another host"):
        await steps("http://127.0.0.1:9/", cursor)
