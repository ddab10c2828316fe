"""A person's word: on a conflict that no policy decides, and on which records are one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from connectors.message import EventMessage, build_message, build_verdict
from ops.api.access import require
from ops.api.context import Opened
from ops.api.problems import Problem, problems
from ops.api.routes.changes import ANSWERS, PREFERENCES
from ops.api.routes.conflicts import required_conflict
from ops.api.routes.operations import answer_write
from ops.api.writing import ACCEPTED, publish_once
from processors.access import Caller
from processors.sync.conflicts import decide, valid_value
from processors.sync.contribution import DECISION
from schemas.base import EntityId
from schemas.entities import Resolvable
from schemas.verdicts import Action
from sinks.conflicts import OpenConflict

router = APIRouter(tags=["decisions"])


class DecisionBody(BaseModel):
    """The value that a field is to have: one of the candidates, by its number from 1, or another."""

    model_config = ConfigDict(extra="forbid")

    take: int | None = Field(default=None, ge=1, description="the candidate of this number", examples=[1])
    value: Any = Field(default=None, description="this value; null for none")


class VerdictBody(BaseModel):
    """Two records of which somebody says whether they are one."""

    model_config = ConfigDict(extra="forbid")

    action: Action = Field(examples=["merge"])
    entity: Resolvable = Field(examples=["talent"])
    left: EntityId = Field(examples=["T0001"])
    right: EntityId = Field(examples=["T0002"])


@router.post(
    "/v1/conflicts/{id}/decision",
    summary="Decide a conflict",
    status_code=ACCEPTED,
    response_model=None,
    responses={**ANSWERS, **problems(404)},
    openapi_extra={"parameters": PREFERENCES},
)
async def post_decision(
    id: str,
    body: DecisionBody,
    request: Request,
    api: Opened,
    caller: Annotated[Caller, require("conflicts:decide")],
) -> Response:
    """Decide a conflict by an event of the source looma/decision; it yields to what the sources say after it."""
    if (body.take is None) == ("value" not in body.model_fields_set):
        raise Problem(422, "invalid_request", "say either take or value")

    async def build(_: str, time: datetime) -> EventMessage:
        found = await required_conflict(api, id)
        event = decide(found.conflict, found.entity, found.entity_id, _value(found, body), time, found.required)
        about = [f"conflict:{id}", api.audit.name(found.entity, found.entity_id)]
        await api.audit.record("conflict.decided", caller=caller.audited, about=about)
        return build_message(
            event.entity,
            event.id,
            event.fields,
            source=DECISION,
            event_id=event.envelope.id,
            time=event.envelope.time,
        )

    return await answer_write(api, request, await publish_once(api, caller, request, build))


def _value(found: OpenConflict, body: DecisionBody) -> Any:
    candidates = found.conflict.candidates
    if body.take is None:
        return valid_value(found.conflict.field, found.entity, body.value, found.required)
    if body.take > len(candidates):
        raise Problem(422, "invalid_data", f"there are {len(candidates)} candidates")
    return candidates[body.take - 1].value


@router.post(
    "/v1/identities/verdicts",
    summary="Merge or un-merge two records",
    status_code=ACCEPTED,
    response_model=None,
    responses=ANSWERS,
    openapi_extra={"parameters": PREFERENCES},
)
async def post_verdict(
    body: VerdictBody, request: Request, api: Opened, caller: Annotated[Caller, require("identity:decide")]
) -> Response:
    """Say that two records are one person or company, or that they are not; it holds against what is computed."""

    async def build(event_id: str, time: datetime) -> EventMessage:
        message = build_verdict(
            body.action, body.entity, body.left, body.right, source=DECISION, event_id=event_id, time=time
        )
        about = [api.audit.name(body.entity, each) for each in (body.left, body.right)]
        await api.audit.record("identity.decided", caller=caller.audited, about=about, details={"action": body.action})
        return message

    return await answer_write(api, request, await publish_once(api, caller, request, build))
