"""One provider: asks an OpenAI-compatible API, and reads what it answers, in pieces or at once."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, ClientTimeout

from connectors import retry_after
from connectors.providers.sse import EventReader
from connectors.providers.wire import Answer, request
from processors.chat.tokens import of_prompt, tokens
from schemas.completions import Completion, Heard, Prompt, ProviderError, Spending, unheard
from schemas.settings import ProviderSettings

MAX_BYTES = 4 * 1024 * 1024
"""Of one answer, with what surrounds each piece of it."""
DRAIN_SECONDS = 0.05
"""How long the end of a connection's answer is waited for, so that the connection can be used again."""
_BUSY = frozenset((408, 409, 425, 429))
_AWAY = frozenset((502, 503, 504))
"""What a proxy says of a server that it cannot reach."""
_WRONG = frozenset((400, 404, 405, 413, 414, 415, 422))
"""The request is at fault, and would be with any number of tries."""


class OpenAIProvider:
    """A model of one API."""

    def __init__(self, settings: ProviderSettings, session: ClientSession, key: str | None = None) -> None:
        self.settings = settings
        self._session = session
        self._url = settings.url.rstrip("/")
        self._headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    @property
    def name(self) -> str:
        """What replies call it."""
        return self.settings.name

    def exchange(self, path: str, body: Mapping[str, Any], patience: float | None) -> "Exchange":
        """Return a request that is still to be sent; `patience` are the seconds until an answer begins."""
        return Exchange(self._session, f"{self._url}/{path}", self._headers, body, self.settings, patience)

    async def is_reachable(self, seconds: float) -> bool:
        """Whether its server answers within so long, asked for its models, which costs nothing; whatever it answers."""
        limit = ClientTimeout(total=seconds)
        try:
            async with self._session.get(
                f"{self._url}/models", headers=self._headers, timeout=limit, allow_redirects=False
            ) as response:
                return response.status not in _AWAY
        except (ClientError, TimeoutError, ValueError):
            return False

    async def complete(self, prompt: Prompt, spending: Spending, heard: Heard = unheard) -> Completion:
        """Return the answer, and let it be heard while it comes. Raises ProviderError; whoever calls sets the deadline.

        Tokens are counted however it ends, by the texts where the provider has not said how many there were.
        """
        answer = Answer(self.settings)
        patience = self.settings.first_token_seconds if self.settings.stream else None
        asked = self.exchange("chat/completions", request(self.settings, prompt), patience)
        try:
            async with asked:
                if asked.is_stream:
                    async for data in asked.events():
                        if answer.piece(data):
                            asked.progress()
                            heard(answer.said)
                else:
                    answer.at_once(await asked.body())
                return answer.completion()
        finally:
            if asked.counts:
                spending.add(
                    answer.prompt_tokens or of_prompt(prompt),
                    answer.completion_tokens or tokens(answer.text),
                    self.settings.price_in,
                    self.settings.price_out,
                )


class Exchange:
    """One request and its answer. Leaving the block ends it, at the provider too. Everything raises ProviderError."""

    def __init__(
        self,
        session: ClientSession,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any],
        settings: ProviderSettings,
        patience: float | None,
    ) -> None:
        self._session, self._url, self._headers, self._body = session, url, headers, body
        self._settings = settings
        self._patience = patience
        self._until: float | None = None
        self._response: ClientResponse | None = None
        self._begun = False
        self.counts = False
        """Whether the provider may have begun to work, and so may have it paid."""

    async def __aenter__(self) -> Self:
        """Send the request, and wait for an answer to begin."""
        self.counts = True
        if self._patience is not None:
            self._until = asyncio.get_running_loop().time() + self._patience
        try:
            with self._said():
                async with asyncio.timeout_at(self._until):
                    self._response = await self._session.post(
                        self._url,
                        data=orjson.dumps(self._body),
                        headers=self._headers,
                        timeout=ClientTimeout(total=None, sock_connect=self._settings.connect_seconds),
                        allow_redirects=False,  # it could lead anywhere, and take the key along
                    )
            self.counts = self._response.status == 200
            _check(self._response)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it: the connection is closed, unless the answer has been read whole."""
        if self._response is not None:
            self._response.release()

    @property
    def is_stream(self) -> bool:
        """Whether the answer comes as events."""
        assert self._response
        return "text/event-stream" in self._response.headers.get("Content-Type", "")

    def progress(self) -> None:
        """The answer goes on. Comments, which keep a connection alive, are no progress."""
        self._begun = True
        if self._until is not None:
            self._until = asyncio.get_running_loop().time() + self._settings.stall_seconds

    async def events(self) -> AsyncGenerator[str, None]:
        """Yield the data of each event, to the end of the stream or to `[DONE]`."""
        reader = EventReader()
        async for chunk in self._chunks():
            for data in reader.feed(chunk):
                if data.strip() == "[DONE]":
                    await self._drain()
                    return
                yield data

    async def body(self) -> str:
        """Return the answer that comes at once."""
        return b"".join([chunk async for chunk in self._chunks()]).decode("utf-8", "replace")

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        assert self._response
        content, size = self._response.content, 0
        while True:
            with self._said():
                async with asyncio.timeout_at(self._until):
                    chunk = await content.readany()
            if not chunk:
                return
            size += len(chunk)
            if size > MAX_BYTES:
                raise ProviderError(f"the answer is larger than {MAX_BYTES} bytes")
            yield chunk

    async def _drain(self) -> None:
        assert self._response
        with suppress(TimeoutError, ClientError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._response.content.readany()

    @contextmanager
    def _said(self) -> Generator[None, None, None]:
        try:
            yield
        except ClientConnectorError as error:
            self.counts = False
            raise ProviderError("no connection") from error
        except ClientError as error:
            raise ProviderError(type(error).__name__) from error
        except TimeoutError:
            raise ProviderError("the answer stalls" if self._begun else "the answer does not begin") from None
        except ValueError as error:  # an address or a header that cannot be
            self.counts = False
            raise ProviderError(f"it cannot be asked: {type(error).__name__}", again=False) from error


def _check(response: ClientResponse) -> None:
    status = response.status
    if status in _BUSY or status >= 500:
        raise ProviderError(
            f"HTTP {status}", after_seconds=retry_after.seconds(response.headers.get("Retry-After", ""))
        )
    if status != 200:
        raise ProviderError(f"HTTP {status}", again=False, blames=status not in _WRONG)
