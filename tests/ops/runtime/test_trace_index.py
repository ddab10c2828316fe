"""The index of the trace files finds what a scan finds, and reads each byte once."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.runtime import trace_index
from ops.runtime.trace_index import TraceIndex
from ops.runtime.traces import find_traces
from schemas import semconv


def span(trace: int, number: int, event: str | None, link: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        "name": "process talent-events",
        "startTimeUnixNano": str(number),
        "endTimeUnixNano": str(number + 1),
        "attributes": [{"key": semconv.EVENT_ID, "value": {"stringValue": event}}] if event else [],
    }
    if link is not None:
        found["links"] = [{"traceId": f"{link:032x}", "spanId": "0" * 16}]
    return found


def line(*spans: dict[str, Any]) -> bytes:
    body = {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}
    return json.dumps(body, separators=(",", ":")).encode() + b"\n"


_SPANS = st.tuples(st.integers(1, 5), st.sampled_from(["e1", "e2", "e3", None]), st.sampled_from([None, 1, 2, 9]))


@given(st.lists(st.lists(_SPANS, min_size=1, max_size=4), max_size=8), st.data())
def test_it_finds_what_a_scan_finds(
    tmp_path_factory: Any, exports: list[list[tuple[int, str | None, int | None]]], data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("traces")
    index = TraceIndex(folder)
    number = 0
    for export in exports:
        path = folder / f"{data.draw(st.sampled_from(['a', 'b']))}.jsonl"
        spans = []
        for trace, event, link in export:
            number += 1
            spans.append(span(trace, number, event, link))
        with path.open("ab") as file:
            file.write(line(*spans))
        if data.draw(st.booleans()):
            index.find("e1")  # reads what is there by now
    for name in ("e1", "e2", "e3", "e4", *(f"{trace:032x}" for trace in range(1, 7))):
        found = [sorted(s.span_id for s in spans) for spans in index.find(name)]
        scanned = [sorted(s.span_id for s in spans) for spans in find_traces(folder, name)]
        assert found == scanned


def test_a_line_that_is_not_whole_yet_is_read_when_it_is(tmp_path: Path) -> None:
    index, whole, path = TraceIndex(tmp_path), line(span(1, 1, "e1")), tmp_path / "a.jsonl"
    path.write_bytes(whole[:40])
    assert index.find("e1") == []
    path.write_bytes(whole)
    assert len(index.find("e1")) == 1


def test_files_that_are_gone_and_files_of_others_are_passed_over(tmp_path: Path) -> None:
    index, path = TraceIndex(tmp_path), tmp_path / "a.jsonl"
    path.write_bytes(b"\xff not ours\n" + line(span(1, 1, "e1")))
    assert len(index.find("e1")) == 1
    path.unlink()
    assert index.find("e1") == []


def test_the_oldest_traces_go(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(trace_index, "MAX_TRACES", 2)
    index = TraceIndex(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(b"".join(line(span(n, n, f"e{n}")) for n in (1, 2, 3)))
    assert [len(index.find(f"e{n}")) for n in (1, 2, 3)] == [0, 1, 1]
