"""Reads the trace files: one event's trace as a tree, and which traces reached every sink."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas import semconv
from schemas.entities import ENTITIES, SPEC, Side, is_side
from schemas.topics import DEAD_LETTERS, EVENTS, MATCH_FEEDBACK, MATCH_REQUESTS, RECORDS
from sinks.feedback import FEEDBACK

_DECODER = json.JSONDecoder()
_RESOURCE = '"resource":'


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """A finished span; times are nanoseconds since the epoch."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    service: str
    start: int
    end: int
    attributes: dict[str, Any]
    links: tuple[str, ...]
    failed: bool

    @property
    def milliseconds(self) -> float:
        """The span's duration."""
        return (self.end - self.start) / 1e6


def _value(value: dict[str, Any]) -> Any:
    if "intValue" in value:
        return int(value["intValue"])
    return next(iter(value.values()), None)


def _attributes(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {item["key"]: _value(item["value"]) for item in items}


def _spans(line: bytes) -> Iterator[SpanRecord]:
    for resource_spans in json.loads(line)["resourceSpans"]:
        service = _service(resource_spans["resource"])
        for scope in resource_spans["scopeSpans"]:
            for span in scope["spans"]:
                yield _span(span, service)


def _service(resource: dict[str, Any]) -> str:
    return str(_attributes(resource.get("attributes", ())).get("service.name", ""))


def _span(span: dict[str, Any], service: str) -> SpanRecord:
    return SpanRecord(
        span["traceId"],
        span["spanId"],
        span.get("parentSpanId", ""),
        span["name"],
        service,
        int(span["startTimeUnixNano"]),
        int(span["endTimeUnixNano"]),
        _attributes(span.get("attributes", ())),
        tuple(link["traceId"] for link in span.get("links", ())),
        span.get("status", {}).get("code") in (2, "STATUS_CODE_ERROR"),
    )


def read_spans(folder: Path, containing: str = "", files: str = "*.jsonl") -> Iterator[SpanRecord]:
    """Yield the spans of every export that mentions `containing`.

    A line cut off by a crash is passed over, and a file that another process deletes meanwhile.
    """
    needle = containing.encode()
    for file in sorted(folder.glob(files)):
        with suppress(FileNotFoundError), file.open("rb") as lines:
            for line in lines:
                if needle in line:
                    yield from spans_of(line)


def spans_of(line: bytes) -> list[SpanRecord]:
    """Return the spans of a line of a trace file; none of a line that was cut off or is not ours."""
    try:
        return list(_spans(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def spans_of_trace(line: bytes, trace_id: str) -> list[SpanRecord]:
    """Return the spans of one trace that are in a line. The others, which may be thousands, are not read."""
    text = line.decode("utf-8", "replace")
    if text.count(_RESOURCE) != 1:
        return [span for span in spans_of(line) if span.trace_id == trace_id]
    try:
        resource, _ = _DECODER.raw_decode(text, text.index(_RESOURCE) + len(_RESOURCE))
        service, found = _service(resource), []
        begins = f'{{"traceId":"{trace_id}"'
        at = text.find(begins)
        while at >= 0:
            span, end = _DECODER.raw_decode(text, at)
            if "name" in span:  # or else a link to it
                found.append(_span(span, service))
            at = text.find(begins, end)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return found


def by_trace(spans: Iterable[SpanRecord]) -> dict[str, list[SpanRecord]]:
    """Group spans by trace id."""
    traces: dict[str, list[SpanRecord]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return traces


def find_traces(folder: Path, event_or_trace_id: str) -> list[list[SpanRecord]]:
    """Return the traces of an event, oldest first; more than one if it was published more than once."""
    ids = {
        s.trace_id
        for s in read_spans(folder, event_or_trace_id)
        if s.attributes.get(semconv.EVENT_ID) == event_or_trace_id or s.trace_id == event_or_trace_id
    }
    traces: dict[str, list[SpanRecord]] = {i: [] for i in ids}
    for trace_id in ids:
        traces[trace_id] = [s for s in read_spans(folder, trace_id) if s.trace_id == trace_id]
    return sorted(traces.values(), key=lambda spans: min(s.start for s in spans))


def tree(spans: list[SpanRecord]) -> list[tuple[int, SpanRecord]]:
    """Return (depth, span) in the order of a tree, siblings by start; a span without its parent is a root."""
    known = {s.span_id for s in spans}
    children: dict[str, list[SpanRecord]] = {}
    for span in sorted(spans, key=lambda s: s.start):
        children.setdefault(span.parent_id if span.parent_id in known else "", []).append(span)
    ordered: list[tuple[int, SpanRecord]] = []
    stack = [(0, s) for s in reversed(children.get("", []))]
    while stack:
        depth, span = stack.pop()
        ordered.append((depth, span))
        stack += [(depth + 1, s) for s in reversed(children.get(span.span_id, []))]
    return ordered


def missing_hops(spans: list[SpanRecord]) -> list[str]:
    """Return the names of the hops that an event's trace should have and has not; none means it is complete.

    What an event must reach depends on its outcome: an unchanged one ends at the merge, a dead letter at
    `dead-letters`; a superseded one shares its successor's later hops, to whose trace its span is linked.
    """
    names = {s.name for s in spans}
    outcome = {s.name: s.attributes.get(semconv.OUTCOME) for s in spans}
    if (said := f"process {MATCH_FEEDBACK}") in names:
        last = {"applied": f"bulkWrite {FEEDBACK}", "dead_letter": f"publish {DEAD_LETTERS}"}.get(str(outcome[said]))
        return [last] if last and last not in names else []
    for entity in ENTITIES:
        first = f"process {EVENTS[entity]}"
        if first in names:
            break
    else:
        return ["process events"]
    required: list[str] = []
    if outcome[first] == "dead_letter":
        required = [f"publish {DEAD_LETTERS}"]
    elif outcome[first] in ("applied", "superseded", "confirmed"):
        required = [f"bulkWrite {SPEC[entity].plural}"]
        if outcome[first] == "applied":
            required.append(f"publish {RECORDS[entity]}")
            if is_side(entity):
                required += _later_hops(entity, names, outcome)
    return [name for name in required if name not in names]


def _later_hops(side: Side, names: set[str], outcome: dict[str, Any]) -> list[str]:
    embed, points = f"process {RECORDS[side]}", SPEC[side].plural
    if outcome.get(embed) == "superseded":
        return []
    written = f"delete {points}" if f"delete {points}" in names else f"upsert {points}"
    return [embed, written, f"publish {MATCH_REQUESTS}", f"process {MATCH_REQUESTS}"]


def latency_ms(spans: list[SpanRecord]) -> float:
    """Return the time from the first to the last moment of a trace."""
    return (max(s.end for s in spans) - min(s.start for s in spans)) / 1e6


def percentiles(values: list[float]) -> dict[str, float]:
    """Return p50 and p99 by nearest rank, rounded to a tenth; zeros for no values."""
    if not values:
        return {"p50": 0.0, "p99": 0.0}
    ordered = sorted(values)
    return {
        "p50": round(ordered[(len(ordered) - 1) // 2], 1),
        "p99": round(ordered[min(len(ordered) - 1, -(-99 * len(ordered) // 100) - 1)], 1),
    }
