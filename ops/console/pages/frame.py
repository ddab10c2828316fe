"""Coming in, leaving, language and colours, and files that every page loads."""

import asyncio
import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import FileResponse, RedirectResponse

from ops.api.context import Opened
from ops.api.problems import Problem
from ops.api.records import read_scope
from ops.console.entry import COOKIE, SESSION_SECONDS, new_session, session_of, spend
from ops.console.page import HEADERS, LANGUAGE, NAVIGATION, STATIC, THEME, THEMES, Page, render, root_of
from ops.console.visitor import Visitor, form_of, require_same_origin
from processors.access import Caller, allows, sees
from schemas.entities import CATALOGUE
from schemas.settings import Settings
from sinks.mongodb import COLLECTIONS

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}
YEAR = 365 * 24 * 3600
_PLACE = re.compile(r"[a-z][\w./?=&%:+~-]{0,2000}", re.ASCII)
_FILES = {file.name: file for file in STATIC.iterdir() if file.suffix in (".css", ".js", ".svg")}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def moved(place: str) -> RedirectResponse:
    """Return the way to another page of the console, as a relative reference: it holds behind any prefix."""
    return RedirectResponse(place, 303, dict(HEADERS))


def _back(form: dict[str, str], root: str) -> str:
    """Return where a visitor was: nothing that leads elsewhere."""
    place = form.get("back", "")
    return root + (place if _PLACE.fullmatch(place) and "//" not in place else "")


def _let_in(response: Response, settings: Settings, cookie: str) -> Response:
    """Give the cookie. Without a path it is for the folder that the browser sees: the console, behind any prefix."""
    api = settings.api
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_SECONDS,
        path=None,
        secure=bool(api.certificate_file) or api.behind_proxy,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("")
async def without_slash() -> Response:
    """Lead to the folder."""
    return moved("console/")


@router.get("/")
async def begin(request: Request, api: Opened, token: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    """Let a visitor in by a token, or lead her to the first page that she may see."""
    if token is not None:
        if not await spend(api.signer, api.requests, token):
            return render(request, "sign_in.html", status=401, said="sign_in.spent")
        return _let_in(moved("./"), api.settings, new_session(api.signer, None))
    session = session_of(api.signer, request.cookies.get(COOKIE))
    if session is None:
        return render(request, "sign_in.html", said=None)
    caller = Caller.local() if session.key is None else await api.gate.holder(session.key)
    if caller is None:
        return render(request, "sign_in.html", status=401, said="sign_in.wrong")
    first = next((part for part, scope in NAVIGATION if allows(caller, scope)), "flow")
    return moved(f"./{first}")


@router.post("/sign-in")
async def sign_in(request: Request, api: Opened) -> Response:
    """Let the holder of an API key in."""
    require_same_origin(request)
    form = await form_of(request)
    try:
        caller = await api.gate.identify(f"Bearer {form.get('key', '').strip()}")
    except Problem as problem:
        if problem.status != 401:
            raise
        return render(request, "sign_in.html", status=401, said="sign_in.wrong")
    if caller.kind != "key":
        return render(request, "sign_in.html", status=401, said="sign_in.wrong")
    return _let_in(moved("./"), api.settings, new_session(api.signer, caller.id))


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Take the cookie away."""
    require_same_origin(request)
    response = moved("./")
    response.set_cookie(COOKIE, "", max_age=0, path=None, httponly=True, samesite="lax")
    return response


@router.post("/preferences")
async def prefer(request: Request) -> Response:
    """Keep the language and the colours that a visitor likes."""
    require_same_origin(request)
    form = await form_of(request)
    response = moved(_back(form, root_of(request)))
    for cookie, name, known in ((LANGUAGE, "language", ("zh", "en")), (THEME, "theme", THEMES)):
        if (wanted := form.get(name)) in known:
            assert wanted is not None
            response.set_cookie(cookie, wanted, max_age=YEAR, path=None, samesite="lax")
    return response


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """Serve a file."""
    if name not in _FILES:
        raise Problem(404, "not_found", "there is no such file")
    file = _FILES[name]
    headers = {**HEADERS, **FOR_GOOD}
    return FileResponse(file, media_type=_TYPES[file.suffix], headers=headers)


@router.get("/find")
async def find(
    request: Request, api: Opened, visitor: Visitor, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Lead to the record or the event that has an id; else search talents for it."""
    wanted = q.strip()
    for spec in CATALOGUE:
        seen = spec.name != "talent" or sees(visitor, wanted)
        if wanted and seen and allows(visitor, read_scope(spec.name)):
            known = await api.reads.database[COLLECTIONS[spec.name]].find_one({"_id": wanted}, {"_id": 1})
            if known:
                return moved(f"./{spec.plural}/{quote(wanted, safe='')}")
    if allows(visitor, "traces:read") and wanted:
        async with api.tracing:
            traces = await asyncio.to_thread(api.traces.find, wanted)
        if traces:
            return moved(f"./events/{quote(wanted, safe='')}")
    return moved(f"./talents?q={quote(wanted, safe='')}")
