"""What is remembered of a pair's earlier results."""

from typing import NamedTuple

from pydantic import Field

from schemas.base import Model, ShortText
from schemas.messages import Score

MAX_REVISIONS = 20
"""Published results that are remembered of a pair; older ones go."""


class Part(NamedTuple):
    """A feature's own score, and its contribution to the pair's."""

    score: Score
    contribution: Score


class MatchRevision(Model):
    """One published result of a pair.

    `time`, when it was published, is fixed-width UTC text; `weights` is the version of the weights, `model` that of the
    embedding model; `cause` is the id of the event that changed the pair, where it is known.
    """

    time: ShortText
    talent_revision: int = Field(ge=0)
    job_revision: int = Field(ge=0)
    status: str
    score: Score
    features: dict[str, Part]
    weights: ShortText
    model: ShortText
    cause: str | None = None
