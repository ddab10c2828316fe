"""The merge: a record as a pure function of the set of events received.

The state keeps, for every (field, source), the newest contribution by (event time, event id). Joining two states
takes the greater contribution of each key, which makes merge commutative, associative and idempotent: a
last-writer-wins element map, a state-based CRDT (Shapiro et al., 2011, https://hal.inria.fr/inria-00555588).
The surviving record is computed from the state and a policy alone.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from processors.sync.contribution import Candidate, Contribution, Key, Stamp
from processors.sync.policy import DEFAULT, Policy
from processors.sync.survivorship import Resolution, canonical, resolve
from schemas.errors import BadMessageError
from schemas.events import EntityEvent

__all__ = ["Contribution", "Key", "State", "Survivors", "apply", "merge", "refuse_crowd", "survivors"]


MAX_SOURCES = 100
"""Sources whose values one record may have."""


@dataclass(frozen=True, slots=True)
class State:
    """All that must be remembered of an entity's events. `deleted` is the stamp of the newest delete event."""

    contributions: Mapping[Key, Contribution] = field(default_factory=dict)
    deleted: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Survivors:
    """The merged record: surviving fields, where each comes from, and whether the entity is deleted.

    `contested` says of each field with several candidates how it was decided; `conflicts.conflicts_of` reads it.
    """

    fields: dict[str, Any]
    provenance: dict[str, dict[str, str]]
    deleted: bool
    contested: dict[str, Resolution] = field(default_factory=dict, repr=False)


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
            if current is None or stamp >= current.stamp:
                contribution = Contribution(*stamp, value)
                if current is None or _wins(contribution, current):
                    contributions[key] = contribution
    return _prune(contributions, deleted)


def refuse_crowd(before: State, after: State) -> None:
    """Raise BadMessageError (`too_many_sources`) if an event adds one source too many to a record.

    Candidates are compared with each other: of a thousand sources, one event would take a minute.
    """
    sources = len({source for _, source in after.contributions})
    if sources > MAX_SOURCES and sources > len({source for _, source in before.contributions}):
        raise BadMessageError("too_many_sources", f"the record has values of {MAX_SOURCES} sources already")


def merge(left: State, right: State) -> State:
    """Return the join of two states."""
    contributions = dict(left.contributions)
    for key, theirs in right.contributions.items():
        ours = contributions.get(key)
        if ours is None or _wins(theirs, ours):
            contributions[key] = theirs
    stamps = [stamp for stamp in (left.deleted, right.deleted) if stamp]
    return _prune(contributions, max(stamps, default=None))


def _wins(one: Contribution, other: Contribution) -> bool:
    """The newer wins; of one event id with two contents, against the contract, always the same one."""
    if one.stamp != other.stamp:
        return one.stamp > other.stamp
    return bool(one.value != other.value) and json.dumps(one.value) > json.dumps(other.value)


def _prune(contributions: dict[Key, Contribution], deleted: Stamp | None) -> State:
    """A delete erases what was said before it, also what arrives later."""
    if deleted is not None:
        contributions = {key: c for key, c in contributions.items() if c.stamp > deleted}
    return State(contributions, deleted)


def _by_field(state: State) -> list[tuple[str, list[Candidate]]]:
    """Return what competes for each field, fields in alphabetical order."""
    found: dict[str, list[Candidate]] = {}
    for (name, source), (time, event_id, value) in state.contributions.items():
        found.setdefault(name, []).append(Candidate(time, event_id, source, value))
    return sorted(found.items())


def survivors(state: State, policy: Policy = DEFAULT) -> Survivors:
    """Return the record that `state` amounts to under `policy`, with fields in alphabetical order."""
    fields: dict[str, Any] = {}
    provenance: dict[str, dict[str, str]] = {}
    contested: dict[str, Resolution] = {}
    rules = policy.fields
    for name, candidates in _by_field(state):
        if len(candidates) == 1:  # most fields of most records: nothing to decide
            chosen = candidates[0]
            value = canonical(chosen.value, rules[name], policy)
        else:
            contested[name] = resolution = resolve(rules[name], candidates, policy)
            chosen, value = resolution.chosen, resolution.value
        if value is not None:
            fields[name] = value
            provenance[name] = {"source": chosen.source, "time": chosen.time, "event_id": chosen.event_id}
    return Survivors(fields, provenance, state.deleted is not None and not state.contributions, contested)
