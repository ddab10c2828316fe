"""Only what is trusted is opened, and no more of it than allowed."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.references import References
from schemas.errors import BadMessageError


@pytest.fixture
async def site() -> AsyncIterator[str]:
    closing = asyncio.Event()

    async def good(_: web.Request) -> web.Response:
        return web.Response(body=b"resume")

    async def big(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 5000)

    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound("/cv/good")

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=503)

    async def stuck(_: web.Request) -> web.Response:
        await closing.wait()
        return web.Response()

    app = web.Application()
    for name, handler in (("good", good), ("big", big), ("away", away), ("broken", broken), ("stuck", stuck)):
        app.router.add_get(f"/cv/{name}", handler)
    app.router.add_get("/secret", good)
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    closing.set()
    await runner.cleanup()


@pytest.fixture
async def references(tmp_path, site) -> AsyncIterator[References]:
    folder = tmp_path / "resumes"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "cv.txt").write_bytes(b"hello")
    (folder / "big").write_bytes(b"x" * 5000)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    found = References(folder, [f"{site}/cv/"], max_bytes=1000, timeout_seconds=1)
    yield found
    await found.close()


async def code(references: References, reference: str) -> str:
    with pytest.raises(BadMessageError) as error:
        await references.read(reference)
    return error.value.code


async def test_a_file_in_the_folder_is_read(references):
    assert await references.read("a/cv.txt") == b"hello"
    assert await references.read("a/../a/cv.txt") == b"hello"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "a", "", "nothing", "a\0b", "x" * 5000])
async def test_nothing_outside_is_opened(references, name):
    assert await code(references, name) == "not_found"


async def test_a_url_under_a_prefix_is_read_and_no_other(references, site):
    assert await references.read(f"{site}/cv/good") == b"resume"
    for url in (
        f"{site}/secret",
        f"{site}/cv/../secret",
        f"{site}/cv/%2e%2e/secret",
        f"{site}/cv/..%5csecret",
        f"{site}/cvx",
        site.replace("http", "https") + "/cv/good",
        site.replace("127.0.0.1", "localhost") + "/cv/good",
        site.replace("://", "://me:pw@") + "/cv/good",
        "file:///etc/passwd",
        "http://[bad/cv/good",
    ):
        assert await code(references, url) == "bad_reference", url


async def test_redirects_are_not_followed_and_sizes_are_bounded(references, site):
    assert await code(references, f"{site}/cv/away") == "not_found"
    assert await code(references, f"{site}/cv/missing") == "not_found"
    assert await code(references, f"{site}/cv/big") == "too_big"
    assert await code(references, "big") == "too_big"


async def test_what_may_pass_is_no_bad_message(references, site):
    with pytest.raises(httpx.HTTPStatusError):
        await references.read(f"{site}/cv/broken")

    impatient = References(None, [f"{site}/cv/"], max_bytes=1000, timeout_seconds=0.1)
    with pytest.raises((TimeoutError, httpx.TimeoutException)):
        await impatient.read(f"{site}/cv/stuck")
    await impatient.close()


async def test_without_a_folder_names_are_refused():
    assert await code(References(None, [], max_bytes=1, timeout_seconds=1), "cv.txt") == "bad_reference"


async def test_links_that_lead_in_a_circle_are_no_file(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert await code(References(tmp_path, [], max_bytes=1, timeout_seconds=1), "a") == "not_found"


@given(
    st.one_of(
        st.text(), st.text().map(lambda text: f"https://files.example.com/cv/{text}"), st.text().map("://".__add__)
    )
)
@settings(deadline=None)
async def test_any_reference_is_read_or_refused(tmp_path_factory, reference):
    found = References(tmp_path_factory.getbasetemp(), ["http://127.0.0.1:1/cv/"], max_bytes=1, timeout_seconds=1)
    try:
        await found.read(reference)
    except (BadMessageError, httpx.HTTPError, OSError):
        pass
    finally:
        await found.close()
