"""`/v1/talents/{id}/matches` and `/v1/jobs/{id}/matches`: who fits what, why, and how that came about."""

from dataclasses import asdict

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, Field

from ops.api.access import Known
from ops.api.context import Api, Opened
from ops.api.paging import Cursor, Limit, Page, cursor_of, place_of
from ops.api.problems import Problem, problems
from ops.api.records import note_read, require_read, sees_personal
from ops.api.routes.records import Id
from processors.access import Caller, allows
from processors.masking import known_values, mask_match
from processors.matching.history import timeline
from schemas.entities import Side
from schemas.messages import Match
from sinks.feedback import FeedbackStore
from sinks.matches import MatchStore
from streams.record_cache import Key

router = APIRouter(tags=["matches"])
MAX_MATCHES = 1000


class MomentBody(BaseModel):
    """A line of a pair's history: a result that was published, or feedback."""

    time: str
    kind: str
    what: str
    by: str | None
    score: float | None
    change: float | None
    parts: dict[str, float] = Field(description="what changed, or of the first result what it is made of")
    why: list[str]
    event: str | None = Field(description="the event that caused it: /v1/traces/{event} shows its way")


def _require_matches(caller: Caller, side: Side, entity_id: str) -> None:
    if not allows(caller, "matches:read"):
        raise Problem(403, "forbidden", "the scope matches:read is needed")
    if side == "talent":
        require_read(caller, side, entity_id)
    elif caller.subject is not None:
        raise Problem(403, "forbidden", "a candidate reads her own matches only")


async def _list(api: Api, caller: Caller, side: Side, entity_id: str, limit: int, cursor: str | None) -> Page[Match]:
    _require_matches(caller, side, entity_id)
    if api.reads.is_forgotten(side, entity_id):
        return Page(items=[])
    stored = await MatchStore(api.reads.database).of(side, entity_id, limit=MAX_MATCHES)
    found = [
        match
        for match in api.views.matches.over(side, entity_id, stored)
        if not api.reads.is_forgotten("talent", match.talent_id)
    ]
    purpose = f"matches {side} {entity_id}"
    after = place_of(api, purpose, cursor)
    if after is not None:
        found = [m for m in found if [-m.score, m.talent_id, m.job_id] > after]
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    more = cursor_of(api, purpose, [-last.score, last.talent_id, last.job_id]) if last else None
    return Page(items=[await shown_match(api, caller, m) for m in items], next=more)


async def shown_match(api: Api, caller: Caller, match: Match) -> Match:
    """Return a match; reasons do not name the person to who may not know her name."""
    if sees_personal(caller, "talent", match.talent_id):
        note_read(api, caller, "talent", match.talent_id)
        return match
    return Match.model_validate(mask_match(match.model_dump(mode="json"), await _known(api, match.talent_id)))


async def _known(api: Api, talent_id: str) -> frozenset[str]:
    entry = await api.reads.read(Key("talent", talent_id))
    return known_values(orjson.loads(entry.fields)) if entry.fields else frozenset()


@router.get("/v1/talents/{id}/matches", summary="The jobs that fit a talent", responses=problems(401, 403, 422, 503))
async def talent_matches(api: Opened, caller: Known, id: Id, limit: Limit = 20, cursor: Cursor = None) -> Page[Match]:
    """List active matches, best first, each with the reasons of every part of its score."""
    return await _list(api, caller, "talent", id, limit, cursor)


@router.get("/v1/jobs/{id}/matches", summary="The talents that fit a job", responses=problems(401, 403, 422, 503))
async def job_matches(api: Opened, caller: Known, id: Id, limit: Limit = 20, cursor: Cursor = None) -> Page[Match]:
    """List active matches, best first, each with the reasons of every part of its score."""
    return await _list(api, caller, "job", id, limit, cursor)


@router.get(
    "/v1/talents/{id}/matches/{job_id}/history",
    summary="How a match came about",
    responses=problems(401, 403, 404, 422, 503),
)
async def match_history(api: Opened, caller: Known, id: Id, job_id: str) -> list[MomentBody]:
    """Show the last published results of a pair and what was said of it, in the order of time."""
    _require_matches(caller, "talent", id)
    pair = (id, job_id)
    history = (await MatchStore(api.reads.database).histories([pair])).get(pair, [])
    stored = (await FeedbackStore(api.database).load([pair])).get(pair)
    moments = timeline(history, stored.said if stored else ())
    if not moments or api.reads.is_forgotten("talent", id):
        raise Problem(404, "not_found", "no match and no feedback of these two are known")
    return [MomentBody(**{**asdict(m), "parts": dict(m.parts)}) for m in moments]
