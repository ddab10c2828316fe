"""The AI gateway: limits, cache and accounting around whoever answers.

A call's order: reserve what it may use, look into the cache, ask the targets, settle what it has used. The gateway
refuses by its own limits before anybody is asked, so it never retries its own refusal.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from connectors.providers.chain import rank
from connectors.providers.completions import ANY_MODEL, Asked, Stream, at_once, embedded, serves, streamed
from connectors.providers.openai import OpenAIProvider
from connectors.providers.targets import Target, Targets
from ops.services.errors import AiError
from ops.services.metering import Client, Meter, Reservation
from ops.services.usage import UsageLog, call_id, now
from processors.chat.placeholders import TooMuchError
from processors.chat.tokens import tokens
from processors.gateway.cache_key import cache_key
from schemas.completions import NoAnswerError, Spending
from schemas.services import AiUsed, ChatRequest, EmbeddingsRequest, Outcome, Service
from schemas.settings import GatewaySettings
from sinks.cache import Cache
from streams.cache_metrics import report_cache

KEPT_BYTES = 64 * 1024
"""Of one answer in the cache, about; a larger one is not kept."""
RETRY_SECONDS = 1
_HIT = {"x-looma-cache": "hit"}


class Embedder(Protocol):
    """Embeds in this process."""

    model: str

    async def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text."""
        ...


@dataclass(slots=True)
class Call:
    """One call of a service, and what becomes of it."""

    client: Client
    service: Service
    model: str
    reservation: Reservation
    id: str = field(default_factory=call_id)
    spending: Spending = field(default_factory=Spending)
    provider: str | None = None
    outcome: Outcome = "left"
    begun: float = field(default_factory=time.perf_counter)


@dataclass(slots=True)
class Answered:
    """An answer, and the headers that go with it."""

    body: dict[str, Any]
    headers: dict[str, str]


class Streaming:
    """A streamed answer that has begun, and the headers that go with it. Read `chunks` or `close` it.

    One that came to its end is given to `keep`, if it is short enough.
    """

    def __init__(
        self, stream: Stream, call: Call, settle: Callable[[Call], None], keep: Callable[[bytes], None] | None
    ) -> None:
        self._stream, self._call, self._settle, self._keep = stream, call, settle, keep
        self._closed = False
        self.headers = {**call.reservation.headers, "x-looma-provider": call.provider or ""}

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end."""
        return self._stream.is_whole

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the reader's events."""
        chunks = self._stream.chunks()
        said, size = list[bytes](), 0
        try:
            async for chunk in chunks:
                size += len(chunk)
                if self._keep and size <= KEPT_BYTES:
                    said.append(chunk)
                yield chunk
            if self._keep and size <= KEPT_BYTES and self.is_whole:
                self._keep(b"".join(said))
        finally:
            await chunks.aclose()
            await self.close()

    async def close(self) -> None:
        """End it and settle what it has used."""
        await self._stream.close()
        if not self._closed:
            self._closed = True
            self._call.outcome = self._stream.outcome
            self._settle(self._call)


