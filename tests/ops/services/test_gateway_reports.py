"""What users of other gateways have reported of them, each a promise of ours, against a provider that misbehaves."""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from loguru import logger
from pydantic import SecretStr

from connectors.providers import health
from processors.chat.tokens import tokens
from schemas.services import Instance
from schemas.settings import ProviderSettings
from tests.support.gateway import Doors, doors
from tests.support.model_server import (
    Answerer,
    Asked,
    ModelServer,
    calling,
    event,
    model_server,
    saying,
    sse,
    status,
)

QUICK = {"first_token_seconds": 0.3, "stall_seconds": 0.3}
NO_LIMITS = {"requests_per_minute": 0, "tokens_per_minute": 0}


def provider(server: ModelServer, name: str = "a", **values: Any) -> ProviderSettings:
    return ProviderSettings.model_validate({"name": name, "url": server.url, "model": "m", **QUICK, **values})


def events_of(text: str) -> list[Any]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


def text_of(text: str) -> str:
    deltas = [c["delta"] for e in events_of(text) for c in e.get("choices", ())]
    return "".join(d.get("content") or "" for d in deltas)


async def read_stream(door: Doors, **body: Any) -> tuple[str, bool]:
    """Return what came of a stream, and whether it ended as HTTP has it."""
    said = {"model": "looma", "stream": True, "messages": [{"role": "user", "content": "你好"}], **body}
    text = ""
    try:
        async with door.client.stream("POST", "/openai/v1/chat/completions", json=said) as response:
            assert response.status_code == 200, await response.aread()
            async for chunk in response.aiter_text():
                text += chunk
    except httpx.RemoteProtocolError:
        return text, False
    return text, True


# Limits and budgets


async def test_requests_and_tokens_are_limited_apart_and_each_to_its_last_unit(tmp_path: Path) -> None:
    """litellm#24677: one window for both throttled callers at 60 to 70 % of their limit."""
    async with (
        model_server(saying("好", usage={"prompt_tokens": 3, "completion_tokens": 1})) as server,
        doors(tmp_path, provider(server), requests_per_minute=10, tokens_per_minute=100_000) as door,
    ):
        codes = [(await door.ask()).status_code for _ in range(12)]
    assert codes == [200] * 10 + [429] * 2
    assert len(server.asked) == 10


async def test_limits_are_those_of_all_processes_together(tmp_path: Path) -> None:
    """bifrost#3547: each replica had limits of its own. (Exactness over a kill: tests/sinks/test_limit_cells.py)"""
    async with (
        model_server(saying("好")) as server,
        doors(tmp_path, provider(server), requests_per_minute=6) as one,
        doors(tmp_path, provider(server), requests_per_minute=6) as other,
    ):
        codes = Counter([(await door.ask()).status_code for _ in range(5) for door in (one, other)])
    assert codes == {200: 6, 429: 4}


async def test_its_own_refusal_reaches_no_provider_and_is_not_retried(tmp_path: Path) -> None:
    """litellm#14801: the gateway retried its own 429."""
    async with model_server(saying("好")) as server, doors(tmp_path, provider(server), requests_per_minute=1) as door:
        await door.ask()
        refused = await door.ask()
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["ratelimit"].startswith('"ai-requests";r=0')
        (target,) = door.gateway.models()
        assert target["state"] == "closed"
    assert len(server.asked) == 1


async def test_calls_at_once_cannot_pass_a_budget_together(tmp_path: Path) -> None:
    """litellm#34732: concurrent calls all passed the budget before any was charged."""

    async def slow(asked: Asked) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return await asked.complete("好", usage={"prompt_tokens": 500, "completion_tokens": 500})

    async with model_server(slow) as server, doors(tmp_path, provider(server), day_tokens=2000, **NO_LIMITS) as door:
        answers = await asyncio.gather(*(door.ask("长" * 490, max_tokens=500) for _ in range(20)))
    codes = Counter(each.status_code for each in answers)
    assert codes == {200: 2, 429: 18}
    assert len(server.asked) == 2
    assert {each.json()["error"]["code"] for each in answers if each.status_code == 429} == {"budget_spent"}


