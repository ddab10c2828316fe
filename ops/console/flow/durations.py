"""How long stages take, from the spans that processes of this machine write: the ends of their files, as they grow."""

from collections import defaultdict, deque
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ops.runtime.traces import SpanRecord, percentiles, spans_of
from schemas import semconv

WINDOW_SECONDS = 300.0
MAX_SPANS = 2000
"""That are kept of a stage: the newest."""
MAX_RECENT = 50
"""Events that are remembered: those that were handled last."""
MAX_BYTES = 4 * 1024 * 1024
"""That are read of a file at a time: of more, the newest."""


class Taken(NamedTuple):
    """How long a stage took for a message, in ms, and whether it ended as a dead letter or an error."""

    end: int
    milliseconds: float
    failed: bool


class Stage(NamedTuple):
    """How a stage does: milliseconds by nearest rank, and how many messages of the last minutes failed."""

    p50: float
    p99: float
    failed: int


class StageTimes:
    """The last spans of each stage. Its methods block: call them in a thread, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._stages: defaultdict[str, deque[Taken]] = defaultdict(lambda: deque(maxlen=MAX_SPANS))
        self._events: deque[SpanRecord] = deque(maxlen=MAX_RECENT)

    def refresh(self) -> None:
        """Read what was written since."""
        paths = list(self._folder.glob("*.jsonl"))
        self._read = {path: at for path, at in self._read.items() if path in paths}
        for path in paths:
            with suppress(FileNotFoundError):
                self._follow(path)

    def stages(self, now: float) -> dict[str, Stage]:
        """Return, by the name of its span, how each stage did in the last WINDOW_SECONDS."""
        since = (now - WINDOW_SECONDS) * 1e9
        found = {}
        for name, taken in list(self._stages.items()):
            recent = [each for each in list(taken) if each.end >= since]
            if recent:
                quantiles = percentiles([each.milliseconds for each in recent])
                failed = sum(each.failed for each in recent)
                found[name] = Stage(quantiles["p50"], quantiles["p99"], failed)
        return found

    def events(self) -> list[SpanRecord]:
        """Return what stages took up last of events, the newest first."""
        return sorted(self._events.copy(), key=lambda span: -span.end)

    def _follow(self, path: Path) -> None:
        size = path.stat().st_size
        at = self._read.get(path, 0)
        if size - at > MAX_BYTES:
            at = size - MAX_BYTES
        if size <= at:
            return
        with path.open("rb") as file:
            file.seek(at)
            for line in file.read(size - at).splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break  # it is read whole the next time
                at += len(line)
                self._note(line)
        self._read[path] = at

    def _note(self, line: bytes) -> None:
        if semconv.OUTCOME.encode() not in line:
            return
        for span in spans_of(line):
            outcome = span.attributes.get(semconv.OUTCOME)
            if outcome is not None:
                failed = span.failed or outcome == "dead_letter"
                self._stages[span.name].append(Taken(span.end, span.milliseconds, failed))
                if semconv.EVENT_ID in span.attributes:
                    self._events.append(span)
