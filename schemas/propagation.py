"""W3C trace context in Kafka headers (https://www.w3.org/TR/trace-context/)."""

import re
from collections.abc import Iterable

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.envelope import Headers

_PROPAGATOR = TraceContextTextMapPropagator()
_NAMES = frozenset(("traceparent", "tracestate"))
_PLAIN = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_MAX_BYTES = 512
_KEY = rb"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
_MEMBER = rb"[ \t]*%b=[ -+\--<>-~]{0,255}[!-+\--<>-~][ \t]*" % _KEY
_STATE = re.compile(rb"%b(?:,%b){0,31}" % (_MEMBER, _MEMBER))


def inject(headers: Headers, context: Context | None = None) -> Headers:
    """Return `headers` with the trace context of `context`, or else of the current span."""
    return traced(headers, get_current_span(context).get_span_context())


def traced(headers: Headers, span: SpanContext) -> Headers:
    """Return `headers` with `span` as what they come from."""
    own = [(n, v) for n, v in headers if n not in _NAMES]
    if span.is_valid:
        own.append(("traceparent", traceparent(span)))
        if span.trace_state:
            own.append(("tracestate", span.trace_state.to_header().encode()))
    return own


def traceparent(span: SpanContext) -> bytes:
    """Return what names a span to those who come from it."""
    return b"00-%032x-%016x-%02x" % (span.trace_id, span.span_id, span.trace_flags)


def extract(headers: Iterable[tuple[str, bytes]]) -> Context:
    """Return the trace context that `headers` carry; an empty one if there is none or it is malformed."""
    found = {n: v for n, v in headers if n in _NAMES and v}
    if not found:
        return Context()
    if len(found) == 1 and (plain := _PLAIN.fullmatch(found.get("traceparent", b""))):  # what nearly all have
        span = SpanContext(int(plain[1], 16), int(plain[2], 16), True, TraceFlags(int(plain[3], 16)))
        return set_span_in_context(NonRecordingSpan(span), Context()) if span.is_valid else Context()
    carrier = {n: v.decode("ascii", "replace") for n, v in found.items() if _is_sound(n, v)}
    return _PROPAGATOR.extract(carrier, Context())


def _is_sound(name: str, value: bytes) -> bool:
    """Whether the propagator takes a value without a word: it logs what is wrong with the value in it."""
    return len(value) <= _MAX_BYTES and (name != "tracestate" or _STATE.fullmatch(value) is not None)
