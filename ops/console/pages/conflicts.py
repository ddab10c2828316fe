"""Conflicts, both sides beside each other, and a person's decision."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from ops.api.context import Opened
from ops.api.problems import Problem
from ops.api.routes.conflicts import list_conflicts
from ops.api.routes.decisions import DecisionBody, post_decision
from ops.console.acting import asking, done
from ops.console.page import Page, render
from ops.console.pages.records import cards
from ops.console.visitor import Visitor, form_of, having
from processors.access import Caller, allows
from schemas.entities import ENTITIES, SPEC, Entity

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
PAGE = 20


@router.get("/conflicts")
async def conflicts_page(
    request: Request,
    api: Opened,
    visitor: Annotated[Caller, having("conflicts:read")],
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """List what waits for a decision."""
    page = await list_conflicts(api, visitor, None, None, PAGE, cursor)
    titles: dict[tuple[Entity, str], dict[str, object]] = {}
    for entity in ENTITIES:
        ids = [each.entity_id for each in page.items if each.entity == entity]
        found = await cards(api, visitor, entity, ids)
        titles |= {(entity, id): fields for id, fields in found.items()}
    return render(
        request,
        "conflicts.html",
        visitor,
        page=page,
        titles=titles,
        plurals={entity: SPEC[entity].plural for entity in ENTITIES},
        may_decide=allows(visitor, "conflicts:decide"),
    )


@router.post("/conflicts/{id}/decision")
async def decide(request: Request, api: Opened, visitor: Visitor, id: str) -> Response:
    """Decide a conflict for one of its candidates."""
    if not allows(visitor, "conflicts:decide"):
        raise Problem(403, "forbidden", "the scope conflicts:decide is needed")
    form = await form_of(request)
    take = form.get("take", "")
    if not take.isdecimal() or int(take) < 1:
        raise Problem(422, "invalid_request", "say which of the candidates it is")
    # The conflict's id changes when a source says something new, so this one can be decided in one way only once.
    asked = await asking(request, f"console {id} {take}"[:255])
    answer = done(await post_decision(id, DecisionBody(take=int(take)), asked, api, visitor))
    return render(request, "decided.html", visitor, field=form.get("field", ""), done=answer)
