"""What an OpenAI-compatible API answers, in pieces or at once. It is untrusted: each value is looked at."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from processors.unicode import loads, whole
from schemas.completions import ProviderError

MAX_CALLS = 8
"""Tool calls of one answer."""
_MAX_NAME = 100
_MOST_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A part of a tool call: which of the answer's calls it is, and what it adds."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer, or all of it. `reason`: why the answer ends here; empty: it goes on."""

    text: str = ""
    calls: tuple[CallPiece, ...] = ()
    reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @property
    def said(self) -> str:
        """Text and arguments: what tokens are counted of."""
        return self.text + "".join(call.arguments for call in self.calls)

    @property
    def size(self) -> int:
        """How many characters it brings; 0: nothing that a reader waits for."""
        return len(self.text) + sum(bool(c.id) + bool(c.name) + len(c.arguments) for c in self.calls)


def piece(data: str, holds: Literal["delta", "message"]) -> Piece:
    """Return what an event (`delta`) or a body (`message`) says. Raises ProviderError for what no answer looks like."""
    body = json_object(data)
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    choices = [choice for choice in _list(body.get("choices"))[:1] if isinstance(choice, dict)]
    choice: dict[str, Any] = choices[0] if choices else {}
    said = choice.get(holds)
    said = said if isinstance(said, dict) else {}
    text, reason = said.get("content"), choice.get("finish_reason")
    found = (c for c in _list(said.get("tool_calls")) if isinstance(c, dict))
    calls = (_call(call, place) for place, call in enumerate(found))
    return Piece(
        whole(text) if isinstance(text, str) else "",
        tuple(call for call in calls if call),
        whole(reason)[:_MAX_NAME] if isinstance(reason, str) else "",
        count(usage.get("prompt_tokens")),
        count(usage.get("completion_tokens")),
    )


def json_object(data: str) -> dict[str, Any]:
    """Return a JSON object that is no error. Raises ProviderError."""
    try:
        body = loads(data)
    except (ValueError, RecursionError):
        raise ProviderError("the answer is no JSON") from None
    if not isinstance(body, dict):
        raise ProviderError("the answer is no JSON object")
    if body.get("error"):
        raise ProviderError("the answer is an error")
    return body


def count(value: Any) -> int | None:
    """Return a number of tokens, if that is one: a provider may say 0 of a stream, or nonsense."""
    return value if type(value) is int and 0 < value < _MOST_TOKENS else None


def _call(call: dict[str, Any], place: int) -> CallPiece | None:
    index = call.get("index", place)
    if type(index) is not int or not 0 <= index < MAX_CALLS:
        return None
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    id, name, arguments = call.get("id"), function.get("name"), function.get("arguments")
    if isinstance(arguments, dict):  # some servers write them as an object
        arguments = json.dumps(arguments)
    return CallPiece(
        index,
        whole(id)[:_MAX_NAME] if isinstance(id, str) else "",
        whole(name)[:_MAX_NAME] if isinstance(name, str) else "",
        whole(arguments) if isinstance(arguments, str) else "",
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
