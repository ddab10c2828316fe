"""Providers against a server that speaks the protocol: slow, broken, cut, busy, endless, and back again."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from connectors.providers.chain import Chain, ProviderSettingsError, providers
from connectors.providers.sse import EventReader
from connectors.providers.wire import Answer
from processors.chat.tokens import of_prompt, tokens
from processors.gateway import plan
from schemas.completions import Completion, NoAnswerError, Prompt, PromptMessage, ProviderError, Spending, Tool
from schemas.settings import ProviderSettings
from tests.support.model_server import Answerer, Asked, ModelServer, calling, event, model_server, saying, sse, status

PROMPT = Prompt((PromptMessage("system", "word it"), PromptMessage("user", "薪资是多少？")))
LOOKUP = Tool("read_record", "Read.", {"type": "object", "properties": {}})
QUICK = {"first_token_seconds": 0.15, "stall_seconds": 0.15}


def settings(server: ModelServer | str, name: str = "a", **values: Any) -> ProviderSettings:
    url = server if isinstance(server, str) else server.url
    return ProviderSettings.model_validate({"name": name, "url": url, "model": "m", **QUICK, **values})


async def ask(*each: ProviderSettings, prompt: Prompt = PROMPT, seconds: float = 5.0) -> tuple[Completion, Spending]:
    spending = Spending()
    async with providers(each) as chain:
        return await chain.complete(prompt, asyncio.get_running_loop().time() + seconds, spending), spending


@asynccontextmanager
async def two(first: Sequence[Answerer], second: Sequence[Answerer]) -> AsyncIterator[tuple[ModelServer, ModelServer]]:
    async with AsyncExitStack() as opened:
        yield (
            await opened.enter_async_context(model_server(*first)),
            await opened.enter_async_context(model_server(*second)),
        )


async def cut(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}), event({"content": "两万"}), ends=False)


async def unfinished(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月薪"}))


async def truncated(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月"}), b'data: {"choices": [{"delta": {"cont\n\n')


async def silent(asked: Asked) -> web.StreamResponse:
    return await asked.stream(*[b": still here\n\n"] * 100, pause=0.05)


async def stalled(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月"}), *[b": still here\n\n"] * 100, pause=0.05)


async def dumb(asked: Asked) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response(text="{}")


async def endless(asked: Asked) -> web.StreamResponse:
    return await asked.stream(*[event({"content": "月薪" * 500})] * 10_000)


async def one_long_line(asked: Asked) -> web.StreamResponse:
    return await asked.stream(*[b"data: " + b"x" * 65_536] * 200)


async def no_object(asked: Asked) -> web.StreamResponse:
    return await asked.stream(b"data: 5\n\n")


async def error_inside(asked: Asked) -> web.StreamResponse:
    return await asked.stream(event({"content": "月"}), sse({"error": {"message": "overloaded, key sk-secret"}}))


async def redirect(asked: Asked) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("/v1/elsewhere")


WAITING = ("silent", "stalled", "dumb", "endless")
BAD: dict[str, tuple[Answerer, str]] = {
    "cut": (cut, "ClientPayloadError|ClientOSError|ServerDisconnectedError|ClientConnectionResetError"),
    "unfinished": (unfinished, "the answer breaks off"),
    "truncated": (truncated, "the answer is no JSON"),
    "silent": (silent, "the answer does not begin"),
    "stalled": (stalled, "the answer stalls"),
    "dumb": (dumb, "the answer does not begin"),
    "endless": (endless, "the answer does not end"),
    "one long line": (one_long_line, "an event is longer"),
    "no object": (no_object, "the answer is no JSON object"),
    "error inside": (error_inside, "the answer is an error"),
    "redirect": (redirect, "HTTP 307"),
    "500": (status(500), "HTTP 500"),
    "401": (status(401), "HTTP 401"),
    "429": (status(429, Retry_After="60"), "HTTP 429"),
    "429 soon": (status(429, Retry_After="soon"), "HTTP 429"),
}


async def test_an_answer_comes_in_pieces_with_its_usage() -> None:
    said = saying("月薪两万元，在上海。[f1]", usage={"prompt_tokens": 30, "completion_tokens": 9})
    async with model_server(said) as server:
        completion, spending = await ask(settings(server, api_key="k", price_in=2, price_out=10))
        assert completion == Completion("a", "月薪两万元，在上海。[f1]")
        assert spending.usage.model_dump() == {"prompt_tokens": 30, "completion_tokens": 9, "cost": 0.00015}
        assert server.headers[0]["Authorization"] == "Bearer k"
        assert server.asked[0].body["model"] == "m"
        assert server.asked[0].body["stream_options"] == {"include_usage": True}


async def test_an_answer_at_once_is_read_too() -> None:
    async def at_once(asked: Asked) -> web.StreamResponse:
        message = {"content": None, "tool_calls": [{"id": "x", "function": {"name": "n", "arguments": {"id": "j"}}}]}
        return web.json_response({"choices": [{"message": message, "finish_reason": "tool_calls"}]})

    async with model_server(at_once) as server:
        completion, spending = await ask(settings(server, stream=False))
        assert [(c.id, c.name, json.loads(c.arguments)) for c in completion.calls] == [("x", "n", {"id": "j"})]
        assert not server.asked[0].body["stream"]
        assert spending.prompt_tokens == of_prompt(PROMPT)


async def test_calls_come_in_pieces_and_go_back_with_their_results() -> None:
    async with model_server(calling(("read_record", {"id": "j-1"}), ("read_record", "{")), saying("ok")) as server:
        first, _ = await ask(settings(server), prompt=PROMPT._replace(tools=(LOOKUP,)))
        assert [(c.name, c.arguments) for c in first.calls] == [("read_record", '{"id": "j-1"}'), ("read_record", "{")]
        results = [PromptMessage("tool", "f1", answers=c.id) for c in first.calls]
        messages = (*PROMPT.messages, PromptMessage("assistant", "", first.calls), *results)
        await ask(settings(server), prompt=Prompt(messages, (LOOKUP,), may_call=False))
        body = server.asked[0].body, server.asked[1].body
        assert [b["tool_choice"] for b in body] == ["auto", "none"]
        assert [m.get("tool_call_id") for m in body[1]["messages"][-2:]] == [c.id for c in first.calls]


@pytest.mark.parametrize("name", BAD)
async def test_whatever_one_does_the_next_answers_in_full(name: str) -> None:
    async with two([BAD[name][0]], [saying("月薪三万。")]) as (first, second):
        completion, spending = await ask(settings(first), settings(second, "b"))
        assert completion == Completion("b", "月薪三万。")
        assert len(second.asked) == 1
        assert spending.tokens >= of_prompt(PROMPT) + tokens("月薪三万。")


@pytest.mark.parametrize("name", BAD)
async def test_one_alone_is_given_up_and_it_is_said_why_without_its_words(name: str) -> None:
    bad, why = BAD[name]
    async with model_server(bad) as server:
        with pytest.raises(NoAnswerError, match=f"^a: ({why})") as refused:
            await ask(settings(server), seconds=0.5 if name in WAITING else 60.0)
        assert "sk-secret" not in str(refused.value)
        assert "月" not in str(refused.value)


async def test_a_broken_stream_costs_what_it_has_said() -> None:
    async with two([cut], [saying("好。", usage={"prompt_tokens": 0, "completion_tokens": 0})]) as (first, second):
        _, spending = await ask(settings(first), settings(second, "b"))
    assert spending.prompt_tokens == 2 * of_prompt(PROMPT)
    assert spending.completion_tokens > tokens("好。"), "what was said before it broke off has cost something"


async def test_a_reader_who_leaves_has_spent_it_too() -> None:
    spending, begun = Spending(), asyncio.Event()

    async def one_word(asked: Asked) -> web.StreamResponse:
        await asked.stream(event({"content": "月"}))
        await asyncio.sleep(0.1)  # it is read meanwhile
        begun.set()
        return await asked.stream(*[b": still here\n\n"] * 100, pause=0.05)

    async with model_server(one_word) as server, providers([settings(server, stall_seconds=9)]) as chain:
        asking = asyncio.create_task(chain.complete(PROMPT, asyncio.get_running_loop().time() + 9, spending))
        await asyncio.wait_for(begun.wait(), 30)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert spending.completion_tokens == 1
    assert spending.prompt_tokens == of_prompt(PROMPT)


async def test_who_was_never_reached_costs_nothing() -> None:
    spending = Spending()
    async with providers([settings("http://127.0.0.1:9/v1")]) as chain:
        with pytest.raises(NoAnswerError, match="a: no connection"):
            await chain.complete(PROMPT, asyncio.get_running_loop().time() + 0.5, spending)
    assert spending.tokens == 0


async def test_a_busy_provider_is_asked_again_when_it_says_and_a_wrong_request_is_not_repeated() -> None:
    async with model_server(status(429, Retry_After="1"), saying("好。")) as server:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert (await ask(settings(server)))[0].text == "好。"
        assert loop.time() - begun >= 1
    async with model_server(status(400)) as server:
        with pytest.raises(NoAnswerError, match="a: HTTP 400"):
            await ask(settings(server))
        assert len(server.asked) == 1


async def test_one_that_keeps_failing_is_left_alone_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.gateway.breaker.FIRST_PAUSE_SECONDS", 0.2)
    async with two([*[status(500)] * 3, saying("我好了。")], [saying("备用。")]) as (first, second):
        loop = asyncio.get_running_loop()
        async with providers([settings(first), settings(second, "b")]) as chain:
            said = [(await chain.complete(PROMPT, loop.time() + 5, Spending())).text for _ in range(6)]
            assert said == ["备用。"] * 6
            assert len(first.asked) == 3
            await asyncio.sleep(0.3)
            assert (await chain.complete(PROMPT, loop.time() + 5, Spending())).text == "我好了。"


async def test_too_long_a_prompt_goes_to_whom_it_fits() -> None:
    prompt = Prompt((PromptMessage("user", "长" * 1200),))
    async with two([saying("a")], [saying("b")]) as (first, second):
        small = settings(first, context_tokens=1024, answer_tokens=64)
        assert (await ask(small, settings(second, "b"), prompt=prompt))[0].text == "b"
        assert not first.asked


async def test_a_provider_without_tools_is_not_told_of_any() -> None:
    async with model_server(saying("好。")) as server:
        await ask(settings(server, tools=False), prompt=PROMPT._replace(tools=(LOOKUP,)))
        assert "tools" not in server.asked[0].body


async def test_a_key_of_the_environment_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async with model_server(saying("好。")) as server:
        wanted = settings(server, api_key_variable="MODEL_KEY")
        with pytest.raises(ProviderSettingsError, match="MODEL_KEY"):
            await ask(wanted)
        monkeypatch.setenv("MODEL_KEY", "from-there")
        await ask(wanted)
        assert server.headers[0]["Authorization"] == "Bearer from-there"


async def test_with_no_time_left_nobody_is_asked() -> None:
    async with model_server(saying("好。")) as server:
        with pytest.raises(NoAnswerError, match="no time left"):
            await ask(settings(server), seconds=plan.LEAST_SECONDS / 2)
        assert not server.asked


async def test_nobody_at_all_is_no_answer() -> None:
    with pytest.raises(NoAnswerError):
        await Chain([]).complete(PROMPT, asyncio.get_running_loop().time() + 1, Spending())


LINE = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1)
PAYLOADS = st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=4)


@given(PAYLOADS, st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_events_do_not_depend_on_how_bytes_are_cut(payloads: list[list[str]], newline: str, data: Any) -> None:
    events = [[": note", *(f"data: {line}" for line in lines), "id: 4", "", ""] for lines in payloads]
    encoded = "".join(newline.join(lines) for lines in events).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=8)))
    reader, found = EventReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(encoded)], strict=True):
        found += reader.feed(encoded[start:end])
    found += reader.feed(b"\n") if newline == "\r" else []  # which may have been half of a line's end
    assert found == ["\n".join(lines) for lines in payloads]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["choices", "delta", "message", "content", "tool_calls", "function", "name", "arguments", "index",
                         "id", "usage", "prompt_tokens", "finish_reason"]), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(st.lists(JSON, max_size=4))
def test_no_answer_whatever_it_looks_like_breaks_more_than_itself(bodies: list[Any]) -> None:
    answer = Answer(settings("http://127.0.0.1/v1"))
    try:
        for body in bodies:
            answer.piece(json.dumps(body))
            answer.at_once(json.dumps(body))
        completion = answer.completion()
    except ProviderError:
        return
    assert isinstance(completion.text, str)
    assert len({call.id for call in completion.calls}) == len(completion.calls)
