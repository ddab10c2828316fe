"""What is published beside the entities: matches, conflicts, identities, models."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from schemas.base import EntityId, Language, LongText, Model, Revision, ShortText
from schemas.entities import Entity, Resolvable, Side

Score = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class MatchFeature:
    """One named part of a score: `contribution` = weight x score, and the contributions add up to the total."""

    # No model: of these a match has sixteen, and a dataclass with slots is read four times as fast.

    name: ShortText
    score: Score
    weight: Score
    contribution: Score
    reason: LongText


class Match(Model):
    """How well one talent fits one job, and why. `model` is the embedding model's version."""

    talent_id: EntityId
    job_id: EntityId
    talent_revision: Revision
    job_revision: Revision
    status: Literal["active", "withdrawn"]
    score: Score
    language: Language
    features: list[MatchFeature] = Field(max_length=50)
    model: ShortText


class ConflictCandidate(Model):
    """What one source says of a field, by which event; no value is a deletion."""

    source: ShortText
    time: ShortText
    event_id: ShortText
    value: Any = None


class ConflictNotice(Model):
    """A conflict that no policy decides was found, or is settled. `value` is what the record has meanwhile."""

    id: ShortText
    status: Literal["open", "settled"]
    entity: Entity
    entity_id: EntityId
    field: ShortText
    candidates: list[ConflictCandidate] = Field(max_length=1000)
    value: Any = None


class Identity(Model):
    """Which records of an entity are one, under the id of the oldest; no members: it became part of another."""

    entity: Resolvable
    id: EntityId
    members: list[EntityId]


class ModelActivated(Model):
    """A model has become the active one of its task. `epoch` counts the switches: of two, the greater is newer."""

    task: ShortText = "embedding"
    model: ShortText
    vector_version: str
    generation: ShortText
    epoch: int = Field(ge=0)


class ModelRollout(Model):
    """A candidate is tried on live searches beside the active model, or was judged by them: `figures`, `reason`.

    `generation` has the candidate's vectors. The last event of an `id` says how it ended.
    """

    id: ShortText
    task: ShortText = "embedding"
    status: Literal["started", "promoted", "rolled back", "stopped"]
    model: ShortText
    vector_version: ShortText
    generation: ShortText
    mode: Literal["shadow", "share"]
    share: Score
    figures: dict[str, float] = Field(default={}, max_length=50)
    reason: LongText = ""


class MatchRequest(Model):
    """Asks the matching stage to match one entity against the other side."""

    entity: Side
    id: EntityId
    revision: Revision
