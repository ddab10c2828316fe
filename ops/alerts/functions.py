"""PromQL's functions, as far as rules need them, by Prometheus' documented semantics.

https://prometheus.io/docs/prometheus/latest/querying/functions/
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from ops.alerts.history import Labels

Samples = Sequence[tuple[float, float]]
"""Times in seconds and values, at least one."""
OverRange = Callable[[Samples, float, float], float | None]
"""From samples, the time at which the range ends and its seconds; None where there is no result."""


def _extrapolated(samples: Samples, end: float, seconds: float, *, is_counter: bool) -> float | None:
    """Return by how much a series grows in the range, its ends guessed from the pace of its samples."""
    if len(samples) < 2:
        return None
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    growth = last - first
    if is_counter:
        growth += sum(before for (_, before), (_, after) in pairwise(samples) if after < before)
    spanned = last_at - first_at
    pace = spanned / (len(samples) - 1)
    to_start, to_end = first_at - (end - seconds), end - last_at
    # A series that goes on beyond the range is within 1.1 steps of its end; another begins or ends in between.
    to_start, to_end = (pace / 2 if gap >= pace * 1.1 else gap for gap in (to_start, to_end))
    if is_counter and growth > 0 and first >= 0:
        to_start = min(to_start, spanned * first / growth)  # it has not been below zero
    return growth * (spanned + to_start + to_end) / spanned


def _increase(samples: Samples, end: float, seconds: float) -> float | None:
    return _extrapolated(samples, end, seconds, is_counter=True)


def _rate(samples: Samples, end: float, seconds: float) -> float | None:
    growth = _increase(samples, end, seconds)
    return None if growth is None else growth / seconds


def _delta(samples: Samples, end: float, seconds: float) -> float | None:
    return _extrapolated(samples, end, seconds, is_counter=False)


def _changes(samples: Samples, *_: float) -> float:
    return float(sum(a != b and not (math.isnan(a) and math.isnan(b)) for (_, a), (_, b) in pairwise(samples)))


def _resets(samples: Samples, *_: float) -> float:
    return float(sum(after < before for (_, before), (_, after) in pairwise(samples)))


def _of_values(function: Callable[[list[float]], float]) -> OverRange:
    return lambda samples, *_: function([value for _, value in samples])


def _least(values: list[float]) -> float:
    return min((v for v in values if not math.isnan(v)), default=math.nan)


def _most(values: list[float]) -> float:
    return max((v for v in values if not math.isnan(v)), default=math.nan)


def _total(values: list[float]) -> float:
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # beyond what a float holds on the way, or of two infinities
        return sum(values)


def _mean(values: list[float]) -> float:
    total = _total(values)
    if math.isinf(total) and all(map(math.isfinite, values)):
        return math.fsum(value / len(values) for value in values)
    return total / len(values)


OVER_RANGE: Mapping[str, OverRange] = {
    "increase": _increase,
    "rate": _rate,
    "delta": _delta,
    "changes": _changes,
    "resets": _resets,
    "avg_over_time": _of_values(_mean),
    "count_over_time": _of_values(lambda values: float(len(values))),
    "last_over_time": _of_values(lambda values: values[-1]),
    "max_over_time": _of_values(_most),
    "min_over_time": _of_values(_least),
    "sum_over_time": _of_values(_total),
}

AGGREGATIONS: Mapping[str, Callable[[list[float]], float]] = {
    "avg": _mean,
    "count": lambda values: float(len(values)),
    "group": lambda values: 1.0,
    "max": _most,
    "min": _least,
    "sum": _total,
}

OF_VALUES: Mapping[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": lambda value: float(math.ceil(value)) if math.isfinite(value) else value,
    "floor": lambda value: float(math.floor(value)) if math.isfinite(value) else value,
}


def by_histogram(buckets: Mapping[Labels, float]) -> dict[Labels, list[tuple[float, float]]]:
    """Return the buckets of each histogram, from the lowest: their upper bounds and cumulative counts."""
    found: dict[Labels, dict[float, float]] = {}
    for labels, count in buckets.items():
        pairs = dict(labels)
        try:
            bound = float(pairs.pop("le", ""))
        except ValueError:
            continue
        if math.isnan(bound):
            continue
        pairs.pop("__name__", None)
        of = found.setdefault(frozenset(pairs.items()), {})
        of[bound] = of.get(bound, 0.0) + count
    return {labels: sorted(of.items()) for labels, of in found.items()}


def quantile(q: float, buckets: Sequence[tuple[float, float]]) -> float:
    """Return a histogram's quantile, by a straight line within its bucket; NaN if it cannot be told."""
    if math.isnan(q) or buckets[-1][0] != math.inf or len(buckets) < 2:
        return math.nan
    if not 0 <= q <= 1:
        return math.copysign(math.inf, q)
    counts: list[float] = []
    for _, count in buckets:  # scraped one after another, they may contradict each other a little
        counts.append(max(count, counts[-1]) if counts else count)
    if not counts[-1]:
        return math.nan
    rank = q * counts[-1]
    place = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(counts) - 1)
    if place == len(counts) - 1:
        return buckets[-2][0]
    upper = buckets[place][0]
    if place == 0 and upper <= 0:
        return upper
    lower, below = (buckets[place - 1][0], counts[place - 1]) if place else (0.0, 0.0)
    return lower + (upper - lower) * (rank - below) / (counts[place] - below)