class Kept:
    """A streamed answer that was kept, given at once."""

    is_whole = True

    def __init__(self, events: bytes, headers: dict[str, str]) -> None:
        self._events = events
        self.headers = headers

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the events."""
        yield self._events

    async def close(self) -> None:
        """Do nothing: it has been settled."""


class Gateway:
    """Answers chats and embeddings by the providers of the settings."""

    def __init__(
        self,
        providers: Sequence[OpenAIProvider],
        settings: GatewaySettings,
        meter: Meter,
        log: UsageLog,
        embedder: Embedder | None = None,
    ) -> None:
        self.targets = [Target(each, rank(each.settings, n)) for n, each in enumerate(providers)]
        self._chat = Targets([each for each in self.targets if each.provider.settings.service == "chat"])
        self._embed = Targets([each for each in self.targets if each.provider.settings.service == "embed"])
        self._settings = settings
        self._meter = meter
        self._log = log
        self._embedder = embedder
        self._cache: Cache[bytes, tuple[float, Any]] = Cache(settings.cache_answers)
        report_cache("gateway answers", lambda: self._cache)

    def models(self) -> list[dict[str, Any]]:
        """Return every model that may be asked for, by whom it is served and how they do."""
        found: list[dict[str, Any]] = [
            {"id": name, "service": target.provider.settings.service, "provider": target.provider.name,
             "state": "open" if target.breaker.is_open else "closed", "reachable": target.is_reachable,
             "in_flight": target.load.in_flight}
            for targets in (self._chat, self._embed)
            for target in targets
            for name in dict.fromkeys((target.provider.settings.model, *target.provider.settings.aliases))
        ]  # fmt: skip
        if self._embedder:
            here = {"service": "embed", "provider": "looma", "state": "closed", "reachable": True, "in_flight": 0}
            found.append({"id": self._embedder.model, **here})
        return found

    @asynccontextmanager
    async def call(
        self, client: Client, service: Service, model: str, most: int = 0, cost: float = 0.0
    ) -> AsyncGenerator[Call, None]:
        """Account for one call: reserved before, settled after, told however it ends. Raises AiError."""
        call = Call(client, service, model, self._meter.reserve(client, most, cost))
        try:
            yield call
            call.outcome = call.outcome if call.outcome == "cached" else "answered"
        except Exception as error:
            call.outcome = "failed"
            if (known := _known(error)) is None:
                raise
            known.headers = {**call.reservation.headers, **known.headers}
            raise known from None
        finally:
            self._settle(call)

    async def chat(self, client: Client, request: ChatRequest, *, fresh: bool = False) -> Answered:
        """Return a whole answer; `fresh`: not one that was kept. Raises AiError."""
        targets, asked = self._asked(request)
        async with self.call(client, "chat", request.model, *self._most(targets, asked)) as call:
            key = _key_of(client, request)
            if key and not fresh and (kept := self._kept(key)):
                call.outcome = "cached"
                return Answered(kept, {**call.reservation.headers, **_HIT})
            try:
                answer = await at_once(targets, asked, self._deadline())
            finally:
                call.spending, call.provider = asked.spending, asked.provider
            if key:
                self._keep(key, answer, asked.spending.completion_tokens * 8)
            return Answered(answer, {**call.reservation.headers, "x-looma-provider": call.provider or ""})

    async def stream(self, client: Client, request: ChatRequest, *, fresh: bool = False) -> Streaming | Kept:
        """Return an answer that has begun; `fresh`: not one that was kept.

        Raises AiError, while no reader has been sent anything.
        """
        targets, asked = self._asked(request)
        call = Call(client, "chat", request.model, self._meter.reserve(client, *self._most(targets, asked)))
        key = _key_of(client, request)
        if key and not fresh and (kept := self._kept(key)):
            call.outcome = "cached"
            self._settle(call)
            return Kept(kept, {**call.reservation.headers, **_HIT})
        call.spending = asked.spending
        try:
            stream = await streamed(targets, asked, self._deadline(), self._settings.stream_seconds)
        except BaseException as error:
            known = _known(error)
            call.outcome = "failed" if isinstance(error, Exception) else "left"
            self._settle(call)
            if known:
                known.headers = {**call.reservation.headers, **known.headers}
                raise known from None
            raise
        call.provider = asked.provider
        keep = partial(self._keep_stream, key) if key else None
        return Streaming(stream, call, self._settle, keep)

    async def embed(self, client: Client, request: EmbeddingsRequest, *, fresh: bool = False) -> Answered:
        """Return a vector for each text, in OpenAI's form. Raises AiError."""
        targets = self._embed.only(lambda provider: serves(provider, request.model))
        here = self._embedder
        is_here = not list(targets) and here is not None and request.model in (ANY_MODEL, here.model)
        if not list(targets) and not is_here:
            raise _unknown()
        estimate = sum(map(tokens, request.texts))
        price = max((each.provider.settings.price_in for each in targets), default=0.0)
        async with self.call(client, "embed", request.model, estimate, estimate * price / 1e6) as call:
            key = cache_key(client.account, "embed", request.model_dump(exclude_none=True))
            if not fresh and (kept := self._kept(key)):
                call.outcome = "cached"
                return Answered(kept, {**call.reservation.headers, **_HIT})
            if is_here and here is not None:
                vectors = await here(request.texts)
                call.provider = "looma"
                call.spending.add(estimate, 0)
            else:
                call.provider, vectors = await embedded(targets, request, self._deadline(), call.spending)
            used = call.spending.prompt_tokens
            answer = {
                "object": "list",
                "model": request.model,
                "data": [{"object": "embedding", "index": n, "embedding": each} for n, each in enumerate(vectors)],
                "usage": {"prompt_tokens": used, "total_tokens": used},
            }
            self._keep(key, answer, 24 * sum(map(len, vectors)))
            return Answered(answer, {**call.reservation.headers, "x-looma-provider": call.provider})

    def _asked(self, request: ChatRequest) -> tuple[Targets[OpenAIProvider], Asked]:
        targets = self._chat.only(lambda provider: serves(provider, request.model))
        if not list(targets):
            raise _unknown()
        return targets, Asked.of(request)

    def _most(self, targets: Targets[OpenAIProvider], asked: Asked) -> tuple[int, float]:
        """Return the tokens and the cost of one answer, at most."""
        fits = [each.provider for each in targets if asked.fits(each.provider)]
        if not fits:
            raise AiError(400, "prompt_too_long", "no provider of this model takes so long a prompt, or its tools")
        answers = [asked.answer_tokens(each) for each in fits]
        costs = [
            asked.prompt_tokens * each.settings.price_in + answer * each.settings.price_out
            for each, answer in zip(fits, answers, strict=True)
        ]
        return asked.prompt_tokens + max(answers), max(costs) / 1e6

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._settings.deadline_seconds

    def _kept(self, key: bytes) -> Any:
        oldest = time.monotonic() - self._settings.cache_seconds
        found = self._cache.get(key, lambda kept: kept[0] >= oldest)
        return found[1] if found else None

    def _keep(self, key: bytes, answer: Any, size: int) -> None:
        if size <= KEPT_BYTES and self._settings.cache_seconds:
            self._cache.put(key, (time.monotonic(), answer))

    def _keep_stream(self, key: bytes, events: bytes) -> None:
        self._keep(key, events, len(events))

    def _settle(self, call: Call) -> None:
        call.reservation.settle(call.spending)
        self._log.tell(
            AiUsed(
                call=call.id,
                caller=call.client.account,
                service=call.service,
                model=call.model,
                provider=call.provider,
                outcome=call.outcome,
                prompt_tokens=call.spending.prompt_tokens,
                completion_tokens=call.spending.completion_tokens,
                cost=call.spending.cost,
                milliseconds=round((time.perf_counter() - call.begun) * 1000, 3),
                at=now(),
            )
        )


def _key_of(client: Client, request: ChatRequest) -> bytes | None:
    """Return the key of an answer that would be the same again; None if it would not."""
    if request.temperature != 0 and request.seed is None:
        return None
    return cache_key(client.account, "chat", request.model_dump(exclude_none=True))


def _known(error: BaseException) -> AiError | None:
    if isinstance(error, AiError):
        return error
    if isinstance(error, TooMuchError):
        return AiError(422, "too_much_personal_data", f"the prompt holds more than can be hidden: {error}")
    if isinstance(error, NoAnswerError):
        if error.is_requests:
            return AiError(400, "refused", "no provider takes this request as it is")
        wait = max(RETRY_SECONDS, min(300, round(error.after_seconds)))
        return AiError(503, "no_answer", "no provider has answered in time", {"Retry-After": str(wait)})
    return None


def _unknown() -> AiError:
    return AiError(404, "model_not_found", "no such model; /openai/v1/models lists those that there are")
