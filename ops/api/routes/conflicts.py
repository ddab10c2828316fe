"""`/v1/conflicts`: what no policy decides and waits for a person."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.paging import Cursor, Limit, Page, cursor_of, place_of
from ops.api.problems import Problem, problems
from ops.api.records import note_read, sees_personal
from ops.api.routes.records import masked_conflict
from processors.access import Caller
from schemas.entities import Entity
from sinks.conflicts import OpenConflict, find_conflict, open_conflicts

router = APIRouter(tags=["conflicts"])
Reader = Annotated[Caller, require("conflicts:read")]


class ConflictBody(BaseModel):
    """A conflict: what the sources say, and what the record has meanwhile."""

    id: str
    entity: str = Field(examples=["talent"])
    entity_id: str = Field(examples=["T0001"])
    field: str = Field(examples=["title"])
    kind: str
    value: Any = Field(default=None, description="what the record has meanwhile")
    candidates: list[dict[str, Any]] = Field(description="each source's value, with its time and event")


def _body(api: Api, caller: Caller, found: OpenConflict) -> ConflictBody:
    shown = found.conflict.to_dict()
    note_read(api, caller, found.entity, found.entity_id)
    if not sees_personal(caller, found.entity, found.entity_id):
        shown = masked_conflict(found.entity, shown)
    names = ("field", "kind", "value", "candidates")
    return ConflictBody(
        id=found.id, entity=found.entity, entity_id=found.entity_id, **{name: shown[name] for name in names}
    )


@router.get("/v1/conflicts", summary="Conflicts that wait", responses=problems(401, 403, 422, 503))
async def list_conflicts(
    api: Opened,
    caller: Reader,
    entity: Annotated[Entity | None, Query(description="only of these records")] = None,
    field: Annotated[str | None, Query(max_length=100, description="only of this field")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ConflictBody]:
    """List the conflicts that wait for a decision, by entity and record."""
    purpose = f"conflicts {entity} {field}"
    after = place_of(api, purpose, cursor)
    items: list[ConflictBody] = []
    more = None
    begun = after is None
    found = open_conflicts(
        api.reads.database, entity=entity, field=field, after=(after[0], after[1]) if after else None
    )
    async for each in found:
        if not begun and (each.entity, each.entity_id) == (after[0], after[1]):
            begun = each.id == after[2]  # of the record where the last page ended, what comes behind its last conflict
            continue
        begun = True
        if api.reads.is_forgotten(each.entity, each.entity_id):
            continue
        if len(items) == limit:
            last = items[-1]
            more = cursor_of(api, purpose, [last.entity, last.entity_id, last.id])
            break
        items.append(_body(api, caller, each))
    return Page(items=items, next=more)


@router.get("/v1/conflicts/{id}", summary="One conflict", responses=problems(401, 403, 404, 422, 503))
async def read_conflict(api: Opened, caller: Reader, id: str) -> ConflictBody:
    """Show both sides of a conflict, with who said so and when."""
    return _body(api, caller, await required_conflict(api, id))


async def required_conflict(api: Api, conflict_id: str) -> OpenConflict:
    """Return an open conflict. Raises Problem, 404."""
    found = await find_conflict(api.reads.database, conflict_id)
    if found is None or api.reads.is_forgotten(found.entity, found.entity_id):
        raise Problem(404, "not_found", "there is no such conflict, or it is decided")
    return found
