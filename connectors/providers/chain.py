"""Providers in their order: the next one where one fails, again after a pause where all have, within a deadline."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import ClientSession, TCPConnector
from loguru import logger

from connectors.providers.breaker import Breaker
from connectors.providers.errors import ProviderError
from connectors.providers.openai import OpenAIProvider
from processors.chat.trimming import trimmed
from schemas.completions import Completion, Heard, NoAnswerError, Prompt, Spending, unheard
from schemas.errors import LoomaError
from schemas.settings import ProviderSettings

ATTEMPTS = 3
"""Of each provider for one request."""
PAUSE_SECONDS = 0.25
"""After the first attempt of all; doubled after each, and drawn from its upper half."""
LEAST_SECONDS = 0.1
"""With less time left nobody is asked."""
CONNECTIONS = 64


class ProviderSettingsError(LoomaError):
    """A provider cannot be used as it is set; the text says what to change."""

    code = "provider_settings"


class Provider(Protocol):
    """What gives one completion."""

    settings: ProviderSettings

    async def complete(self, prompt: Prompt, spending: Spending, heard: Heard) -> Completion:
        """Return the answer, and let it be heard while it comes. Raises ProviderError."""
        ...


class Chain:
    """Asks providers until one answers."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = [(provider, Breaker()) for provider in providers]
        self.has_tools = any(provider.settings.tools for provider in providers)

    async def complete(self, prompt: Prompt, until: float, spending: Spending, heard: Heard = unheard) -> Completion:
        """Return the first answer. Raises NoAnswerError at `until`, by the event loop's clock, or before.

        What a provider has said before it broke off is dropped, `heard` is told so, and the next one begins anew.
        """
        now = asyncio.get_running_loop().time
        said: dict[str, str] = {}
        waiting = dict.fromkeys(range(len(self._providers)), 0.0)
        for attempt in range(ATTEMPTS):
            for n in [n for n, since in waiting.items() if since <= now()]:
                provider, breaker = self._providers[n]
                if until - now() < LEAST_SECONDS:
                    break
                fitting = _fitting(prompt, provider.settings)
                if fitting is None or not breaker.enter(now()):
                    said.setdefault(provider.settings.name, "too long" if fitting is None else "left alone")
                    continue
                try:
                    return await _asked(provider, breaker, fitting, until, spending, heard)
                except ProviderError as error:
                    heard("")
                    said.setdefault(provider.settings.name, str(error))
                    logger.warning("provider {}: {}", provider.settings.name, error)
                    if error.again:
                        waiting[n] = now() + error.after_seconds
                    else:
                        del waiting[n]
            pause = max(PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1), min(waiting.values(), default=0) - now())
            if not waiting or attempt + 1 == ATTEMPTS or now() + pause + LEAST_SECONDS > until:
                break
            await asyncio.sleep(pause)
        raise NoAnswerError("; ".join(f"{name}: {what}" for name, what in said.items()) or "no time left")


async def _asked(
    provider: Provider, breaker: Breaker, prompt: Prompt, until: float, spending: Spending, heard: Heard
) -> Completion:
    now = asyncio.get_running_loop().time
    begun = now()
    try:
        async with asyncio.timeout_at(until):
            completion = await provider.complete(prompt, spending, heard)
    except TimeoutError:
        # Who had less time than it may take is not to blame.
        if now() - begun >= provider.settings.first_token_seconds:
            breaker.failed(now())
        else:
            breaker.left()
        raise ProviderError("the time is up") from None
    except ProviderError as error:
        breaker.failed(now(), now() + error.after_seconds)
        raise
    except BaseException:
        breaker.left()
        raise
    breaker.succeeded()
    return completion


def _fitting(prompt: Prompt, settings: ProviderSettings) -> Prompt | None:
    """Return a prompt that a provider can read; None if there is none."""
    if not settings.tools:
        if any(message.role == "tool" for message in prompt.messages):
            return None
        prompt = Prompt(prompt.messages)
    return trimmed(prompt, settings.context_tokens - settings.answer_tokens)


@asynccontextmanager
async def providers(settings: Sequence[ProviderSettings]) -> AsyncIterator[Chain]:
    """Open the providers of these settings. Raises ProviderSettingsError."""
    keys = [_key(each) for each in settings]
    async with ClientSession(connector=TCPConnector(limit=CONNECTIONS)) as session:
        yield Chain([OpenAIProvider(each, session, key) for each, key in zip(settings, keys, strict=True)])


def _key(settings: ProviderSettings) -> str | None:
    if settings.api_key_variable is None:
        return settings.api_key.get_secret_value() if settings.api_key else None
    if not (key := os.environ.get(settings.api_key_variable)):
        raise ProviderSettingsError(f"provider {settings.name}: the environment has no {settings.api_key_variable}")
    return key
