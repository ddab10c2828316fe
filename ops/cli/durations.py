"""Durations on the command line: 90d, 12h, 30m."""

import re
from datetime import timedelta

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
