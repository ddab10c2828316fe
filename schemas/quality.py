"""What is wrong with a record, and how good it is: errors of the contract, warnings of rules, a score with reasons."""

from typing import Literal

from pydantic import Field

from schemas.base import Language, Model, Share
from schemas.entities import Entity

Part = Literal["completeness", "consistency", "plausibility", "freshness"]
Level = Literal["error", "warning", "hint"]


class Finding(Model):
    """One thing that is wrong or missing. `path` names the field, as `employments.2.end`; no value is repeated.

    An `error` makes the record a dead letter, a `warning` lowers its score, a `hint` says what would raise it.
    """

    level: Level
    code: str = Field(description="stable; docs/reference/quality.md has all", examples=["period_reversed"])
    path: str = Field(examples=["employments.2"])
    text: dict[Language, str]


class Quality(Model):
    """A score from 0 to 1 and the parts that it is made of. `freshness` is None where no time is known."""

    score: Share
    completeness: Share
    consistency: Share
    plausibility: Share
    freshness: Share | None = None


class Validation(Model):
    """What becomes of a record: `valid` says whether it would be accepted; `quality` is None if it would not."""

    entity: Entity
    valid: bool
    quality: Quality | None
    findings: list[Finding]
