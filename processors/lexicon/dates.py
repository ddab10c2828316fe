"""Dates and periods as resumes write them, in ISO 8601 as precise as written."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from processors.lexicon.script import digits
from schemas.resume import ResumeDate

_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    rf"(?:(?P<y1>{_YEAR}) ?(?:年|[./\-]) ?(?P<m1>1[0-2]|0?[1-9])(?!\d) ?月?(?: ?[./\-]? ?(?P<d1>3[01]|[12]\d|0?[1-9])(?!\d)(?! ?[./年\-] ?\d) ?日|[./\-](?P<d5>3[01]|[12]\d|0[1-9])(?![\d]))?份?"
    rf"|(?P<d2>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)? (?P<n2>{_MONTH})\.?,? (?P<y2>{_YEAR})"
    rf"|(?P<n3>{_MONTH})\.? (?P<d3>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?, ?(?P<y3>{_YEAR})"
    rf"|(?P<n4>{_MONTH})\.?,? ?(?:of )?(?:(?P<y4>{_YEAR})|['’‘](?P<c4>\d\d)(?!\d))"
    rf"|(?P<d7>3[01]|[12]\d|0?[1-9])[./](?P<m7>1[0-2]|0?[1-9])[./](?P<y7>{_YEAR})"
    rf"|(?P<m5>1[0-2]|0?[1-9]) ?[./\-] ?(?P<y5>{_YEAR})"
    rf"|(?P<s6>spring|summer|fall|autumn|winter),? (?P<y6>{_YEAR})|(?P<y8>{_YEAR}) ?年? ?(?P<s8>[春夏秋冬])季?"
    rf"|(?P<y9>{_YEAR}) ?年?)"
)
_NOW = r"至今|迄今|现在|目前|今(?!年)|present|current(?:ly)?|now|to date|till date|today|ongoing"
_BETWEEN = r"[ \t]{0,3}(?:[-–—―~～〜－−一]{1,2}|至|到|to(?=[ \t])|until|till|through|−)[ \t]{0,3}"
_BOUND = r"(?<![\w.@/\-])"


def _unnamed(pattern: str, suffix: str) -> str:
    return re.sub(r"\?P<(\w+)>", rf"?P<\g<1>{suffix}>", pattern)


_PERIOD = re.compile(
    rf"(?<![a-z\d@/])(?:(?:from|自|从)[ ]{{0,2}})?(?:{_unnamed(_DATE, 'a')}(?:{_BETWEEN}(?:{_unnamed(_DATE, 'b')}|(?P<now>{_NOW}))|(?P<now2>至今|以来|起))"
    rf"|(?P<since>since )?{_unnamed(_DATE, 'c')})(?![a-z\d%@])",
    re.IGNORECASE,
)
_SEASONS = {"spring": 3, "春": 3, "summer": 6, "夏": 6, "fall": 9, "autumn": 9, "秋": 9, "winter": 12, "冬": 12}


class DateSpan(NamedTuple):
    """A date or a period in a text: a single date has no `end` and is not `current`."""

    start: ResumeDate
    end: ResumeDate | None
    current: bool
    at: tuple[int, int]
    start_at: tuple[int, int]
    end_at: tuple[int, int]

    @property
    def period(self) -> bool:
        """Whether it has two ends."""
        return self.end is not None or self.current


def dates(text: str) -> Iterator[DateSpan]:
    """Yield the dates and periods of a line, in order."""
    if not any(c.isdigit() for c in text):
        return
    for match in _PERIOD.finditer(digits(text)):
        groups = match.groupdict()
        if groups["now"] or groups["now2"] or groups["since"]:
            which = "c" if groups["since"] else "a"
            start, at = _date(match, which)
            now = match.span("now") if groups["now"] else match.span("now2") if groups["now2"] else at
            yield DateSpan(start, None, True, match.span(), at, now)
        elif any(groups[name + "b"] for name in _YEARS):
            start, at = _date(match, "a")
            end, end_at = _date(match, "b")
            if end[: len(start)] >= start[: len(end)]:
                yield DateSpan(start, end, False, match.span(), at, end_at)
            else:
                yield DateSpan(start, None, False, at, at, at)
        else:
            start, at = _date(match, "c")
            yield DateSpan(start, None, False, match.span(), at, at)


_YEARS = ("y1", "y2", "y3", "y4", "c4", "y5", "y6", "y7", "y8", "y9")


def _date(match: re.Match[str], which: str) -> tuple[ResumeDate, tuple[int, int]]:
    got = {k[:-1]: v for k, v in match.groupdict().items() if k.endswith(which) and v and len(k) == 3}
    year = next((v for k, v in got.items() if k[0] == "y"), None)
    if year is None:
        short = int(got["c4"])
        year = str(2000 + short if short < 50 else 1900 + short)
    month = next((int(v) for k, v in got.items() if k[0] == "m"), None)
    if month is None:
        name = next((v for k, v in got.items() if k[0] == "n"), None)
        season = next((v for k, v in got.items() if k[0] == "s"), None)
        month = _NAMES.index(name[:3].lower()) + 1 if name else _SEASONS[season.lower()] if season else None
    day = next((int(v) for k, v in got.items() if k[0] == "d"), None)
    spans = [match.span(k + which) for k in got]
    at = (min(s for s, _ in spans), max(e for _, e in spans))
    iso = year if month is None else f"{year}-{month:02}" if day is None else f"{year}-{month:02}-{day:02}"
    return iso, at


def month_number(date: ResumeDate, *, end: bool = False) -> int:
    """Return months since year 0; a year alone begins in January, or ends in December."""
    year, month = int(date[:4]), int(date[5:7]) if len(date) > 4 else (12 if end else 1)
    return year * 12 + month - 1
