"""How a page is made: templates that escape everything, in the reader's language, under a policy that loads nothing
from elsewhere; and how an error looks.

Links are relative to the page, so that the console works behind any path prefix without being told of it.
"""

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from ops.api.problems import Problem, problem_of
from ops.console import values
from ops.console.address import PATH
from ops.console.texts import language_of, location, name_of, text
from processors.access import Caller, allows
from schemas.base import Language

STATIC = Path(__file__).parent / "static"
THEMES = ("auto", "light", "dark")
LANGUAGE, THEME = "looma_language", "looma_theme"
"""Cookies that scripts may read: they say nothing of anybody."""
HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
NAVIGATION: tuple[tuple[str, str], ...] = (
    ("flow", "status:read"),
    ("talents", "talents:read"),
    ("jobs", "jobs:read"),
    ("companies", "companies:read"),
    ("conflicts", "conflicts:read"),
    ("events", "traces:read"),
    ("dead-letters", "dlq:read"),
    ("alerts", "status:read"),
    ("chat", "ai:chat"),
    ("versions", "status:read"),
    ("audit", "audit:read"),
    ("system", "status:read"),
)
"""The parts of the console, and the scope that each needs."""


@cache
def environment() -> Environment:
    """Return the templates."""
    found = Environment(
        loader=PackageLoader("ops.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "moment": values.moment,
        "number": values.number,
        "duration": values.duration,
        "location": location,
    }
    found.globals |= {"version": version, "kind_of": values.kind_of}
    return found


@cache
def version() -> str:
    """Return what changes with the static files, so that browsers may keep them for good."""
    digest = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def reader_language(request: Request) -> Language:
    """Return the language that a visitor has chosen, or that her browser prefers; Chinese if neither is ours."""
    return language_of(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))


def root_of(request: Request) -> str:
    """Return the way from a page to the console's beginning: `./` or so many `../`.

    A part of a page is put into one that is elsewhere: htmx says where, and what is sent live is for the page above.
    """
    if is_fragment(request):
        path = urlsplit(request.headers.get("hx-current-url", "")).path
    else:
        path = (request.scope.get("raw_path") or request.scope["path"].encode()).decode("ascii", "replace")
    _, _, place = path.partition(f"{PATH}/")
    return "../" * place.removesuffix("/live").count("/") or "./"


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of a page, not to show it whole again."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def render(
    request: Request, template: str, visitor: Caller | None = None, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """Return a page, or a part of one."""
    language = reader_language(request)
    theme = request.cookies.get(THEME)
    _, _, here = request.url.path.partition(f"{PATH}/") if request.method == "GET" else ("", "", "")
    shared: dict[str, Any] = {
        "t": partial(text, language),
        "name": partial(name_of, language),
        "language": language,
        "theme": theme if theme in THEMES else "auto",
        "root": root_of(request),
        "here": here + (f"?{request.url.query}" if request.url.query and "token=" not in request.url.query else ""),
        "part": here.partition("/")[0],
        "visitor": visitor,
        "may": partial(allows, visitor) if visitor else lambda _: False,
        "navigation": [part for part, scope in NAVIGATION if visitor and allows(visitor, scope)],
        "now": datetime.now(UTC),
        "fragment": is_fragment(request),
    }
    body = environment().get_template(template).render(shared | context)
    return HTMLResponse(body, status, {**HEADERS, "content-language": language, "vary": "cookie, accept-language"})


class Page(APIRoute):
    """A route whose errors are pages; no value of a request is repeated in one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except Exception as error:  # whatever it is, it has a page
                problem = problem_of(error)
                if isinstance(error, RequestValidationError) and any(e["loc"][0] == "path" for e in error.errors()):
                    problem = Problem(404, "not_found", "there is no such page")
            response = render(request, "error.html", status=problem.status, problem=problem)
            response.headers.update(problem.headers)
            return response

        return answered
