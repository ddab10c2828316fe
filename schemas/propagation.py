"""W3C trace context in Kafka headers (https://www.w3.org/TR/trace-context/)."""

from collections.abc import Iterable

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.envelope import Headers

_PROPAGATOR = TraceContextTextMapPropagator()
_NAMES = frozenset(("traceparent", "tracestate"))


def inject(headers: Headers, context: Context | None = None) -> Headers:
    """Return `headers` with the trace context of `context`, or else of the current span."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context)
    return [(n, v) for n, v in headers if n not in _NAMES] + [(n, v.encode()) for n, v in carrier.items()]


def extract(headers: Iterable[tuple[str, bytes]]) -> Context:
    """Return the trace context that `headers` carry; an empty one if there is none or it is malformed."""
    carrier = {n: v.decode("ascii", "replace") for n, v in headers if n in _NAMES and v}
    return _PROPAGATOR.extract(carrier, Context())
