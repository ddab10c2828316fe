"""`POST /v1/talents/{id}/matches/{job_id}/feedback`: what became of a match."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from connectors.message import EventMessage, build_feedback
from ops.api.access import require
from ops.api.context import Opened
from ops.api.problems import Problem
from ops.api.routes.changes import ANSWERS, PREFERENCES, Id, Source
from ops.api.routes.operations import answer_write
from ops.api.writing import ACCEPTED, publish_once, source_of
from processors.access import Caller
from schemas.base import EntityId
from schemas.feedback import FeedbackOutcome, ReasonCode

router = APIRouter(tags=["matches"])


class FeedbackBody(BaseModel):
    """What became of a talent on a job."""

    model_config = ConfigDict(extra="forbid")

    outcome: FeedbackOutcome = Field(examples=["interviewed"])
    reason: ReasonCode | None = Field(default=None, description="a code of your own, never free text")


@router.post(
    "/v1/talents/{id}/matches/{job_id}/feedback",
    summary="Say what became of a match",
    status_code=ACCEPTED,
    response_model=None,
    responses=ANSWERS,
    openapi_extra={"parameters": PREFERENCES},
)
async def post_feedback(
    body: FeedbackBody,
    request: Request,
    api: Opened,
    caller: Annotated[Caller, require("feedback:write")],
    id: Id,
    job_id: Annotated[EntityId, Path(description="the job's id", examples=["J0001"])],
    source: Source = None,
) -> Response:
    """Say what became of a talent on a job; the weights of matching are fitted to it."""
    if caller.subject not in (None, id):
        raise Problem(403, "forbidden", "a candidate speaks for herself only")
    own = source_of(caller, source)

    async def build(event_id: str, time: datetime) -> EventMessage:
        return build_feedback(id, job_id, body.outcome, reason=body.reason, source=own, event_id=event_id, time=time)

    return await answer_write(api, request, await publish_once(api, caller, request, build))