async def test_what_was_reserved_and_not_used_is_given_back(tmp_path: Path) -> None:
    """litellm#36926: callers were told of a budget that they had not spent."""
    async with (
        model_server(saying("好", usage={"prompt_tokens": 3, "completion_tokens": 1})) as server,
        doors(tmp_path, provider(server), day_tokens=1000, **NO_LIMITS) as door,
    ):
        codes = [(await door.ask(max_tokens=900)).status_code for _ in range(20)]
    assert codes == [200] * 20, "80 tokens were used of 1,000"


async def test_a_failed_call_costs_what_it_has_used_and_no_more(tmp_path: Path) -> None:
    async with (
        model_server(status(400), saying("好")) as server,
        doors(tmp_path, provider(server), day_tokens=1000, **NO_LIMITS) as door,
    ):
        assert (await door.ask(max_tokens=900)).status_code == 400
        assert (await door.ask(max_tokens=900)).status_code == 200


async def test_cost_is_counted_by_tokens_and_prices(tmp_path: Path) -> None:
    """envoy ai-gateway#2248: cost was counted as 1 a request."""
    async with (
        model_server(saying("好", usage={"prompt_tokens": 1000, "completion_tokens": 200})) as server,
        doors(tmp_path, provider(server, price_in=2, price_out=10)) as door,
    ):
        await door.ask()
        (used,) = await door.used(1)
    assert (used.prompt_tokens, used.completion_tokens, used.cost) == (1000, 200, 0.004)
    assert (used.caller, used.provider, used.outcome) == ("local", "a", "answered")


# Streams


@pytest.mark.parametrize("says", [{"prompt_tokens": 7, "completion_tokens": 2}, {"prompt_tokens": 0}, None])
async def test_a_stream_s_usage_has_the_tokens_of_its_prompt(tmp_path: Path, says: Any) -> None:
    """apisix#13662: streamed usage had no input tokens."""
    async with model_server(saying("好的", usage=says)) as server, doors(tmp_path, provider(server)) as door:
        text, _ = await read_stream(door, stream_options={"include_usage": True})
        (used,) = await door.used(1)
    told = events_of(text)[-1]["usage"]
    expected = 7 if says and says["prompt_tokens"] else tokens("你好") + 4
    assert told["prompt_tokens"] == used.prompt_tokens == expected
    assert told["completion_tokens"] == used.completion_tokens == 2
    assert text.endswith("data: [DONE]\n\n")


async def _cut_at_once(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"role": "assistant", "content": ""}), ends=False)


async def _error_at_once(asked: Asked) -> web.StreamResponse:
    return await asked.stream(sse({"error": {"message": "overloaded, key sk-secret"}}))


async def _silent(asked: Asked) -> web.StreamResponse:
    return await asked.stream(*[b": still here\n\n"] * 100, pause=0.05)


async def _no_json(asked: Asked) -> web.StreamResponse:
    return await asked.stream(b"data: {oh\n\n")


async def _redirect(asked: Asked) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("/v1/elsewhere")


async def _ended_empty(asked: Asked) -> web.StreamResponse:
    return await asked.stream(b"data: [DONE]\n\n")


EARLY: dict[str, Answerer] = {
    "cut": _cut_at_once,
    "error": _error_at_once,
    "silent": _silent,
    "no json": _no_json,
    "redirect": _redirect,
    "ended empty": _ended_empty,
    "500": status(500),
    "429": status(429, Retry_After="60"),
    "401": status(401),
}


@pytest.mark.parametrize("how", EARLY)
async def test_a_stream_that_breaks_before_its_first_byte_falls_back_unnoticed(tmp_path: Path, how: str) -> None:
    """litellm#40404: a broken stream never fell back."""
    async with (
        model_server(EARLY[how]) as first,
        model_server(saying("备用的回答")) as second,
        doors(tmp_path, provider(first), provider(second, "b")) as door,
    ):
        text, is_whole = await read_stream(door)
        (used,) = await door.used(1)
    assert (text_of(text), is_whole) == ("备用的回答", True)
    assert (used.provider, used.outcome) == ("b", "answered")
    assert len(first.asked) == 1


async def _cut(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}), event({"content": "两万"}), pause=0.02, ends=False)


async def _unfinished(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}), b"data: [DONE]\n\n")


