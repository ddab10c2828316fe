"""Spans of batched work: each event keeps one trace of its own, and a batch's span is linked with all of them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Tracer
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util.types import AttributeValue

from schemas import semconv
from schemas.envelope import Envelope

Attributes = Mapping[str, AttributeValue]
_MAX_LINKS = 128  # the SDK's default limit of links a span
_UNSET = Status(StatusCode.UNSET)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)

_NAME = "looma.streams"

_SCOPE = InstrumentationScope(_NAME)

tracer = trace.get_tracer(_NAME)

ALL = ParentBased(ALWAYS_ON)
"""Samples every trace that begins here."""


class Traced(Protocol):
    """Whatever has a span that work is done for."""

    span: Span


def context_of(span: Span) -> Context:
    """Return a context whose current span is `span`."""
    return trace.set_span_in_context(span, Context())


@contextmanager
def child_span(cause: Span, name: str, attributes: Attributes, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[None]:
    """Time one step of the work on a message. Of a failure the kind is told: what it says may be personal data."""
    context = context_of(cause)
    with tracer.start_as_current_span(
        name, context, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def event_attributes(envelope: Envelope) -> dict[str, str]:
    """Return what identifies an event on its span."""
    return {
        semconv.EVENT_ID: envelope.id,
        semconv.EVENT_TYPE: envelope.type,
        semconv.EVENT_SOURCE: envelope.source,
        semconv.MESSAGE_KEY: envelope.subject,
    }


class LeanSpan(Span):
    """The span of one message or request, put together as it ends: a third of what the SDK's own costs (measured).

    It keeps attributes, links and a status, which is what our spans have; events are not kept.
    """

    __slots__ = (
        "_attributes", "_context", "_ended", "_kind", "_links", "_made_by", "_name", "_parent", "_start", "_status"
    )  # fmt: skip

    def __init__(
        self,
        made_by: Tracer,
        name: str,
        parent: SpanContext | None,
        attributes: dict[str, AttributeValue],
        kind: SpanKind,
    ) -> None:
        ids = made_by.id_generator
        self._made_by, self._name, self._parent, self._attributes = made_by, name, parent, attributes
        self._kind = kind
        if parent is None:
            self._context = SpanContext(ids.generate_trace_id(), ids.generate_span_id(), False, _SAMPLED)
        else:
            own = ids.generate_span_id()
            self._context = SpanContext(parent.trace_id, own, False, parent.trace_flags, parent.trace_state)
        self._links: list[Link] = []
        self._status = _UNSET
        self._ended = False
        self._start = time.time_ns()

    def get_span_context(self) -> SpanContext:
        """Return its place in its trace."""
        return self._context

    def is_recording(self) -> bool:
        """Whether it has not ended."""
        return not self._ended

    def set_attribute(self, key: str, value: Any) -> None:
        """Set an attribute."""
        self._attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Set attributes."""
        self._attributes.update(attributes)

    def add_link(self, context: SpanContext, attributes: Any = None) -> None:
        """Add a link, up to the SDK's limit."""
        if len(self._links) < _MAX_LINKS:
            self._links.append(Link(context, attributes))

    def set_status(self, status: Any, description: str | None = None) -> None:
        """Set the status."""
        self._status = status if isinstance(status, Status) else Status(status, description)

    def update_name(self, name: str) -> None:
        """Give it another name."""
        self._name = name

    def add_event(self, *_: Any, **__: Any) -> None:
        """Do nothing: events are not kept."""

    def record_exception(self, *_: Any, **__: Any) -> None:
        """Do nothing: what an exception says may be personal data."""

    def end(self, end_time: int | None = None) -> None:
        """Hand it to the exporters, once."""
        if self._ended:
            return
        self._ended = True
        self._made_by.span_processor.on_end(
            ReadableSpan(
                self._name,
                self._context,
                self._parent,
                self._made_by.resource,
                self._attributes,
                links=self._links,
                kind=self._kind,
                status=self._status,
                start_time=self._start,
                end_time=end_time or time.time_ns(),
                instrumentation_scope=_SCOPE,
            )
        )


