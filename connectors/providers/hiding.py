"""What of a call may leave the house: personal data is replaced by placeholders, which come back in the answer."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from processors.chat.placeholders import Placeholders, Restorer, restored
from processors.gateway.streaming import Restore

MAX_VALUES = 500
"""Personal values of one call; with more it is refused."""
MAX_CHARACTERS = 2000
"""Of one value: addresses of pages may be long."""
QUICK_CHARACTERS = 2000
"""Longer bodies are read in a thread: a prompt of a book would hold up all other calls."""


class Hidden:
    """A body without its personal data, and what puts it back into the answer."""

    def __init__(self) -> None:
        self._placeholders = Placeholders(most=MAX_VALUES, longest=MAX_CHARACTERS)

    async def body(self, body: dict[str, Any], size: int) -> dict[str, Any]:
        """Return the body that may leave; `size` are its characters. Raises TooMuchError."""
        if size <= QUICK_CHARACTERS:
            return self._body(body)
        return await asyncio.to_thread(self._body, body)

    def restorer(self, in_json: bool) -> Restore:
        """Return what puts values back into a text that comes in pieces; see `Relay`."""
        one = Restorer(self._placeholders, _in_json if in_json else str)
        return lambda text: one.feed(text) if text else one.end()

    def restored(self, text: str, *, in_json: bool = False) -> str:
        """Return a whole text with its values."""
        if not self._placeholders.new:
            return text
        if not in_json:
            return restored(text, self._placeholders)
        one = Restorer(self._placeholders, _in_json)
        return one.feed(text) + one.end()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was hidden."""
        return not self._placeholders.new

    def _body(self, body: dict[str, Any]) -> dict[str, Any]:
        hide = self._placeholders.hide_in_code
        changed = dict(body)
        if "messages" in body:
            changed["messages"] = [_message(message, hide) for message in body["messages"]]
        for name in ("tools", "response_format"):
            if name in body:
                changed[name] = _described(body[name], hide)
        for name in ("stop", "input"):
            if name in body:
                changed[name] = hide(body[name]) if isinstance(body[name], str) else [hide(t) for t in body[name]]
        return changed


def _message(message: dict[str, Any], hide: Callable[[str], str]) -> dict[str, Any]:
    changed = {name: value for name, value in message.items() if name != "name"}
    content = message.get("content")
    if isinstance(content, str):
        changed["content"] = hide(content)
    elif isinstance(content, list):
        changed["content"] = [{**part, "text": hide(part["text"])} for part in content]
    if calls := message.get("tool_calls"):
        changed["tool_calls"] = [
            {**call, "function": {**call["function"], "arguments": hide(call["function"]["arguments"])}}
            for call in calls
        ]
    return changed


def _described(value: Any, hide: Callable[[str], str]) -> Any:
    """Hide in what describes tools and schemas; their names are no texts."""
    if isinstance(value, dict):
        return {
            name: hide(inner) if name == "description" and isinstance(inner, str) else _described(inner, hide)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return list(map(partial(_described, hide=hide), value))
    return value


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
