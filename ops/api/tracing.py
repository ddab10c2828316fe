"""One span a request, by OpenTelemetry's conventions for HTTP servers: part of the caller's trace, and told to her."""

from typing import Final

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.api.admission import class_of
from schemas import semconv
from schemas.propagation import extract, traced

_NAMES: Final = (b"traceparent", b"tracestate")


class Traced:
    """ASGI middleware: a server span around each request that counts; `traceparent` in the answer names it.

    No path and no query is recorded, for they may name a person: the route stands for them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tracer = trace.get_tracer("looma.api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or class_of(scope["method"], scope["path"]) is None:
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        given = [(name.decode("ascii"), value) for name, value in scope["headers"] if name in _NAMES]
        with self._tracer.start_as_current_span(
            method,
            context=extract(given),
            kind=SpanKind.SERVER,
            attributes={semconv.HTTP_METHOD: method, semconv.URL_SCHEME: scope["scheme"]},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    told = traced([], span.get_span_context())
                    added = [(name.encode(), value) for name, value in told if name == "traceparent"]
                    message = {**message, "headers": [*message["headers"], *added]}
                    span.set_attribute(semconv.HTTP_STATUS, message["status"])
                    if message["status"] >= 500:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self._app(scope, receive, sending)
            except BaseException as error:
                span.set_attribute(semconv.ERROR_TYPE, type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                if route := getattr(scope.get("route"), "path", None):
                    span.update_name(f"{method} {route}")
                    span.set_attribute(semconv.HTTP_ROUTE, route)
