"""Writes spans to a file as OTLP/JSON Lines, the format that a Collector's `otlpjsonfile` receiver reads.

The OpenTelemetry exporter for the same format builds every message in Python: 115 us for the three spans of an event,
where this took 30 one by one (measured), and it has no bound on what it writes.
https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
"""

import errno
import fcntl
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from loguru import logger
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, StatusCode
from opentelemetry.util.types import AttributeValue

from streams.tracing import ChildSpans

_STATUS = {StatusCode.OK: 1, StatusCode.ERROR: 2}
_KIND_OFFSET = 1  # OTLP counts from 1, with 0 for unspecified
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_BYTES = 16 * MAX_FILE_BYTES
MAX_FILES = 256
Json = dict[str, Any]


class SpanFile(SpanExporter):
    """Appends one line an export to a file in `folder`, and goes on in a new one when that is full.

    A file is locked as long as its process has it open. Of the others the oldest go, whenever one is opened, until the
    folder is within both limits; each running process but this may add `max_file_bytes` to that. Only what our spans
    have is written: no span events, no counts of what was dropped.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        *,
        max_file_bytes: int = MAX_FILE_BYTES,
        max_bytes: int = MAX_BYTES,
        max_files: int = MAX_FILES,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._prefix = folder, prefix
        self._max_file_bytes, self._max_bytes, self._max_files = max_file_bytes, max_bytes, max_files
        self._failing = False
        self._open()

    def _open(self) -> None:
        self.path, self._file = _opened(self._folder, self._prefix)
        self._size = 0
        retain(self._folder, self._max_bytes - self._max_file_bytes, self._max_files)

    def export(self, spans: Sequence[ReadableSpan | ChildSpans]) -> SpanExportResult:
        """Write the spans. A line that a full disk cuts is taken back, so that the next one is whole."""
        if not spans:
            return SpanExportResult.SUCCESS
        line = orjson.dumps(_request(spans)) + b"\n"
        try:
            if self._size >= self._max_file_bytes:
                full = self._file
                self._open()
                os.close(full)
            self._write(line)
        except OSError as error:
            if not self._failing:
                logger.warning("spans are lost, {} cannot be written: {}", self.path.name, error.strerror)
            self._failing = True
            return SpanExportResult.FAILURE
        self._failing = False
        return SpanExportResult.SUCCESS

    def _write(self, line: bytes) -> None:
        try:
            if os.write(self._file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(line)

    def shutdown(self) -> None:
        """Close the file; one without a span goes."""
        if not self._size:
            self.path.unlink(missing_ok=True)
        os.close(self._file)


def _opened(folder: Path, prefix: str) -> tuple[Path, int]:
    """Return a new file, locked for as long as it is open, and its descriptor."""
    while True:
        path = folder / f"{prefix}-{time.time_ns()}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return path, file
        os.close(file)  # deleted by another process before it was locked


def retain(folder: Path, max_bytes: int, max_files: int) -> None:
    """Delete the oldest trace files that no process has open until the rest is within both limits."""
    found = []
    for path in folder.glob("*.jsonl"):
        with suppress(FileNotFoundError):
            found.append((path.stat(), path))
    found.sort(key=lambda one: one[0].st_mtime_ns)
    size, count = sum(status.st_size for status, _ in found), len(found)
    for status, path in found:
        if size <= max_bytes and count <= max_files:
            return
        if _deleted(path):
            size, count = size - status.st_size, count - 1


def _deleted(path: Path) -> bool:
    """Delete a file unless a process has it open; whether it is gone."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return not path.exists()
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except OSError:
        return False
    finally:
        os.close(file)
    return True


def number_of(spans: ReadableSpan | ChildSpans) -> int:
    """Return how many spans it is."""
    return len(spans.places) if isinstance(spans, ChildSpans) else 1


def _request(spans: Sequence[ReadableSpan | ChildSpans]) -> Json:
    """Return the ExportTraceServiceRequest; the spans of one process share a resource, and their tracer's name."""
    by_scope: dict[str, list[Json | orjson.Fragment]] = {}
    for each in spans:
        like = each.like if isinstance(each, ChildSpans) else each
        scope = like.instrumentation_scope.name if like.instrumentation_scope else ""
        by_scope.setdefault(scope, []).append(_children(each) if isinstance(each, ChildSpans) else _span(each))
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(like.resource.attributes)},
                "scopeSpans": [{"scope": {"name": name}, "spans": found} for name, found in by_scope.items()],
            }
        ]
    }


def _ids(context: SpanContext) -> Json:
    return {"traceId": f"{context.trace_id:032x}", "spanId": f"{context.span_id:016x}"}


def _span(span: ReadableSpan) -> Json:
    found = _ids(span.context) | _content(span)
    if span.parent:
        found["parentSpanId"] = f"{span.parent.span_id:016x}"
    return found


def _children(spans: ChildSpans) -> orjson.Fragment:
    """Return spans as elements of a list: what they share is written once, and copied."""
    content = orjson.dumps(_content(spans.like))[1:]
    element = b'{"traceId":"%032x","spanId":"%016x","parentSpanId":"%016x",%b'
    return orjson.Fragment(b",".join([element % (p.trace_id, own, p.span_id, content) for p, own in spans.places]))


def _content(span: ReadableSpan) -> Json:
    """Return all but the ids."""
    found: Json = {
        "name": span.name,
        "kind": span.kind.value + _KIND_OFFSET,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
    }
    if span.links:
        found["links"] = [_ids(link.context) for link in span.links]
    if span.status.status_code in _STATUS:
        found["status"] = {"code": _STATUS[span.status.status_code], "message": span.status.description or ""}
    return found


def _attributes(attributes: Mapping[str, AttributeValue]) -> list[orjson.Fragment]:
    return [_attribute(key, value) for key, value in attributes.copy().items()]  # type: ignore[attr-defined]


@lru_cache(maxsize=4096, typed=True)
def _attribute(key: str, value: AttributeValue) -> orjson.Fragment:
    """Return an attribute, written; most of them come with every span."""
    return orjson.Fragment(orjson.dumps({"key": key, "value": _value(value)}))


def _value(value: AttributeValue) -> Json:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    raise TypeError(f"no span of ours has attributes of type {type(value).__name__}")
