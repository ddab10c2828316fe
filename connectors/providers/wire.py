"""Chat completions as OpenAI-compatible APIs write them. What comes back is untrusted: each value is looked at."""

import json
from collections.abc import Iterator
from typing import Any

from connectors.providers.errors import ProviderError
from processors.unicode import loads, whole
from schemas.completions import Completion, Prompt, PromptMessage, ToolCall
from schemas.settings import ProviderSettings

MAX_CALLS = 8
"""Tool calls of one answer."""
_MAX_NAME = 100
_CHARACTERS_A_TOKEN = 16
"""More than any tokenizer makes of one token, on average."""


def request(provider: ProviderSettings, prompt: Prompt) -> dict[str, Any]:
    """Return the body of a request."""
    body: dict[str, Any] = {
        "model": provider.model,
        "messages": [_message(m) for m in prompt.messages],
        "max_tokens": provider.answer_tokens,
        "temperature": 0,
        "stream": provider.stream,
    }
    if provider.stream:
        body["stream_options"] = {"include_usage": True}
    if prompt.tools:
        body["tools"] = [
            {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}
            for t in prompt.tools
        ]
        body["tool_choice"] = "auto" if prompt.may_call else "none"
    return body


def _message(message: PromptMessage) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    calls = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in message.calls
    ]
    return {"role": message.role, "content": message.text or None, "tool_calls": calls}


class Answer:
    """An answer as far as it has come. Raises ProviderError for what no answer looks like."""

    def __init__(self, provider: ProviderSettings) -> None:
        self._provider = provider
        self._texts: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._characters = 0
        self._reason = ""
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None

    @property
    def said(self) -> str:
        """What has come of its words."""
        return "".join(self._texts)

    @property
    def text(self) -> str:
        """What has come, with the arguments of calls: what tokens are counted of."""
        return "".join([*self._texts, *(c["arguments"] for c in self._calls.values())])

    def piece(self, data: str) -> bool:
        """Take one event of a stream; return whether it brought anything."""
        body = _object(data)
        self._usage(body)
        return sum(self._take(choice, choice.get("delta")) for choice in _choices(body)) > 0

    def at_once(self, data: str) -> None:
        """Take an answer that came in one piece."""
        body = _object(data)
        self._usage(body)
        for choice in _choices(body):
            self._take(choice, choice.get("message"))

    def completion(self) -> Completion:
        """Return the answer. Raises ProviderError if it has not come to its end."""
        if not self._reason:
            raise ProviderError("the answer breaks off")
        calls: list[ToolCall] = []
        for n, found in sorted(self._calls.items()):
            if found["name"]:
                is_new = found["id"] and found["id"] not in {call.id for call in calls}
                calls.append(ToolCall(found["id"] if is_new else f"call_{n}", found["name"], found["arguments"]))
        return Completion(self._provider.name, self.said, tuple(calls), self._reason != "length")

    def _take(self, choice: dict[str, Any], said: Any) -> bool:
        before = self._characters
        if isinstance(said, dict):
            if isinstance(text := said.get("content"), str):
                self._texts.append(whole(text))
                self._characters += len(text)
            for place, call in enumerate(c for c in _list(said.get("tool_calls")) if isinstance(c, dict)):
                self._take_call(call, place)
        if self._characters > self._provider.answer_tokens * _CHARACTERS_A_TOKEN:
            raise ProviderError("the answer does not end")
        if isinstance(reason := choice.get("finish_reason"), str):
            self._reason = reason
        return self._characters > before

    def _take_call(self, call: dict[str, Any], place: int) -> None:
        index = call.get("index", place)
        if type(index) is not int or not 0 <= index < MAX_CALLS:
            return
        found = self._calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        for name, value in (("id", call.get("id")), ("name", function.get("name"))):
            if isinstance(value, str) and value:
                found[name] = whole(value)[:_MAX_NAME]
                self._characters += 1
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # some servers write them as an object
            arguments = json.dumps(arguments)
        if isinstance(arguments, str):
            found["arguments"] += whole(arguments)
            self._characters += len(arguments)

    def _usage(self, body: dict[str, Any]) -> None:
        if isinstance(usage := body.get("usage"), dict):
            self.prompt_tokens = _count(usage.get("prompt_tokens"), self.prompt_tokens)
            self.completion_tokens = _count(usage.get("completion_tokens"), self.completion_tokens)


def _object(data: str) -> dict[str, Any]:
    try:
        body = loads(data)
    except (ValueError, RecursionError):
        raise ProviderError("the answer is no JSON") from None
    if not isinstance(body, dict):
        raise ProviderError("the answer is no JSON object")
    if body.get("error"):
        raise ProviderError("the answer is an error")
    return body


def _choices(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (c for c in _list(body.get("choices"))[:1] if isinstance(c, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any, before: int | None) -> int | None:
    """Return a number of tokens, if that is one: a provider may say 0 of a stream, or nonsense."""
    return value if type(value) is int and 0 < value < 10_000_000 else before
