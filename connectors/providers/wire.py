"""Chat completions as OpenAI-compatible APIs write them: what chat asks, and its answer as far as it has come."""

from typing import Any

from processors.gateway.pieces import Piece, piece
from schemas.completions import Completion, Prompt, PromptMessage, ProviderError, ToolCall
from schemas.settings import ProviderSettings

CHARACTERS_A_TOKEN = 16
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
        return self._take(piece(data, "delta"))

    def at_once(self, data: str) -> None:
        """Take an answer that came in one piece."""
        self._take(piece(data, "message"))

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

    def _take(self, said: Piece) -> bool:
        self.prompt_tokens = said.prompt_tokens or self.prompt_tokens
        self.completion_tokens = said.completion_tokens or self.completion_tokens
        self._reason = said.reason or self._reason
        self._texts.append(said.text)
        for call in said.calls:
            found = self._calls.setdefault(call.index, {"id": "", "name": "", "arguments": ""})
            found["id"] = call.id or found["id"]
            found["name"] = call.name or found["name"]
            found["arguments"] += call.arguments
        self._characters += said.size
        if self._characters > self._provider.answer_tokens * CHARACTERS_A_TOKEN:
            raise ProviderError("the answer does not end")
        return said.size > 0
