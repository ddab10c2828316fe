"""Audit events: who did what that matters, in chains that show any later change. They name no person.

People are pseudonyms that only the deployment's secret makes, and callers are ids of keys, so an audit event may be
kept when what it is about is forgotten.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from schemas.base import Model

Action = Literal[
    "chain.opened",
    "chain.closed",
    "conflict.decided",
    "dead_letters.discarded",
    "dead_letters.read",
    "dead_letters.redriven",
    "generation.dropped",
    "generation.rolled_back",
    "generation.started",
    "generation.switched",
    "identity.decided",
    "key.created",
    "key.pruned",
    "key.revoked",
    "key.rotated",
    "personal_data.read",
    "person.forgotten",
    "replay.started",
    "rollout.promoted",
    "rollout.stopped",
    "task.stopped",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
AUDITED = "looma.audit.recorded"
"""The type of the events on the topic."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ChainId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
MAX_ABOUT = 100
"""Names in one event; of more, several are made."""


class Head(Model):
    """The newest event of a chain, as whoever opened another has seen it."""

    chain: ChainId
    number: int = Field(ge=0)
    hash: Digest


class AuditEvent(Model):
    """One event. A process writes one chain; `previous` is the hash of the event before in it, and `hash` its own.

    The first, `chain.opened`, names the newest events of the chains that were there: none can vanish as a whole.
    """

    chain: ChainId
    number: int = Field(ge=0, description="counts from 0 in its chain")
    time: AwareDatetime
    action: Action
    caller: str = Field(pattern=r"^(local|process|key:k[0-9a-f]{12}|token:[0-9a-f]{16})$")
    about: list[Annotated[str, StringConstraints(max_length=300)]] = Field(
        default=[], max_length=MAX_ABOUT, description="what it was done to; of a person a pseudonym, `talent:~…`"
    )
    details: dict[str, JsonValue] = Field(default={}, max_length=20)
    seen: list[Head] = Field(default=[], max_length=1000)
    previous: Digest
    hash: Digest

    def stated(self) -> str:
        """Return its time as text, in UTC."""
        return self.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> datetime:
    """Return the time of an event made now."""
    return datetime.now(UTC)
