"""What a work history adds up to: months by the union of its intervals, gaps and overlaps."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from processors.lexicon.dates import month_number
from schemas.resume import Found, Period, Work

_GAP_MONTHS = 3
_OVERLAP_MONTHS = 2
Interval = tuple[int, int]
"""Months since year 0, the end not included."""


def interval(position: Work, today: date) -> Interval | None:
    """Return a position's months; the month of the end counts."""
    if not position.start:
        return None
    now = today.year * 12 + today.month - 1
    first = month_number(position.start.value)
    last = month_number(position.end.value, end=len(position.start.value) > 4) if position.end else now
    last = min(last, now)
    return (first, last + 1) if first <= last else None


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same months as disjoint intervals in order."""
    found: list[Interval] = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def months(intervals: Iterable[Interval]) -> int:
    """Return how many months the intervals cover, each counted once."""
    return sum(last - first for first, last in union(intervals))


def years(positions: Sequence[Work], today: date) -> Found[float] | None:
    """Return the years that positions cover, without internships where there is other work; None without dates."""
    real = [p for p in positions if not p.internship] or positions
    spans = [i for p in real if (i := interval(p, today))]
    return Found(value=round(months(spans) / 12, 1), confidence=0.9) if spans else None


def gaps(positions: Sequence[Work], today: date) -> tuple[Period, ...]:
    """Return the times of three months or more between positions."""
    covered = union(i for p in positions if (i := interval(p, today)))
    return tuple(_period(left[1], right[0]) for left, right in pairwise(covered) if right[0] - left[1] >= _GAP_MONTHS)


def overlaps(positions: Sequence[Work], today: date) -> tuple[Period, ...]:
    """Return the times of two months or more in which two positions of different employers overlap."""
    known = sorted((i, p.employer_normalised or "") for p in positions if (i := interval(p, today)))
    found: list[Interval] = []
    reach: tuple[int, str] | None = None
    for (first, last), employer in known:
        if reach and reach[1] != employer and min(last, reach[0]) - first >= _OVERLAP_MONTHS:
            found.append((first, min(last, reach[0])))
        if reach is None or last > reach[0]:
            reach = (last, employer)
    return tuple(_period(*span) for span in union(found))


def _period(first: int, last: int) -> Period:
    return Period(start=iso(first), end=iso(last - 1), months=last - first)


def iso(month: int) -> str:
    """Return a month number as a date."""
    return f"{month // 12:04}-{month % 12 + 1:02}"
