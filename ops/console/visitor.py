"""Who looks at a page, and whether she may; the same scopes and limits as the API's."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from ops.api.access import admitted
from ops.api.context import Opened
from ops.api.problems import Problem
from ops.console.entry import COOKIE, session_of
from processors.access import Caller, allows

MAX_FIELDS = 200
_SAFE = frozenset(("GET", "HEAD"))


def signed_out() -> Problem:
    """Return the problem of who is not signed in; its page leads to where she can."""
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthenticated", "sign in first")


async def visitor_of(request: Request, api: Opened) -> Caller:
    """Return who looks at a page, and count it. Raises Problem: 401, 403, 429 or 503."""
    require_same_origin(request)
    session = session_of(api.signer, request.cookies.get(COOKIE))
    if session is None:
        raise signed_out()
    if session.key is None:
        return Caller.local()
    caller = await api.gate.holder(session.key)
    if caller is None:
        raise signed_out()
    return admitted(request, caller)


def require_same_origin(request: Request) -> None:
    """Raise Problem, 403, for what another site's page sends. Browsers say where a form is from, and no page can lie.

    https://web.dev/articles/fetch-metadata
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site == "same-origin"
    else:
        origin = request.headers.get("origin")
        own = origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")
    if not own:
        raise Problem(403, "forbidden", "this was not sent by a page of the console")


Visitor = Annotated[Caller, Depends(visitor_of)]


def having(scope: str) -> Any:
    """Return a dependency that gives the visitor, once it is sure that she has a scope."""

    async def check(visitor: Visitor) -> Caller:
        require_scope(visitor, scope)
        return visitor

    return Depends(check)


def require_scope(visitor: Caller, scope: str) -> None:
    """Raise Problem, 403, unless a visitor has a scope. Routes that pages call as functions leave that to them."""
    if not allows(visitor, scope):
        raise Problem(403, "forbidden", f"the scope {scope} is needed")


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, of each the last value. Raises Problem, 415 or 422."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Problem(415, "unsupported_media_type", "a form is sent urlencoded")
    try:
        return dict(parse_qsl((await request.body()).decode(), max_num_fields=MAX_FIELDS))
    except ValueError:
        raise Problem(422, "invalid_request", "this is no form of the console") from None
