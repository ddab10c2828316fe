"""Which offset of a partition may be committed: never one past a message that was fetched and has not been handled."""

import heapq
from collections.abc import Iterable


class Offsets:
    """The messages of one partition that were fetched, and which of them are still outstanding.

    A fetch that goes back, after a seek or because the topic was made anew, begins a new life: what the old one had
    outstanding is fetched again, or is gone.
    """

    def __init__(self) -> None:
        self._outstanding: dict[int, int] = {}  # with the bytes of each
        self._bytes = 0
        self._lowest: list[int] = []  # a heap; what is no longer outstanding is dropped when it comes up
        self._position: int | None = None

    def fetched(self, messages: Iterable[tuple[int, int]], position: int) -> None:
        """Note a fetch: the offsets of its messages in order, with their bytes, and where the next fetch begins."""
        messages = list(messages)
        begin = messages[0][0] if messages else position
        if self._position is not None and begin < self._position:
            self._outstanding.clear()
            self._lowest.clear()
            self._bytes = 0
        for offset, size in messages:
            self._bytes += size - self._outstanding.get(offset, 0)
            self._outstanding[offset] = size
            heapq.heappush(self._lowest, offset)
        self._position = position

    def handled(self, offset: int) -> None:
        """Note that a message has had its effect or is a dead letter."""
        self._bytes -= self._outstanding.pop(offset, 0)

    @property
    def position(self) -> int | None:
        """Where the next fetch begins; None before the first."""
        return self._position

    @property
    def outstanding(self) -> int:
        """How many messages were fetched and are not handled yet."""
        return len(self._outstanding)

    @property
    def bytes(self) -> int:
        """How many bytes the outstanding messages have."""
        return self._bytes

    @property
    def committable(self) -> int | None:
        """The offset to commit: that of the first outstanding message, else where the next fetch begins.

        The latter lies behind control records of transactions and what compaction left out. None before any fetch.
        """
        while self._lowest and self._lowest[0] not in self._outstanding:
            heapq.heappop(self._lowest)
        return self._lowest[0] if self._lowest else self._position
