"""Which version's workers did what, and when, by their span files as these grow."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Literal

from ops.faults.crew import Member
from ops.faults.load import ENTITY
from ops.runtime.traces import SpanRecord, spans_of
from schemas import semconv
from schemas.topics import EVENTS, PIPELINE

Version = Literal["older", "newer"]
VERSIONS: tuple[Version, Version] = ("older", "newer")

_EVENT = f"process {EVENTS[ENTITY]}"
_FROM_STAGES = frozenset(f"process {topic}" for topic in PIPELINE if topic not in EVENTS.values())
"""The spans of messages that one stage wrote for another."""


def version_of(member: Member) -> Version:
    """Return which version a worker is of."""
    return "older" if member.code else "newer"


@dataclass(slots=True)
class Ledger:
    """Events of the load's entity that each version has done, and messages that each has read of each.

    Times are in seconds since the epoch, by the ends of spans.
    """

    events: list[tuple[float, Version]] = field(default_factory=list)
    reads: list[tuple[float, Version, Version]] = field(default_factory=list)
    """When, by whom, and who wrote it."""
    _at: dict[Path, int] = field(default_factory=dict)
    _made_by: dict[str, Version] = field(default_factory=dict)
    _unclear: list[tuple[float, Version, str]] = field(default_factory=list)
    """Messages whose writer has not written its spans yet; one that was killed never does."""

    def look(self, members: Iterable[Member]) -> None:
        """Read what workers have written since the last look."""
        for member in members:
            version = version_of(member)
            for file in member.traces.glob("*.jsonl"):
                for span in self._new(file):
                    self._take(span, version)
        unclear = []
        for at, reader, cause in self._unclear:
            if writer := self._made_by.get(cause):
                self.reads.append((at, reader, writer))
            else:
                unclear.append((at, reader, cause))
        self._unclear = unclear

    def done(self, begun: float, ended: float = inf) -> Counter[Version]:
        """Return how many events each version has done in a time."""
        return Counter(version for at, version in self.events if begun <= at < ended)

    def crossed(self, begun: float, ended: float = inf) -> Counter[Version]:
        """Return how many messages of the other version each has read in a time."""
        return Counter(reader for at, reader, writer in self.reads if begun <= at < ended and reader != writer)

    def _new(self, file: Path) -> Iterator[SpanRecord]:
        with file.open("rb") as lines:
            lines.seek(self._at.get(file, 0))
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # the rest of it comes
                self._at[file] = self._at.get(file, 0) + len(line)
                yield from spans_of(line)

    def _take(self, span: SpanRecord, version: Version) -> None:
        if not span.name.startswith("process "):
            return
        self._made_by[span.span_id] = version
        if span.attributes.get(semconv.OUTCOME, "revoked") == "revoked":
            return
        if span.name == _EVENT:
            self.events.append((span.end / 1e9, version))
        elif span.name in _FROM_STAGES:
            self._unclear.append((span.end / 1e9, version, span.parent_id))
