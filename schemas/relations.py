"""Typed edges between entities, and how to walk them."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from pydantic import model_validator

from schemas.base import EntityId, Model, ShortText

Kind = Literal["talent", "job", "company", "skill"]
RelationType = Literal["worked_at", "applied_to", "has_skill", "requires_skill", "posted_by"]

ENDS: dict[RelationType, tuple[Kind, Kind]] = {
    "worked_at": ("talent", "company"),
    "applied_to": ("talent", "job"),
    "has_skill": ("talent", "skill"),
    "requires_skill": ("job", "skill"),
    "posted_by": ("job", "company"),
}


class Node(Model):
    """One end of a relation; a skill's id is its name, so any text is allowed there."""

    kind: Kind
    id: EntityId | ShortText


class Relation(Model):
    """A directed edge: `source` stands in relation `type` to `target`, perhaps within a period."""

    type: RelationType
    source: Node
    target: Node
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _ends_fit_the_type(self) -> "Relation":
        if (self.source.kind, self.target.kind) != ENDS[self.type]:
            expected = " -> ".join(ENDS[self.type])
            raise ValueError(f"{self.type} goes {expected}, not {self.source.kind} -> {self.target.kind}")
        if self.since and self.until and self.until < self.since:
            raise ValueError("until lies before since")
        return self


def neighbours(relations: Iterable[Relation], node: Node) -> Iterator[tuple[RelationType, Node]]:
    """Yield every (type, other end) of the relations that touch `node`, in either direction."""
    for relation in relations:
        if relation.source == node:
            yield relation.type, relation.target
        elif relation.target == node:
            yield relation.type, relation.source
