"""Dead letters by reason, one of them with its message, and publishing them again: tried first, then confirmed."""

from collections import Counter
from typing import Annotated, NamedTuple
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response

from ops.api.context import Opened
from ops.api.routes.dead_letters import MAX_REDRIVEN, Redrive, read_letter, redrive, require_sight, shown
from ops.console.page import Page, render
from ops.console.visitor import Visitor, form_of, having, require_scope
from processors.access import Caller, allows

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Reader = Annotated[Caller, having("dlq:read")]
KNOWN = 1000
"""Letters that are counted by reason: the last ones."""


class Reason(NamedTuple):
    """Letters of one reason and topic."""

    reason: str
    topic: str
    letters: int


@router.get("/dead-letters")
async def letters_page(
    request: Request,
    api: Opened,
    visitor: Reader,
    reason: Annotated[str, Query(max_length=100)] = "",
    topic: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """List the letters that nobody has settled, by reason."""
    require_sight(api)
    pending = [shown(each) for each in await api.views.letters.pending(api.database, before=None, limit=KNOWN)]
    counts = Counter((each.reason, each.topic) for each in pending)
    chosen = [e for e in pending if reason in ("", e.reason) and topic in ("", e.topic)]
    return render(
        request,
        "letters.html",
        visitor,
        reasons=[Reason(*key, count) for key, count in counts.most_common()],
        letters=chosen[:MAX_REDRIVEN],
        total=len(pending),
        known=KNOWN,
        reason=reason,
        topic=topic,
        may_redrive=allows(visitor, "dlq:redrive"),
    )


@router.get("/dead-letters/letter")
async def letter_page(
    request: Request, api: Opened, visitor: Reader, id: Annotated[str, Query(max_length=500)]
) -> Response:
    """Show a letter with its message."""
    letter = await read_letter(api, visitor, id)
    return render(request, "letter.html", visitor, letter=letter, masked=not allows(visitor, "pii:read"))


@router.post("/dead-letters/redrive")
async def redrive_letters(request: Request, api: Opened, visitor: Visitor) -> Response:
    """Say what would be published again; with the word of confirmation, publish it."""
    require_scope(visitor, "dlq:redrive")
    form = await form_of(request)
    ids = [value for name, value in parse_qsl((await request.body()).decode()) if name == "id"][:MAX_REDRIVEN]
    if not ids:
        return render(request, "redrive.html", visitor, ids=[], topics=[], done=None)
    done = await redrive(api, visitor, Redrive(ids=ids, dry_run=form.get("confirmed") != "yes"))
    topics = sorted({each.partition("/")[0] for each in done.redriven})
    return render(request, "redrive.html", visitor, ids=done.redriven, topics=topics, done=not done.dry_run)
