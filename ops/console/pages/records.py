"""Talents, jobs and companies: found by search or page by page, and one record with where each value is from."""

from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Path, Query, Request, Response
from loguru import logger
from qdrant_client.http.exceptions import ApiException

from ops.api.context import Api, Opened
from ops.api.problems import Problem
from ops.api.records import PLURALS, note_read, read_record, require_read, sees_personal
from ops.api.routes.golden import Golden, read_golden
from ops.api.routes.records import Id, record_with_provenance
from ops.api.routes.search import KINDS, Found, search
from ops.console.page import Page, is_fragment, render
from ops.console.state import Console, ConsoleOpened
from ops.console.visitor import Visitor, require_scope
from processors.access import Caller, allows
from processors.masking import mask_fields
from processors.search.criteria import FACETS
from schemas.base import EducationLevel
from schemas.entities import MODELS, SPEC, Entity, is_resolvable, is_side
from sinks.lookup import having as among
from sinks.mongodb import COLLECTIONS
from streams.record_cache import Key
from streams.resumes import SOURCE as RESUME

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
PAGE = 25
CARD = ("name", "title", "company", "locations", "status", "years_experience", "industry", "size", "seniority")
"""The fields that a list shows."""
Plural = Annotated[Literal["talents", "jobs", "companies"], Path()]


async def cards(api: Api, visitor: Caller, entity: Entity, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return what a list shows of records, by id, masked; not of those whom she may not read, nor of the forgotten."""
    wanted = [each for each in ids if not api.reads.is_forgotten(entity, each)]
    only = {f"fields.{name}": 1 for name in CARD} | {"deleted": 1}
    found: dict[str, dict[str, Any]] = {}
    async for document in among(api.reads.database[COLLECTIONS[entity]], "_id", wanted, only=only):
        found[document["_id"]] = _card(api, visitor, entity, document)
    return found


def _card(api: Api, visitor: Caller, entity: Entity, document: dict[str, Any]) -> dict[str, Any]:
    fields = document.get("fields", {})
    if not sees_personal(visitor, entity, document["_id"]):
        return mask_fields(entity, fields)
    note_read(api, visitor, entity, document["_id"])
    return dict(fields)


@router.get("/{plural}")
async def records_page(
    request: Request,
    api: Opened,
    console: ConsoleOpened,
    visitor: Visitor,
    plural: Plural,
    q: Annotated[str, Query(max_length=1000)] = "",
    place: Annotated[str, Query(max_length=100)] = "",
    status: Annotated[str, Query(max_length=50)] = "",
    language: Literal["zh", "en", ""] = "",
    education: Annotated[str, Query(max_length=50)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    after: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """List records: what a search finds, those that something was said of last, or all by id."""
    entity = PLURALS[plural]
    require_read(visitor, entity, visitor.subject or "")
    chosen = {"place": place, "status": status, "language": language, "education": education}
    found: Found | None = None
    known: dict[str, dict[str, Any]] = {}
    listed: list[tuple[str, dict[str, Any]]] = []
    newest: list[tuple[str, dict[str, Any]]] = []
    more = None
    if plural in KINDS and q.strip():
        require_scope(visitor, "search")
        found = await search(
            api,
            visitor,
            "talents" if plural == "talents" else "jobs",
            q,
            place=[place] if place else None,
            education=_education(education),
            language=language or None,
            status=[status] if status else None,
            facet=list(FACETS),
            limit=PAGE,
            cursor=cursor,
        )
        known = await cards(api, visitor, entity, [hit["id"] for hit in (*found.hits, *found.near)])
    else:
        newest = [] if after is not None else await _newest(api, console, visitor, entity)
        if newest:
            listed = newest
        else:
            listed, more = await _listed(api, visitor, entity, after)
    return render(
        request,
        "found.html" if is_fragment(request) else "records.html",
        visitor,
        plural=plural,
        entity=entity,
        searchable=plural in KINDS,
        q=q,
        chosen=chosen,
        found=found,
        known=known,
        listed=listed,
        is_newest=bool(newest),
        more=more,
    )


def _education(name: str) -> EducationLevel | None:
    return next((level for level in get_args(EducationLevel) if level == name), None)


async def _newest(api: Api, console: Console, visitor: Caller, entity: Entity) -> list[tuple[str, dict[str, Any]]]:
    """Return the records that something was said of last; none where no vectors are stored, or to a candidate.

    Qdrant has an index for it. MongoDB is asked for these only, for not every server of its kind lists many at once.
    """
    if not is_side(entity) or visitor.subject is not None:
        return []
    try:
        ids = await console.vectors(api.reads.generation.suffix).newest(entity, PAGE)
    except (ApiException, OSError) as error:
        logger.info("records are listed by id: {}", type(error).__name__)
        return []
    found = await cards(api, visitor, entity, ids)
    return [(id, found[id]) for id in ids if id in found]


async def _listed(
    api: Api, visitor: Caller, entity: Entity, after: str | None
) -> tuple[list[tuple[str, dict[str, Any]]], str | None]:
    """Return a page of records by id, and the id that the next one begins behind. A candidate's list is her own."""
    query: dict[str, Any] = {"deleted": False}
    if after:  # nothing is before every id
        query["_id"] = {"$gt": after}
    if visitor.subject is not None and entity == "talent":
        query["_id"] = visitor.subject
    only = {f"fields.{name}": 1 for name in CARD}
    cursor = api.reads.database[COLLECTIONS[entity]].find(query, only).sort("_id", 1).limit(PAGE + 1)
    documents = [d async for d in cursor]
    shown = [d for d in documents[:PAGE] if not api.reads.is_forgotten(entity, d["_id"])]
    more = documents[PAGE - 1]["_id"] if len(documents) > PAGE else None
    return [(d["_id"], _card(api, visitor, entity, d)) for d in shown], more


@router.get("/{plural}/{id}")
async def record_page(request: Request, api: Opened, visitor: Visitor, plural: Plural, id: Id) -> Response:
    """Show a record: each value with its source, time and event; its quality, conflicts and golden record."""
    entity = PLURALS[plural]
    key = Key(entity, id)
    deleted = False
    try:
        await read_record(api, visitor, key)
    except Problem as problem:
        if problem.status != 410:
            raise
        deleted = True
    shown = await record_with_provenance(api, visitor, key)
    return render(
        request,
        "record.html",
        visitor,
        plural=plural,
        entity=entity,
        id=id,
        shown=shown,
        deleted=deleted,
        title=title_of(shown["fields"], id),
        names=[n for n in MODELS[entity].model_fields if shown["fields"].get(n) is not None],
        golden=await _golden(api, visitor, entity, id),
        has_matches=is_side(entity) and allows(visitor, "matches:read"),
        has_resume=entity == "talent" and sees_personal(visitor, entity, id) and _has_resume(shown["provenance"]),
        masked=not sees_personal(visitor, entity, id),
    )


def _has_resume(provenance: dict[str, dict[str, Any]]) -> bool:
    return any(each.get("source") == RESUME for each in provenance.values())


def title_of(fields: dict[str, Any], id: str) -> str:
    """Return what a record is called: a name, or what the work is, or its id."""
    return str(fields.get("name") or fields.get("title") or id)


async def _golden(api: Api, visitor: Caller, entity: Entity, id: str) -> Golden | None:
    if not is_resolvable(entity):
        return None
    try:
        return await read_golden(api, visitor, SPEC[entity].plural, id)
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
