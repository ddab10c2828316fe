"""Times that recur, as Alertmanager's `time_intervals` has them: at night, on weekends, on the last day of a month.

https://prometheus.io/docs/alerting/latest/configuration/#time_interval
"""

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops.alerts.promql import QueryError

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = tuple(name.lower() for name in calendar.month_name)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_KNOWN = {"times", "weekdays", "days_of_month", "months", "years", "location"}
MOST = 100
"""Of anything that a file lists."""
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Interval:
    """A time is in it if it is in one range of each kind that is given; None: of a kind that is not."""

    minutes: Sequence[Range] | None
    weekdays: Sequence[Range] | None
    days: Sequence[Range] | None
    months: Sequence[Range] | None
    years: Sequence[Range] | None
    zone: ZoneInfo | None

    def holds(self, at: datetime) -> bool:
        """Whether a time is in it."""
        local = at.astimezone(self.zone or UTC)
        last = calendar.monthrange(local.year, local.month)[1]
        days = self.days and [(_of_month(first, last), _of_month(end, last)) for first, end in self.days]
        kinds = (
            (self.weekdays, local.isoweekday() % 7),
            (days, local.day),
            (self.months, local.month),
            (self.years, local.year),
        )
        if any(ranges is not None and not any(a <= value <= b for a, b in ranges) for ranges, value in kinds):
            return False
        minute = local.hour * 60 + local.minute
        return self.minutes is None or any(begin <= minute < end for begin, end in self.minutes)


def _of_month(day: int, last: int) -> int:
    """Return a day that may be counted from the end of a month."""
    return day if day > 0 else max(1, last + day + 1)


def interval(written: Mapping[str, Any]) -> Interval:
    """Return one item of `time_intervals`. Raises QueryError."""
    if unknown := sorted(set(written) - _KNOWN):
        raise QueryError(f"{', '.join(unknown)} is nothing that a time interval has")
    return Interval(
        minutes=_listed(written, "times", _times),
        weekdays=_listed(written, "weekdays", lambda each: _range(each, _weekday)),
        days=_listed(written, "days_of_month", _days_of_month),
        months=_listed(written, "months", lambda each: _range(each, _month)),
        years=_listed(written, "years", lambda each: _range(each, int)),
        zone=_zone(written.get("location")),
    )


def _listed(written: Mapping[str, Any], name: str, read: Callable[[Any], Range]) -> Sequence[Range] | None:
    if name not in written:
        return None
    items = written[name]
    if not isinstance(items, list) or not items or len(items) > MOST:
        raise QueryError(f"{name}: write a list")
    return tuple(map(read, items))


def _range(written: object, member: Callable[[str], int]) -> Range:
    first, colon, last = str(written).lower().partition(":")
    try:
        found = member(first), member(last if colon else first)
    except ValueError:
        raise QueryError(f"{str(written)[:40]!r} is no range") from None
    if found[0] > found[1]:
        raise QueryError(f"{str(written)[:40]!r} ends before it begins")
    return found


def _weekday(name: str) -> int:
    return _DAYS.index(name)


def _month(name: str) -> int:
    number = _MONTHS.index(name) if name in _MONTHS[1:] else int(name)
    if not 1 <= number <= 12:
        raise ValueError
    return number


def _days_of_month(written: object) -> Range:
    """Return days as they are written: those below zero are counted from the month's end, whose length nobody knows."""
    first, colon, last = str(written).partition(":")
    try:
        begin, end = int(first), int(last if colon else first)
    except ValueError:
        raise QueryError(f"{str(written)[:40]!r} is no day of a month") from None
    if not (1 <= abs(begin) <= 31 and 1 <= abs(end) <= 31) or (begin < 0 < end):
        raise QueryError(f"{str(written)[:40]!r} is no range of days of a month")
    if ((begin > 0) == (end > 0) and begin > end) or (begin > 0 > end and begin > 32 + end):
        raise QueryError(f"{str(written)[:40]!r} ends before it begins")
    return begin, end


def _times(written: object) -> Range:
    if not isinstance(written, dict) or set(written) != {"start_time", "end_time"}:
        raise QueryError("times: write start_time and end_time")
    begin, end = (_minute(written[name]) for name in ("start_time", "end_time"))
    if begin >= end:
        raise QueryError("times: start_time is before end_time; a night is two of them, up to '24:00' and from '00:00'")
    return begin, end


def _minute(written: object) -> int:
    if not isinstance(written, str) or not _TIME.fullmatch(written):
        raise QueryError(f"{str(written)[:40]!r}: write a time as '22:30', in quotes")
    hours, _, minutes = written.partition(":")
    return int(hours) * 60 + int(minutes)


def _zone(name: object) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(str(name))
    except (OSError, ValueError, KeyError):  # KeyError: nobody knows it
        raise QueryError(f"location: {str(name)[:40]!r} is no time zone, as Asia/Shanghai is") from None