async def _error_inside(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}), sse({"error": {"message": "key sk-secret"}}))


async def _stalled(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}), *[b": still here\n\n"] * 100, pause=0.05)


async def _endless(asked: Asked) -> web.StreamResponse:
    return await asked.stream(*[event({"content": "月薪" * 500})] * 2000)


async def _huge(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}), *[b"data: " + b"x" * 65_536] * 100)


LATE: dict[str, Answerer] = {
    "cut": _cut,
    "unfinished": _unfinished,
    "error": _error_inside,
    "stalled": _stalled,
    "endless": _endless,
    "huge": _huge,
}


@pytest.mark.parametrize("how", LATE)
async def test_a_stream_that_breaks_later_says_so_and_has_no_clean_end(tmp_path: Path, how: str) -> None:
    """Portkey#1797: a cut stream ended as a clean 200. litellm PR#24005: an error inside was logged as success."""
    async with (
        model_server(LATE[how]) as first,
        model_server(saying("备用")) as second,
        doors(tmp_path, provider(first), provider(second, "b")) as door,
    ):
        text, is_whole = await read_stream(door)
        (used,) = await door.used(1)
    assert not is_whole, "the body ended as if it were whole"
    assert "[DONE]" not in text
    assert events_of(text)[-1]["error"]["code"] == "stream_broken"
    assert "sk-secret" not in text
    assert "备用" not in text, "two answers in one"
    assert (used.outcome, used.provider) == ("broken", "a")
    assert used.prompt_tokens > 0
    assert used.completion_tokens >= tokens("月薪")
    assert not second.asked


async def test_a_stream_that_breaks_counts_as_the_target_s_failure(tmp_path: Path) -> None:
    async with model_server(_cut) as server, doors(tmp_path, provider(server)) as door:
        for _ in range(3):
            await read_stream(door)
        assert door.gateway.models()[0]["state"] == "open"


# Retries, fallback and the breaker


async def test_a_fallback_does_not_begin_the_retries_anew(tmp_path: Path) -> None:
    """litellm#19985: each fallback started all retries again, without end."""
    async with model_server(status(500)) as one, model_server(status(500)) as two, model_server(status(500)) as three:
        names = [provider(server, name) for name, server in (("a", one), ("b", two), ("c", three))]
        async with doors(tmp_path, *names) as door:
            answer = await door.ask()
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert sum(len(server.asked) for server in (one, two, three)) <= 3 + 2


async def test_a_target_that_asks_for_a_pause_is_left_alone_for_all_of_it(tmp_path: Path) -> None:
    """litellm PR#34836: a cooled target was served again after seconds."""
    async with (
        model_server(status(429, Retry_After="300"), saying("a")) as first,
        model_server(saying("b")) as second,
        doors(tmp_path, provider(first), provider(second, "b")) as door,
    ):
        said = [(await door.ask()).json()["choices"][0]["message"]["content"] for _ in range(10)]
    assert said == ["b"] * 10
    assert len(first.asked) == 1


async def test_half_open_lets_one_in_and_a_failed_probe_shuts_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """safe-client-gateway#3442: half open let everybody in. deer-flow#3991: a failed probe left it half open for ever."""
    monkeypatch.setattr("processors.gateway.breaker.FIRST_PAUSE_SECONDS", 2)

    async def slowly_broken(asked: Asked) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.Response(status=500)

    script = [*[status(500)] * 3, slowly_broken, saying("我好了")]
    async with (
        model_server(*script) as first,
        model_server(saying("备用")) as second,
        doors(tmp_path, provider(first), provider(second, "b"), **NO_LIMITS) as door,
    ):
        for _ in range(3):
            await door.ask()
        await asyncio.sleep(2.1)
        await asyncio.gather(*(door.ask() for _ in range(20)))
        assert len(first.asked) == 4, "exactly one probe"
        assert (await door.ask()).json()["choices"][0]["message"]["content"] == "备用", "shut again"
        await asyncio.sleep(4.1)
        assert (await door.ask()).json()["choices"][0]["message"]["content"] == "我好了"
        assert door.gateway.models()[0]["state"] == "closed"


# Callers who leave


