"""One provider: asks an OpenAI-compatible API for one completion, in pieces or at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, ClientTimeout

from connectors import retry_after
from connectors.providers.errors import ProviderError
from connectors.providers.sse import EventReader
from connectors.providers.wire import Answer, request
from processors.chat.tokens import of_prompt, tokens
from schemas.completions import Completion, Heard, Prompt, Spending, unheard
from schemas.settings import ProviderSettings

MAX_BYTES = 4 * 1024 * 1024
"""Of one answer, with what surrounds each piece of it."""
_BUSY = frozenset((408, 409, 425, 429))


class OpenAIProvider:
    """A model of one API."""

    def __init__(self, settings: ProviderSettings, session: ClientSession, key: str | None = None) -> None:
        self.settings = settings
        self._session = session
        self._url = f"{settings.url.rstrip('/')}/chat/completions"
        self._headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})

    async def complete(self, prompt: Prompt, spending: Spending, heard: Heard = unheard) -> Completion:
        """Return the answer, and let it be heard while it comes. Raises ProviderError; whoever calls sets the deadline.

        Tokens are counted however it ends, by the texts where the provider has not said how many there were.
        """
        answer = Answer(self.settings)
        counts = True
        patience = self.settings.first_token_seconds if self.settings.stream else None
        try:
            async with asyncio.timeout(patience) as waiting, self._post(prompt) as response:
                counts = response.status == 200
                _check(response)
                now = asyncio.get_running_loop().time

                def went_on() -> None:
                    waiting.reschedule(now() + self.settings.stall_seconds)
                    heard(answer.said)

                await _read(response, answer, went_on)
            return answer.completion()
        except ClientConnectorError as error:
            counts = False
            raise ProviderError("no connection") from error
        except ClientError as error:
            raise ProviderError(type(error).__name__) from error
        except TimeoutError:
            raise ProviderError("the answer stalls" if answer.text else "the answer does not begin") from None
        except ValueError as error:  # an address or a header that cannot be
            counts = False
            raise ProviderError(f"it cannot be asked: {type(error).__name__}", again=False) from error
        finally:
            if counts:
                spending.add(
                    answer.prompt_tokens or of_prompt(prompt),
                    answer.completion_tokens or tokens(answer.text),
                    self.settings.price_in,
                    self.settings.price_out,
                )

    def _post(self, prompt: Prompt) -> AbstractAsyncContextManager[ClientResponse]:
        # A redirect could lead anywhere, and take the key along.
        return self._session.post(
            self._url,
            json=request(self.settings, prompt),
            headers=self._headers,
            timeout=ClientTimeout(total=None, sock_connect=self.settings.connect_seconds),
            allow_redirects=False,
        )


async def _read(response: ClientResponse, answer: Answer, on_progress: Callable[[], None]) -> None:
    """Read an answer; comments, which keep a connection alive, are no progress."""
    if "text/event-stream" not in response.headers.get("Content-Type", ""):
        body = b"".join([chunk async for chunk in _bounded(response)])
        answer.at_once(body.decode("utf-8", "replace"))
        return
    reader = EventReader()
    async for chunk in _bounded(response):
        for data in reader.feed(chunk):
            if data.strip() == "[DONE]":
                return
            if answer.piece(data):
                on_progress()


async def _bounded(response: ClientResponse) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BYTES:
            raise ProviderError(f"the answer is larger than {MAX_BYTES} bytes")
        yield chunk


def _check(response: ClientResponse) -> None:
    status = response.status
    if status in _BUSY or status >= 500:
        raise ProviderError(
            f"HTTP {status}", after_seconds=retry_after.seconds(response.headers.get("Retry-After", ""))
        )
    if status != 200:
        raise ProviderError(f"HTTP {status}", again=False)
