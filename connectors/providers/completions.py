"""Completions and embeddings for others: their body goes to a target, its answer comes back, at once or in a stream."""

import time
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from connectors.providers.hiding import Hidden
from connectors.providers.openai import Exchange, OpenAIProvider
from connectors.providers.targets import Lease, Targets
from connectors.providers.wire import CHARACTERS_A_TOKEN
from processors.chat.tokens import tokens
from processors.gateway.pieces import CallPiece, Piece, count, json_object, piece
from processors.gateway.streaming import Relay, broken, opening, usage
from schemas.completions import ProviderError, Spending
from schemas.services import ChatRequest, EmbeddingsRequest, Outcome

_OURS = {"model", "messages", "max_tokens", "max_completion_tokens", "n", "stream", "stream_options", "user"}
_A_MESSAGE = 4
"""Tokens that a message takes beside its text."""
ANY_MODEL = "looma"


def serves(provider: OpenAIProvider, model: str) -> bool:
    """Whether a provider answers for a model's name."""
    settings = provider.settings
    return model in (ANY_MODEL, settings.name, settings.model, *settings.aliases)


@dataclass(slots=True)
class Asked:
    """A chat completion that somebody asks for, and what it has cost so far."""

    request: ChatRequest
    body: dict[str, Any]
    size: int
    prompt_tokens: int
    hidden: Hidden = field(default_factory=Hidden)
    hidden_body: dict[str, Any] | None = None
    spending: Spending = field(default_factory=Spending)
    provider: str | None = None
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")

    @classmethod
    def of(cls, request: ChatRequest) -> "Asked":
        """Return what a request asks, with an estimate of its tokens."""
        body = request.model_dump(exclude=_OURS, exclude_none=True)
        body["messages"] = [message.model_dump(exclude_none=True) for message in request.messages]
        texts = [text for message in request.messages for text in _texts(message.model_dump())]
        if request.tools or request.response_format:
            texts.append(str(body.get("tools", "")) + str(body.get("response_format", "")))
        estimate = sum(map(tokens, texts)) + _A_MESSAGE * len(request.messages)
        return cls(request, body, sum(map(len, texts)), estimate)

    @property
    def most_tokens(self) -> int | None:
        """How many tokens the answer may have, as the caller says."""
        return self.request.max_completion_tokens or self.request.max_tokens

    def answer_tokens(self, provider: OpenAIProvider) -> int:
        """How many tokens a provider may answer."""
        most = provider.settings.answer_tokens
        return min(self.most_tokens or most, most)

    def fits(self, provider: OpenAIProvider) -> bool | None:
        """Return whether a provider can read it; None: it cannot."""
        settings = provider.settings
        if self.request.tools and not settings.tools:
            return None
        if self.request.stream and not settings.stream:
            return None
        return True if self.prompt_tokens + self.answer_tokens(provider) <= settings.context_tokens else None

    async def body_for(self, provider: OpenAIProvider, *, stream: bool) -> dict[str, Any]:
        """Return what a provider is asked, without personal data unless it is in the house. Raises TooMuchError."""
        body = self.body
        if not provider.settings.in_house:
            if self.hidden_body is None:
                self.hidden_body = await self.hidden.body(self.body, self.size)
            body = self.hidden_body
        body = {**body, "model": provider.settings.model, "max_tokens": self.answer_tokens(provider), "stream": stream}
        return {**body, "stream_options": {"include_usage": True}} if stream else body

    def head(self, kind: str) -> dict[str, Any]:
        """Return what every event, or the answer, begins with."""
        return {"id": self.id, "object": kind, "created": int(time.time()), "model": self.request.model}

    def spend(self, provider: OpenAIProvider, prompt: int | None, completion: int) -> None:
        """Count what a provider has used for it."""
        settings = provider.settings
        self.spending.add(prompt or self.prompt_tokens, completion, settings.price_in, settings.price_out)


async def at_once(targets: Targets[OpenAIProvider], asked: Asked, until: float) -> dict[str, Any]:
    """Return a whole answer. Raises NoAnswerError, TooMuchError."""

    async def call(provider: OpenAIProvider, _: bool, lease: Lease) -> dict[str, Any]:
        body = await asked.body_for(provider, stream=False)
        exchange = provider.exchange("chat/completions", body, None)
        said = Piece()
        try:
            async with exchange:
                said = piece(await exchange.body(), "message")
            if not said.reason:
                raise ProviderError("the answer breaks off")
        finally:
            if exchange.counts:
                asked.spend(provider, said.prompt_tokens, said.completion_tokens or tokens(said.said))
        lease.answers()
        lease.succeeded()
        asked.provider = provider.name
        return _answer(asked, said)

    return await targets.first(asked.fits, call, until, _patience, halves=True)


def _answer(asked: Asked, said: Piece) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": asked.hidden.restored(said.text) or None}
    if said.calls:
        message["tool_calls"] = [_call(asked, call) for call in said.calls]
    elif message["content"] is None:
        message["content"] = ""
    counts = usage(said.prompt_tokens or asked.prompt_tokens, said.completion_tokens or tokens(said.said))
    choice = {"index": 0, "message": message, "finish_reason": said.reason}
    return {**asked.head("chat.completion"), "choices": [choice], "usage": counts}


def _call(asked: Asked, call: CallPiece) -> dict[str, Any]:
    arguments = asked.hidden.restored(call.arguments, in_json=True)
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id or f"call_{call.index}", "type": "function", "function": function}


