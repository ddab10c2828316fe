"""One request's way through its targets: each once, then after a pause those that may do better, until a deadline.

A second target is worth more than waiting for the first. Retries are counted for the whole request: a fallback does not
start them anew, and over all requests they are a bounded share, so that a failing target is not flooded by retries.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

RETRIES = 2
"""Of one request, to targets that were asked already."""
PAUSE_SECONDS = 0.25
"""Before the first retry; doubled before each, and drawn from its upper half."""
LEAST_SECONDS = 0.1
"""With less time left nobody is asked."""
RETRY_SHARE = 0.2
"""Retries for each request, over all of them."""
RETRY_RESERVE = 10.0
"""Retries beyond that share, at most, after a quiet time."""


class RetryBudget:
    """How many retries all requests to the same targets may make."""

    def __init__(self) -> None:
        self._left = RETRY_RESERVE

    def earn(self) -> None:
        """A request begins."""
        self._left = min(RETRY_RESERVE, self._left + RETRY_SHARE)

    def take(self) -> bool:
        """Return whether a retry may be made, and count it."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Ask(NamedTuple):
    """Ask this target."""

    target: int


class Wait(NamedTuple):
    """Ask nobody for so many seconds, then take the next step."""

    seconds: float


class Plan:
    """The steps of one request. After each `Ask` say what became of it: `failed`, or `skipped` if it was not asked.

    `targets` in their order; `until` by the clock that `next` is given.
    """

    def __init__(self, targets: Sequence[int], until: float, may_retry: Callable[[], bool]) -> None:
        self._order = list(targets)
        self._round = list(targets)
        self._since = dict.fromkeys(targets, 0.0)
        self._asked: set[int] = set()
        self._until = until
        self._may_retry = may_retry
        self._rounds = 0
        self._retries = 0
        self._was_first = False

    def next(self, now: float, draw: float) -> Ask | Wait | None:
        """Return the next step; None: give up. `draw` is a random number from 0 to 1."""
        if self._until - now < LEAST_SECONDS:
            return None
        while self._round:
            target = self._round.pop(0)
            if self._since.get(target, self._until) > now:
                continue
            if (is_retry := target in self._asked) and (self._retries >= RETRIES or not self._may_retry()):
                return None
            self._retries += is_retry
            self._was_first = not is_retry
            self._asked.add(target)
            return Ask(target)
        if not self._since or self._retries >= RETRIES or self._rounds >= RETRIES:
            return None
        pause = PAUSE_SECONDS * 2**self._rounds * (0.5 + draw / 2)
        pause = max(pause, min(self._since.values()) - now)
        if now + pause + LEAST_SECONDS > self._until:
            return None
        self._rounds += 1
        self._round = [target for target in self._order if target in self._since]
        return Wait(pause)

    def failed(self, target: int, *, again: bool, not_before: float = 0.0) -> None:
        """A target failed; `again`: whether the same request may do better, and not before that time."""
        if again:
            self._since[target] = not_before
        else:
            self._since.pop(target, None)

    def skipped(self, target: int, ready_at: float) -> None:
        """A target was not asked: it is left alone until then."""
        self._since[target] = ready_at
        if self._was_first:
            self._asked.discard(target)
        else:
            self._retries -= 1
