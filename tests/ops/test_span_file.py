from pathlib import Path

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, set_span_in_context

from ops.span_file import SpanFile
from ops.traces import read_spans


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(SpanFile(tmp_path, "test")))
    tracer = provider.get_tracer("t")
    parent = tracer.start_span("parent", Context(), SpanKind.CONSUMER, {"text": "é", "n": 3, "share": 0.5, "ok": True})
    child = tracer.start_span("child", set_span_in_context(parent), links=[Link(parent.get_span_context())])
    child.set_status(Status(StatusCode.ERROR, "Broken"))
    child.end()
    parent.end()
    provider.shutdown()

    spans = {s.name: s for s in read_spans(tmp_path)}
    assert spans["parent"].attributes == {"text": "é", "n": 3, "share": 0.5, "ok": True}
    assert not spans["parent"].failed
    assert spans["child"].failed
    assert spans["child"].parent_id == spans["parent"].span_id
    assert spans["child"].trace_id == spans["parent"].trace_id == spans["child"].links[0]
    assert spans["parent"].start <= spans["child"].start <= spans["child"].end <= spans["parent"].end


def test_files_are_bounded_in_size_and_number(tmp_path: Path) -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(SpanFile(tmp_path, "test", max_bytes=2000, max_files=3)))
    tracer = provider.get_tracer("t")
    for number in range(100):
        tracer.start_span(f"span {number}", Context()).end()
    provider.shutdown()
    files = list(tmp_path.glob("*.jsonl"))
    assert len(files) == 3
    assert all(f.stat().st_size < 3000 for f in files)
    names = {s.name for s in read_spans(tmp_path)}
    assert "span 99" in names, "the newest stay"
    assert "span 0" not in names
