"""Days that messages name, from the day on which they were said: tomorrow, 下周三, March 5."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from processors.lexicon.script import fold

_NUMBERS = {word: n for n, word in enumerate("零 一 二 三 四 五 六 七 八 九 十".split())} | {"两": 2} | {  # noqa: SIM905
    word: n for n, word in enumerate("a two three four five six seven eight nine ten".split(), 1)  # noqa: SIM905
}  # fmt: skip
_N = rf"\d{{1,3}}|[{''.join(w for w in _NUMBERS if not w.isascii())}]|an?|{'|'.join(w for w in _NUMBERS if w.isascii() and len(w) > 1)}"
_HAN_DAYS = {c: n for n, c in enumerate("一二三四五六日")} | {str(n + 1): n for n in range(6)} | {"天": 6, "末": 5}
_LATIN_DAYS = {name[:3]: n for n, name in enumerate("mon tue wed thu fri sat sun".split())}  # noqa: SIM905
_MONTHS = {
    name: n
    for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = "(?:mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|saturday|sunday)"
_NEAR = {"今": 0, "明": 1, "后": 2, "大后": 3, "today": 0, "tonight": 0, "tomorrow": 1}
_D = r"3[01]|[12]\d|0?[1-9]"
_M = r"1[0-2]|0?[1-9]"
_DAY = re.compile(
    rf"(?<!\d)(?P<year>20\d\d)(?:-|/|\.|年)(?P<month>{_M})(?:-|/|\.|月)(?P<day>{_D})(?!\d)[日号]?"
    rf"|(?<![\d.])(?P<m2>{_M})(?:月(?P<d2>{_D})[日号]?|/(?P<d3>{_D})(?![\d/]))|(?<![\d.年])(?P<m4>{_M})月(?!薪)份?(?!\d)"
    rf"|(?P<far>大?后|(?<![\u4e00-\u9fff])今|(?<!说)明|今)[天日早晚](?!的?天气)"
    rf"|(?P<weeks>下下|(?<![一等稍余])下|这|本)?(?:个)?(?:周|星期|礼拜)(?P<han>[一二三四五六日天末1-6])(?![报期年边])"
    rf"|(?P<week>下下|(?<![一等稍余])下|这|本)个?(?:周|星期|礼拜)|(?P<in>{_N})\s?个?(?P<unit>天|周|星期|礼拜)(?:之?后|以后)"
    r"|(?<![\d年月.])(?P<d5>3[01]|[12]\d|[1-9])[号日](?!线|楼|店|位)"
    rf"|\b(?:(?P<d6>{_D})(?:st|nd|rd|th)? (?:of )?(?P<m6>{_MONTH})|(?P<m7>{_MONTH}) (?P<d7>{_D})(?:st|nd|rd|th)?)\b"
    r"|\b(?P<after>the day after tomorrow)\b|\b(?P<word>today|tonight|tomorrow)\b"
    rf"|\b(?:(?P<rel>next|this|coming|on) )?(?:the )?(?P<latin>{_WEEKDAY})\b"
    r"|\b(?P<rel2>next|this) (?P<span>week(?:end)?)\b"
    rf"|\bin (?P<in2>{_N}) (?P<unit2>days?|weeks?)\b|\b(?:in|from|by|until|early|late|mid) ?(?P<m8>{_MONTH})\b"
    r"|\bthe (?P<d9>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)\b(?! (?:one|job|role|position|candidate|person|of))"
)


class Day(NamedTuple):
    """A day in ISO 8601, as precise as it was said: a week `2026-W11`, a month `2026-06`; and where it stands."""

    value: str
    start: int
    end: int


def day_in(zone: str, at: datetime) -> date:
    """Return the day of a time in an IANA zone; at the ends of the calendar that of the time itself."""
    try:
        return at.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return at.date()


def days(text: str, today: date) -> Iterator[Day]:
    """Yield the days that a text names. A day without a year is the next one; `next Tuesday` is next week's."""
    folded = fold(text)
    text = folded if len(folded) == len(text) else text.lower()
    for match in _DAY.finditer(text):
        if value := _value(match, today):
            yield Day(value, match.start(), match.end())


def _value(match: re.Match[str], today: date) -> str | None:
    found = {name: said for name, said in match.groupdict().items() if said}
    try:
        day = _day(found, today)
    except (ValueError, OverflowError):
        return None
    return day if day is None or isinstance(day, str) else day.isoformat()


def _day(found: dict[str, str], today: date) -> date | str | None:
    match found:
        case {"year": year, "month": month, "day": day}:
            return date(int(year), int(month), int(day))
        case {"m2": month, **rest}:
            return _coming(today, int(month), int(rest.get("d2") or rest["d3"]))
        case {"m6": month, "d6": day} | {"m7": month, "d7": day}:
            return _coming(today, _MONTHS[month[:3]], int(day))
        case {"m4": said} | {"m8": said}:
            in_year = _MONTHS.get(said[:3]) or int(said)
            return f"{today.year + (in_year < today.month)}-{in_year:02}"
        case {"d5": day} | {"d9": day}:
            return _of_a_month(today, int(day))
        case {"far": near} | {"word": near}:
            return today + timedelta(_NEAR[near])
        case {"after": _}:
            return today + timedelta(2)
        case {"han": day, **rest}:
            return _weekday(today, _HAN_DAYS[day], rest.get("weeks", ""))
        case {"latin": day, **rest}:
            return _weekday(today, _LATIN_DAYS[day[:3]], rest.get("rel", ""))
        case {"span": "weekend", "rel2": which}:
            return _weekday(today, 5, which)
        case {"week": which} | {"rel2": which}:
            in_week = (today + timedelta(weeks=_WEEKS.get(which, 0))).isocalendar()
            return f"{in_week.year}-W{in_week.week:02}"
        case {"in": count, "unit": unit} | {"in2": count, "unit2": unit}:
            number = int(count) if count.isdecimal() else _NUMBERS.get(count, 1)
            return today + timedelta(number * (1 if unit[0] in "天d" else 7))
    return None


_WEEKS = {"下下": 2, "下": 1, "next": 1, "这": 0, "本": 0, "this": 0, "coming": 0}


def _weekday(today: date, day: int, which: str) -> date:
    """Return a day of the week that is said, or the next such day where none is."""
    if which in _WEEKS and which != "coming":
        return today + timedelta(day - today.weekday(), weeks=_WEEKS[which])
    return today + timedelta((day - today.weekday() - 1) % 7 + 1)


def _coming(today: date, month: int, day: int) -> date:
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


def _of_a_month(today: date, day: int) -> date:
    """Return the next day of that number."""
    year, month = today.year, today.month
    for _ in range(12):
        if (month, day) != (today.month, day) or day >= today.day:
            try:
                return date(year, month, day)
            except ValueError:
                pass
        year, month = (year + month // 12, month % 12 + 1)
    raise ValueError(f"no month has a day {day}")
