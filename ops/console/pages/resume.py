"""A talent's newest resume: its pages, or its text, with the places of what was understood."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from ops.api.context import Api, Opened
from ops.api.problems import Problem
from ops.api.records import note_read, read_record, sees_personal
from ops.api.routes.records import Id
from ops.console.marking import MAX_TEXT, Mark, Piece, marks_of, pieces
from ops.console.page import HEADERS, Page, is_fragment, render
from ops.console.pages.records import title_of
from ops.console.resumes import Cause, Read, newest
from ops.console.state import Console, ConsoleOpened
from ops.console.visitor import Visitor
from processors.access import Caller
from sinks.mongodb import COLLECTIONS
from streams.record_cache import Key

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
WAIT_SECONDS = 4.0
"""How long a page waits for a resume that is being read, before it says so; a scan takes seconds a page."""


async def _required(api: Api, visitor: Caller, id: str) -> Cause:
    """Return where the newest resume of a talent is. Raises Problem: 403 without the right to see it, 404, 410."""
    await read_record(api, visitor, Key("talent", id))
    if not sees_personal(visitor, "talent", id):
        raise Problem(403, "forbidden", "the scope pii:read is needed")
    document = await api.reads.database[COLLECTIONS["talent"]].find_one({"_id": id}, {"contributions": 1})
    found = newest((document or {}).get("contributions", []))
    if found is None:
        raise Problem(404, "not_found", "no resume has said anything of this talent")
    return found


async def _read(api: Api, console: Console, id: str, cause: Cause) -> Read | None:
    """Return the resume; None while it is being read."""
    async with api.tracing:
        traces = await asyncio.to_thread(api.traces.find, cause.event)
    reading = console.resumes.reading(id, cause, [span for spans in traces for span in spans])
    done, _ = await asyncio.wait([reading], timeout=WAIT_SECONDS)
    if not done:
        return None
    try:
        return reading.result()
    except TimeoutError:
        raise Problem(503, "busy", "too many resumes are being read") from None


@router.get("/talents/{id}/resume")
async def resume_page(request: Request, api: Opened, console: ConsoleOpened, visitor: Visitor, id: Id) -> Response:
    """Show a resume with its marks; while it is being read, a page that asks again."""
    cause = await _required(api, visitor, id)
    read = await _read(api, console, id, cause)
    note_read(api, visitor, "talent", id)
    marks, text = await asyncio.to_thread(_marked, read) if read else ([], [])
    return render(
        request,
        "resume_now.html" if is_fragment(request) else "resume.html",
        visitor,
        id=id,
        title=title_of(await _fields(api, id), id),
        read=read,
        event=cause.event,
        marks=marks,
        pages=list(read.document.pages) if read else [],
        pieces=text,
        is_cut=bool(read and len(read.document.text) > MAX_TEXT),
    )


def _marked(read: Read) -> tuple[list[Mark], list[Piece]]:
    """Return the marks of a resume, and its text in pieces where it has no pages."""
    marks = marks_of(read.parsed.profile, read.document)
    return marks, [] if read.document.pages else pieces(read.document.text, marks)


async def _fields(api: Api, id: str) -> dict[str, object]:
    only = {"fields.name": 1, "fields.title": 1}
    document = await api.reads.database[COLLECTIONS["talent"]].find_one({"_id": id}, only)
    return dict((document or {}).get("fields", {}))


@router.get("/talents/{id}/resume/{number}.webp")
async def page_picture(
    request: Request,
    api: Opened,
    console: ConsoleOpened,
    visitor: Visitor,
    id: Id,
    number: Annotated[int, Path(ge=1, le=1000)],
) -> Response:
    """Draw a page."""
    read = await _read(api, console, id, await _required(api, visitor, id))
    if read is None:
        raise Problem(503, "busy", "the resume is still being read")
    picture = await console.resumes.picture(read, number)
    return Response(picture, headers=dict(HEADERS), media_type="image/webp")
