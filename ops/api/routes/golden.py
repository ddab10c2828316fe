"""`/v1/golden/…`: the person or company that several source records amount to, its members and the evidence."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from ops.api.access import Known
from ops.api.context import Api, Opened
from ops.api.paging import Cursor, Limit, Page, cursor_of, place_of
from ops.api.problems import Problem, problems
from ops.api.records import PLURALS, note_read, require_read, sees_personal
from ops.api.routes.records import Id, masked_document
from processors.access import Caller
from schemas.entities import Entity, Resolvable, is_resolvable
from sinks.identities import GOLDEN, IdentityStore

router = APIRouter(tags=["golden records"])

Plural = Annotated[str, Path(description="talents or companies", pattern="^(talents|companies)$", examples=["talents"])]
_HIDDEN = {"conflicts_decided": 0, "policy": 0}


class Link(BaseModel):
    """Why two records are one, or are not; the evidence names kinds of agreement, never values."""

    left: str
    right: str
    decision: str
    probability: float
    evidence: list[dict[str, Any]]


class Golden(BaseModel):
    """A golden record."""

    entity: str = Field(examples=["talent"])
    id: str = Field(description="that of its oldest member", examples=["T0001"])
    members: list[str] = Field(description="the ids of its source records", examples=[["T0001", "boss:88"]])
    deleted: bool
    fields: dict[str, Any]
    provenance: dict[str, dict[str, str]]
    conflicts: list[dict[str, Any]]
    links: list[Link] = Field(description="what speaks for and against it, the likeliest first")


class Merged(BaseModel):
    """A golden record of several source records."""

    id: str
    members: list[str]


def _entity(plural: str) -> Resolvable:
    entity = PLURALS[plural]
    assert is_resolvable(entity)
    return entity


@router.get(
    "/v1/golden/{plural}/{id}",
    summary="The golden record that a source record belongs to",
    responses=problems(401, 403, 404, 422, 503),
)
async def read_golden(api: Opened, caller: Known, plural: Plural, id: Id) -> Golden:
    """Return the golden record of a source record's id, whichever of its members that names."""
    entity = _entity(plural)
    require_read(caller, entity, id)
    store = IdentityStore(api.reads.database, entity)
    found = [] if api.reads.is_forgotten(entity, id) else await store.stored_golden([id])
    document = found[0] if found else None
    # One that a forgotten person is part of still has her values: it is made anew without her.
    if document is None or id not in document["members"] or _names_forgotten(api, entity, document["members"]):
        raise Problem(404, "not_found", f"there is no golden record with this {entity}")
    _require_own(caller, entity, document["members"])
    note_read(api, caller, entity, id)
    links = await store.links_of(document["members"])
    shown = document if sees_personal(caller, entity, id) else masked_document(entity, document)
    return Golden(
        entity=entity,
        id=document["_id"],
        links=[Link(**{name: link[name] for name in Link.model_fields}) for link in links],
        **{name: shown[name] for name in ("members", "deleted", "fields", "provenance", "conflicts")},
    )


@router.get(
    "/v1/golden/{plural}",
    summary="Golden records of several source records",
    responses=problems(401, 403, 422, 503),
)
async def list_golden(
    api: Opened, caller: Known, plural: Plural, limit: Limit = 50, cursor: Cursor = None
) -> Page[Merged]:
    """List what was merged, by id."""
    entity = _entity(plural)
    require_read(caller, entity, "")
    after = place_of(api, f"golden {entity}", cursor)
    query: dict[str, Any] = {"members.1": {"$exists": True}}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = api.reads.database[GOLDEN[entity]].find(query, {"members": 1}).sort("_id", 1).limit(limit + 1)
    rows = [d async for d in found]
    shown = [d for d in rows[:limit] if not _names_forgotten(api, entity, d["members"])]
    items = [Merged(id=d["_id"], members=d["members"]) for d in shown]
    more = cursor_of(api, f"golden {entity}", rows[limit - 1]["_id"]) if len(rows) > limit else None
    return Page(items=items, next=more)


def _names_forgotten(api: Api, entity: Resolvable, members: list[str]) -> bool:
    return any(api.reads.is_forgotten(entity, member) for member in members)


def _require_own(caller: Caller, entity: Entity, members: list[str]) -> None:
    if caller.subject is not None and entity == "talent" and caller.subject not in members:
        raise Problem(403, "forbidden", "a candidate reads her own record only")
