"""`POST /v1/talents/{id}/resume`: a resume's file, as `looma submit` takes it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from connectors.message import EventMessage, build_resume
from ops.api.context import Opened
from ops.api.problems import Problem
from ops.api.routes.changes import ANSWERS, PREFERENCES, Id, Source, Writer
from ops.api.routes.operations import answer_write
from ops.api.writing import ACCEPTED, publish_once, source_of

router = APIRouter(tags=["resumes"])
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"required": True, "content": {"application/octet-stream": _FILE, "application/pdf": _FILE}}


@router.post(
    "/v1/talents/{id}/resume",
    summary="Submit a resume",
    status_code=ACCEPTED,
    response_model=None,
    responses=ANSWERS,
    openapi_extra={"parameters": PREFERENCES, "requestBody": _BODY},
)
async def post_resume(request: Request, api: Opened, caller: Writer, id: Id, source: Source = None) -> Response:
    """Submit a resume of any format, 2 MiB at most; the body is the file, and its content says what it is.

    Resume workers read it, and what it says becomes part of the talent. A file that cannot be read becomes a dead
    letter, whose reason the operation tells.
    """
    content = await request.body()
    if not content:
        raise Problem(422, "invalid_data", "the body must be the resume's file")
    own = source_of(caller, source)

    async def build(event_id: str, time: datetime) -> EventMessage:
        return build_resume(id, content=content, source=own, event_id=event_id, time=time)

    return await answer_write(api, request, await publish_once(api, caller, request, build))
