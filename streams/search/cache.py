"""Answers that a service keeps for a moment, so that what many ask for is searched once."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from streams.search.request import Request

Answer = dict[str, Any]
KEPT_SECONDS = 5.0
KEPT_ANSWERS = 1000


class _Kept(NamedTuple):
    asked_at: float
    answer: asyncio.Future[Answer]


class AnswerCache:
    """The `size` answers used last of one `Searcher.search`; none of them is older than `seconds`.

    Qdrant counts no changes, so nothing could tell that an answer still holds: its age alone ends it, whoever writes.
    The age counts from before the search, and a search under way is waited for by all who ask for the same. Another
    generation has another searcher, and so needs another cache: a switch takes effect at once. Answers are shared;
    do not change them.
    """

    def __init__(
        self,
        search: Callable[[Request], Awaitable[Answer]],
        *,
        seconds: float = KEPT_SECONDS,
        size: int = KEPT_ANSWERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._search = search
        self._seconds = seconds
        self._size = size
        self._clock = clock
        self._kept: OrderedDict[Request, _Kept] = OrderedDict()
        self.hits = 0
        self.misses = 0

    @property
    def hit_rate(self) -> float:
        """The share of all requests that needed no search."""
        return self.hits / max(1, self.hits + self.misses)

    async def search(self, request: Request) -> Answer:
        """Return the answer as `Searcher.search` would; what fails is not kept."""
        now = self._clock()
        kept = self._kept.get(request)
        if kept and now - kept.asked_at <= self._seconds:
            self.hits += 1
            self._kept.move_to_end(request)
        else:
            self.misses += 1
            kept = self._kept[request] = _Kept(now, asyncio.ensure_future(self._search(request)))
            self._kept.move_to_end(request)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        try:
            return await asyncio.shield(kept.answer)  # one caller's cancellation must not take it from the others
        except BaseException:
            if kept.answer.done() and self._kept.get(request) is kept:
                del self._kept[request]
            raise
