"""Finds lines in the log files of processes, and follows what is written; its memory has a bound."""

import heapq
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.levels import LEVELS

MAX_LINE_BYTES = 256 * 1024
"""A longer line is passed over."""
_RANK = {level: rank for rank, level in enumerate(("TRACE", *LEVELS, "CRITICAL"))}
_RANK["SUCCESS"] = _RANK["INFO"]


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of a log file, and the process that wrote it, as its file is called."""

    time: str
    level: str
    message: str
    source: str
    content: dict[str, Any] = field(compare=False)

    @property
    def trace_id(self) -> str:
        """The trace in which it was written, or ""."""
        return str(self.content.get("trace_id", ""))

    @property
    def stage(self) -> str:
        """The stage that was at work, or ""."""
        return str(self.content.get("stage", ""))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: all that is given must hold. `traces`: of one of these; `least`: the least severe level."""

    traces: frozenset[str] | None = None
    least: str = "DEBUG"
    since: datetime | None = None
    until: datetime | None = None
    stage: str | None = None
    text: str | None = None

    def may_hold(self, raw: bytes) -> bool:
        """Whether a line is worth reading."""
        if self.traces is not None and not any(each.encode() in raw for each in self.traces):
            return False
        return self.stage is None or b'"stage"' in raw

    def takes(self, line: Line) -> bool:
        """Whether a line is one of them."""
        if _RANK.get(line.level, 0) < _RANK[self.least]:
            return False
        if self.traces is not None and line.trace_id not in self.traces:
            return False
        if self.stage is not None and line.stage != self.stage:
            return False
        if self.text is not None and self.text.casefold() not in line.message.casefold():
            return False
        if self.since is None and self.until is None:
            return True
        try:
            at = datetime.fromisoformat(line.time)
        except ValueError:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)


def search(folder: Path, wanted: Wanted, most: int) -> list[Line]:
    """Return the newest lines, by time."""
    return sorted(heapq.nlargest(most, _all(folder, wanted)))


def _all(folder: Path, wanted: Wanted) -> Iterator[Line]:
    for path in sorted(folder.glob("*.jsonl")):
        with suppress(FileNotFoundError):  # rotated away meanwhile
            if wanted.since is not None and path.stat().st_mtime < wanted.since.timestamp():
                continue
            with path.open("rb") as file:
                while raw := file.readline(MAX_LINE_BYTES):
                    if (line := _line(raw, path, wanted)) is not None:
                        yield line


def _line(raw: bytes, path: Path, wanted: Wanted) -> Line | None:
    if not wanted.may_hold(raw):
        return None
    try:
        content = json.loads(raw)
        line = Line(str(content["time"]), str(content["level"]), str(content["message"]), _source(path), content)
    except (ValueError, KeyError, TypeError, RecursionError):  # cut off by a crash, or not ours
        return None
    return line if wanted.takes(line) else None


def _source(path: Path) -> str:
    """Return the process of a file: `worker-16066` of `worker-16066.2026-01-05_08-00-00_000000.jsonl` too."""
    return path.name.partition(".")[0]


class Tail:
    """What is written to a folder's log files from now on; a file that is rotated is read to its end."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self._folder = folder
        self._wanted = wanted
        self._places = {inode: size for _, inode, size in self._files()}

    def news(self) -> list[Line]:
        """Return the lines since the last call, by time; one that is not whole yet comes later."""
        found: list[Line] = []
        for path, inode, size in self._files():
            at = self._places.get(inode, 0)
            if size <= at:
                continue
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(at)
                while (raw := file.readline(MAX_LINE_BYTES)).endswith(b"\n") or len(raw) == MAX_LINE_BYTES:
                    at += len(raw)
                    if (line := _line(raw, path, self._wanted)) is not None:
                        found.append(line)
            self._places[inode] = at
        return sorted(found)

    def _files(self) -> Iterator[tuple[Path, int, int]]:
        for path in sorted(self._folder.glob("*.jsonl")):
            with suppress(FileNotFoundError):
                found = path.stat()
                yield path, found.st_ino, found.st_size
