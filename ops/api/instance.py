"""One AI service as a process of its own, on this host or another: announced on a topic, asked by gateways."""

import asyncio
import hmac
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import uvloop
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response

from ops.api.access import is_loopback
from ops.api.address import address_of
from ops.api.bodies import Bodies
from ops.api.leaving import LEFT, unless_left
from ops.api.problems import Problem, Problems, answer
from ops.api.routes.openai import answer_of
from ops.api.server import ApiAddressError, bind, serve
from ops.runtime import logs
from ops.runtime.telemetry import telemetry
from ops.services.catalogue import CATALOGUE, ServiceSpec
from ops.services.house import house
from schemas.services import Instance, Service
from schemas.settings import Settings
from streams.instances import announced


def create_instance(settings: Settings, service: Service, url: str) -> FastAPI:
    """Return the application; its lifespan announces it at `url`."""
    spec = CATALOGUE[service]
    name = f"{service}-{secrets.token_hex(4)}"

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with house(settings) as here, announced(settings.kafka, service, name, url):
            app.state.api = SimpleNamespace(stopping=asyncio.Event())
            app.state.here = here
            yield

    app = FastAPI(
        title=f"Looma {service}",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[Middleware(Problems), Middleware(Bodies, settings.api.body_bytes)],
        exception_handlers={HTTPException: answer, RequestValidationError: answer},
        redirect_slashes=False,
    )
    _add(app, spec, settings.gateway.service_key.get_secret_value() if settings.gateway.service_key else None)
    return app


def _add(app: FastAPI, spec: ServiceSpec, key: str | None) -> None:
    async def ask(request: Request, asked: object) -> Response:
        if key is not None:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), key.encode()):
                raise Problem(
                    401, "unauthenticated", "send gateway.service_key", headers={"www-authenticate": "Bearer"}
                )
        found = await unless_left(request, spec.answer(app.state.here, asked))
        return Response(status_code=LEFT) if found is None else answer_of(found, {})

    ask.__annotations__["asked"] = spec.takes
    app.post(f"/v1/ai/{spec.name}")(ask)


def run(settings: Settings, service: Service, url: str | None, *, ready: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status.

    `ready` is told the address. Raises LoomaError for an address that is not safe or not free.
    """
    if not is_loopback(settings.api.host) and settings.gateway.service_key is None:
        raise ApiAddressError(f"{settings.api.host} is open to others: set gateway.service_key, here and for looma api")
    bound: socket.socket = bind(settings.api)
    host, port = bound.getsockname()[:2]
    address = url or address_of("http", host, port)
    try:
        Instance(instance="check", service=service, url=address, at=datetime.now(UTC))
    except ValidationError:
        raise ApiAddressError(
            "--url must be http://host:port or https://host:port, without a user or a query"
        ) from None
    logs.configure(settings.telemetry, settings.data_dir / "logs" / f"{service}-{os.getpid()}.jsonl")
    with telemetry(settings, service), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        app = create_instance(settings, service, address)
        return runner.run(serve(app, settings, bound, ready=lambda: ready(address)))
