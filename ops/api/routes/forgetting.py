"""`POST /v1/talents/{id}/forget`: what forgetting a person would remove."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ops.api.access import require
from ops.api.context import Opened
from ops.api.problems import problems
from ops.api.routes.changes import Id
from ops.forget.run import Forgetting
from processors.access import Caller

router = APIRouter(tags=["privacy"])


class ForgetBody(BaseModel):
    """How to forget."""

    model_config = ConfigDict(extra="forbid")

    dry_run: Literal[True] = Field(
        description="only true: forgetting rewrites topics, which `looma forget` does and no request can wait for"
    )


class ForgetPlan(BaseModel):
    """What would be removed of a person."""

    person: str
    already: bool = Field(description="whether she is forgotten")
    removed: int = Field(description="documents, vectors and messages in all")
    stores: dict[str, int] = Field(description="documents and vectors, by where they are")
    topics: dict[str, int] = Field(description="messages, by topic")
    linked: list[str] = Field(description="records held to be the same person, which would stay")


@router.post(
    "/v1/talents/{id}/forget",
    summary="Count what forgetting a person would remove",
    responses=problems(400, 401, 403, 409, 422, 429, 503),
)
async def post_forget(
    body: ForgetBody, api: Opened, caller: Annotated[Caller, require("forget")], id: Id
) -> ForgetPlan:
    """Count what is known of a person, in the log and every store. `looma forget ID` removes it."""
    async with Forgetting.open(api.settings) as work:
        report = await work.plan(id)
    return ForgetPlan(
        person=id,
        already=report.already,
        removed=report.removed,
        stores=report.stores,
        topics={topic.topic: topic.removed for topic in report.topics},
        linked=report.linked,
    )