@pytest.mark.parametrize("stream", [True, False])
async def test_a_caller_who_leaves_ends_it_at_the_provider_and_is_no_failure_of_it(
    tmp_path: Path, stream: bool
) -> None:
    """litellm#37140: the caller left, the provider went on, and was paid for it."""
    begun = asyncio.Event()

    async def long(asked: Asked) -> web.StreamResponse:
        begun.set()
        if not stream:
            await asyncio.sleep(30)
        return await asked.stream(*[event({"content": "长"})] * 1000, pause=0.05)

    async with model_server(long) as server, doors(tmp_path, provider(server)) as door:
        body = {"model": "looma", "stream": stream, "messages": [{"role": "user", "content": "你好"}]}

        async def leave() -> None:
            async with door.client.stream("POST", "/openai/v1/chat/completions", json=body) as response:
                async for _ in response.aiter_raw():
                    break

        for n in range(3):
            begun.clear()
            asking = asyncio.create_task(leave())
            await asyncio.wait_for(begun.wait(), 10)
            if not stream:
                asking.cancel()
            await asyncio.wait((asking,), timeout=10)
            await asyncio.wait_for(server.asked[n].left.wait(), 5)
        for used in await door.used(3):
            assert used.outcome == "left"
            assert used.prompt_tokens > 0
        (target,) = door.gateway.models()
        assert (target["state"], target["in_flight"]) == ("closed", 0)


async def test_shutting_down_does_not_hang_on_an_open_stream_nor_end_it_cleanly(tmp_path: Path) -> None:
    """litellm#36179, polar#3100: workers died in mid-stream; shutdown hung on open streams."""

    async def long(asked: Asked) -> web.StreamResponse:
        return await asked.stream(*[event({"content": "长"})] * 1000, pause=0.05)

    async with model_server(long) as server, doors(tmp_path, provider(server)) as door:
        reading = asyncio.create_task(read_stream(door))
        while not server.asked:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        door.server.should_exit = True
        await asyncio.wait_for(door.serving, 10)
        text, is_whole = await reading
        assert text_of(text)
        assert not is_whole
        assert (await door.used(1))[0].outcome == "left"


# Accounts, memory, health


async def test_each_call_is_told_once_whichever_process_it_was_of(tmp_path: Path) -> None:
    """litellm#10595: each worker had figures of its own."""
    async with (
        model_server(saying("好", usage={"prompt_tokens": 5, "completion_tokens": 1})) as server,
        doors(tmp_path, provider(server)) as one,
        doors(tmp_path, provider(server)) as other,
    ):
        await asyncio.gather(*(door.ask() for _ in range(15) for door in (one, other)))
        told = [*(await one.used(15)), *(await other.used(15))]
    assert len({each.call for each in told}) == 30
    assert sum(each.prompt_tokens for each in told) == 150


async def test_nothing_stays_of_calls_that_have_ended(tmp_path: Path) -> None:
    """litellm#12685, #38193: memory grew until the process was killed."""
    async with (
        model_server(saying("好")) as server,
        doors(tmp_path, provider(server), cache_answers=10, **NO_LIMITS) as door,
    ):
        before = len(asyncio.all_tasks())
        for n in range(60):
            await door.ask(f"第 {n} 个", temperature=0)
            await read_stream(door)
        await door.used(120)
        assert len(door.gateway._cache) == 10
        assert len(asyncio.all_tasks()) <= before + 4
        assert door.gateway.models()[0]["in_flight"] == 0


async def test_health_costs_nothing_and_a_caller_s_mistake_marks_nobody_down(tmp_path: Path) -> None:
    """litellm PR#7000, #26987: health probes were paid completions, and marked healthy models down."""
    async with model_server(status(400)) as server, doors(tmp_path, provider(server)) as door:
        await asyncio.sleep(0.3)
        assert (await door.client.get("/v1/ai/models")).status_code == 200
        assert not server.asked, "it was asked without a call"
        for _ in range(10):
            assert (await door.ask()).json()["error"]["code"] == "refused"
        assert door.gateway.models()[0]["state"] == "closed"
        assert len(server.asked) == 10, "a wrong request was repeated"


