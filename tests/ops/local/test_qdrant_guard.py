"""What the embedded Qdrant refuses: pages of browsers, and who has not the key."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

pytest.importorskip("qdrant_edge")

from ops.local.embedded.qdrant.api import MAX_BODY_BYTES, _is_local, application
from ops.local.embedded.qdrant.store import Store

KEY = "k" * 43
COLLECTION = json.dumps({"vectors": {"size": 2, "distance": "Cosine"}})
JSON = {"Content-Type": "application/json", "api-key": KEY}


class Server:
    """One server and a client that sends any header."""

    def __init__(self, session: ClientSession, port: int) -> None:
        self.session, self.port = session, port

    async def ask(self, method: str, path: str, headers: dict[str, str], body: str | bytes | None = None) -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.request(method, url, headers=headers, data=body) as answer:
            if answer.status != 200:
                assert "error" in (await answer.json())["status"]
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
            return answer.status

    async def collections(self) -> list[str]:
        url = f"http://127.0.0.1:{self.port}/collections"
        async with self.session.get(url, headers={"api-key": KEY}) as answer:
            return [c["name"] for c in (await answer.json())["result"]["collections"]]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    runner = web.AppRunner(application(Store(tmp_path, 10_000), KEY), access_log=None)
    await runner.setup()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        await web.SockSite(runner, listening).start()
        async with ClientSession(skip_auto_headers=["Content-Type"]) as session:
            yield Server(session, listening.getsockname()[1])
        await runner.cleanup()


async def test_who_has_the_key_is_served(server: Server) -> None:
    assert await server.ask("PUT", "/collections/a", JSON, COLLECTION) == 200
    assert await server.collections() == ["a"]
    assert await server.ask("GET", "/collections/a", {"Authorization": f"Bearer {KEY}"}) == 200
    assert await server.ask("GET", "/collections", {"api-key": KEY, "Host": f"localhost:{server.port}"}) == 200
    assert await server.ask("DELETE", "/collections/a", {"api-key": KEY}) == 200


async def test_without_the_key_there_is_only_health(server: Server) -> None:
    for path in ("/", "/healthz", "/readyz"):
        async with server.session.get(f"http://127.0.0.1:{server.port}{path}") as answer:
            assert answer.status == 200
    for headers in ({}, {"api-key": KEY[:-1]}, {"api-key": ""}, {"Authorization": f"Basic {KEY}"}):
        for method, path in (
            ("GET", "/collections"),
            ("DELETE", "/collections/a"),
            ("GET", "//healthz"),
            ("GET", "/x"),
        ):
            assert await server.ask(method, path, headers) == 401
        assert await server.ask("PUT", "/collections/a", {**JSON, "api-key": "", **headers}, COLLECTION) == 401
    assert await server.collections() == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:6333"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/json-patch+json"}, 415),
    ],
)
async def test_what_a_page_can_send_is_refused_even_with_the_key(
    server: Server, header: dict[str, str], status: int
) -> None:
    assert await server.ask("PUT", "/collections/a", {**JSON, **header}, COLLECTION) == status
    if status == 403:
        assert await server.ask("GET", "/healthz", header) == 403
    assert await server.collections() == []


async def test_a_body_without_a_type_or_beyond_the_limit_is_refused(server: Server) -> None:
    assert await server.ask("PUT", "/collections/a", {"api-key": KEY}, COLLECTION.encode()) == 415
    too_long = {**JSON, "Content-Length": str(MAX_BODY_BYTES + 1)}
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = ["PUT /collections/a HTTP/1.1\r\nHost: 127.0.0.1\r\n", *(f"{n}: {v}\r\n" for n, v in too_long.items())]
    writer.write("".join([*lines, "\r\n"]).encode())
    assert b" 413 " in await reader.readline(), "said before the body is sent"
    writer.close()
    assert await server.collections() == []


@given(st.one_of(st.text(max_size=30), st.from_regex(r"(127\.0\.0\.1|localhost|\[::1\])[a-z0-9.:@%\[\]/-]{0,10}")))
@examples(suppress_health_check=[HealthCheck.too_slow])
def test_only_names_of_this_machine_are_local(host: str) -> None:
    if _is_local([host]):
        name = host.removesuffix(f":{host.rpartition(':')[2]}") if not host.endswith("]") else host
        assert name.lower() in ("127.0.0.1", "localhost", "[::1]")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:6333", "localhost", "LOCALHOST:1", "[::1]:6333"])
def test_names_of_this_machine_are_served(host: str) -> None:
    assert _is_local([host])
    assert not _is_local([host, host])
    assert not _is_local([])
