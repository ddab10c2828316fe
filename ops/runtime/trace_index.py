"""Where in the trace files each trace is: every byte of them is read once, and a question reads the lines it needs."""

import re
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

from ops.runtime.traces import SpanRecord, spans_of_trace
from schemas import semconv

MAX_TRACES = 100_000
_FOUND = re.compile(
    rb'"traceId":"([0-9a-f]{32})"|"key":"'
    + re.escape(semconv.EVENT_ID).encode()
    + rb'","value":\{"stringValue":"([^"\\]+)"'
)


class TraceIndex:
    """The last MAX_TRACES traces of a folder. Its methods block: call them in a thread, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._places: OrderedDict[bytes, list[tuple[Path, int]]] = OrderedDict()
        self._events: OrderedDict[bytes, set[bytes]] = OrderedDict()

    def find(self, event_or_trace_id: str) -> list[list[SpanRecord]]:
        """Return the traces of an event, oldest first; more than one if it was published more than once."""
        self._refresh()
        named = event_or_trace_id.encode()
        ids = {named} if named in self._places else self._events.get(named, set())
        traces = [self._spans(each.decode(), self._places.get(each, [])) for each in ids]
        return sorted((spans for spans in traces if spans), key=lambda spans: min(s.start for s in spans))

    def _spans(self, trace_id: str, places: list[tuple[Path, int]]) -> list[SpanRecord]:
        found = []
        for path, offset in places:
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(offset)
                found += spans_of_trace(file.readline(), trace_id)
        return found

    def _refresh(self) -> None:
        """Read what was written since; a line that is not whole yet is read the next time."""
        paths = sorted(self._folder.glob("*.jsonl"))
        self._read = {path: self._read.get(path, 0) for path in paths}
        for path, at in list(self._read.items()):
            with suppress(FileNotFoundError):
                if path.stat().st_size == at:
                    continue
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(at)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._note(line, (path, at))
                    at += len(line)
            self._read[path] = at

    def _note(self, line: bytes, place: tuple[Path, int]) -> None:
        trace_id = b""
        for found in _FOUND.finditer(line):
            if found[1]:
                trace_id = found[1]
                places = self._places.setdefault(trace_id, [])
                if not places or places[-1] != place:
                    places.append(place)
            else:  # an attribute of the span whose trace was named last: its links come behind its attributes
                self._events.setdefault(found[2], set()).add(trace_id)
        while len(self._places) > MAX_TRACES:
            self._places.popitem(last=False)
        while len(self._events) > MAX_TRACES:
            self._events.popitem(last=False)
