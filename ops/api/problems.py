"""What is answered when something is wrong: RFC 9457, with a stable code and no value of the request."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from loguru import logger
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.runtime.audit import AuditError
from schemas.errors import BadMessageError, LoomaError
from sinks.errors import is_transient

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1
"""What a caller is asked to wait for a server that is away or busy."""
CALLS = frozenset(("http", "websocket"))
"""The kinds of ASGI connections that are answered: a WebSocket is refused with the same problems, before it opens."""
STARTS = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))
"""The ASGI messages that begin an answer."""
_SHOWN = 20
_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""As RFC 9110 names them; Python does so from 3.13 on."""


class ProblemBody(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str = Field(description="`urn:looma:problem:` and the code", examples=["urn:looma:problem:invalid_data"])
    title: str = Field(description="the kind of problem in words", examples=["Unprocessable Content"])
    status: int = Field(description="the HTTP status", examples=[422])
    code: str = Field(description="what programs go by: docs/reference/errors.md", examples=["invalid_data"])
    detail: str = Field(description="what is wrong and what to do", examples=["years_experience is at most 70"])
    errors: list[dict[str, str]] | None = Field(default=None, description="several faults, each with its `pointer`")


class Problem(LoomaError):
    """A request of the HTTP API that cannot be answered as it wishes."""

    code = "http"

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        title: str = "",
        headers: Mapping[str, str] | None = None,
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title or _phrase(status)
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
        self.errors = errors

    def document(self) -> dict[str, Any]:
        """Return what is said of it."""
        body: dict[str, Any] = {
            "type": f"urn:looma:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": str(self),
        }
        if self.errors:
            body["errors"] = self.errors
        return body

    def response(self) -> Response:
        """Return the answer."""
        text = json.dumps(self.document(), ensure_ascii=False).encode("utf-8", "replace")
        return Response(text, self.status, {**self.headers, "cache-control": "no-store"}, MEDIA_TYPE)


def unavailable(code: str, detail: str) -> Problem:
    """Return the problem of a request that may be repeated as it is, a moment later."""
    return Problem(503, code, detail, headers={"retry-after": str(RETRY_SECONDS)})


def problem_of(error: BaseException) -> Problem:
    """Return what to answer for an error, ours or a library's; what nobody foresaw is logged and answered with 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError | WebSocketRequestValidationError):
        return of_faults(error.errors())
    if isinstance(error, HTTPException):
        code = HTTPStatus(error.status_code).name.lower()
        return Problem(error.status_code, code, str(error.detail), headers=error.headers)
    if isinstance(error, BadMessageError):
        return Problem(413 if error.code == "oversized" else 422, error.code, error.detail)
    if isinstance(error, AuditError):
        return unavailable(error.code, error.message)
    if isinstance(error, LoomaError):
        return Problem(409, error.code, str(error))
    if is_transient(error):
        logger.warning("a server is away: {}", type(error).__name__)
        return unavailable("unavailable", "a server behind the API does not answer; repeat the request")
    logger.opt(exception=error).error("unexpected {}", type(error).__name__)
    return Problem(500, "internal", "an unexpected error; the log of the API says where")


async def answer(request: Request, error: Exception) -> Response:
    """Handle an exception of a route, as FastAPI calls it."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:  # Starlette names the methods of the first route of the path
        path = getattr(request.scope.get("route"), "path", "")
        methods = request.app.openapi()["paths"].get(path, {})
        problem.headers["allow"] = ", ".join(sorted(method.upper() for method in methods))
    return problem.response()


def of_faults(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Name places and rules only: a value, or a name that the schema lacks, may be personal data."""
    if any(each["type"] == "json_invalid" for each in found):
        return Problem(400, "invalid_json", "the body is not JSON in UTF-8")
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in each["loc"]), "code": str(each["type"])}
        for each in found[:_SHOWN]
        if each["type"] != "extra_forbidden"
    ]
    errors += [{"pointer": "/body", "code": "extra_forbidden"}] * any(e["type"] == "extra_forbidden" for e in found)
    detail = "; ".join(f"{e['pointer']}: {e['code']}" for e in errors)
    return Problem(422, "invalid_request", detail, errors=errors)


class Problems:
    """ASGI middleware: whatever is raised below becomes an answer, if none has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in CALLS:
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            problem = problem_of(error)
            if begun:  # the connection is closed instead, so that nobody takes half an answer for a whole one
                raise ConnectionAbortedError("an answer broke off") from None
            await problem.response()(scope, receive, send)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may answer with these statuses, for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {status: {"description": _phrase(status), "content": content} for status in statuses}


def _phrase(status: int) -> str:
    return _PHRASES.get(status) or HTTPStatus(status).phrase
