"""`/v1/search/{talents,jobs,resumes}`: by meaning, by words, or both."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.paging import Cursor, cursor_of, place_of
from ops.api.problems import Problem, problems
from ops.api.records import note_read
from processors.access import Caller, allows
from processors.masking import known_values, mask_text
from processors.matching.filters import OPEN_STATUSES
from processors.search.criteria import FACETS, Criteria, Kind, Mode, parse_range
from schemas.base import EducationLevel, Language
from sinks.mongodb import COLLECTIONS
from streams.search.request import Request, SearchError

router = APIRouter(tags=["search"])
KINDS: dict[str, Kind] = {"talents": "talent", "jobs": "job", "resumes": "resume"}


class Found(BaseModel):
    """A page of hits."""

    mode: str
    searched: str = Field(description="what was searched for: the query, or what it was probably meant to be")
    model: str
    admitted: int = Field(description="how many records the filters admit")
    hits: list[dict[str, Any]] = Field(description="strong and partial matches, the best first")
    near: list[dict[str, Any]] = Field(description="what else to look at, where hits are few")
    facets: dict[str, list[dict[str, Any]]]
    next: str | None = Field(default=None, description="the cursor of the next page; null: there is none")


def _range(text: str | None, name: str) -> tuple[float | None, float | None]:
    try:
        return parse_range(text) if text else (None, None)
    except ValueError:
        raise Problem(422, "invalid_request", f"{name}: a range is 3-8, 3-, -8, 20k-30k or 2万-3万") from None


@router.get("/v1/search/{plural}", summary="Search", responses=problems(401, 403, 409, 422, 503))
async def search(
    api: Opened,
    caller: Annotated[Caller, require("search")],
    plural: Annotated[Literal["talents", "jobs", "resumes"], Path(description="what is searched")],
    q: Annotated[str, Query(max_length=1000, description="what to look for", examples=["Java 后端 微服务"])] = "",
    like: Annotated[str | None, Query(max_length=128, description="or an id: what is like that record")] = None,
    mode: Mode = "hybrid",
    place: Annotated[list[str] | None, Query(max_length=20, description="one of these, in any spelling")] = None,
    years: Annotated[str | None, Query(max_length=20, description="3-8, 3- or -8")] = None,
    salary: Annotated[str | None, Query(max_length=20, description="monthly, CNY: 20k-30k")] = None,
    education: EducationLevel | None = None,
    language: Language | None = None,
    status: Annotated[
        list[str] | None, Query(max_length=10, description="default: open jobs, active and passive talents; `any`")
    ] = None,
    fresh: Annotated[int | None, Query(ge=1, le=36500, description="updated within so many days")] = None,
    facet: Annotated[list[str] | None, Query(max_length=len(FACETS), description=", ".join(FACETS))] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    cursor: Cursor = None,
) -> Found:
    """Search talents, jobs or resumes; Chinese finds English and the other way round.

    Filters hold for every hit. Facets count all that the filters admit, whatever the query.
    """
    kind = KINDS[plural]
    require_kind(caller, kind)
    if bool(q.strip()) == (like is not None):
        raise Problem(422, "invalid_request", "give either q or like")
    if like is not None and kind != "job" and api.reads.is_forgotten("talent", like):
        raise Problem(422, SearchError.code, f"there is no vector of this {kind}")
    if strange := [each for each in facet or () if each not in FACETS]:
        raise Problem(422, "invalid_request", f"{len(strange)} facets are unknown; there are {', '.join(FACETS)}")
    statuses = status or OPEN_STATUSES["job" if kind == "job" else "talent"]
    criteria = Criteria.of(
        place=place or (),
        years=_range(years, "years"),
        salary=_range(salary, "salary"),
        education=education,
        language=language,
        statuses=() if "any" in statuses else tuple(statuses),
        updated_since=_since(fresh),
    )
    asked = Request(kind, q, like, mode, criteria, limit, 1, tuple(dict.fromkeys(facet or ())))
    purpose = f"search {asked!r}"
    page = place_of(api, purpose, cursor) or 1
    try:
        answer = await api.search(Request(kind, q, like, mode, criteria, limit, page, asked.facets))
    except SearchError as error:
        raise Problem(422 if q or like else 409, error.code, str(error)) from None
    hits, near = [await shown_hits(api, caller, kind, answer[name]) for name in ("hits", "near")]
    more = cursor_of(api, purpose, page + 1) if len(answer["hits"]) == limit else None
    names = ("mode", "searched", "model", "admitted", "facets")
    return Found(hits=hits, near=near, next=more, **{name: answer[name] for name in names})


def _since(days: int | None) -> datetime | None:
    """Return a moment that stays the same for the day, so that pages and kept answers agree."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days) if days else None


def require_kind(caller: Caller, kind: Kind) -> None:
    """Raise Problem, 403, for a candidate who searches other people."""
    if caller.subject is not None and kind != "job":
        raise Problem(403, "forbidden", "a candidate searches jobs only")


async def shown_hits(api: Api, caller: Caller, kind: Kind, hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return hits without the forgotten; passages hide contacts and names from who may not see what is personal."""
    if kind == "job":
        return hits
    kept = [hit for hit in hits if not api.reads.is_forgotten("talent", hit["id"])]
    if allows(caller, "pii:read"):
        for hit in kept:
            note_read(api, caller, "talent", hit["id"])
        return kept
    known = await _known(api, [hit["id"] for hit in kept])
    return [{**hit, "highlight": _passage(hit["highlight"], known.get(hit["id"], frozenset()))} for hit in kept]


async def _known(api: Api, ids: list[str]) -> dict[str, frozenset[str]]:
    """Return what each talent is called, and her contacts."""
    found = api.reads.database[COLLECTIONS["talent"]].find(
        {"_id": {"$in": ids}}, {"fields.name": 1, "fields.emails": 1, "fields.phones": 1}
    )
    return {document["_id"]: known_values(document["fields"]) async for document in found}


def _passage(highlight: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    text = mask_text(highlight["text"], known)
    return highlight if text == highlight["text"] else {"text": text, "spans": []}
