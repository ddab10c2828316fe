"""The merge: a record as a pure function of the set of events received.

The state keeps, for every (field, source), the newest contribution by (event time, event id). Joining two states
takes the greater contribution of each key, which makes merge commutative, associative and idempotent: a
last-writer-wins element map, a state-based CRDT (Shapiro et al., 2011, https://hal.inria.fr/inria-00555588).
The surviving record is computed from the state alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.events import EntityEvent


class Contribution(NamedTuple):
    """What one source last said of one field. `stamp` orders contributions: fixed-width UTC time, then event id."""

    time: str
    event_id: str
    value: Any

    @property
    def stamp(self) -> tuple[str, str]:
        """The total order of contributions."""
        return self.time, self.event_id


Key = tuple[str, str]

# Lists that several sources add to: the union survives, one element per identity, the newest source's version of it.
UNION_IDENTITY: Mapping[str, str | None] = {"emails": None, "phones": None, "aliases": None, "skills": "name"}


@dataclass(frozen=True, slots=True)
class State:
    """All that must be remembered of an entity's events. `deleted` is the stamp of the newest delete event."""

    contributions: Mapping[Key, Contribution] = field(default_factory=dict)
    deleted: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Survivors:
    """The merged record: surviving fields, where each comes from, and whether the entity is deleted."""

    fields: dict[str, Any]
    provenance: dict[str, dict[str, str]]
    deleted: bool


def apply(state: State, events: Iterable[EntityEvent]) -> State:
    """Return `state` joined with what `events` say, in any order and any number of times."""
    contributions = dict(state.contributions)
    deleted = state.deleted
    for event in events:
        envelope = event.envelope
        stamp = (envelope.timestamp, envelope.id)
        if event.action == "deleted":
            deleted = max(deleted or stamp, stamp)
            continue
        for name, value in event.fields.items():
            key = (name, envelope.source)
            current = contributions.get(key)
            if current is None or stamp > current.stamp:
                contributions[key] = Contribution(*stamp, value)
    return _prune(contributions, deleted)


def merge(left: State, right: State) -> State:
    """Return the join of two states."""
    contributions = dict(left.contributions)
    for key, theirs in right.contributions.items():
        ours = contributions.get(key)
        if ours is None or theirs.stamp > ours.stamp:
            contributions[key] = theirs
    stamps = [stamp for stamp in (left.deleted, right.deleted) if stamp]
    return _prune(contributions, max(stamps, default=None))


def _prune(contributions: dict[Key, Contribution], deleted: tuple[str, str] | None) -> State:
    """A delete erases what was said before it, also what arrives later."""
    if deleted is not None:
        contributions = {key: c for key, c in contributions.items() if c.stamp > deleted}
    return State(contributions, deleted)


def survivors(state: State) -> Survivors:
    """Return the record that `state` amounts to, with fields in alphabetical order."""
    by_field: dict[str, list[tuple[Contribution, str]]] = {}
    for (name, source), contribution in state.contributions.items():
        by_field.setdefault(name, []).append((contribution, source))
    fields: dict[str, Any] = {}
    provenance: dict[str, dict[str, str]] = {}
    for name in sorted(by_field):
        candidates = by_field[name]
        if len(candidates) > 1:
            candidates.sort(key=lambda c: (c[0].time, c[0].event_id, c[1]), reverse=True)
        newest, source = candidates[0]
        value = newest.value
        if name in UNION_IDENTITY and len(candidates) > 1:
            value = _union(UNION_IDENTITY[name], [c.value for c, _ in candidates])
        if value is not None:
            fields[name] = value
            provenance[name] = {"source": source, "time": newest.time, "event_id": newest.event_id}
    return Survivors(fields, provenance, deleted=state.deleted is not None and not state.contributions)


def _union(identity: str | None, lists: list[list[Any] | None]) -> list[Any] | None:
    """Newest list first; an element already there by identity is not added again."""
    found: dict[str, Any] = {}
    for values in lists:
        for value in values or ():
            key = value[identity] if identity else value
            found.setdefault(str(key).casefold(), value)
    return list(found.values()) or None
