"""What a process keeps of its latest work, so as not to do it again: bounded in number and in age."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
CACHE_SECONDS = 600.0
"""How long what nobody asks for is kept: nobody asks for a forgotten person, whom no search finds any more."""


class Cache(Generic[K, V]):
    """The `most` values used last; none that was not used for `seconds`.

    Not for threads: one event loop uses it. Call `expire` now and then, or an idle process keeps what it has.
    """

    def __init__(
        self, most: int, *, seconds: float = CACHE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self.clock = clock
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)

    def get(self, key: K, holds: Callable[[V], bool] = lambda _: True) -> V | None:
        """Return what is kept under a key, if it still `holds`."""
        found = self._values.get(key)
        now = self.clock()
        if found is None or now - found[0] > self._seconds or not holds(found[1]):
            self.misses += 1
            return None
        self.hits += 1
        self._values[key] = (now, found[1])
        self._values.move_to_end(key)
        return found[1]

    def put(self, key: K, value: V) -> None:
        """Keep a value; what was used longest ago goes."""
        self._values[key] = (self.clock(), value)
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def discard(self, key: K) -> None:
        """Keep a key no longer."""
        self._values.pop(key, None)

    def expire(self) -> None:
        """Let go of what nobody has used for too long."""
        oldest = self.clock() - self._seconds
        while self._values and next(iter(self._values.values()))[0] < oldest:
            self._values.popitem(last=False)

    def clear(self) -> None:
        """Let go of everything."""
        self._values.clear()
