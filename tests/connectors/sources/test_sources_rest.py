"""The REST source against a real HTTP server, well-behaved, overloaded and hostile."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from tenacity import RetryCallState

from connectors.formats.registry import NAMES
from connectors.rows import Row, RowError
from connectors.sources import rest, retry
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.page import PageError, items_of, more_said, named_next, parse_page
from connectors.sources.record import RecordReader
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


async def test_errors_and_overload_are_waited_out_for_as_long_as_the_api_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    waited = retry._wait

    def noted(state: RetryCallState) -> float:
        waits.append(waited(state))
        return 0.0

    monkeypatch.setattr(retry, "_wait", noted)
    api = Api("cursor")
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    api.answers = [
        web.Response(status=500),
        web.Response(status=503, headers={"Retry-After": soon}),
        web.Response(status=429, headers={"Retry-After": "30"}),
        web.Response(status=502, headers={"Retry-After": "whenever"}),
    ]
    async with serving(api) as url:
        assert ids(await steps(f"{url}/talents")) == [f"t-{n}" for n in range(7)]
    error, date, seconds, nonsense = waits
    assert error <= 0.25
    assert 10 < date <= 40
    assert seconds == 30
    assert nonsense <= 2
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
    enough = asyncio.Event()

    async def stuck(_: web.Request) -> web.StreamResponse:
        await enough.wait()
        return web.Response()

    async with serving(stuck) as url:
        with pytest.raises(SourceError, match="no answer"):
            await steps(url, timeout_seconds=0.05)
        enough.set()


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
        (web.Response(text=""), "not JSON, it is empty"),
        (web.Response(text="[1,"), "not JSON"),
        (web.Response(text="null"), "must be a JSON array"),
        (web.json_response([], headers={"Link": '<http://[>; rel="next"'}), "not valid"),
        (web.json_response({"items": [], "next": True}), "not valid"),
        (web.json_response({"items": [], "next": 1.5}), "not valid"),
        (web.json_response({"items": [], "next": "\ud83d"}), "not valid"),
        (web.json_response({"items": [], "has_more": True}), "there are more pages, but not where"),
        (web.json_response({"items": [], "pagination": {"hasNext": True}}), "there are more pages, but not where"),
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


@pytest.mark.parametrize(
    "item",
    [
        '{"id": "x", "name": "a\\ud83d"}',
        '{"id": "\\udc00"}',
        '{"id": "x", "years_experience": NaN}',
        '{"id": "x", "years_experience": 1e999}',
        '{"id": "x", "version": 1, "salary_min": 1' + "0" * 5000 + "}",
        '{"id": 1' + "0" * 5000 + "}",
        '{"id": "x", "name": ' + "[" * 50_000 + "]" * 50_000 + "}",
        "[" * 50_000 + "]" * 50_000,
        '{"id": "x", "id": "y"}',
        '{"id": "x", "time": "0001-01-01T00:00:00+08:00"}',
        '{"id": "x", "time": 1767225600}',
        '{"id": "x", "name": "\\ud83d\\", \\"[[{"}',
        "null",
        "1.5",
    ],
)
async def test_one_bad_item_costs_nothing_but_itself(item: str) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=f'[{{"id": "t-1"}}, {item}, {{"id": 2}}]')

    async with serving(handler) as url:
        found = await steps(url)
    assert ids(found) == ["t-1", "2"]
    [refused] = [step.row for step in found if isinstance(step.row, RowError)]
    assert refused.line == 2
    assert refused.raw


async def test_bytes_that_are_not_utf_8_cost_their_item() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/gbk":
            return web.Response(
                body='[{"id": "t-1", "name": "李娜"}]'.encode("gbk"), headers={"Content-Type": "a/b; charset=GBK"}
            )
        return web.Response(body=b'\xef\xbb\xbf[{"id": "t-1", "name": "\xff"}, {"id": "t-2", "name": "a\tb"}]')

    async with serving(handler) as url:
        assert ids(await steps(url)) == ["t-2"]
        [row] = [s.row for s in await steps(f"{url}/gbk") if isinstance(s.row, Row)]
        assert row.fields == {"name": "李娜"}


@pytest.mark.parametrize(
    "said",
    [
        {"links": {"next": "/?page=2"}},
        {"_links": {"next": {"href": "/?page=2"}}},
        {"@odata.nextLink": "/?page=2"},
        {"paging": {"next": "?page=2"}},
        {"pagination": {"next_cursor": "2", "has_more": True}},
        {"meta": {"next_cursor": 2}},
        {"nextCursor": "2"},
    ],
)
async def test_the_next_page_is_found_where_apis_name_it(said: dict[str, Any]) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.query:
            return web.json_response({"data": [{"id": "t-2"}], "has_more": False, "links": {"next": None}})
        return web.json_response({"data": [{"id": "t-1"}], **said})

    async with serving(handler) as url:
        assert ids(await steps(f"{url}/")) == ["t-1", "t-2"]


async def test_pages_that_are_empty_one_after_the_other_end_the_run() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"items": [], "next_cursor": int(request.query.get("cursor", 0)) + 1})

    async with serving(handler) as url:
        with pytest.raises(SourceError, match="100 pages in a row are empty"):
            await steps(url)


async def test_a_last_page_that_is_given_for_every_later_one_ends_the_run() -> None:
    async def handler(request: web.Request) -> web.Response:
        page = int(request.query.get("page", 1))
        return web.json_response([{"id": f"t-{min(page, 3)}"}], headers={"Link": f'</?page={page + 1}>; rel="next"'})

    async with serving(handler) as url:
        with pytest.raises(SourceError, match="pages repeat"):
            await steps(f"{url}/")


JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=4), st.just("\ud83d")),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)
ITEMS = st.lists(st.one_of(JSON, st.fixed_dictionaries({"id": st.sampled_from(["t-1", "t-2", 3, "?new"])})), max_size=2)
NEXT = st.one_of(
    st.none(),
    st.integers(0, 5).map(lambda n: f"/?page={n}"),
    st.sampled_from(
        ["?again", "?new", "/?cursor=1", 1, 0, -1, "", "http://elsewhere.example/", "//", "\x00", "x" * 3000]
    ),
    JSON,
)
PAGES = st.lists(
    st.tuples(ITEMS, NEXT, st.sampled_from(["next", "next_cursor", "links", "has_more", "Link"])),
    min_size=1,
    max_size=5,
)


@given(PAGES)
@settings(max_examples=60, deadline=None)
async def test_any_sequence_of_pages_ends(pages: list[tuple[list[Any], Any, str]]) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        items, following, where = pages[asked % len(pages)]
        items = [{"id": f"new-{asked}"} if item == {"id": "?new"} else item for item in items]
        if following in ("?new", "?again"):
            following = f"?page={asked if following == '?new' else 1}"
        if where == "Link":
            plain = (
                str(following)
                .encode("ascii", "ignore")
                .decode()
                .replace("\n", "")
                .replace("\r", "")
                .replace("\x00", "")
            )
            return web.json_response(items, headers={"Link": f'<{plain}>; rel="next"'})
        said = {"links": {"next": following}} if where == "links" else {where: following}
        return web.json_response({"items": items, **said})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "MAX_PAGES", 20)
        patch.setattr(rest, "MAX_EMPTY_PAGES", 5)
        async with serving(handler) as url:
            with suppress(SourceError):
                await steps(f"{url}/")
    assert asked <= 20


@given(
    st.one_of(st.binary(max_size=60), JSON.map(lambda value: json.dumps(value).encode())),
    st.sampled_from([None, "gbk", "punycode", "hex"]),
)
def test_any_bytes_are_a_page_or_are_said_to_be_none(body: bytes, charset: str | None) -> None:
    with suppress(PageError):
        page = parse_page(body, charset)
        named_next(page)
        more_said(page)
        for item in items_of(page):
            assert isinstance(RecordReader("talent", "crm", "x").read(1, item, datetime.now(UTC)), Row | RowError)


async def test_the_apis_of_other_systems_are_read_as_their_formats_say() -> None:
    greenhouse = {
        "jobs": [{"id": n, "internal_job_id": n, "title": f"t{n}", "absolute_url": "x"} for n in (1, 2)],
        "meta": {"total": 2},
    }
    first = {
        "data": [{"id": "p1", "text": "a", "categories": {}}, {"id": "p2", "categories": {}, "text": None}],
        "hasNext": True,
        "next": "token2",
    }
    second = {"data": [{"id": "p3", "text": "c", "categories": {}}], "hasNext": False}
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        if request.path == "/boards/acme/jobs":
            return web.json_response(greenhouse)
        return web.json_response(second if request.query.get("offset") == "token2" else first)

    async with serving(answer) as url:
        for names in (NAMES, ("greenhouse",)):
            assert ids(await steps(f"{url}/boards/acme/jobs", names=names)) == ["greenhouse:1", "greenhouse:2"]
        every = await steps(f"{url}/postings", names=NAMES)
        assert ids(every) == ["lever:p1", "lever:p3"]
        assert [step.row.id for step in every if isinstance(step.row, RowError)] == ["p2"]
        cursors = [(number, step.cursor) for number, step in enumerate(every, 1) if step.cursor]
        assert [number for number, _ in cursors] == [1, 3, 4]
        for number, cursor in cursors:
            assert await steps(f"{url}/postings", cursor, names=NAMES) == every[number:]
    assert asked[2:4] == ["/postings", "/postings?offset=token2"]


async def test_pages_of_events_are_no_format_of_another_system() -> None:
    page = [{"id": f"t-{n}", "skills": [{"name": "x"}], "education": []} for n in range(2)]

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(page if request.path == "/a" else {"items": page})

    async with serving(answer) as url:
        for path in ("a", "b"):
            assert ids(await steps(f"{url}/{path}", names=NAMES)) == ["t-0", "t-1"]
