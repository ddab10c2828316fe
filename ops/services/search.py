"""Talents, jobs and resumes by meaning, by words, or both."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from ops.services.house import House
from processors.search.criteria import Criteria
from schemas.base import EducationLevel, EntityId, Language, Model
from schemas.entities import Side
from streams.search.request import Request


class Question(Model):
    """What is looked for: a `query`, or what is `like` an entity."""

    kind: Side | Literal["resume"]
    query: Annotated[str, StringConstraints(max_length=2000)] = ""
    like: EntityId | None = None
    mode: Literal["hybrid", "semantic", "keyword"] = "hybrid"
    places: Annotated[tuple[Annotated[str, StringConstraints(max_length=100)], ...], Field(max_length=20)] = ()
    education: EducationLevel | None = None
    language: Language | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 10


async def answer(house: House, request: Question) -> dict[str, Any]:
    """Return the hits of the active generation. Raises SearchError."""
    from processors.matching.filters import OPEN_STATUSES

    statuses = OPEN_STATUSES["job" if request.kind == "job" else "talent"]
    criteria = Criteria.of(
        place=request.places, education=request.education, language=request.language, statuses=statuses
    )
    asked = Request(request.kind, request.query, request.like, request.mode, criteria, request.limit)
    return await house.search(asked)
