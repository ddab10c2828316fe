"""Who asks, and what she may do."""

from dataclasses import dataclass
from typing import Literal, Self

EVERY = "*"
"""Stands for all scopes, or all sources."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. `subject` is the talent that a candidate is; `sources` those it may publish events of."""

    kind: Literal["key", "token", "local"]
    id: str
    scopes: frozenset[str] = frozenset()
    subject: str | None = None
    sources: frozenset[str] = frozenset()

    @classmethod
    def local(cls) -> Self:
        """Return whoever works on this machine: she may do all that the commands do."""
        return cls("local", "local", frozenset((EVERY,)), sources=frozenset((EVERY,)))


def allows(caller: Caller, scope: str) -> bool:
    """Whether a caller has a scope."""
    return EVERY in caller.scopes or scope in caller.scopes


def speaks_for(caller: Caller, source: str) -> bool:
    """Whether a caller may publish events of a source, which decides how far they are trusted."""
    return EVERY in caller.sources or source in caller.sources
