"""`GET /v1/{talents,jobs,companies}/{id}`: source records, with where their values are from if wanted."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from ops.api.access import Known
from ops.api.context import Api, Opened
from ops.api.problems import problems
from ops.api.records import (
    encode,
    encoded,
    headers,
    is_known_to,
    read_record,
    require_fields,
    sees_personal,
    sparse,
    unknown,
)
from processors.access import Caller
from processors.masking import mask_record, mask_value
from processors.quality.score import findings, heard_of, judge
from schemas.entities import CATALOGUE, Entity, EntitySpec
from sinks.mongodb import COLLECTIONS
from streams.record_cache import Key

router = APIRouter(tags=["records"])

Id = Annotated[str, Path(description="the entity's id", max_length=128, examples=["T0001"])]
Fields = Annotated[
    str | None,
    Query(
        description="names of fields, with commas: only these are in the answer", max_length=1000, examples=["title"]
    ),
]
Provenance = Annotated[bool, Query(description="whether to say where each value is from, and what contradicts it")]
_OF_RECORD = ("revision", "provenance", "conflicts", "conflicts_decided", "policy")


class RecordBody(BaseModel):
    """A source record: what all events of one id amount to."""

    entity: str = Field(examples=["talent"])
    id: str = Field(examples=["T0001"])
    fields: dict[str, Any] = Field(examples=[{"title": "数据工程师", "skills": [{"name": "Python"}]}])
    revision: int | None = Field(default=None, description="with provenance: how often the record has changed")
    provenance: dict[str, dict[str, str]] | None = Field(
        default=None, description="with provenance: each value's source, time and event"
    )
    conflicts: list[dict[str, Any]] | None = Field(
        default=None, description="with provenance: what waits for a person's decision"
    )
    quality: dict[str, Any] | None = Field(
        default=None, description="with provenance: the score and its reasons (docs/reference/quality.md)"
    )


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": RecordBody},
    304: {"description": "Unchanged"},
    **problems(401, 403, 404, 410, 422, 503),
}


def _add(spec: EntitySpec) -> None:
    entity = spec.name

    async def read(
        request: Request,
        api: Opened,
        caller: Known,
        id: Id,
        fields: Fields = None,
        provenance: Provenance = False,
    ) -> Response:
        return await _answer(request, api, caller, Key(entity, id), fields, provenance=provenance)

    read.__doc__ = f"""Return a {entity}'s source record, as new as what is published on its topic.

    `ETag` follows from what is shown: a request with `If-None-Match` is answered with 304 while that is the same. Who
    lacks the scope `pii:read` sees what is personal masked. 410: its source deleted it.
    """
    declared: Callable[..., Awaitable[Response]] = read
    router.add_api_route(
        f"/v1/{spec.plural}/{{id}}",
        declared,
        methods=["GET"],
        name=f"read_{entity}",
        summary=f"One {entity}",
        response_model=None,
        responses=_ANSWERS,
    )


for _spec in CATALOGUE:
    _add(_spec)


async def _answer(
    request: Request, api: Api, caller: Caller, key: Key, fields: str | None, *, provenance: bool
) -> Response:
    entry, status = await read_record(api, caller, key)
    names = None if fields is None else {name.strip() for name in fields.split(",")}
    if names is not None:
        require_fields(key.entity, names)
    if provenance:
        answer = encode(await record_with_provenance(api, caller, key, names))
    else:
        whole = encoded(api, caller, key, entry)
        answer = whole if names is None else sparse(whole, names)
    given = request.headers.get("if-none-match")
    is_known = is_known_to(given.encode() if given else None, answer.etag)
    response = Response(status_code=304) if is_known else Response(answer.body)
    response.raw_headers += headers(api, answer, status)[1 if is_known else 0 :]
    return response


async def record_with_provenance(api: Api, caller: Caller, key: Key, names: set[str] | None = None) -> dict[str, Any]:
    """Return a record as MongoDB has it: what is confirmed by another source is told on no topic. Raises Problem, 404.

    The caller may read it, and the reading has been noted.
    """
    wanted = {"fields": 1, **dict.fromkeys(_OF_RECORD, 1)}
    found = await api.reads.database[COLLECTIONS[key.entity]].find_one({"_id": key.id}, wanted)
    if found is None:
        raise unknown(key)
    del found["_id"]
    shown: dict[str, Any] = {"entity": key.entity, "id": key.id, **found}
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # an ETag is good for a day
    quality, reasons = judge(key.entity, found["fields"], today, heard_of(found["provenance"]))
    shown["quality"] = {**quality.model_dump(), "findings": [each.model_dump() for each in findings(reasons)]}
    if not sees_personal(caller, key.entity, key.id):
        shown = masked_document(key.entity, shown)
    if names is not None:
        for part in ("fields", "provenance"):
            shown[part] = {n: v for n, v in shown[part].items() if n in names}
        shown["conflicts"] = [c for c in shown["conflicts"] if c["field"] in names]
    return shown


def masked_document(entity: Entity, document: dict[str, Any]) -> dict[str, Any]:
    """Return a record or a golden record with what is personal of its fields and conflicts hidden."""
    conflicts = [masked_conflict(entity, each) for each in document["conflicts"]]
    return {**mask_record(entity, document), "conflicts": conflicts}


def masked_conflict(entity: Entity, conflict: dict[str, Any]) -> dict[str, Any]:
    """Return a conflict whose values are masked as those of its field are."""
    field = conflict["field"]
    sides = [{**side, "value": mask_value(entity, field, side.get("value"))} for side in conflict["candidates"]]
    chosen = {**conflict["chosen"], "value": mask_value(entity, field, conflict["chosen"].get("value"))}
    value = mask_value(entity, field, conflict.get("value"))
    return {**conflict, "value": value, "chosen": chosen, "candidates": sides}
