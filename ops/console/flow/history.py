"""What was sampled of the topics: rates of the last moments, lag, and hours of both, in bounded memory."""

from collections import deque
from collections.abc import Mapping
from typing import Literal, NamedTuple

POINT_SECONDS = 10.0
POINTS = 6 * 360
"""Six hours."""
RATE_SECONDS = 12.0
"""A rate is that of the last so many seconds."""
STUCK_SECONDS = 30.0
SLOW_SECONDS = 60.0
"""A backlog that takes longer than this is shown as one."""

State = Literal["idle", "flowing", "behind", "stuck"]


class Sample(NamedTuple):
    """Counts of one moment: the ends of topics, and of those that workers read what is committed and the lag.

    `workers` are the members of each group.
    """

    at: float
    ends: Mapping[str, int]
    committed: Mapping[str, int]
    lag: Mapping[str, int]
    workers: Mapping[str, int]


class Point(NamedTuple):
    """Rates (messages a second) and lag as history keeps them; values in the order of `History.topics`."""

    at: float
    published: tuple[float, ...]
    lag: tuple[int, ...]


class Verdict(NamedTuple):
    """How a stage stands, and why: a code with the number that belongs to it."""

    state: State
    why: str
    amount: float = 0.0


class History:
    """Samples of late one by one, and a point every POINT_SECONDS for POINTS."""

    def __init__(self, topics: tuple[str, ...]) -> None:
        self.topics = topics
        self.points: deque[Point] = deque(maxlen=POINTS)
        self._recent: deque[Sample] = deque(maxlen=64)
        self._moved: dict[str, float] = {}

    @property
    def last(self) -> Sample | None:
        """The newest sample."""
        return self._recent[-1] if self._recent else None

    def add(self, sample: Sample) -> None:
        """Note a sample. One whose topics end earlier than before is of topics made anew: what was is of no use."""
        before = self.last
        if before and any(sample.ends.get(topic, 0) < end for topic, end in before.ends.items()):
            self._recent.clear()
            before = None
        for topic, at in sample.committed.items():
            if before is None or before.committed.get(topic) != at or not sample.lag.get(topic):
                self._moved[topic] = sample.at
        self._recent.append(sample)
        if not self.points or sample.at - self.points[-1].at >= POINT_SECONDS:
            published = tuple(round(self.published(topic), 3) for topic in self.topics)
            self.points.append(Point(sample.at, published, tuple(sample.lag.get(t, 0) for t in self.topics)))

    def published(self, topic: str) -> float:
        """Return how many messages a second were published on a topic of late."""
        first, last = self._window()
        return _rate(first, last, first.ends.get(topic, 0), last.ends.get(topic, 0)) if first and last else 0.0

    def handled(self, topic: str) -> float:
        """Return how many messages a second of a topic were handled of late."""
        first, last = self._window()
        if not first or not last:
            return 0.0
        return _rate(first, last, first.committed.get(topic, 0), last.committed.get(topic, 0))

    def series(self, topic: str, *, of: Literal["published", "lag"]) -> list[tuple[float, float]]:
        """Return a topic's history as (time, value)."""
        number = self.topics.index(topic)
        return [(p.at, p.published[number] if of == "published" else p.lag[number]) for p in self.points]

    def verdict(self, topic: str, group: str) -> Verdict:
        """Return how the stages of a topic stand."""
        last = self.last
        if last is None:
            return Verdict("idle", "unknown")
        behind = last.lag.get(topic, 0)
        if not behind:
            return Verdict("flowing" if self.handled(topic) else "idle", "")
        if not last.workers.get(group):
            return Verdict("stuck", "no_worker", behind)
        still = last.at - self._moved.get(topic, last.at)
        if still >= STUCK_SECONDS:
            return Verdict("stuck", "no_progress", still)
        rate = self.handled(topic)
        if rate and behind / rate > SLOW_SECONDS:
            return Verdict("behind", "backlog", behind / rate)
        return Verdict("flowing", "")

    def _window(self) -> tuple[Sample | None, Sample | None]:
        last = self.last
        if last is None:
            return None, None
        return next((s for s in self._recent if last.at - s.at <= RATE_SECONDS), last), last


def _rate(first: Sample, last: Sample, before: int, now: int) -> float:
    passed = last.at - first.at
    return max(0, now - before) / passed if passed > 0 else 0.0
