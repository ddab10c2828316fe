"""`POST /v1/validate`: what an event would be told, without publishing it."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ops.api.access import Known
from ops.api.problems import problems
from processors.quality.validate import validate
from schemas.entities import Entity
from schemas.quality import Validation

router = APIRouter(tags=["events"])
MAX_RECORDS = 100


class ToValidate(BaseModel):
    """Records of one entity, as the data of events: each names the fields that it has."""

    entity: Entity = Field(examples=["talent"])
    records: list[dict[str, Any]] = Field(
        min_length=1, max_length=MAX_RECORDS, examples=[[{"title": "数据工程师", "years_experience": 99}]]
    )


class Validated(BaseModel):
    """What there is to say of each record, in the order of the request."""

    results: list[Validation]


@router.post("/v1/validate", summary="Check records without publishing them", responses=problems(401, 403, 422, 429))
async def post_validate(caller: Known, wanted: ToValidate) -> Validated:
    """Return errors, warnings, hints and a quality score with its reasons for each record.

    An error is why an event with this data would be refused. The score counts completeness, consistency and
    plausibility; a stored record's counts freshness, too.
    """
    now = datetime.now(UTC)
    return Validated(results=[validate(wanted.entity, record, now) for record in wanted.records])
