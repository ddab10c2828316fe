"""What each stage is doing: whether it has work, when it last got anywhere, and what holds it back."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from loguru import logger
from tenacity import RetryCallState

from schemas.envelope import timestamp

STALLED_SECONDS = 60.0
"""After so long without progress, a stage that has work is called stalled, and its worker not ready."""


def failing_since(state: RetryCallState) -> str:
    """Return when the first try of a row failed; to be asked before every pause."""
    since: str = state.retry_object.statistics.setdefault("failing_since", timestamp(datetime.now(UTC)))
    return since


class Progress:
    """The work of one stage. `queued` counts messages that it has been given and has not handled yet."""

    def __init__(self, stage: str, topic: str) -> None:
        self.stage = stage
        self.topic = topic
        self.queued = 0
        self._held: dict[object, tuple[str, str, float]] = {}
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
        self.last_progress = time.time()
        self._moved = time.monotonic()

    def dropped(self) -> None:
        """Forget what waits: it belongs to partitions that are fetched again."""
        self.queued = 0

    def held_back(self, batch: object, reason: str, since: str) -> None:
        """Note that a batch is about to be retried, why, and since when."""
        self._tried = time.monotonic()
        first = self._held[batch][2] if batch in self._held else self._tried
        self._held[batch] = reason, since, first

    def waits(self, batch: object, reason: str, since: str) -> None:
        """Note what holds messages back that nobody tries; unlike a retry it is no sign of life."""
        if batch not in self._held:
            self._held[batch] = reason, since, time.monotonic()

    def released(self, batch: object) -> None:
        """Note that a batch is retried no more."""
        self._held.pop(batch, None)

    @property
    def held_back_by(self) -> str | None:
        """What holds back the batch that has waited longest."""
        return next((reason for reason, _, _ in self._held.values()), None)

    @property
    def held_back_since(self) -> str | None:
        """When that batch failed first."""
        return next((since for _, since, _ in self._held.values()), None)

    @property
    def stalled_seconds(self) -> float:
        """Seconds since the last progress, or since a batch first failed that is held back while others get on."""
        held = max((time.monotonic() - first for _, _, first in self._held.values()), default=0.0)
        return max(held, self._idle_seconds)

    @property
    def _idle_seconds(self) -> float:
        return time.monotonic() - self._moved if self.queued else 0.0

    @property
    def silent_seconds(self) -> float:
        """Seconds without progress, but a retry is a sign of life: it says what it waits for. 0 without work."""
        return min(self._idle_seconds, time.monotonic() - self._tried)

    def to_dict(self) -> dict[str, Any]:
        """Return what /ready shows."""
        return {
            "topic": self.topic,
            "queued": self.queued,
            "last_progress": round(self.last_progress, 3),
            "stalled_seconds": round(self.stalled_seconds, 1),
            "held_back_by": self.held_back_by,
            "held_back_since": self.held_back_since,
        }


class Outage:
    """Says that stages wait for Kafka: what they publish waits for a broker as long as it takes, and never fails."""

    def __init__(self) -> None:
        self._since: str | None = None

    def note(self, stages: Iterable[Progress], *, is_answering: bool) -> None:
        """Hold back each stage that has work while no broker answers; to be told again and again."""
        if is_answering:
            if self._since is not None:
                logger.info("a broker answers again")
            self._since = None
        elif self._since is None:
            self._since = timestamp(datetime.now(UTC))
            logger.warning("no broker answers since {}: the stages wait for one", self._since)
        for each in stages:
            if self._since is not None and each.queued:
                each.held_back(self, "KafkaConnectionError", self._since)
            else:
                each.released(self)
