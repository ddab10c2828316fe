"""Matches of a talent or a job: ranked, what each score is made of, why, and what became of it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Path, Query, Request, Response

from ops.api.context import Opened
from ops.api.problems import Problem
from ops.api.records import PLURALS
from ops.api.routes.feedback import FeedbackBody, post_feedback
from ops.api.routes.matches import job_matches, match_history, shown_match, talent_matches
from ops.api.routes.records import Id
from ops.console import drawing
from ops.console.acting import asking, done
from ops.console.page import Page, reader_language, render
from ops.console.pages.records import cards, title_of
from ops.console.state import ConsoleOpened
from ops.console.visitor import Visitor, form_of, require_scope
from processors.access import EVERY, allows
from processors.matching.advice import Advice
from processors.matching.bands import band_of
from processors.matching.features.feature import NEUTRAL, NOT_ASKED
from processors.matching.ranking import OTHER
from schemas.entities import SPEC, Side, is_side
from schemas.feedback import FeedbackOutcome
from schemas.messages import Match, MatchFeature

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
PAGE = 20
OUTCOMES: tuple[FeedbackOutcome, ...] = ("shortlisted", "interviewed", "hired", "rejected")
SOURCE = "console"


class Shown(NamedTuple):
    """A match as it is listed. `for_` speak for it, the greatest first; `against` is what speaks most against it, and
    `raises` would raise it."""

    match: Match
    other: str
    fields: dict[str, Any]
    band: str
    for_: list[MatchFeature]
    against: MatchFeature | None
    parts: list[drawing.Bar]
    raises: Sequence[Advice]


def _shown(match: Match, side: Side, fields: dict[str, Any], raises: Sequence[Advice]) -> Shown:
    other = match.job_id if side == "talent" else match.talent_id
    told = [f for f in match.features if f.score not in (NEUTRAL, NOT_ASKED)]
    good = sorted((f for f in told if f.score > NEUTRAL), key=lambda f: -f.contribution)
    bad = max((f for f in told if f.score < NEUTRAL), key=lambda f: (1 - f.score) * f.weight, default=None)
    ordered = sorted(match.features, key=lambda f: -f.contribution)
    parts = drawing.stacked((feature, feature.contribution) for feature in ordered)
    return Shown(match, other, fields, band_of(match.score), good[:3], bad, parts, raises)


@router.get("/{plural}/{id}/matches")
async def matches_page(
    request: Request,
    api: Opened,
    console: ConsoleOpened,
    visitor: Visitor,
    plural: Annotated[Literal["talents", "jobs"], Path()],
    id: Id,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """List the active matches of a talent or a job, best first."""
    side = PLURALS[plural]
    assert is_side(side)
    page = await (talent_matches if side == "talent" else job_matches)(api, visitor, id, PAGE, cursor)
    told = await console.wording.told(page.items, reader_language(request))
    matches = [
        one.match if one.match is old else await shown_match(api, visitor, one.match)
        for one, old in zip(told, page.items, strict=True)
    ]
    ids = [m.job_id if side == "talent" else m.talent_id for m in matches]
    known = await cards(api, visitor, OTHER[side], ids) if allows(visitor, f"{SPEC[OTHER[side]].plural}:read") else {}
    own = (await cards(api, visitor, side, [id])).get(id, {})
    return render(
        request,
        "matches.html",
        visitor,
        plural=plural,
        side=side,
        id=id,
        title=title_of(own, id),
        other_plural=SPEC[OTHER[side]].plural,
        matches=[_shown(m, side, known.get(ids[n], {}), told[n].raises) for n, m in enumerate(matches)],
        next=page.next,
        outcomes=OUTCOMES,
        may_say=allows(visitor, "feedback:write"),
    )


@router.get("/talents/{id}/matches/{job_id}/history")
async def history_page(request: Request, api: Opened, visitor: Visitor, id: Id, job_id: str) -> Response:
    """Show how a match came about."""
    moments = await match_history(api, visitor, id, job_id)
    return render(request, "history.html", visitor, id=id, job_id=job_id, moments=moments)


@router.post("/talents/{id}/matches/{job_id}/feedback")
async def say(request: Request, api: Opened, visitor: Visitor, id: Id, job_id: str) -> Response:
    """Note what became of a match."""
    require_scope(visitor, "feedback:write")
    form = await form_of(request)
    outcome = next((each for each in OUTCOMES if each == form.get("outcome")), None)
    if outcome is None:
        raise Problem(422, "invalid_request", "say what became of it")
    source = SOURCE if EVERY in visitor.sources else None
    body = FeedbackBody(outcome=outcome)
    answer = await post_feedback(body, await asking(request), api, visitor, id, job_id, source)
    return render(request, "said.html", visitor, outcome=outcome, done=done(answer))
