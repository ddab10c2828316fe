"""One span a request, by OpenTelemetry's conventions for HTTP servers: part of the caller's trace, and told to her."""

from collections.abc import Mapping
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.api.admission import class_of_scope
from ops.api.problems import STARTS
from schemas import semconv
from schemas.propagation import extract, traceparent
from streams.tracing import start_span

_NAMES: Final = (b"traceparent", b"tracestate")
_SWITCHING = 101
"""The HTTP status of a WebSocket that opens."""


def begin(scope: Scope, headers: Mapping[bytes, bytes], name: str) -> Span:
    """Start the span of a request, in the trace that its headers name."""
    given = [(each.decode("ascii"), headers[each]) for each in _NAMES if each in headers]
    attributes = {semconv.HTTP_METHOD: scope.get("method", "GET"), semconv.URL_SCHEME: scope["scheme"]}
    return start_span(name, extract(given), attributes, SpanKind.SERVER)


def told(span: Span) -> list[tuple[bytes, bytes]]:
    """Return the field of an answer that names its span; none without telemetry."""
    place = span.get_span_context()
    return [(b"traceparent", traceparent(place))] if place.is_valid else []


class Traced:
    """ASGI middleware: a server span around each request that counts; `traceparent` in the answer names it.

    No path and no query is recorded, for they may name a person: the route stands for them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if class_of_scope(scope) is None:
            await self._app(scope, receive, send)
            return
        method = scope.get("method", "GET")
        span = begin(scope, dict(scope["headers"]), method)
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):

            async def sending(message: Message) -> None:
                if message["type"] in STARTS:
                    message = {**message, "headers": [*message.get("headers", ()), *told(span)]}
                    status = message.get("status", _SWITCHING)
                    span.set_attribute(semconv.HTTP_STATUS, status)
                    if status >= 500:
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