@dataclass(frozen=True, slots=True)
class ChildSpans:
    """One operation's spans in the traces of its causes. They are all `like` one span, but for their ids.

    `places` are the parents, and the id that each child has.
    """

    like: ReadableSpan
    places: Sequence[tuple[SpanContext, int]]

    def __iter__(self) -> Iterator[ReadableSpan]:
        """Yield each as a span of its own."""
        like = self.like
        for of, own in self.places:
            yield ReadableSpan(
                like.name,
                SpanContext(of.trace_id, own, False, of.trace_flags, of.trace_state),
                of,
                like.resource,
                like.attributes,
                links=like.links,
                kind=like.kind,
                status=like.status,
                start_time=like.start_time,
                end_time=like.end_time,
                instrumentation_scope=like.instrumentation_scope,
            )


@runtime_checkable
class TakesChildren(Protocol):
    """A span processor that takes the child spans of one operation together."""

    def on_end_children(self, spans: ChildSpans) -> None:
        """Take them, as `on_end` takes a span."""
        ...


def start_span(name: str, parent: Context, attributes: dict[str, AttributeValue], kind: SpanKind) -> Span:
    """Start the span of one message or request, which carries `parent`; it may keep `attributes`, and change them.

    Whether it is sampled is the sender's decision, or our sampler's if it came without one.
    """
    made_by, of = trace.get_tracer_provider(), trace.get_current_span(parent).get_span_context()
    if isinstance(own := _tracer(made_by), Tracer):
        if of.is_valid and of.trace_flags.sampled:
            return LeanSpan(own, name, of, attributes, kind)
        if not of.is_valid and own.sampler is ALL:
            return LeanSpan(own, name, None, attributes, kind)
    return tracer.start_span(name, parent, kind, attributes)


@lru_cache(maxsize=1)
def _tracer(provider: trace.TracerProvider) -> trace.Tracer:
    return provider.get_tracer(_NAME)


@contextmanager
def batch_span(
    name: str, causes: Sequence[Traced], attributes: Attributes, kind: SpanKind = SpanKind.CLIENT
) -> Iterator[None]:
    """Time one operation that serves many events.

    The operation gets a span in a trace of its own with links to its causes; each cause gets a child span with the
    same times and a link back, so that an event's own trace shows every hop.
    """
    start = time.time_ns()
    links = [Link(cause.span.get_span_context()) for cause in causes[:_MAX_LINKS]]
    batch = tracer.start_span(name, Context(), kind, attributes, links, start_time=start)
    status: Status | None = None
    try:
        yield
    except BaseException as error:
        status = Status(StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        end = time.time_ns()
        if status:
            batch.set_status(status)
        _end_children(causes, name, kind, attributes, batch, status or _UNSET, start, end)
        batch.end(end)


def _end_children(
    causes: Sequence[Traced],
    name: str,
    kind: SpanKind,
    attributes: Attributes,
    batch: Span,
    status: Status,
    start: int,
    end: int,
) -> None:
    """End a child span of every cause. Made together as they end, they cost a tenth of spans that start first."""
    made_by = _tracer(trace.get_tracer_provider())
    if not isinstance(made_by, Tracer):
        return  # nobody listens
    like = ReadableSpan(
        name,
        None,
        None,
        made_by.resource,
        attributes,
        links=(Link(batch.get_span_context()),),
        kind=kind,
        status=status,
        start_time=start,
        end_time=end,
        instrumentation_scope=_SCOPE,
    )
    own_id = made_by.id_generator.generate_span_id
    parents = [cause.span.get_span_context() for cause in causes if cause.span.is_recording()]
    children = ChildSpans(like, [(parent, own_id()) for parent in parents if parent.trace_flags.sampled])
    if not children.places:
        return
    if isinstance(together := made_by.span_processor, TakesChildren):
        together.on_end_children(children)
        return
    for child in children:
        made_by.span_processor.on_end(child)
