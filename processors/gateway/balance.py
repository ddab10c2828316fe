"""Which of several equal targets is asked: of two that are drawn, the one with less to do and the quicker answers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

DECAY_SECONDS = 10.0
"""In which what a latency was before counts a third."""
FAILED_SECONDS = 1.0
"""What a failure counts for at least: a target that fails at once must not look like the quickest."""


class Rank(NamedTuple):
    """Where a target stands: a lower priority is asked first, a weight is its share among those of one priority."""

    priority: int
    weight: float = 1.0


@dataclass
class Load:
    """What one target has to do, and how long it takes."""

    in_flight: int = 0
    latency: float | None = None
    """Seconds, decayed; None before the first answer."""
    at: float = float("-inf")
    """When it answered last, or failed to."""

    def begin(self) -> None:
        """A call begins."""
        self.in_flight += 1

    def end(self) -> None:
        """A call ends, whatever became of it."""
        self.in_flight -= 1

    def took(self, seconds: float, now: float, *, failed: bool = False) -> None:
        """Count how long it took to answer, or to fail."""
        if failed:
            seconds = max(seconds, FAILED_SECONDS)
        if self.latency is None:
            self.latency = seconds
        else:
            old = math.exp(-max(0.0, now - self.at) / DECAY_SECONDS) * 0.9
            self.latency = old * self.latency + (1 - old) * seconds
        self.at = now


def order(targets: Mapping[int, tuple[Rank, Load]], random: Random) -> list[int]:
    """Return all targets in the order in which they are asked: by priority, balanced within one."""
    found: list[int] = []
    for priority in sorted({rank.priority for rank, _ in targets.values()}):
        left = [n for n, (rank, _) in targets.items() if rank.priority == priority]
        known = [load.latency for n in left if (load := targets[n][1]).latency is not None]
        unknown = min(known, default=1.0)
        while left:
            chosen = left[0] if len(left) == 1 else _better(left, targets, unknown, random)
            left.remove(chosen)
            found.append(chosen)
    return found


def _better(left: Sequence[int], targets: Mapping[int, tuple[Rank, Load]], unknown: float, random: Random) -> int:
    # Drawn with replacement: targets that are alike get exactly the shares that their weights say.
    first, second = random.choices(left, [targets[n][0].weight for n in left], k=2)
    return second if _cost(*targets[second], unknown) < _cost(*targets[first], unknown) else first


def _cost(rank: Rank, load: Load, unknown: float) -> float:
    latency = unknown if load.latency is None else load.latency
    return latency * (1 + load.in_flight / rank.weight)
