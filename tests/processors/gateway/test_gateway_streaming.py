"""Relays: nothing is sent before an answer begins, a break never looks like an end, tokens are counted however it ends."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.chat.placeholders import Placeholders, Restorer
from processors.chat.tokens import tokens
from processors.gateway.streaming import DONE, Relay, Restore, broken
from schemas.completions import ProviderError

HEAD = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def relay(**values: Any) -> Relay:
    return Relay(**{"head": HEAD, "restorer": None, "most": 10_000, "wants_usage": False, **values})


def delta(content: str | None = None, finish: str | None = None, **more: Any) -> str:
    said = ({} if content is None else {"content": content}) | more
    return json.dumps({"choices": [{"index": 0, "delta": said, "finish_reason": finish}]})


def read(sent: bytes) -> list[Any]:
    return [json.loads(each[6:]) for each in sent.decode().split("\n\n") if each and each != "data: [DONE]"]


def text_of(sent: bytes) -> str:
    choices = [c for event in read(sent) for c in event.get("choices", ())]
    return "".join(c["delta"].get("content") or "" for c in choices)


@given(st.lists(st.text(max_size=5)), st.booleans())
def test_the_reader_gets_the_text_and_an_end_only_if_there_was_one(pieces: list[str], ends: bool) -> None:
    one = relay(wants_usage=True)
    sent = b"".join(one.take(delta(each))[0] for each in pieces)
    assert one.begun == any(pieces)
    if ends:
        sent += one.take(delta(finish="stop"))[0] + one.end(7)
        assert sent.endswith(DONE)
        assert [e["choices"][0]["finish_reason"] for e in read(sent) if e["choices"]][-1] == "stop"
        assert read(sent)[-1]["usage"]["prompt_tokens"] == 7
    else:
        with pytest.raises(ProviderError, match="breaks off"):
            one.end(7)
        assert DONE not in sent
    assert text_of(sent) == "".join(pieces)
    assert one.completion_tokens == tokens("".join(pieces))


def test_roles_and_empty_pieces_are_no_beginning() -> None:
    one = relay()
    for data in (
        delta(role="assistant"),
        delta(""),
        json.dumps({"choices": []}),
        json.dumps({"usage": {"prompt_tokens": 5}}),
    ):
        assert one.take(data) == (b"", False)
    assert not one.begun
    assert one.prompt_tokens == 5


def test_what_a_target_adds_does_not_reach_the_reader() -> None:
    one = relay()
    sent, _ = one.take(
        json.dumps({"id": "evil", "model": "other", "x": 1, "choices": [{"delta": {"content": "a", "y": 2}}]})
    )
    assert all(event.keys() == {*HEAD, "choices"} and event["id"] == "c-1" for event in read(sent))


@given(st.text(alphabet="ab<_1NAME>", max_size=12), st.integers(1, 4))
def test_placeholders_are_put_back_however_they_are_cut(around: str, size: int) -> None:
    hidden = Placeholders()
    hidden.know("NAME", 'J"ohn')
    placeholder = hidden.hide_in_code('J"ohn')
    whole = f"{around.replace('<NAME_1>', '')} {placeholder}"

    def restorer(in_json: bool) -> Restore:
        one = Restorer(hidden, (lambda value: json.dumps(value)[1:-1]) if in_json else str)
        return lambda text: one.feed(text) if text else one.end()

    one = relay(restorer=restorer)
    pieces = [whole[n : n + size] for n in range(0, len(whole), size)]
    sent = b"".join(one.take(delta(each))[0] for each in pieces) + one.take(delta(finish="stop"))[0]
    assert text_of(sent).endswith(' J"ohn')
    call = {
        "index": 0,
        "id": "c",
        "type": "function",
        "function": {"name": "f", "arguments": f'{{"name": "{placeholder}"}}'},
    }
    one = relay(restorer=restorer)
    sent = one.take(delta(tool_calls=[call]))[0] + one.take(delta(finish="tool_calls"))[0]
    calls = [c for event in read(sent) for c in event["choices"][0]["delta"].get("tool_calls", ())]
    assert json.loads("".join(c["function"]["arguments"] for c in calls)) == {"name": 'J"ohn'}


def test_an_endless_answer_is_a_failure() -> None:
    one = relay(most=100)
    for _ in range(10):
        one.take(delta("x" * 10))
    with pytest.raises(ProviderError, match="does not end"):
        one.take(delta("x"))


def test_a_break_is_an_error_and_no_end() -> None:
    (event,) = read(broken("the answer breaks off", "stream_broken"))
    assert event["error"]["code"] == "stream_broken"
