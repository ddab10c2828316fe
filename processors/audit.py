"""Chains of audit events: how the next one is sealed, and how a log is found to be whole.

A hash is keyed with the deployment's secret. Who may write to the topic and has not the secret can neither change an
event nor make one that fits.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.audit import Action, AuditEvent, Head
from schemas.entities import PERSONAL

NOTHING = "0" * 64
"""What comes before the first event of a chain."""


def pseudonym(secret: bytes, kind: str, id: str) -> str:
    """Return the name under which a person, or a caller whom a provider names, stands in the audit log."""
    return hmac.digest(secret, f"audit\0{kind}\0{id}".encode(), hashlib.sha256).hex()[:16]


def named(secret: bytes, entity: str, id: str) -> str:
    """Return how the log names a record: a person's by a pseudonym."""
    return f"{entity}:~{pseudonym(secret, entity, id)}" if entity in PERSONAL else f"{entity}:{id}"


class Chain:
    """One process's events in the making."""

    def __init__(self, secret: bytes, seen: Sequence[Head], now: datetime) -> None:
        self._secret = secret
        self.id = secrets.token_hex(8)
        self._number, self._previous = 0, NOTHING
        self.opening = self.add("chain.opened", "process", now, seen=list(seen))

    def add(self, action: Action, caller: str, now: datetime, **values: Any) -> AuditEvent:
        """Return the next event, sealed."""
        body = AuditEvent(
            chain=self.id,
            number=self._number,
            time=now,
            action=action,
            caller=caller,
            previous=self._previous,
            hash=NOTHING,
            **values,
        )
        event = body.model_copy(update={"hash": seal(self._secret, body)})
        self._number, self._previous = self._number + 1, event.hash
        return event


def seal(secret: bytes, event: AuditEvent) -> str:
    """Return the hash of all that an event says, the hash before it included."""
    body = event.model_dump(mode="json", exclude={"hash"})
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(secret, b"audit event\0" + text.encode(), hashlib.sha256).hex()


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: the place in the log, the chain as far as it is known, and what is wrong."""

    place: str
    chain: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What became of a log: `open` chains have no closing event, for their process runs, or was killed."""

    events: int
    closed: int
    open: list[Head]
    cut: int
    """Chains whose beginning retention has removed."""
    breaks: list[Break]


@dataclass(slots=True)
class _State:
    first: int
    number: int
    head: str
    is_closed: bool = False
    hashes: dict[int, str] = field(default_factory=dict)


class Verifier:
    """Checks a log: its events in the order of each chain, then the verdict.

    `anchors` are heads that were noted elsewhere: their events must still be there.
    """

    def __init__(self, secret: bytes, anchors: Sequence[Head] = ()) -> None:
        self._secret = secret
        self._chains: dict[str, _State] = {}
        self._seen: list[tuple[str, Head, bool]] = [("anchors", head, False) for head in anchors]
        self._events = 0
        self._breaks: list[Break] = []

    def add(self, place: str, event: AuditEvent | None, *, cut: bool = False) -> None:
        """Take the next event, None if it cannot be read.

        `cut` says that retention has removed the oldest events there, so that a chain may begin later than with its
        first.
        """
        self._events += 1
        if event is None:
            self._breaks.append(Break(place, "?", "is no audit event"))
            return
        state = self._chains.get(event.chain)
        if what := self._wrong(event, state, cut):
            self._breaks.append(Break(place, event.chain, what))
        self._seen += [(place, head, cut) for head in event.seen]
        if state is None:
            state = self._chains[event.chain] = _State(event.number, event.number, event.hash)
        state.number, state.head, state.is_closed = event.number, event.hash, event.action == "chain.closed"
        state.hashes[event.number] = event.hash

    def verdict(self) -> Verdict:
        """Return what was found, once all events have been taken."""
        missing = [
            Break(place, head.chain, what)
            for place, head, cut in self._seen
            if (what := _missing(self._chains.get(head.chain), head, cut))
        ]
        heads = [Head(chain=c, number=s.number, hash=s.head) for c, s in self._chains.items() if not s.is_closed]
        states = self._chains.values()
        return Verdict(
            events=self._events,
            closed=sum(state.is_closed for state in states),
            open=heads,
            cut=sum(state.first > 0 for state in states),
            breaks=self._breaks + missing,
        )

    def _wrong(self, event: AuditEvent, state: _State | None, cut: bool) -> str:
        if not hmac.compare_digest(seal(self._secret, event), event.hash):
            return f"number {event.number} was changed, or made with another secret"
        if state is None:
            if event.number == 0:
                return "" if event.previous == NOTHING and event.action == "chain.opened" else "it begins in the middle"
            return "" if cut else f"it begins with number {event.number}: what was before is missing"
        if state.is_closed:
            return f"number {event.number} comes after the end of the chain"
        if event.number != state.number + 1:
            return f"number {event.number} comes after {state.number}"
        if event.previous != state.head:
            return f"number {event.number} does not follow from {state.number}"
        return "" if event.action != "chain.opened" else "it is opened twice"


def _missing(state: _State | None, head: Head, cut: bool) -> str:
    if state is None:
        return "" if cut else "the chain was there and is missing"
    if head.number < state.first:
        return ""  # told of already, or removed by retention
    if head.number not in state.hashes:
        return f"number {head.number} was there and is missing"
    return "" if state.hashes[head.number] == head.hash else f"number {head.number} was another event"
