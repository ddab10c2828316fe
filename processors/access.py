"""Who asks, and what she may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from schemas.access import PER_SOURCE, ApiKey, is_for_candidates, source_of

EVERY = "*"
"""Stands for all scopes, or all sources."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. `subject` is the talent that a candidate is, who sees nobody else.

    `sources` are those that it may publish events of. Limits are a minute's; None sets none. `until` is when the key or
    the token ends.
    """

    kind: Literal["key", "token", "local"]
    id: str
    scopes: frozenset[str] = frozenset()
    subject: str | None = None
    sources: frozenset[str] = frozenset()
    recruiter: str | None = None
    requests: int | None = None
    tokens: int | None = None
    until: datetime | None = None

    @classmethod
    def local(cls) -> Self:
        """Return whoever works on this machine: she may do all that the commands do."""
        return cls("local", "local", frozenset((EVERY,)), sources=frozenset((EVERY,)))

    @classmethod
    def of_key(cls, key: ApiKey) -> Self:
        """Return the holder of a key."""
        return cls(
            "key",
            key.id,
            key.scopes,
            key.candidate,
            key.sources,
            key.recruiter,
            key.requests_per_minute,
            key.tokens_per_minute,
            key.expires,
        )

    @property
    def audited(self) -> str:
        """How the audit log names it."""
        return self.kind if self.kind == "local" else f"{self.kind}:{self.id}"


def allows(caller: Caller, scope: str) -> bool:
    """Whether a caller has a scope. Who may write events of one source may write events; a candidate never has more
    than is meant for candidates."""
    if caller.subject is not None and not is_for_candidates(scope):
        return False
    if EVERY in caller.scopes or scope in caller.scopes:
        return True
    return scope == PER_SOURCE and any(source_of(each) for each in caller.scopes)


def speaks_for(caller: Caller, source: str) -> bool:
    """Whether a caller may publish events of a source, which decides how far they are trusted."""
    if f"{PER_SOURCE}:{source}" in caller.scopes:
        return True
    is_wide = EVERY in caller.scopes or PER_SOURCE in caller.scopes
    return is_wide and (EVERY in caller.sources or source in caller.sources)


def sees(caller: Caller, talent: str) -> bool:
    """Whether a caller may know of a talent: a candidate of herself alone."""
    return caller.subject is None or caller.subject == talent
