"""Trace context from strangers: taken if it is sound, else passed over, without a word of it in the log."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.propagation import extract, traced

PARENT = ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


def state(value: bytes) -> dict[str, str]:
    return dict(trace.get_current_span(extract([PARENT, ("tracestate", value)])).get_span_context().trace_state)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"a=1,b@c=2", {"a": "1", "b@c": "2"}),
        (b"a=1, b=2", {"a": "1", "b": "2"}),
        (b"secret@example.com", {}),
        (b"a=1\x1b[31m", {}),
        (b"0=1", {}),
        (b"a=1," * 200, {}),
        (b",".join(b"k%d=1" % n for n in range(40)), {}),
        (b"\xff", {}),
    ],
)
def test_a_state_is_read_if_it_is_sound(value: bytes, read: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert state(value) == read
    assert caplog.text == ""


@given(st.lists(st.tuples(st.sampled_from(["traceparent", "tracestate", "baggage"]), st.binary(max_size=80))))
def test_anything_may_stand_there(headers: list[tuple[str, bytes]]) -> None:
    extract(headers)


def theirs(parent: bytes) -> SpanContext:
    context = TraceContextTextMapPropagator().extract({"traceparent": parent.decode()}, Context())
    return trace.get_current_span(context).get_span_context()


hexadecimal = st.text("0123456789abcdefF", min_size=1, max_size=32)


@given(
    st.sampled_from(["00", "01", "ff"]),
    hexadecimal.map(lambda t: t.zfill(32)) | st.just("0" * 32),
    hexadecimal.map(lambda t: t.zfill(16)[:16]) | st.just("0" * 16),
    st.sampled_from(["00", "01", "02", "03", "ff", "0"]),
    st.sampled_from(["", "-more", " "]),
)
def test_a_parent_is_read_as_opentelemetry_reads_it(
    version: str, trace_id: str, span_id: str, flags: str, rest: str
) -> None:
    parent = f"{version}-{trace_id}-{span_id}-{flags}{rest}".encode()
    read = trace.get_current_span(extract([("traceparent", parent)])).get_span_context()
    assert read == theirs(parent)
    assert read.is_remote == theirs(parent).is_remote


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 3), st.sampled_from([[], [("a", "1")]]))
def test_a_place_is_written_as_opentelemetry_writes_it(
    trace_id: int, span_id: int, flags: int, state: list[tuple[str, str]]
) -> None:
    place = SpanContext(trace_id, span_id, False, TraceFlags(flags), TraceState(state))
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier, trace.set_span_in_context(NonRecordingSpan(place), Context()))
    written = traced([("ce_id", b"e"), ("traceparent", b"another's")], place)
    assert written == [("ce_id", b"e"), *((n, v.encode()) for n, v in carrier.items())]
