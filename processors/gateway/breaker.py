"""A circuit breaker: a target that fails too often within a window is left alone for a while, and then probed once."""

from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 30.0
FAILURES = 3
"""Within the window, below which it stays closed."""
SHARE = 0.5
"""Of the window's calls: with fewer failures it stays closed."""
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0
PROBE_SECONDS = 150.0
"""A probe of which nothing is heard for so long has failed; longer than any call may take."""
_SLOTS = 10


@dataclass(frozen=True, slots=True)
class Permit:
    """Lets one call pass. What becomes of the call counts only while the breaker has not changed its state since."""

    epoch: int
    probe: bool = False


class Breaker:
    """Closed: calls pass. Open: none until its pause is over; then exactly one probe, and its outcome decides.

    Times are seconds of any clock that does not jump.
    """

    def __init__(self) -> None:
        self._epoch = 0
        self._open = False
        self._pause = FIRST_PAUSE_SECONDS
        self._until = 0.0
        self._cool_until = 0.0
        self._probe_at: float | None = None
        self._window = _Window()

    @property
    def is_open(self) -> bool:
        """Whether calls are held back, but for a probe."""
        return self._open

    def ready_at(self, now: float) -> float:
        """Return when a call may pass, as far as that can be told."""
        self._expire(now)
        waits = [self._cool_until, self._until if self._open else 0.0]
        return max(*waits, self._probe_at + PROBE_SECONDS if self._probe_at is not None else 0.0)

    def enter(self, now: float) -> Permit | None:
        """Return a permit, None if no call may pass. Each permit is followed by `succeeded`, `failed` or `left`."""
        if now < self.ready_at(now):
            return None
        if self._open:
            self._probe_at = now
        return Permit(self._epoch, self._open)

    def succeeded(self, permit: Permit, now: float) -> None:
        """The call was answered. A pause that the target asked for goes on."""
        if permit.epoch != self._epoch:
            return
        if permit.probe:
            self._change(is_open=False)
            self._pause, self._until = FIRST_PAUSE_SECONDS, 0.0
        self._window.add(now, failed=False)

    def failed(self, permit: Permit, now: float, not_before: float = 0.0) -> None:
        """The call failed; `not_before` is when the target asks to be called again, at the earliest."""
        self._cool_until = max(self._cool_until, min(not_before, now + LONGEST_PAUSE_SECONDS))
        if permit.epoch != self._epoch:
            return
        self._window.add(now, failed=True)
        if permit.probe or self._window.is_bad(now):
            self._reopen(now)

    def left(self, permit: Permit) -> None:
        """The call ended without saying anything of the target: the caller left, or its request was wrong."""
        if permit.probe and permit.epoch == self._epoch:
            self._probe_at = None

    def _expire(self, now: float) -> None:
        """Take a probe that was lost for one that failed."""
        if self._probe_at is not None and now >= self._probe_at + PROBE_SECONDS:
            self._reopen(self._probe_at + PROBE_SECONDS)

    def _reopen(self, at: float) -> None:
        self._change(is_open=True)
        self._until = at + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)

    def _change(self, *, is_open: bool) -> None:
        self._epoch += 1
        self._open, self._probe_at = is_open, None
        self._window = _Window()


class _Window:
    """Counts of calls and failures within the last seconds, in slots: its size does not grow with the traffic."""

    def __init__(self) -> None:
        self._slots: deque[list[int]] = deque(maxlen=_SLOTS)

    def add(self, now: float, *, failed: bool) -> None:
        slot = int(now / WINDOW_SECONDS * _SLOTS)
        if not self._slots or self._slots[-1][0] < slot:
            self._slots.append([slot, 0, 0])
        self._slots[-1][1] += 1
        self._slots[-1][2] += failed

    def is_bad(self, now: float) -> bool:
        oldest = int(now / WINDOW_SECONDS * _SLOTS) - _SLOTS
        calls = sum(each[1] for each in self._slots if each[0] > oldest)
        failures = sum(each[2] for each in self._slots if each[0] > oldest)
        return failures >= FAILURES and failures >= SHARE * calls
