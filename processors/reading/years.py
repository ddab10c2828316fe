"""Years of experience from a work history."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


def years_worked(employments: Iterable[Mapping[str, Any]], today: date) -> float | None:
    """Return the years covered by at least one position, to a tenth; None if no position says when it began.

    A position without an end lasts until `today`; time in two positions at once counts once.
    """
    spans: list[tuple[date, date]] = []
    for employment in employments:
        start, end = _day(employment.get("start")), _day(employment.get("end")) or today
        if start and start < end:
            spans.append((start, min(end, today)))
    if not spans:
        return None
    days = 0
    reached = date.min
    for start, end in sorted(spans):
        days += max((end - max(start, reached)).days, 0)
        reached = max(reached, end)
    return round(days / 365.25, 1)


def mean_tenure(employments: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the mean years in a position, of those that ended; None for fewer than two, which tell nothing."""
    spans = [(_day(e.get("start")), _day(e.get("end"))) for e in employments]
    years = [(end - start).days / 365.25 for start, end in spans if start and end and start < end]
    return round(sum(years) / len(years), 1) if len(years) > 1 else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
