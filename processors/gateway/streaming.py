"""A streamed answer on its way to its reader: what may still be answered by another target, and how a break is told.

Nothing is sent before the answer has begun, so another target can take over unnoticed. From then on a break is an error
event, and never looks like an end: no `[DONE]` follows.
"""

import json
from collections.abc import Callable
from typing import Any

from processors.chat.tokens import tokens
from processors.gateway.pieces import CallPiece, Piece, piece
from schemas.completions import ProviderError

DONE = b"data: [DONE]\n\n"
Restore = Callable[[str], str]
"""Takes a piece of text and returns as much as is certain; the empty text asks for the rest."""


class Relay:
    """Takes a target's events, and returns its reader's. One is made for each target that is tried.

    `restorer` makes what puts hidden values back into one text, here of the answer and of each call's arguments, where
    `in_json` is true. `most` characters are taken at most.
    """

    def __init__(
        self, head: dict[str, Any], restorer: Callable[[bool], Restore] | None, most: int, wants_usage: bool
    ) -> None:
        self._head = head
        self._restorer = restorer
        self._texts: dict[int | None, Restore] = {}
        self._most = most
        self._wants_usage = wants_usage
        self._reason = ""
        self._characters = 0
        self._said: list[str] = []
        self.begun = False
        """Whether the reader has been sent anything: then no other target may answer."""
        self.prompt_tokens: int | None = None
        self._completion_tokens: int | None = None

    @property
    def completion_tokens(self) -> int:
        """How many tokens have come: as the target says it, or by the text, also of an answer that broke off."""
        return self._completion_tokens or tokens("".join(self._said))

    def take(self, data: str) -> tuple[bytes, bool]:
        """Return what an event brings the reader, and whether it brought anything. Raises ProviderError."""
        said = piece(data, "delta")
        self.prompt_tokens = said.prompt_tokens or self.prompt_tokens
        self._completion_tokens = said.completion_tokens or self._completion_tokens
        self._characters += said.size
        if self._characters > self._most:
            raise ProviderError("the answer does not end")
        self._said.append(said.said)
        sent = [] if self._reason else self._events(said)
        if said.reason and not self._reason:
            self._reason = said.reason
            sent += self._rest()
        if sent and not self.begun:
            self.begun = True
            sent.insert(0, opening(self._head))
        return b"".join(sent), said.size > 0

    def end(self, prompt_tokens: int) -> bytes:
        """Return how the stream ends; `prompt_tokens` where the target has not said it. Raises ProviderError."""
        if not self._reason:
            raise ProviderError("the answer breaks off")
        last = [self._event({}, self._reason)]
        if self._wants_usage:
            counts = usage(self.prompt_tokens or prompt_tokens, self.completion_tokens)
            last.append(_sse(self._head | {"choices": [], "usage": counts}))
        return b"".join([*last, DONE])

    def _events(self, said: Piece) -> list[bytes]:
        found = []
        if said.text and (text := self._restored(None, said.text)):
            found.append(self._event({"content": text}))
        for call in said.calls:
            arguments = self._restored(call.index, call.arguments)
            if arguments or call.id or call.name:
                found.append(self._event({"tool_calls": [_call(call, arguments)]}))
        return found

    def _rest(self) -> list[bytes]:
        found = []
        for index in self._texts:
            if rest := self._texts[index](""):
                said = {"content": rest}
                found.append(self._event(said if index is None else {"tool_calls": [_call_rest(index, rest)]}))
        return found

    def _restored(self, index: int | None, text: str) -> str:
        if self._restorer is None or not text:
            return text
        if index not in self._texts:
            self._texts[index] = self._restorer(index is not None)
        return self._texts[index](text)

    def _event(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        return _sse(self._head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def opening(head: dict[str, Any]) -> bytes:
    """Return the event that an answer begins with."""
    return _sse(
        head | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    )


def broken(message: str, code: str) -> bytes:
    """Return the event that tells a reader that the answer is not whole. Nothing may follow it."""
    return _sse({"error": {"message": message, "type": "upstream_error", "param": None, "code": code}})


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """Return what an answer says of its tokens."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _call(call: CallPiece, arguments: str) -> dict[str, Any]:
    if not (call.id or call.name):
        return _call_rest(call.index, arguments)
    function = {"name": call.name, "arguments": arguments}
    return {"index": call.index, "id": call.id, "type": "function", "function": function}


def _call_rest(index: int, arguments: str) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": arguments}}


def _sse(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