class Stream:
    """A streamed answer that has begun. Read it to its end, or close it: either settles what it has used.

    `is_whole`, once it has been read: whether it came to its end; else its reader must not be told of an end.
    """

    def __init__(
        self,
        asked: Asked,
        provider: OpenAIProvider,
        exchange: Exchange,
        events: AsyncGenerator[str, None],
        relay: Relay,
        lease: Lease,
        seconds: float,
    ) -> None:
        self._asked, self._provider, self._exchange = asked, provider, exchange
        self._until = time.monotonic() + seconds
        self._events, self._relay, self._lease = events, relay, lease
        self._first = b""
        self._ended = False
        self._settled = False
        self.outcome: Outcome = "left"

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end."""
        return self.outcome == "answered"

    async def begin(self) -> None:
        """Read until there is something to send. Raises ProviderError."""
        async for data in self._events:
            self._first, _ = self._take(data)
            if self._relay.begun:
                self._lease.answers()
                return
        self._first = opening(self._asked.head("chat.completion.chunk")) + self._relay.end(self._asked.prompt_tokens)
        self._lease.answers()
        self._ended = True

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the reader's events. A break is one too, the last: it says that the answer is not whole."""
        try:
            yield self._first
            if not self._ended:
                async for data in self._events:
                    sent, _ = self._take(data)
                    if sent:
                        yield sent
                last = self._relay.end(self._asked.prompt_tokens)
                self._ended = True
                yield last
            self.outcome = "answered"
            self._lease.succeeded()
        except ProviderError as error:
            self.outcome = "broken"
            self._lease.failed(error)
            logger.warning("provider {}: {}, in the middle of an answer", self._provider.name, error)
            yield broken("the provider broke off: what has come is not the whole answer", "stream_broken")
        finally:
            await self.close()

    async def close(self) -> None:
        """End it, at the provider too, and count what was used, whoever ended it."""
        if self._settled:
            return
        self._settled = True
        self._lease.left()
        if self._exchange.counts:
            self._asked.spend(self._provider, self._relay.prompt_tokens, self._relay.completion_tokens)
        await self._events.aclose()
        await self._exchange.__aexit__(None, None, None)

    def _take(self, data: str) -> tuple[bytes, bool]:
        if time.monotonic() > self._until:
            raise ProviderError("the answer takes too long")
        sent, is_new = self._relay.take(data)
        if is_new:
            self._exchange.progress()
        return sent, is_new


async def streamed(targets: Targets[OpenAIProvider], asked: Asked, until: float, seconds: float) -> Stream:
    """Return an answer that has begun, and lasts so many seconds at most; until it has, other targets take over.

    Raises NoAnswerError, TooMuchError.
    """

    async def call(provider: OpenAIProvider, _: bool, lease: Lease) -> Stream:
        body = await asked.body_for(provider, stream=True)
        exchange = provider.exchange("chat/completions", body, provider.settings.first_token_seconds)
        options = asked.request.stream_options
        relay = Relay(
            asked.head("chat.completion.chunk"),
            None if asked.hidden.is_empty or provider.settings.in_house else asked.hidden.restorer,
            asked.answer_tokens(provider) * CHARACTERS_A_TOKEN,
            bool(options and options.include_usage),
        )
        stream = Stream(asked, provider, exchange, exchange.events(), relay, lease, seconds)
        try:
            await exchange.__aenter__()
            if not exchange.is_stream:
                raise ProviderError("the answer is no stream")
            await stream.begin()
        except BaseException as error:
            if isinstance(error, ProviderError):
                lease.failed(error)
            await stream.close()
            raise
        asked.provider = provider.name
        return stream

    return await targets.first(asked.fits, call, until, _patience)


async def embedded(
    targets: Targets[OpenAIProvider], request: EmbeddingsRequest, until: float, spending: Spending
) -> tuple[str, list[list[float]]]:
    """Return who answers, and a vector for each text. Raises NoAnswerError, TooMuchError."""
    estimate = sum(map(tokens, request.texts))

    async def call(provider: OpenAIProvider, _: bool, lease: Lease) -> tuple[str, list[list[float]]]:
        body: dict[str, Any] = {"input": request.texts}
        if not provider.settings.in_house:
            body = await Hidden().body(body, sum(map(len, request.texts)))
        exchange = provider.exchange("embeddings", {**body, "model": provider.settings.model}, None)
        used: int | None = None
        try:
            async with exchange:
                answer = json_object(await exchange.body())
            counts = answer.get("usage")
            used = count(counts.get("prompt_tokens")) if isinstance(counts, dict) else None
            vectors = _vectors(answer.get("data"), len(request.texts))
        finally:
            if exchange.counts:
                spending.add(used or estimate, 0, provider.settings.price_in)
        lease.answers()
        lease.succeeded()
        return provider.name, vectors

    return await targets.first(lambda _: True, call, until, _patience, halves=True)


def _vectors(data: Any, wanted: int) -> list[list[float]]:
    found: dict[int, list[float]] = {}
    for place, each in enumerate(data if isinstance(data, list) else ()):
        vector = each.get("embedding") if isinstance(each, dict) else None
        index = each.get("index", place) if isinstance(each, dict) else None
        if isinstance(vector, list) and vector and type(index) is int and all(type(x) in (float, int) for x in vector):
            found[index] = vector
    if sorted(found) != list(range(wanted)) or len({len(vector) for vector in found.values()}) > 1:
        raise ProviderError("the answer has not one vector for each text")
    return [found[index] for index in range(wanted)]


def _patience(provider: OpenAIProvider) -> float:
    return provider.settings.first_token_seconds


def _texts(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [part["text"] for part in content or ()]
    return texts + [call["function"]["name"] + call["function"]["arguments"] for call in message["tool_calls"] or ()]
