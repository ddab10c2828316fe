"""What each stage is doing: whether it has work, when it last got anywhere, and what holds it back."""

import time
from typing import Any

STALLED_SECONDS = 60.0
"""After so long without progress, a stage that has work is called stalled, and its worker not ready."""


class Progress:
    """The work of one stage. `queued` counts messages that it has been given and has not handled yet."""

    def __init__(self, stage: str, topic: str) -> None:
        self.stage = stage
        self.topic = topic
        self.queued = 0
        self.held_back_by: str | None = None
        self.last_progress = time.time()
        self._moved = self._tried = time.monotonic()

    def received(self) -> None:
        """Note a message that waits to be handled."""
        if not self.queued:
            self._moved = time.monotonic()
        self.queued += 1

    def handled(self, count: int) -> None:
        """Note that messages have had their effects."""
        self.queued -= count
        self.held_back_by = None
        self.last_progress = time.time()
        self._moved = time.monotonic()

    def dropped(self) -> None:
        """Forget what waits: it belongs to partitions that are fetched again."""
        self.queued = 0

    def held_back(self, reason: str) -> None:
        """Note that a batch is about to be retried, and why."""
        self.held_back_by = reason
        self._tried = time.monotonic()

    @property
    def stalled_seconds(self) -> float:
        """Seconds since the last progress; 0 without work."""
        return time.monotonic() - self._moved if self.queued else 0.0

    @property
    def silent_seconds(self) -> float:
        """The same, but a retry is a sign of life: it says what it waits for."""
        return min(self.stalled_seconds, time.monotonic() - self._tried) if self.queued else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return what /ready shows."""
        return {
            "topic": self.topic,
            "queued": self.queued,
            "last_progress": round(self.last_progress, 3),
            "stalled_seconds": round(self.stalled_seconds, 1),
            "held_back_by": self.held_back_by,
        }
