import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from ops.runtime.span_file import SpanFile
from ops.runtime.traces import read_spans


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


@contextmanager
def tracing(file: SpanFile) -> Iterator[Tracer]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(file))
    yield provider.get_tracer("t")
    provider.shutdown()


def names(folder: Path) -> set[str]:
    return {s.name for s in read_spans(folder)}


@pytest.mark.parametrize("limit", [{"max_files": 3}, {"max_bytes": 9000}], ids=str)
def test_files_are_bounded_in_size_number_and_bytes_in_all(tmp_path: Path, limit: dict[str, int]) -> None:
    with tracing(SpanFile(tmp_path, "test", max_file_bytes=2000, **limit)) as tracer:
        for number in range(100):
            tracer.start_span(f"span {number}", Context()).end()
            sizes = [f.stat().st_size for f in tmp_path.glob("*.jsonl")]
            assert len(sizes) <= limit.get("max_files", 100)
            assert sum(sizes) <= limit.get("max_bytes", 100_000)
            assert max(sizes) < 3000
    assert "span 99" in names(tmp_path), "the newest stay"
    assert "span 0" not in names(tmp_path)


WORKER = """
import sys
from pathlib import Path
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from ops.runtime.span_file import SpanFile

provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(SpanFile(Path(sys.argv[1]), "worker")))
for line in sys.stdin:
    provider.get_tracer("t").start_span(line.strip(), Context()).end()
    print("written", flush=True)
"""


def test_a_file_that_a_running_process_has_open_outlives_any_number_of_later_ones(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:

        def write(name: str) -> None:
            print(name, file=worker.stdin, flush=True)
            assert worker.stdout.readline()

        write("first")
        for number in range(20):
            with tracing(SpanFile(tmp_path, f"command-{number}", max_files=3)) as tracer:
                tracer.start_span(f"of command {number}", Context()).end()
        write("last")
        assert {"first", "last"} <= names(tmp_path)
        assert len(list(tmp_path.glob("command-*"))) == 2
        worker.kill()
        worker.wait()
    for number in range(3):
        with tracing(SpanFile(tmp_path, f"later-{number}", max_files=3)) as tracer:
            tracer.start_span("later", Context()).end()
    assert not list(tmp_path.glob("worker-*")), "a dead process holds nothing"


def test_processes_that_open_and_delete_at_once_lose_nobody_alive(tmp_path: Path) -> None:
    files = []

    def open_many(n: int) -> None:
        files.extend(SpanFile(tmp_path, f"{n}-{i}", max_files=1) for i in range(20))

    threads = [threading.Thread(target=open_many, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files) == 80
    assert all(file.path.exists() for file in files)
    for file in files:
        file.shutdown()
    assert not list(tmp_path.iterdir()), "files without a span go"


def test_a_full_disk_costs_the_spans_of_its_time_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    full = False

    def limited(file: int, data: bytes) -> int:
        return write(file, data[: len(data) // 2] if full else data)

    monkeypatch.setattr("ops.runtime.span_file.os.write", limited)
    with tracing(SpanFile(tmp_path, "test")) as tracer:
        for number in range(6):
            full = number in (2, 3)
            tracer.start_span(f"span {number}", Context()).end()
    assert names(tmp_path) == {"span 0", "span 1", "span 4", "span 5"}
    (file,) = tmp_path.glob("*.jsonl")
    assert [json.loads(line) for line in file.read_bytes().splitlines()]


@given(st.lists(st.one_of(st.binary(), st.from_type(type(None))), max_size=8))
def test_lines_of_others_are_passed_over(lines: list[bytes | None]) -> None:
    with TemporaryDirectory() as folder:
        file = SpanFile(Path(folder), "test")
        with tracing(file) as tracer:
            tracer.start_span("ours", Context()).end()
        ours = file.path.read_bytes()
        file.path.write_bytes(b"".join(ours if line is None else line + b"\n" for line in [*lines, None]))
        assert [s.name for s in read_spans(Path(folder))] == ["ours"] * (lines.count(None) + 1)


@pytest.mark.parametrize(
    "line", [b"[]", b"1", b'"x"', b'{"resourceSpans":[1]}', b'{"resourceSpans":null}', b"[" * 10**5]
)
def test_json_that_is_no_export_is_passed_over(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(line + b"\n")
    assert list(read_spans(tmp_path)) == []
