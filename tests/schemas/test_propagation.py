"""Trace context from strangers: taken if it is sound, else passed over, without a word of it in the log."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from schemas.propagation import extract

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
