"""Chains of audit events: how the next one is sealed, and how a log is found to be whole.

A hash is keyed with the deployment's secret. Who may write to the topic and has not the secret can neither change an
event nor make one that fits.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.audit import Action, AuditEvent, Head

NOTHING = "0" * 64
"""What comes before the first event of a chain."""


def pseudonym(secret: bytes, kind: str, id: str) -> str:
    """Return the name under which a person, or a caller whom a provider names, stands in the audit log."""
    return hmac.digest(secret, f"audit\0{kind}\0{id}".encode(), hashlib.sha256).hex()[:16]


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

    events: int = 0
    closed: int = 0
    open: list[Head] = field(default_factory=list)
    cut: int = 0
    """Chains whose beginning retention has removed."""
    breaks: list[Break] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    head: AuditEvent
    first: int
    closed: bool
    hashes: dict[int, str]


def verify(
    secret: bytes, log: Iterable[tuple[str, AuditEvent | None]], *, cut: bool = False, anchors: Sequence[Head] = ()
) -> Verdict:
    """Check a log, its events in the order of each chain; an event that cannot be read is None.

    `cut` says that retention has removed the oldest events, so that a chain may begin later than with its first.
    `anchors` are heads that were noted elsewhere: their events must still be there.
    """
    verdict = Verdict()
    chains: dict[str, _State] = {}
    seen: list[tuple[str, Head]] = [("an anchor", head) for head in anchors]
    for place, event in log:
        verdict.events += 1
        if event is None:
            verdict.breaks.append(Break(place, "?", "is no audit event"))
            continue
        state = chains.get(event.chain)
        if what := _wrong(secret, event, state, cut):
            verdict.breaks.append(Break(place, event.chain, what))
        seen += [(place, head) for head in event.seen]
        if state is None:
            state = chains[event.chain] = _State(event, event.number, False, {})
            verdict.cut += event.number > 0
        state.head, state.closed = event, event.action == "chain.closed"
        state.hashes[event.number] = event.hash
    for place, head in seen:
        if what := _missing(chains.get(head.chain), head, cut):
            verdict.breaks.append(Break(place, head.chain, what))
    verdict.closed = sum(state.closed for state in chains.values())
    heads = (state.head for state in chains.values() if not state.closed)
    verdict.open = [Head(chain=h.chain, number=h.number, hash=h.hash) for h in heads]
    return verdict


def _wrong(secret: bytes, event: AuditEvent, state: _State | None, cut: bool) -> str:
    if not hmac.compare_digest(seal(secret, event), event.hash):
        return f"number {event.number} was changed, or made with another secret"
    if state is None:
        if event.number == 0:
            return "" if event.previous == NOTHING and event.action == "chain.opened" else "it begins in the middle"
        return "" if cut else f"it begins with number {event.number}: what was before is missing"
    if state.closed:
        return f"number {event.number} comes after the end of the chain"
    if event.number != state.head.number + 1:
        return f"number {event.number} comes after {state.head.number}"
    if event.previous != state.head.hash:
        return f"number {event.number} does not follow from {state.head.number}"
    return "" if event.action != "chain.opened" else "it is opened twice"


def _missing(state: _State | None, head: Head, cut: bool) -> str:
    if state is None:
        return "" if cut else "the chain was there and is missing"
    if head.number < state.first:
        return ""  # told of already, or removed by retention
    if head.number not in state.hashes:
        return f"number {head.number} was there and is missing"
    return "" if state.hashes[head.number] == head.hash else f"number {head.number} was another event"
