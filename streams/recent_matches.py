"""Match results of the last moments: published before they are stored, so a list from the store may lack them."""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from processors.matching.ranking import Pair, pair_of
from schemas.entities import Side
from schemas.messages import Match

MAX_PAIRS = 20_000
SECONDS = 60.0
"""After so long a result is stored."""


class _Recent(NamedTuple):
    match: Match
    seen: float


class RecentMatches:
    """The newest result of each pair that a message told of lately."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pairs: OrderedDict[Pair, _Recent] = OrderedDict()
        self._of: defaultdict[tuple[Side, str], set[Pair]] = defaultdict(set)
        self._clock = clock

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self._pairs)

    def add(self, match: Match) -> None:
        """Note a result; a pair's come in order."""
        pair = pair_of(match)
        self._pairs.pop(pair, None)
        self._pairs[pair] = _Recent(match, self._clock())
        for side, entity_id in _ends(pair):
            self._of[side, entity_id].add(pair)
        oldest = self._clock() - SECONDS
        while len(self._pairs) > MAX_PAIRS or next(iter(self._pairs.values())).seen < oldest:
            gone, _ = self._pairs.popitem(last=False)
            for end in _ends(gone):
                self._of[end].discard(gone)
                if not self._of[end]:
                    del self._of[end]

    def over(self, side: Side, entity_id: str, stored: Iterable[Match]) -> list[Match]:
        """Return the active matches of a talent or a job, best first: what is stored, and what is newer than that."""
        found = {pair_of(match): match for match in stored}
        for pair in self._of.get((side, entity_id), ()):
            recent = self._pairs[pair]
            if self._clock() - recent.seen <= SECONDS and not _is_older(recent.match, found.get(pair)):
                found[pair] = recent.match
        active = [match for match in found.values() if match.status == "active"]
        return sorted(active, key=lambda m: (-m.score, m.talent_id, m.job_id))

    def clear(self) -> None:
        """Know nothing any more."""
        self._pairs.clear()
        self._of.clear()


def _ends(pair: Pair) -> tuple[tuple[Side, str], tuple[Side, str]]:
    return ("talent", pair[0]), ("job", pair[1])


def _is_older(recent: Match, stored: Match | None) -> bool:
    """Whether what is stored was computed from a later revision of either: the tail has yet to tell of it."""
    if stored is None:
        return False
    return recent.talent_revision < stored.talent_revision or recent.job_revision < stored.job_revision
