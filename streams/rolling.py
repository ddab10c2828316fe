"""Which messages go into one file: a run of one partition and one day, bounded in rows, bytes and time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.delivery import Inbound


@dataclass(frozen=True, slots=True)
class Limits:
    """When a chunk is full. `bytes` bounds what all partitions hold together, and so the memory; `seconds` the wait."""

    rows: int = 100_000
    bytes: int = 64 * 1024 * 1024
    seconds: float = 300.0


@dataclass(slots=True)
class _Open:
    day: date
    since: float
    bytes: int = 0
    messages: "list[Inbound]" = field(default_factory=list)


class Rolling:
    """Gathers messages that come in order within each partition. Chunks leave in that order too."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: dict[tuple[str, int], _Open] = {}
        self._bytes = 0

    def add(self, message: "Inbound", now: float) -> "Iterator[list[Inbound]]":
        """Take a message; yield what is complete because of it."""
        partition, day = (message.topic, message.partition), day_of(message)
        if (found := self._open.get(partition)) and found.day != day:
            yield self._close(partition)
        chunk = self._open.setdefault(partition, _Open(day, now))
        chunk.messages.append(message)
        chunk.bytes += message.size
        self._bytes += message.size
        if len(chunk.messages) >= self._limits.rows:
            yield self._close(partition)
        elif self._bytes >= self._limits.bytes:
            yield self._close(max(self._open, key=lambda each: self._open[each].bytes))

    def due(self, now: float) -> "Iterator[list[Inbound]]":
        """Yield what has waited long enough."""
        for partition in [p for p, chunk in self._open.items() if now - chunk.since >= self._limits.seconds]:
            yield self._close(partition)

    def rest(self) -> "Iterator[list[Inbound]]":
        """Yield all that is left."""
        for partition in list(self._open):
            yield self._close(partition)

    def _close(self, partition: tuple[str, int]) -> "list[Inbound]":
        chunk = self._open.pop(partition)
        self._bytes -= chunk.bytes
        return chunk.messages


def appended(message: "Inbound") -> datetime | None:
    """Return when the broker appended a message; None if a topic's own clock says what no calendar has."""
    try:
        return datetime.fromtimestamp(message.timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def day_of(message: "Inbound") -> date:
    """Return the day of appending, in UTC."""
    time = appended(message)
    return time.date() if time else date(1970, 1, 1)
