"""The application: routes, and what stands around every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from ops.api.access import Limited
from ops.api.admission import Admitted, Deadline
from ops.api.bodies import Bodies
from ops.api.context import open_api
from ops.api.hot_reads import AtOnce, PlainReads
from ops.api.lateness import Punctual
from ops.api.problems import ProblemBody, Problems, answer, problems
from ops.api.routes import (
    ai,
    changes,
    conflicts,
    conversation_socket,
    conversations,
    dead_letters,
    decisions,
    docs,
    events,
    feedback,
    forgetting,
    golden,
    health,
    matches,
    openai,
    operations,
    records,
    resumes,
    search,
    status,
    subscriptions,
    tasks,
    traces,
    validate,
)
from ops.api.tracing import Traced
from ops.console.routes import ROUTERS as PAGES
from ops.console.state import open_console
from schemas.entities import MODELS
from schemas.services import ChatRequest, EmbeddingsRequest
from schemas.settings import Settings

VERSION = "1"
_REF = "#/components/schemas/{model}"
ROUTERS = (
    health.router,
    docs.router,
    events.router,
    validate.router,
    operations.router,
    changes.router,
    resumes.router,
    feedback.router,
    decisions.router,
    forgetting.router,
    records.router,
    golden.router,
    matches.router,
    search.router,
    conflicts.router,
    dead_letters.router,
    traces.router,
    status.router,
    tasks.router,
    subscriptions.router,
    ai.router,
    openai.router,
    conversations.router,
    conversation_socket.router,
)
"""As the document lists them."""
FIRST = (openai.router, ai.router, events.router)
"""FastAPI tries one route after the other, which took a fifth of an AI call: what is called most comes first."""


def create_app(settings: Settings) -> FastAPI:
    """Return the application; its lifespan opens what the requests share."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_api(settings) as api, open_console(api) as console:
            app.state.api, app.state.console = api, console
            yield

    app = FastAPI(
        title="Looma Streams",
        version=VERSION,
        description="Talents, jobs and companies: events in, records and explained matches out.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        middleware=[
            Middleware(AtOnce),
            Middleware(Punctual),
            Middleware(Traced),
            Middleware(Problems),
            Middleware(Limited),
            Middleware(Deadline, settings.api.timeout_seconds),
            Middleware(Admitted),
            Middleware(Bodies, settings.api.body_bytes),
            Middleware(PlainReads),
        ],
        exception_handlers=dict.fromkeys(
            (HTTPException, RequestValidationError, WebSocketRequestValidationError), answer
        ),
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,  # what generated clients call it
        # Its own spans would have paths and queries, which name people, and cost as much as an answer from memory.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in (*FIRST, *(each for each in ROUTERS if each not in FIRST), *PAGES):
        app.include_router(router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with our problems in place of FastAPI's own."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        place = {tag: n for n, router in enumerate(ROUTERS) for tag in router.tags}
        paths = document["paths"].items()
        document["paths"] = dict(sorted(paths, key=lambda each: place[next(iter(each[1].values()))["tags"][0]]))
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        bodies = [(model, "validation") for model in (*MODELS.values(), ChatRequest, EmbeddingsRequest)]
        schemas |= models_json_schema(bodies, ref_template=_REF)[1]["$defs"]  # type: ignore[arg-type]
        schemas["ProblemBody"] = ProblemBody.model_json_schema(ref_template=_REF)
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for operation in (each for methods in document["paths"].values() for each in methods.values()):
            said = operation["responses"]
            told = problems(400, 413, 415) if "requestBody" in operation else {}
            if "HTTPValidationError" in str(said.get("422")):  # FastAPI's own
                told |= problems(422)
                del said["422"]
            operation["responses"] = {str(status): answer for status, answer in told.items()} | said
        _widen(document)
        app.openapi_schema = document
    return app.openapi_schema


def _widen(part: Any) -> None:
    """Say of each integer that it may need 64 bits: generated clients take 32 where nothing is said."""
    if isinstance(part, dict):
        if part.get("type") == "integer":
            part.setdefault("format", "int64")
        for each in part.values():
            _widen(each)
    elif isinstance(part, list):
        for each in part:
            _widen(each)
