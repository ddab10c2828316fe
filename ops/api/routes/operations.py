"""`GET /v1/operations/{id}`: what became of a write. Nothing is kept for it: the id says where in the log to look."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from ops.api.access import Known
from ops.api.context import Api, Opened
from ops.api.problems import Problem, problems
from ops.api.writing import Operation, accepted, place_of, settled, wait_of
from schemas.entities import is_side
from streams.outcomes import Outcome, Place, State

Shown = Callable[[Outcome], Awaitable[Response | None]]
"""Returns the record that a write is about, as the caller may see it; None if she may not, or it is gone."""

router = APIRouter(tags=["operations"])


class OperationStatus(BaseModel):
    """What became of a write."""

    id: str
    event: str = Field(description="the event's id")
    state: State = Field(
        description="accepted: Kafka has it; merged: the record has it; unchanged: it said nothing new, or what it "
        "said has been replaced since; processed: it was handled, as what is no record's event is; dead_lettered: it "
        "was refused"
    )
    entity: str | None = Field(default=None, description="of a record's event: which kind", examples=["talent"])
    entity_id: str | None = Field(default=None, description="and its id", examples=["T0001"])
    revision: int | None = Field(default=None, description="of the record, once merged")
    indexed: bool | None = Field(default=None, description="whether searches find that revision, or a later one")
    matched: bool | None = Field(default=None, description="whether its matches are computed")
    reason: str | None = Field(default=None, description="why it was refused: a code of docs/reference/errors.md")
    detail: str | None = Field(default=None, description="the same in words")


def status_of(token: str, place: Place, outcome: Outcome) -> OperationStatus:
    """Return a status; what followed from the merge is not asked for."""
    return OperationStatus(
        id=token,
        event=place.event,
        state=outcome.state,
        entity=place.entity,
        entity_id=place.key if place.entity else None,
        revision=outcome.revision,
        reason=outcome.letter.reason if outcome.letter else None,
        detail=outcome.letter.detail if outcome.letter else None,
    )


@router.get(
    "/v1/operations/{id}",
    summary="What became of a write",
    response_model_exclude_none=True,
    responses=problems(401, 403, 404, 429, 503),
)
async def read_operation(id: str, request: Request, api: Opened, caller: Known) -> OperationStatus:
    """Tell what became of a write; `Prefer: wait=N` waits up to 10 s for more than `accepted`."""
    place = place_of(api, id)
    if place is None:
        raise Problem(404, "not_found", "there is no such operation")
    outcome = await settled(api, place, wait_of(request))
    status = status_of(id, place, outcome)
    if outcome.state == "merged" and place.entity and is_side(place.entity):
        followed = await api.outcomes.followed(place.entity, place.key, outcome)
        status.indexed, status.matched = followed
    return status


async def answer_write(api: Api, request: Request, operation: Operation, record: Shown | None = None) -> Response:
    """Return 202; or, to who wishes to wait, 200 with the record, or else with what became of the write.

    Raises Problem, 422, if the write became a dead letter.
    """
    seconds = wait_of(request)
    place = place_of(api, operation.id)
    if not seconds or place is None:
        return accepted(operation)
    outcome = await settled(api, place, seconds)
    if outcome.state == "accepted":
        return accepted(operation)
    if outcome.letter:
        raise Problem(422, outcome.letter.reason, outcome.letter.detail, headers={"location": operation.url})
    shown = await record(outcome) if record else None
    if shown is None:
        body = status_of(operation.id, place, outcome).model_dump_json(exclude_none=True)
        shown = Response(body, media_type="application/json")
    shown.headers["location"] = operation.url
    shown.headers["preference-applied"] = f"wait={seconds}"
    return shown
