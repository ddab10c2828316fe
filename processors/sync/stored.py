"""A record as it is stored: with what it was computed from, so that the next event can be merged into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processors.reading.gaps import filled
from processors.sync.conflicts import Conflict, conflicts_of
from processors.sync.contribution import DECISION, Contribution
from processors.sync.merge import State, survivors
from processors.sync.policy import Policy
from schemas.entities import Entity
from schemas.records import SourceRecord


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with what it was computed from: the merge state, and the version of the survivorship policy.

    `conflicts` wait for a person; `decided` counts those that the policy settled. `retold` counts how often
    the record was published once more: who read it before that has to read it again before storing.
    """

    record: SourceRecord
    state: State
    policy: str
    conflicts: tuple[Conflict, ...] = ()
    decided: int = 0
    retold: int = field(default=0, compare=False)

    @classmethod
    def of(cls, entity: Entity, entity_id: str, revision: int, state: State, policy: Policy) -> "StoredRecord":
        """Compute the record that a state amounts to under a policy; what only its texts say is read from them."""
        merged = survivors(state, policy)
        deleted = {name for (name, source), c in state.contributions.items() if source == DECISION and c.value is None}
        fields, provenance = filled(entity, merged.fields, merged.provenance, deleted)
        record = SourceRecord(entity, entity_id, revision, merged.deleted, fields, provenance)
        found = conflicts_of(merged, policy)
        undecided = tuple(c for c in found if c.undecided)
        return cls(record, state, policy.version, undecided, len(found) - len(undecided))

    def never_had(self, name: str) -> bool:
        """Return whether no revision that was published can have had a field; False where that cannot be told.

        What a source has said leaves a contribution, and a null is one; a delete erases them, and of what was told
        again an earlier telling may have been of an event that is not in this state.
        """
        state = self.state
        return not self.retold and state.deleted is None and all(field != name for field, _ in state.contributions)

    def to_document(self) -> dict[str, Any]:
        """Return plain values, the id as `_id`; contributions are a list, since sources may hold dots."""
        record = self.record
        return {
            "_id": record.id,
            "revision": record.revision,
            "retold": self.retold,
            "deleted": record.deleted,
            "fields": record.fields,
            "provenance": record.provenance,
            "contributions": [
                {"field": name, "source": source, "time": c.time, "event_id": c.event_id, "value": c.value}
                for (name, source), c in self.state.contributions.items()
            ],
            "deleted_by": list(self.state.deleted) if self.state.deleted else None,
            "policy": self.policy,
            "conflicts": [{"id": c.id(record.entity, record.id), **c.to_dict()} for c in self.conflicts],
            "conflicts_decided": self.decided,
        }

    @classmethod
    def from_document(cls, entity: Entity, document: Mapping[str, Any]) -> "StoredRecord":
        """Read what `to_document` wrote."""
        deleted_by = document["deleted_by"]
        state = State(
            {
                (c["field"], c["source"]): Contribution(c["time"], c["event_id"], c["value"])
                for c in document["contributions"]
            },
            (deleted_by[0], deleted_by[1]) if deleted_by else None,
        )
        record = SourceRecord(
            entity,
            document["_id"],
            document["revision"],
            document["deleted"],
            document["fields"],
            document["provenance"],
        )
        conflicts = tuple(Conflict.from_dict(c) for c in document["conflicts"])
        decided, retold = document["conflicts_decided"], document["retold"]
        return cls(record, state, document["policy"], conflicts, decided, retold)
