"""`POST /v1/events`: CloudEvents in, in each of HTTP's modes: structured, batched and binary."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from connectors.cloudevents import BATCH, BINARY_PREFIX, JSON, KINDS, SINGLE, event_in_headers, message_of, parse
from connectors.message import EventMessage
from ops.api.access import require, require_source
from ops.api.context import Opened
from ops.api.problems import Problem, problems
from ops.api.writing import ACCEPTED, Accepted, check_clock, publish
from processors.access import Caller
from schemas.errors import BadMessageError

router = APIRouter(tags=["events"])

_EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "crm-4711",
    "source": "crm",
    "type": "looma.talent.upserted",
    "subject": "T0001",
    "time": "2026-11-24T08:00:00Z",
    "data": {"title": "数据工程师", "skills": [{"name": "Python"}]},
}
_ATTRIBUTE = {"type": "string", "minLength": 1, "maxLength": 256}
_SCHEMA = "^urn:looma:[a-z-]{1,64}:[0-9]{1,6}$"
_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "A CloudEvent; `subject` is the entity's id. docs/guides/events.md has the types and their data.",
    "required": ["specversion", "id", "source", "type", "subject", "time"],
    "properties": {
        "specversion": {"const": "1.0"},
        **dict.fromkeys(("id", "source", "subject"), _ATTRIBUTE),
        "type": {"enum": list(KINDS)},
        "time": {"type": "string", "format": "date-time"},
        "dataschema": {"anyOf": [{"type": "string", "pattern": _SCHEMA}, {"type": "null"}]},
        "datacontenttype": {"enum": ["application/json", None]},
        "data": {"type": ["object", "null"]},
    },
}
_BODY = {
    "required": True,
    "content": {
        SINGLE: {"schema": _EVENT, "example": _EXAMPLE},
        BATCH: {"schema": {"type": "array", "items": _EVENT, "minItems": 1}, "example": [_EXAMPLE]},
    },
}
"""Binary mode is not in it: generated clients would take its `application/json` for the kind of a whole event."""


@router.post(
    "/v1/events",
    status_code=ACCEPTED,
    summary="Publish events",
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra={"requestBody": _BODY},
)
async def post_events(
    request: Request, response: Response, api: Opened, caller: Annotated[Caller, require("events:write")]
) -> Accepted:
    """Publish one CloudEvent or a batch; a batch with a faulty event is refused as a whole.

    An event may also come in binary mode: its attributes in headers `ce-id`, `ce-source` …, its data as the body.
    The answer comes when all replicas of Kafka have the events. After 503, or none, repeat the request as it is:
    events are known by their ids.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    sent: Any
    if kind == SINGLE:
        sent = [parse(body)]
    elif kind == BATCH:
        sent = parse(body)
        if not isinstance(sent, list) or not sent:
            raise Problem(422, "invalid_data", "a batch must be a JSON array of events")
    elif f"{BINARY_PREFIX}specversion" in request.headers and kind in ("", JSON):
        sent = [event_in_headers(request.headers.items(), body)]
    else:
        detail = f"send {SINGLE} or {BATCH}, or {JSON} with the event's attributes in {BINARY_PREFIX} headers"
        raise Problem(415, "unsupported_media_type", detail)
    if len(sent) > api.settings.api.batch_events:
        raise Problem(413, "too_many_events", f"a batch may have {api.settings.api.batch_events} events")
    messages: list[EventMessage] = []
    faults: list[dict[str, str]] = []
    for at, event in enumerate(sent):
        try:
            message = message_of(event)
            check_clock(api, message)
        except BadMessageError as error:
            faults.append({"pointer": f"/{at}" if kind == BATCH else "", "code": error.code, "detail": error.detail})
        else:
            messages.append(message)
    if faults:
        first = faults[0]
        raise Problem(422, first["code"], first["detail"], errors=faults[:100])
    for message in messages:
        assert message.envelope is not None
        require_source(caller, message.envelope.source)
    accepted = Accepted(operations=await publish(api, messages))
    if kind != BATCH:
        response.headers["location"] = accepted.operations[0].url
    return accepted
