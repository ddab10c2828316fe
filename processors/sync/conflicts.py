"""Conflicts: where the sources' current values of a field differ, what the policy made of it, and a person's word.

Conflicts are computed from (state, policy) alone, so their number converges with the state.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from processors.sync.contribution import DECISION, Candidate
from processors.sync.merge import State, Survivors, survivors
from processors.sync.policy import DEFAULT, OneValue, Policy
from processors.sync.survivorship import AGREEMENT, UNDECIDED, agree
from schemas.entities import Entity
from schemas.envelope import Envelope, derived_id
from schemas.events import EntityEvent, event_type, parse_fields
from schemas.versions import CURRENT

_UNCOMPARED = {"union", "contact_points", "decision"}
Kind = Literal["values", "lists", "deletion"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values of one field that differ after normalisation, newest first, and which one the record shows.

    `kind`: `values` of which one survives, `lists` that are united, or a `deletion` against a value. `value` is what
    the record has; `chosen` is the contribution it is from (of united lists the newest).
    """

    field: str
    kind: Kind
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    value: Any
    decided_by: str

    @property
    def undecided(self) -> bool:
        """Whether a person should look."""
        return self.decided_by == UNDECIDED

    def id(self, entity: Entity, entity_id: str) -> str:
        """Return the conflict's id: the same until one of the sources says something new."""
        return derived_id("conflict", entity, entity_id, self.field, *sorted(c.event_id for c in self.candidates))

    def to_dict(self) -> dict[str, Any]:
        """Return the conflict as plain JSON values."""
        return {
            "field": self.field,
            "kind": self.kind,
            "candidates": [c._asdict() for c in self.candidates],
            "chosen": self.chosen._asdict(),
            "value": self.value,
            "decided_by": self.decided_by,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Conflict":
        """Read what `to_dict` wrote."""
        candidates = tuple(Candidate(**c) for c in values["candidates"])
        chosen = Candidate(**values["chosen"])
        return cls(values["field"], values["kind"], candidates, chosen, values["value"], values["decided_by"])


def conflicts(state: State, policy: Policy = DEFAULT) -> list[Conflict]:
    """Return every conflict of a state, by field; those that the policy decided as well."""
    return conflicts_of(survivors(state, policy), policy)


def conflicts_of(merged: Survivors, policy: Policy = DEFAULT) -> list[Conflict]:
    """Return the conflicts behind a record that `survivors` has computed under the same policy."""
    found = []
    for name, resolution in merged.contested.items():
        rule = policy.fields[name]
        value, chosen, decided_by, candidates = resolution
        if decided_by == AGREEMENT or (decided_by in _UNCOMPARED and agree(candidates, rule, policy)):
            continue
        if not isinstance(rule, OneValue):
            kind: Kind = "lists"
        else:
            kind = "deletion" if any(c.value is None for c in candidates) else "values"
        found.append(Conflict(name, kind, candidates, chosen, value, decided_by))
    return found


def count(found: Iterable[Conflict]) -> dict[str, int]:
    """Return how many conflicts were decided and how many wait for a person."""
    counts = {"decided": 0, "undecided": 0}
    for conflict in found:
        counts["undecided" if conflict.undecided else "decided"] += 1
    return counts


def valid_value(field: str, entity: Entity, value: Any, required: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """Return a value as events of a field carry it. Raises BadMessageError if the field cannot have it."""
    return parse_fields(entity, CURRENT[entity], json.dumps({**required, field: value}).encode())[field]


def decide(
    conflict: Conflict,
    entity: Entity,
    entity_id: str,
    value: Any,
    now: datetime,
    required: Mapping[str, Any] = MappingProxyType({}),
) -> EntityEvent:
    """Return the event by which a person gives a field its value; None says that there is none.

    `required` is what every event of the record repeats.
    It is dated after everything that it decides upon, even if a source's clock was ahead of ours, so it always counts.
    """
    newest = max(datetime.fromisoformat(c.time) for c in conflict.candidates)
    time = max(now.astimezone(UTC), newest + timedelta(microseconds=1))
    event_id = derived_id("decision", conflict.id(entity, entity_id), time.isoformat())
    envelope = Envelope(event_id, DECISION, event_type(entity, "upserted"), entity_id, time, CURRENT[entity])
    return EntityEvent(envelope, entity, "upserted", {**required, conflict.field: value})
