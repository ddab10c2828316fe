"""A message's span says what the SDK's own would say, and is recorded when that would be."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Tracer, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio, Sampler
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from streams import tracing
from streams.tracing import ALL, LeanSpan, child_span, start_span

EXPORTED = InMemorySpanExporter()
OTHER = SpanContext(5, 6, True, TraceFlags(1))


def came_from(flags: int) -> Context:
    place = SpanContext(1, 2, True, TraceFlags(flags), TraceState([("a", "1")]))
    return trace.set_span_in_context(trace.NonRecordingSpan(place), Context())


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracer]:
    provider = TracerProvider(ALL, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(EXPORTED))
    made = provider.get_tracer("looma.streams")
    assert isinstance(made, Tracer)
    monkeypatch.setattr(tracing, "_tracer", lambda _: made)
    monkeypatch.setattr(tracing, "tracer", made)
    yield made
    EXPORTED.clear()


def used(span: Span) -> ReadableSpan:
    span.set_attributes({"event": "e1"})
    span.set_attribute("outcome", "applied")
    span.add_link(OTHER)
    span.set_status(Status(StatusCode.ERROR, "bad"))
    assert span.is_recording()
    span.end()
    span.end()
    assert not span.is_recording()
    (exported,) = EXPORTED.get_finished_spans()
    EXPORTED.clear()
    return exported


def told(span: ReadableSpan) -> object:
    assert span.context
    assert span.instrumentation_scope
    assert (span.start_time or 0) <= (span.end_time or 0)
    place = (span.context.trace_id, span.context.is_remote, span.context.trace_flags, span.context.trace_state)
    links = [link.context for link in span.links]
    status = (span.status.status_code, span.status.description)
    kind, scope = (span.name, span.kind, span.parent, span.resource), span.instrumentation_scope.name
    return kind, scope, place, dict(span.attributes or {}), links, status


def test_it_is_what_the_sdk_would_export(tracer: Tracer) -> None:
    attributes = {"partition": "0", "offset": 7}
    ours = start_span("process t", came_from(1), dict(attributes), SpanKind.CONSUMER)
    assert isinstance(ours, LeanSpan)
    theirs = tracer.start_span("process t", came_from(1), SpanKind.CONSUMER, attributes)
    assert told(used(ours)) == told(used(theirs))


def test_what_its_publisher_did_not_sample_is_not_recorded(tracer: Tracer) -> None:
    span = start_span("process t", came_from(0), {}, SpanKind.CONSUMER)
    assert not span.is_recording()
    assert span.get_span_context().trace_id == 1
    span.end()
    assert EXPORTED.get_finished_spans() == ()


@pytest.mark.parametrize("sampler", [ALL, ParentBasedTraceIdRatio(0.5)])
def test_a_trace_that_begins_here_is_sampled_as_the_sdk_would(tracer: Tracer, sampler: Sampler) -> None:
    tracer.sampler = sampler
    spans = [start_span("process t", Context(), {}, SpanKind.SERVER) for _ in range(200)]
    assert len({span.get_span_context().trace_id for span in spans}) == 200
    recording = [span for span in spans if span.is_recording()]
    exported = [used(span) for span in recording]
    assert {(each.parent, each.kind) for each in exported} == {(None, SpanKind.SERVER)}
    assert (len(exported) == 200) is (sampler is ALL)


def test_a_step_that_fails_tells_its_kind_and_nothing_of_what_it_says(tracer: Tracer) -> None:
    cause = tracer.start_span("process")
    with pytest.raises(ValueError, match="13800138000"), child_span(cause, "decide", {"k": "v"}):
        raise ValueError("王小明 13800138000")
    (step,) = EXPORTED.get_finished_spans()
    assert (step.name, step.status.status_code, step.status.description) == ("decide", StatusCode.ERROR, "ValueError")
    assert "13800138000" not in step.to_json()