async def test_checks_ask_for_no_completion_and_only_say_who_is_asked_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """litellm #26987: models that answer were marked down by their health checks."""
    async with (
        model_server(saying("第一")) as first,
        model_server(saying("第二")) as second,
        doors(tmp_path, provider(first, "a"), provider(second, "b")) as door,
    ):
        target, other = door.gateway.targets
        await health.check(target)
        assert target.is_reachable, "it answers 404 to who asks for its models: it is there"
        away = target.provider._url
        target.provider._url = "http://127.0.0.1:9/v1"
        await asyncio.gather(health.check(target), health.check(other))
        assert [each["reachable"] for each in door.gateway.models()] == [False, True]
        target.provider._url = away
        assert (await door.ask()).headers["x-looma-provider"] == "b"
        second.script = [status(503)]
        assert (await door.ask()).headers["x-looma-provider"] == "a", "it was left out, and nobody else answers"
        await health.check(target)
        assert target.is_reachable, "a call has said so"
    assert len(first.asked) + len(second.asked) == 3, "a check asked for a completion"


# Privacy


async def test_a_kept_answer_is_given_to_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """vllm semantic-router#2134: the cache answered with another user's answer."""
    from ops.api.routes import openai
    from ops.services.metering import Client

    callers = iter(["key:ann", "key:ann", "key:bob", "key:ann"])
    monkeypatch.setattr(openai, "client_of", lambda _: Client(next(callers)))
    answers = [saying(f"第 {n} 个回答") for n in range(4)]
    async with model_server(*answers) as server, doors(tmp_path, provider(server)) as door:
        said = [(await door.ask(temperature=0)) for _ in range(3)]
        other = await door.ask(temperature=0, max_tokens=50)
        (used, *_, last) = await door.used(4)
    texts = [each.json()["choices"][0]["message"]["content"] for each in said]
    assert texts == ["第 0 个回答", "第 0 个回答", "第 1 个回答"]
    assert [each.headers.get("x-looma-cache") for each in said] == [None, "hit", None]
    assert other.json()["choices"][0]["message"]["content"] == "第 2 个回答"
    assert used.outcome == last.outcome == "answered"


async def test_a_streamed_answer_is_kept_once_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ops.api.routes import openai
    from ops.services.metering import Client

    callers = iter(["key:ann", "key:ann", "key:ann", "key:bob"])
    monkeypatch.setattr(openai, "client_of", lambda _: Client(next(callers)))
    async with (
        model_server(_cut, saying("整个回答"), saying("另一个")) as server,
        doors(tmp_path, provider(server)) as door,
    ):
        said = [await read_stream(door, temperature=0) for _ in range(4)]
        used = await door.used(4)
    assert [is_whole for _, is_whole in said] == [False, True, True, True]
    assert [text_of(text) for text, _ in said] == ["月薪两万", "整个回答", "整个回答", "另一个"]
    assert said[1] == said[2]
    assert [each.outcome for each in used] == ["broken", "answered", "cached", "answered"]
    assert (used[2].prompt_tokens, used[2].completion_tokens) == (0, 0)


@pytest.mark.parametrize(
    "name", ["api_base", "base_url", "api_key", "custom_llm_provider", "user_config", "extra_body"]
)
async def test_nobody_sets_where_a_call_goes(tmp_path: Path, name: str) -> None:
    """litellm#31467: an address set by the caller was sent the provider's key."""
    async with (
        model_server(saying("好")) as server,
        model_server(saying("偷")) as thief,
        doors(tmp_path, provider(server, api_key="sk-of-the-house")) as door,
    ):
        answer = await door.ask(**{name: thief.url})
        assert answer.status_code == 400
        assert thief.url not in answer.text
    assert not thief.asked
    assert not server.asked


async def test_no_key_and_no_text_of_a_call_is_in_a_log_or_an_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """litellm#24902: keys were in traces."""
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(str(message)), level="TRACE")
    caplog.set_level(logging.DEBUG)
    try:
        async with (
            model_server(status(401), status(500), _error_at_once) as server,
            doors(tmp_path, provider(server, api_key="sk-of-the-house")) as door,
        ):
            answers = [await door.ask("我叫王小明，密语是芝麻开门") for _ in range(3)]
            text = "".join(each.text for each in answers)
            assert server.headers[0]["Authorization"] == "Bearer sk-of-the-house"
    finally:
        logger.remove(sink)
    for secret in ("sk-of-the-house", "sk-secret", "芝麻开门", "王小明"):
        assert secret not in "".join(lines) + caplog.text + text


