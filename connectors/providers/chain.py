"""Providers of completions: one that fails is followed by the next, within a deadline."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import ClientSession, TCPConnector

from connectors.providers.openai import OpenAIProvider
from connectors.providers.targets import Lease, Target, Targets
from processors.chat.trimming import trimmed
from processors.gateway.balance import Rank
from schemas.completions import Completion, Heard, Prompt, Spending, unheard
from schemas.errors import LoomaError
from schemas.settings import ProviderSettings

CONNECTIONS = 512
"""To all providers; each request holds one while it is answered."""


class ProviderSettingsError(LoomaError):
    """A provider cannot be used as it is set; the text says what to change."""

    code = "provider_settings"


class Provider(Protocol):
    """What gives one completion."""

    settings: ProviderSettings

    @property
    def name(self) -> str:
        """What replies call it."""
        ...

    async def complete(self, prompt: Prompt, spending: Spending, heard: Heard) -> Completion:
        """Return the answer, and let it be heard while it comes. Raises ProviderError."""
        ...


class Chain:
    """Asks providers until one answers."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._targets = Targets([Target(each, rank(each.settings, n)) for n, each in enumerate(providers)])
        self.has_tools = any(provider.settings.tools for provider in providers)

    async def complete(self, prompt: Prompt, until: float, spending: Spending, heard: Heard = unheard) -> Completion:
        """Return the first answer. Raises NoAnswerError at `until`, by the event loop's clock, or before.

        What a provider has said before it broke off is dropped, `heard` is told so, and the next one begins anew.
        """

        async def call(provider: Provider, fitting: Prompt, lease: Lease) -> Completion:
            try:
                completion = await provider.complete(fitting, spending, heard)
            except BaseException:
                heard("")
                raise
            lease.answers()
            lease.succeeded()
            return completion

        return await self._targets.first(
            lambda provider: _fitting(prompt, provider.settings),
            call,
            until,
            lambda provider: provider.settings.first_token_seconds,
        )


def rank(settings: ProviderSettings, place: int) -> Rank:
    """Return where a provider stands; without a priority of its own by its place in the settings."""
    return Rank(place if settings.priority is None else settings.priority, settings.weight)


def _fitting(prompt: Prompt, settings: ProviderSettings) -> Prompt | None:
    """Return a prompt that a provider can read; None if there is none."""
    if not settings.tools:
        if any(message.role == "tool" for message in prompt.messages):
            return None
        prompt = Prompt(prompt.messages)
    return trimmed(prompt, settings.context_tokens - settings.answer_tokens)


@asynccontextmanager
async def providers(settings: Sequence[ProviderSettings]) -> AsyncIterator[Chain]:
    """Open the providers that answer chats. Raises ProviderSettingsError."""
    async with opened([each for each in settings if each.service == "chat"]) as found:
        yield Chain(found)


@asynccontextmanager
async def opened(settings: Sequence[ProviderSettings]) -> AsyncIterator[list[OpenAIProvider]]:
    """Open the providers of these settings. Raises ProviderSettingsError."""
    keys = [_key(each) for each in settings]
    async with ClientSession(connector=TCPConnector(limit=CONNECTIONS)) as session:
        yield [OpenAIProvider(each, session, key) for each, key in zip(settings, keys, strict=True)]


def _key(settings: ProviderSettings) -> str | None:
    if settings.api_key_variable is None:
        return settings.api_key.get_secret_value() if settings.api_key else None
    if not (key := os.environ.get(settings.api_key_variable)):
        raise ProviderSettingsError(f"provider {settings.name}: the environment has no {settings.api_key_variable}")
    return key
