"""Child spans that are written together are what they are one by one, and a queue holds no more than it may."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Span, Tracer

from ops.runtime.span_file import SpanFile
from ops.runtime.span_queue import LINE_SPANS, SpanProcessors, SpanQueue
from ops.runtime.traces import read_spans
from streams import tracing
from streams.tracing import ChildSpans, batch_span


class Cause:
    def __init__(self, span: Span) -> None:
        self.span = span


@contextmanager
def traced(monkeypatch: pytest.MonkeyPatch, *processors: SpanQueue | SimpleSpanProcessor) -> Iterator[Tracer]:
    provider = TracerProvider(active_span_processor=SpanProcessors(), shutdown_on_exit=False)
    for processor in processors:
        provider.add_span_processor(processor)
    tracer = provider.get_tracer("looma.streams")
    monkeypatch.setattr(tracing, "_tracer", lambda _: tracer)
    monkeypatch.setattr(tracing, "tracer", tracer)
    yield tracer
    provider.shutdown()


@given(st.lists(st.sampled_from(["é", 3, 0.5, True, 'a"b']), max_size=3), st.integers(0, 5), st.booleans())
def test_together_and_one_by_one_the_same_is_written(values: list[str | int], count: int, fails: bool) -> None:
    by_hand = InMemorySpanExporter()
    attributes = {f"a{n}": value for n, value in enumerate(values)}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        queue = SpanQueue(SpanFile(Path(folder) / "together", "t"))
        with traced(monkeypatch, queue, SimpleSpanProcessor(by_hand)) as tracer:
            causes = [Cause(tracer.start_span(f"cause {n}", Context())) for n in range(count)]
            with suppress(ValueError), batch_span("write", causes, attributes):
                if fails:
                    raise ValueError
            for cause in causes:
                cause.span.end()
        one_by_one = SpanFile(Path(folder) / "alone", "t")
        for span in by_hand.get_finished_spans():
            one_by_one.export([span])
        one_by_one.shutdown()
        together, alone = (
            sorted(read_spans(Path(folder) / name), key=lambda s: s.span_id) for name in ("together", "alone")
        )
    assert together == alone
    assert len(together) == 2 * count + 1
    assert {s.trace_id for s in together if s.name == "write" and s.parent_id} == {
        s.trace_id for s in together if s.name.startswith("cause")
    }


class Stuck(SpanFile):
    """A file that takes its time, and counts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "stuck")
        self.lines: list[int] = []
        self.go_on = threading.Event()

    def export(self, spans: Sequence[ReadableSpan | ChildSpans]) -> SpanExportResult:
        self.go_on.wait()
        self.lines.append(len(spans))
        return super().export(spans)


def test_a_queue_holds_no_more_than_it_may_and_writes_lines_of_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Stuck(tmp_path)
    queue = SpanQueue(file, max_waiting=2 * LINE_SPANS)
    with traced(monkeypatch, queue) as tracer:
        for _ in range(5 * LINE_SPANS):
            tracer.start_span("span", Context()).end()
        file.go_on.set()
    assert LINE_SPANS <= sum(file.lines) <= 4 * LINE_SPANS, "what waits, and what is being written"
    assert max(file.lines) <= LINE_SPANS
    assert sum(file.lines) == len(list(read_spans(tmp_path)))
