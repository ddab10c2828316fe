"""What a language model is asked and what it answers, in no provider's own form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from schemas.chat import Usage

_MILLION = 1_000_000

Heard = Callable[[str], None]
"""Told all that has been said so far; less than before where it begins anew."""


def unheard(text: str) -> None:
    """Be told, and do nothing."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool called. `arguments` are JSON as the model wrote it: nothing in it is checked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt. An assistant's may hold `calls`; a tool's says which of them it `answers`."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


class Prompt(NamedTuple):
    """What a model is asked. `may_call`: whether it may still call the tools, which earlier messages speak of."""

    messages: tuple[PromptMessage, ...]
    tools: tuple[Tool, ...] = ()
    may_call: bool = True


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered. `whole`: whether it came to an end, or else was cut at the most tokens of an answer."""

    provider: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    whole: bool = True


class ProviderError(Exception):
    """A provider gave no answer. The text repeats nothing of what was asked or answered: that may be about people.

    `again`: whether the same request may do better, and not before `after_seconds`. `blames`: whether the provider is
    at fault, and not the request.
    """

    def __init__(self, text: str, *, again: bool = True, after_seconds: float = 0.0, blames: bool = True) -> None:
        super().__init__(text)
        self.again = again
        self.after_seconds = after_seconds
        self.blames = blames


class NoAnswerError(Exception):
    """No provider gave an answer in time; the text says what each of them did."""

    def __init__(self, failures: Mapping[str, ProviderError] | None = None) -> None:
        self.failures = failures or {}
        super().__init__("; ".join(f"{name}: {what}" for name, what in self.failures.items()) or "no time left")

    @property
    def is_requests(self) -> bool:
        """Whether it is the request that no provider can answer."""
        return bool(self.failures) and not any(error.blames for error in self.failures.values())

    @property
    def after_seconds(self) -> float:
        """After how long it may be worth to ask again; 0 if nobody said so."""
        return min((error.after_seconds for error in self.failures.values() if error.after_seconds), default=0.0)


class Spending:
    """What one answer has cost, by all providers that were asked for it, whether they answered or broke off."""

    def __init__(self) -> None:
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.cost = 0.0

    def add(self, prompt_tokens: int, completion_tokens: int, price_in: float = 0, price_out: float = 0) -> None:
        """Add one request; prices are for a million tokens."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.cost += (prompt_tokens * price_in + completion_tokens * price_out) / _MILLION

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def usage(self) -> Usage:
        """The same as a reply says it."""
        return Usage(
            prompt_tokens=self.prompt_tokens, completion_tokens=self.completion_tokens, cost=round(self.cost, 6)
        )


class Completions(Protocol):
    """Whoever has a prompt completed: one provider, or several in order."""

    has_tools: bool
    """Whether any of them can call tools."""

    async def complete(self, prompt: Prompt, until: float, spending: Spending, heard: Heard = unheard) -> Completion:
        """Return an answer, and let it be heard while it comes.

        Raises NoAnswerError at `until`, by the event loop's clock, or before.
        """
        ...
