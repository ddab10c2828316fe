"""Samples of the last hours, by series: as much of Prometheus' storage as its rules need."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

Labels = frozenset[tuple[str, str]]
"""Names and values of a series, its own name under `__name__`; an empty value is none."""

NAME = "__name__"
LOOKBACK_SECONDS = 300.0
"""How old the newest sample of a series may be for it still to be there."""
MAX_SERIES = 50_000
_MILLISECONDS = 3  # Prometheus' resolution, in digits: what is a bound must meet its sample


def labels_of(pairs: Mapping[str, str]) -> Labels:
    """Return labels, without those that have no value."""
    return frozenset((name, value) for name, value in pairs.items() if value)


class Selection:
    """Which series: by name, and by a condition for the value of each of some labels."""

    def __init__(self, name: str | None, conditions: list[tuple[str, Callable[[str], bool]]]) -> None:
        self.name = name
        self.conditions = conditions

    def takes(self, labels: Labels) -> bool:
        """Whether a series' labels are as they should be; its name is not looked at."""
        pairs = dict(labels)
        return all(accepts(pairs.get(label, "")) for label, accepts in self.conditions)


EVERYTHING = Selection(None, [])


@dataclass(slots=True)
class _Series:
    """Samples in order of time. `ends`: the times at which it was said to have ended."""

    keep_seconds: float
    times: "array[float]" = field(default_factory=lambda: array("d"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    ends: set[float] = field(default_factory=set)


class History:
    """Series and their samples; times in seconds since 1970, each series' in order.

    A series is kept as long as the longest of the `wanted` selections that it is in asks for; one that is in none is
    not taken. Nor is what comes while there are MAX_SERIES.
    """

    def __init__(self, wanted: Sequence[tuple[Selection, float]] = ((EVERYTHING, float("inf")),)) -> None:
        self._wanted: dict[str | None, list[tuple[Selection, float]]] = {}
        for of, seconds in wanted:
            self._wanted.setdefault(of.name, []).append((of, seconds))
        self._series: dict[str, dict[Labels, _Series]] = {}
        self._count = 0

    def add(self, labels: Labels, at: float, value: float | None) -> None:
        """Take a sample; None says that the series has ended."""
        name = dict(labels).get(NAME, "")
        found = self._series.get(name, {}).get(labels)
        if found is None:
            wanted = (*self._wanted.get(name, ()), *self._wanted.get(None, ()))
            asked = [seconds for of, seconds in wanted if of.takes(labels)]
            if not asked or self._count >= MAX_SERIES:
                return
            self._count += 1
            found = self._series.setdefault(name, {})[labels] = _Series(max(asked))
        at = round(at, _MILLISECONDS)
        found.times.append(at)
        found.values.append(nan if value is None else value)
        if value is None:
            found.ends.add(at)

    def forget(self, instance: str) -> None:
        """Let go of all series of an instance."""
        for named in self._series.values():
            for labels in [labels for labels in named if ("instance", instance) in labels]:
                del named[labels]
                self._count -= 1

    def prune(self, now: float) -> None:
        """Let go of what is too old, and of series of which nothing is left."""
        for named in self._series.values():
            for labels, of in list(named.items()):
                old = bisect_right(of.times, now - of.keep_seconds)
                if of.ends:
                    of.ends -= set(of.times[:old])
                del of.times[:old], of.values[:old]
                if not of.times:
                    del named[labels]
                    self._count -= 1

    def latest(self, matching: Selection, at: float) -> Iterator[tuple[Labels, float, float]]:
        """Yield each series that is there at a time: its labels, the time of its newest sample, and that."""
        for labels, of in self._found(matching):
            newest = bisect_right(of.times, round(at, _MILLISECONDS)) - 1
            if newest < 0 or of.times[newest] in of.ends:
                continue
            if of.times[newest] > round(at - LOOKBACK_SECONDS, _MILLISECONDS):
                yield labels, of.times[newest], of.values[newest]

    def within(
        self, matching: Selection, at: float, seconds: float
    ) -> Iterator[tuple[Labels, list[tuple[float, float]]]]:
        """Yield each series that has samples in the `seconds` up to a time, with those samples."""
        for labels, of in self._found(matching):
            begin = bisect_right(of.times, round(at - seconds, _MILLISECONDS))
            end = bisect_right(of.times, round(at, _MILLISECONDS))
            pairs = zip(of.times[begin:end], of.values[begin:end], strict=True)
            if samples := [(time, value) for time, value in pairs if time not in of.ends]:
                yield labels, samples

    def _found(self, matching: Selection) -> Iterator[tuple[Labels, _Series]]:
        names: Iterable[str] = self._series if matching.name is None else (matching.name,)
        for name in names:
            for labels, of in self._series.get(name, {}).items():
                if matching.takes(labels):
                    yield labels, of
