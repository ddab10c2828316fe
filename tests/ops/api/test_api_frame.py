"""What stands around every request, without servers: places, deadlines, bodies, problems."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from ops.api.admission import Deadline, Lane, class_of
from ops.api.app import create_app
from ops.api.bodies import Bodies, unpack
from ops.api.deprecation import deprecated
from ops.api.problems import Problem, Problems, answer
from ops.api.routes.feedback import FeedbackBody
from schemas.settings import Settings

LIMIT = 1000


async def test_a_lane_lets_so_many_in_keeps_so_many_waiting_and_refuses_the_rest_at_once() -> None:
    lane = Lane(1, 1, 60)
    async with lane.place():
        waiting = asyncio.create_task(_held(lane))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await _held(lane)
        assert (refused.value.status, refused.value.headers["retry-after"], waiting.done()) == (503, "1", False)
    await waiting
    await _held(lane)


async def test_who_waits_too_long_is_refused_and_takes_no_place() -> None:
    lane = Lane(1, 1, 0.001)
    async with lane.place():
        with pytest.raises(Problem, match="repeat"):
            await _held(lane)
    assert lane.waiting == 0
    await _held(lane)


async def test_who_leaves_the_queue_gives_the_turn_on() -> None:
    lane = Lane(1, 2, 60)
    async with lane.place():
        gone, waiting = asyncio.create_task(_held(lane)), asyncio.create_task(_held(lane))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    await waiting
    assert lane.waiting == 0


async def _held(lane: Lane) -> None:
    async with lane.place():
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/v1/health", None),
        ("GET", "/v1/talents/T1", "read"),
        ("PATCH", "/v1/talents/T1", "write"),
        ("GET", "/v1/search/talents", "search"),
        ("GET", "/v1/subscriptions/matches", "stream"),
    ],
)
def test_requests_have_classes(method: str, path: str, found: str | None) -> None:
    assert class_of(method, path) == found


@given(st.binary(max_size=3 * LIMIT))
def test_what_gzip_holds_is_unpacked_or_is_too_large(body: bytes) -> None:
    packed = gzip.compress(body)
    if len(body) <= LIMIT:
        assert unpack(packed, LIMIT) == body
    else:
        with pytest.raises(Problem) as refused:
            unpack(packed, LIMIT)
        assert refused.value.status == 413


@given(st.binary(min_size=1, max_size=200))
def test_bytes_that_are_no_gzip_are_a_problem_of_the_caller(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        unpack(body, LIMIT)
    assert refused.value.status in (400, 413)


def test_members_of_one_gzip_share_the_limit() -> None:
    halves = gzip.compress(b"x" * 600), gzip.compress(b"y" * 600)
    assert unpack(halves[0], LIMIT) == b"x" * 600
    with pytest.raises(Problem):
        unpack(b"".join(halves), LIMIT)


def app(route: Callable[..., Awaitable[Any]], **options: Any) -> httpx.AsyncClient:
    made = FastAPI(
        middleware=[Middleware(Problems), Middleware(Deadline, 0.2), Middleware(Bodies, LIMIT)],
        exception_handlers={HTTPException: answer, RequestValidationError: answer},
    )
    made.post("/", **options)(route)
    return httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://test")


async def test_an_answer_that_does_not_begin_in_time_is_a_problem() -> None:
    async def slow() -> None:
        await asyncio.sleep(60)

    async with app(slow) as client:
        answered = await client.post("/")
    assert (answered.status_code, answered.json()["code"]) == (503, "timeout")


async def test_no_problem_repeats_what_was_sent() -> None:
    async def take(body: FeedbackBody) -> None: ...

    secret = "wang.fang@example.com"
    async with app(take) as client:
        for sent in ({"outcome": secret}, {"outcome": "hired", "reason": secret}, {secret: 1, "outcome": "hired"}):
            answered = await client.post("/", json=sent)
            assert answered.status_code == 422
            assert secret not in answered.text


async def test_what_nobody_foresaw_says_nothing() -> None:
    async def crash() -> None:
        raise KeyError("王芳")

    async with app(crash) as client:
        answered = await client.post("/")
    assert (answered.status_code, answered.json()["code"]) == (500, "internal")
    assert "王芳" not in json.loads(answered.text)["detail"]


async def test_a_route_that_will_go_says_when_and_what_comes_instead() -> None:
    async def old() -> None: ...

    going = deprecated(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC), "/v2/talents")
    async with app(old, dependencies=[going], deprecated=True) as client:
        headers = (await client.post("/")).headers
    assert headers["deprecation"] == "@1798761600"
    assert headers["sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert headers["link"] == '</v2/talents>; rel="successor-version"'


async def test_no_span_says_whom_a_request_was_about(monkeypatch: pytest.MonkeyPatch) -> None:
    exported, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    transport = httpx.ASGITransport(create_app(Settings()), raise_app_exceptions=False)  # nothing is open behind it
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in ("/v1/talents/wang-fang", "/v1/nowhere/wang-fang"):
            await client.get(path, params={"q": "13800138000"})
    told = " ".join(span.to_json() for span in exported.get_finished_spans())
    assert "wang-fang" not in told
    assert "13800138000" not in told
