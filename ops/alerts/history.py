"""Samples of the last hours, by series: as much of Prometheus' storage as its rules need."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

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


class History:
    """Series and their samples; times in seconds since 1970, each series' in order.

    What is older than `keep_seconds` goes, and what comes while there are MAX_SERIES is not taken. Nor are series of
    other names than `names`, unless that is None.
    """

    def __init__(self, keep_seconds: float = float("inf"), names: Collection[str] | None = None) -> None:
        self._keep_seconds = keep_seconds
        self._names = names
        self._series: dict[str, dict[Labels, tuple[list[float], list[float | None]]]] = {}
        self._count = 0

    def add(self, labels: Labels, at: float, value: float | None) -> None:
        """Take a sample; None says that the series has ended."""
        name = dict(labels).get(NAME, "")
        if self._names is not None and name not in self._names:
            return
        named = self._series.setdefault(name, {})
        found = named.get(labels)
        if found is None:
            if self._count >= MAX_SERIES:
                return
            self._count += 1
            found = named[labels] = ([], [])
        found[0].append(round(at, _MILLISECONDS))
        found[1].append(value)

    def forget(self, instance: str) -> None:
        """Let go of all series of an instance."""
        for named in self._series.values():
            for labels in [labels for labels in named if ("instance", instance) in labels]:
                del named[labels]
                self._count -= 1

    def prune(self, now: float) -> None:
        """Let go of what is too old, and of series of which nothing is left."""
        for named in self._series.values():
            for labels, (times, values) in list(named.items()):
                old = bisect_right(times, now - self._keep_seconds)
                del times[:old], values[:old]
                if not times:
                    del named[labels]
                    self._count -= 1

    def latest(self, matching: "Selection", at: float) -> Iterator[tuple[Labels, float, float]]:
        """Yield each series that is there at a time: its labels, the time of its newest sample, and that."""
        for labels, times, values in self._found(matching):
            newest = bisect_right(times, round(at, _MILLISECONDS)) - 1
            if (
                newest >= 0
                and times[newest] > round(at - LOOKBACK_SECONDS, _MILLISECONDS)
                and (value := values[newest]) is not None
            ):
                yield labels, times[newest], value

    def within(
        self, matching: "Selection", at: float, seconds: float
    ) -> Iterator[tuple[Labels, list[tuple[float, float]]]]:
        """Yield each series that has samples in the `seconds` up to a time, with those samples."""
        for labels, times, values in self._found(matching):
            begin = bisect_right(times, round(at - seconds, _MILLISECONDS))
            end = bisect_right(times, round(at, _MILLISECONDS))
            pairs = zip(times[begin:end], values[begin:end], strict=True)
            if samples := [(time, value) for time, value in pairs if value is not None]:
                yield labels, samples

    def _found(self, matching: "Selection") -> Iterator[tuple[Labels, list[float], list[float | None]]]:
        names: Iterable[str] = self._series if matching.name is None else (matching.name,)
        for name in names:
            for labels, (times, values) in self._series.get(name, {}).items():
                pairs = dict(labels)
                if all(accepts(pairs.get(label, "")) for label, accepts in matching.conditions):
                    yield labels, times, values


class Selection:
    """Which series: by name, and by a condition for the value of each of some labels."""

    def __init__(self, name: str | None, conditions: list[tuple[str, Callable[[str], bool]]]) -> None:
        self.name = name
        self.conditions = conditions
