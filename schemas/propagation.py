"""W3C trace context in Kafka headers (https://www.w3.org/TR/trace-context/)."""

import re
from collections.abc import Iterable

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.envelope import Headers

_PROPAGATOR = TraceContextTextMapPropagator()
_NAMES = frozenset(("traceparent", "tracestate"))
_MAX_BYTES = 512
_KEY = rb"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
_MEMBER = rb"[ \t]*%b=[ -+\--<>-~]{0,255}[!-+\--<>-~][ \t]*" % _KEY
_STATE = re.compile(rb"%b(?:,%b){0,31}" % (_MEMBER, _MEMBER))


def inject(headers: Headers, context: Context | None = None) -> Headers:
    """Return `headers` with the trace context of `context`, or else of the current span."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context)
    return [(n, v) for n, v in headers if n not in _NAMES] + [(n, v.encode()) for n, v in carrier.items()]


def extract(headers: Iterable[tuple[str, bytes]]) -> Context:
    """Return the trace context that `headers` carry; an empty one if there is none or it is malformed."""
    carrier = {n: v.decode("ascii", "replace") for n, v in headers if n in _NAMES and v and _is_sound(n, v)}
    return _PROPAGATOR.extract(carrier, Context())


def _is_sound(name: str, value: bytes) -> bool:
    """Whether the propagator takes a value without a word: it logs what is wrong with the value in it."""
    return len(value) <= _MAX_BYTES and (name != "tracestate" or _STATE.fullmatch(value) is not None)
