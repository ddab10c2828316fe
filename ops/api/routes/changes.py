"""`PUT|PATCH|DELETE /v1/{talents,jobs,companies}/{id}`: what one source says of a record, made into its event."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from connectors.cloudevents import parse
from connectors.message import EventMessage, build_message, normalise
from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.problems import Problem, problems
from ops.api.records import encoded, read_scope
from ops.api.routes.operations import answer_write
from ops.api.writing import ACCEPTED, Accepted, publish_once, source_of
from processors.access import Caller, allows
from schemas.base import EntityId
from schemas.entities import CATALOGUE, Entity, EntitySpec
from schemas.envelope import derived_id
from schemas.events import Action
from sinks.mongodb import COLLECTIONS
from streams.outcomes import Outcome
from streams.record_cache import Key, entry_of

router = APIRouter(tags=["records"])

Id = Annotated[EntityId, Path(description="the entity's id", examples=["T0001"])]
Source = Annotated[
    str | None,
    Query(
        max_length=256,
        description="the system that says so, one of the caller's sources; default: her only one",
        examples=["crm"],
    ),
]
Writer = Annotated[Caller, require("events:write")]
PREFERENCES: list[dict[str, Any]] = [
    {
        "name": "Prefer",
        "in": "header",
        "schema": {"type": "string"},
        "description": "`wait=5`: wait up to 5 seconds, 10 at most, and answer 200 with the outcome",
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "the request is done once, however often it comes with this key within 24 hours",
    },
]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "With `Prefer: wait`: what became of it"},
    202: {"model": Accepted, "description": "Kafka has it; `Location` says what becomes of it"},
    **problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
}
_EXAMPLES: Mapping[Entity, Any] = {
    "talent": {"title": "数据工程师", "skills": [{"name": "Python"}]},
    "job": {"title": "Data Engineer", "locations": ["Shanghai"], "status": "open"},
    "company": {"name": "星河科技", "size": "200-999"},
}


def _body(spec: EntitySpec, kind: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{spec.model.__name__}"}
    return {"required": True, "content": {kind: {"schema": schema, "example": _EXAMPLES.get(spec.name, {})}}}


def _add(spec: EntitySpec) -> None:
    entity, path = spec.name, f"/v1/{spec.plural}/{{id}}"

    async def put(request: Request, api: Opened, caller: Writer, id: Id, source: Source = None) -> Response:
        fields = await _fields(request, ("application/json",))
        return await _write(api, caller, request, entity, id, source, "upserted", fields, whole=True)

    async def patch(request: Request, api: Opened, caller: Writer, id: Id, source: Source = None) -> Response:
        fields = await _fields(request, ("application/merge-patch+json", "application/json"))
        return await _write(api, caller, request, entity, id, source, "upserted", fields)

    async def delete(request: Request, api: Opened, caller: Writer, id: Id, source: Source = None) -> Response:
        return await _write(api, caller, request, entity, id, source, "deleted", {})

    put.__doc__ = f"""Say all that a source knows of a {entity}.

    What the source said before and does not say now, it withdraws. That is compared with what is merged by now: where a
    write of a moment ago may still be under way, wait for it first. Other sources' values stay.
    """
    patch.__doc__ = f"""Change the named fields of a {entity} (JSON Merge Patch, RFC 7396): null withdraws a value.

    A field's value is replaced whole, an object such as a salary too. The policy decides between sources.
    """
    delete.__doc__ = f"""Say that a {entity} is no more. To erase a person for good is another matter: forget her."""
    declared: list[tuple[str, str, Callable[..., Awaitable[Response]], dict[str, Any]]] = [
        ("PUT", f"Replace what a source says of a {entity}", put, _body(spec, "application/json")),
        ("PATCH", f"Change fields of a {entity}", patch, _body(spec, "application/merge-patch+json")),
        ("DELETE", f"Delete a {entity}", delete, {}),
    ]
    for method, summary, function, body in declared:
        router.add_api_route(
            path,
            function,
            methods=[method],
            name=f"{method.lower()}_{entity}",
            summary=summary,
            status_code=ACCEPTED,
            response_model=None,
            responses=ANSWERS,
            openapi_extra={"parameters": PREFERENCES, **({"requestBody": body} if body else {})},
        )


async def _fields(request: Request, kinds: tuple[str, ...]) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Problem(415, "unsupported_media_type", f"send {' or '.join(kinds)}", headers={"accept-patch": kinds[0]})
    fields = parse(await request.body())
    if not isinstance(fields, dict):
        raise Problem(422, "invalid_data", "the body must be a JSON object of fields")
    return fields


async def _write(
    api: Api,
    caller: Caller,
    request: Request,
    entity: Entity,
    id: str,
    source: str | None,
    action: Action,
    fields: dict[str, Any],
    *,
    whole: bool = False,
) -> Response:
    own = source_of(caller, source)

    async def build(event_id: str, time: datetime) -> EventMessage:
        said = fields
        if whole:
            said = {**dict.fromkeys(await _said_before(api, entity, id, own)), **normalise(entity, id, fields, own)}
            # What was said before may be another thing at the next try: then it is another event.
            event_id = derived_id("put", event_id, json.dumps(said, sort_keys=True))
        return build_message(entity, id, said, source=own, action=action, event_id=event_id, time=time)

    async def record(outcome: Outcome) -> Response | None:
        return await _record(api, caller, entity, id, outcome)

    operation = await publish_once(api, caller, request, build)
    return await answer_write(api, request, operation, record)


async def _said_before(api: Api, entity: Entity, id: str, source: str) -> list[str]:
    """Return the fields that a source has given a value, as far as its events are merged."""
    found = await api.reads.database[COLLECTIONS[entity]].find_one({"_id": id}, {"contributions": 1})
    said = found["contributions"] if found else ()
    return [c["field"] for c in said if c["source"] == source and c["value"] is not None]


async def _record(api: Api, caller: Caller, entity: Entity, id: str, outcome: Outcome) -> Response | None:
    """Return the record as MongoDB has it: this process may not have heard of it yet."""
    if not allows(caller, read_scope(entity)) or api.reads.is_forgotten(entity, id):
        return None
    database = outcome.generation.database(api.database)
    found = await database[COLLECTIONS[entity]].find_one({"_id": id}, {"revision": 1, "deleted": 1, "fields": 1})
    if found is None or found["deleted"]:
        return None
    answer = encoded(api, caller, Key(entity, id), entry_of(found["revision"], found["deleted"], found["fields"]))
    return Response(answer.body, headers={"etag": answer.etag.decode()}, media_type="application/json")


for _spec in CATALOGUE:
    _add(_spec)