SECRET = "我叫王小明，电话 13812345678，邮箱 wang@example.cn。请写求职信，List<String> 不变。"


@pytest.mark.parametrize("stream", [True, False])
async def test_personal_data_stays_in_the_house_and_is_back_in_the_answer(tmp_path: Path, stream: bool) -> None:
    async def echo(asked: Asked) -> web.StreamResponse:
        return await (asked.say(asked.text, size=1) if asked.body["stream"] else asked.complete(asked.text))

    async with model_server(echo) as server, doors(tmp_path, provider(server)) as door:
        if stream:
            text = text_of((await read_stream(door, messages=[{"role": "user", "content": SECRET}]))[0])
        else:
            text = (await door.ask(SECRET, user="wang")).json()["choices"][0]["message"]["content"]
    assert text == SECRET
    sent = json.dumps(server.asked[0].body, ensure_ascii=False)
    assert not any(value in sent for value in ("王小明", "13812345678", "wang", "example.cn"))
    assert "List<String>" in sent


async def test_calls_of_tools_get_their_values_back_too(tmp_path: Path) -> None:
    async with (
        model_server(calling(("send", {"to": "<EMAIL_1>"}))) as server,
        doors(tmp_path, provider(server)) as door,
    ):
        tool = {"type": "function", "function": {"name": "send", "parameters": {"type": "object"}}}
        text, _ = await read_stream(door, messages=[{"role": "user", "content": "发给 wang@example.cn"}], tools=[tool])
    calls = [c for e in events_of(text) for x in e.get("choices", ()) for c in x["delta"].get("tool_calls", ())]
    assert calls[0]["function"]["name"] == "send"
    assert json.loads("".join(c["function"]["arguments"] for c in calls)) == {"to": "wang@example.cn"}


async def test_a_provider_in_the_house_gets_the_text_as_it_is(tmp_path: Path) -> None:
    async with model_server(saying("好")) as server, doors(tmp_path, provider(server, in_house=True)) as door:
        await door.ask(SECRET)
    assert server.asked[0].text == SECRET


# Services on other hosts


@asynccontextmanager
async def host(status_: int, body: Any) -> AsyncIterator[tuple[Instance, list[str]]]:
    """Run an instance of the service `skills`; the second value are the keys that it was shown."""
    shown: list[str] = []

    async def ask(request: web.Request) -> web.Response:
        shown.append(request.headers.get("Authorization", ""))
        return web.json_response(body, status=status_)

    app = web.Application()
    app.router.add_post("/v1/ai/skills", ask)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield Instance(instance=f"skills-{status_}", service="skills", url=url, at=datetime.now(UTC)), shown
    finally:
        await runner.cleanup()


async def test_an_instance_elsewhere_answers_and_one_that_fails_is_passed_over(tmp_path: Path) -> None:
    key = SecretStr("k" * 32)
    async with (
        host(500, {}) as (bad, asked),
        host(200, {"skills": ["Java"]}) as (good, _),
        doors(tmp_path, service_key=key) as door,
    ):
        for each in (bad, good):
            door.instances.hear(each, time.monotonic())
        answers = [await door.client.post("/v1/ai/skills", json={"text": "会 Java"}) for _ in range(8)]
        used = await door.used(8)
    assert [each.json() for each in answers] == [{"skills": ["Java"]}] * 8
    assert {each.provider for each in used} == {"skills-200"}
    assert len(asked) <= 3, "one that fails is left alone"
    assert set(asked) <= {f"Bearer {'k' * 32}"}


async def test_what_an_instance_refuses_is_said_and_not_asked_elsewhere(tmp_path: Path) -> None:
    async with (
        host(422, {"code": "encrypted", "detail": "the file has a password"}) as (one, asked),
        doors(tmp_path) as door,
    ):
        door.instances.hear(one, time.monotonic())
        answer = await door.client.post("/v1/ai/skills", json={"text": "会 Java"})
    assert (answer.status_code, answer.json()["code"]) == (422, "encrypted")
    assert len(asked) == 1
