"""A circuit breaker: who fails again and again is left alone for a while, and then tried once."""

FAILURES = 3
"""In a row, after which a provider is left alone."""
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0


class Breaker:
    """Closed: requests pass. Open: none until its pause is over. Then one passes, and what becomes of it decides.

    Times are seconds of any clock that does not jump.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._pause = FIRST_PAUSE_SECONDS
        self._until = 0.0
        self._is_open = False
        self._is_tried = False

    def enter(self, now: float) -> bool:
        """Whether a request may pass; one that may must be followed by `succeeded`, `failed` or `left`."""
        if not self._is_open:
            return now >= self._until
        if self._is_tried or now < self._until:
            return False
        self._is_tried = True
        return True

    def succeeded(self) -> None:
        """A request was answered."""
        self._failures, self._pause, self._until = 0, FIRST_PAUSE_SECONDS, 0.0
        self._is_open = self._is_tried = False

    def failed(self, now: float, not_before: float = 0.0) -> None:
        """A request failed; `not_before` is when the provider asks to be tried again, at the earliest."""
        self._failures += 1
        self._until = max(self._until, min(not_before, now + LONGEST_PAUSE_SECONDS))
        if self._is_tried or (not self._is_open and self._failures >= FAILURES):
            self._until = max(self._until, now + self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            self._is_open, self._is_tried = True, False

    def left(self) -> None:
        """A request ended without saying anything of the provider."""
        self._is_tried = False
