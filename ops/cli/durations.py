"""Durations and moments on the command line: 90d, 12h, 30m; 2026-12-01T22:00."""

import re
from datetime import UTC, datetime, timedelta

import click

_FORM = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class _Duration(click.ParamType):
    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read a number and a unit."""
        if isinstance(value, timedelta):
            return value
        found = _FORM.fullmatch(str(value))
        if not found:
            self.fail("write 90d, 12h or 30m", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


DURATION = _Duration()


class _Moment(click.ParamType):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read a time by ISO 8601, or how long ago it was; without a zone it is UTC."""
        if isinstance(value, datetime):
            return value
        if _FORM.fullmatch(str(value)):
            return datetime.now(UTC) - DURATION.convert(value, param, ctx)
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("write a time as 2026-12-01T22:00, or 30m for half an hour ago", param, ctx)
        if not 2000 <= found.year <= 9000:
            self.fail("this is no time of ours", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


MOMENT = _Moment()
