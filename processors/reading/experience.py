"""Years of work: what a CV says or its periods add up to, and what an ad demands."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from processors.lexicon.dates import dates
from processors.reading.years import years_worked
from processors.skills.levels import YEARS, number

MOST = 45
FIRST_YEAR = 0.5
"""Years of somebody who has just begun."""
_HEAD = 400
_NEWCOMER = re.compile(
    r"应届|刚毕业|刚工作|初入职场|未满一年|不满一年|一年以内|(?:fresh|recent|new) graduate|newly qualified"
    r"|recently (?:qualified"
    r"|graduated)"
    r"|new to the (?:profession|job|field|trade)|start of (?:the|my) career|less than (?:a|one) year|\(graduate\)",
    re.IGNORECASE,
)
_DIGITS = "零一二三四五六七八九"
_TEENS = re.compile(rf"十([{_DIGITS[1:]}])(?=多?年)")
_WORK = re.compile(
    r"经验|经历|从业|工作|累计|资历|experience|in the (?:job|field|trade|industry|profession)|working|worked|career"
    r"|professional",
    re.IGNORECASE,
)
_STUDY = re.compile(
    r"教育|学历|本科|硕士|博士|大专|专业|bachelor|master|degree|b\.?tech|b\.?e\b|m\.?sc|b\.?sc|diploma", re.IGNORECASE
)
_SCHOOL = re.compile(r"学校|大学|学院|中学|education|universit|college|school|institute of", re.IGNORECASE)
_STAFF = re.compile(
    r"老师|教师|讲师|教授|班主任|校长|护士|医师|teacher|lecturer|professor|instructor|tutor|nurse|principal|engineer|manager|developer",
    re.IGNORECASE,
)
"""Who works in a school or a hospital."""
_STUDIES = re.compile(
    r"^\W{0,4}(?:教育(?:背景|经历)?|学历|学习经历|education(?:al)?(?: (?:background|history|qualifications?))?|studies"
    r"|academic\b.{0,20})\W{0,4}$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"^\W{0,4}(?:(?:工作|职业|实习|项目|任职)(?:经历|经验|背景)|(?:work|professional|career)?\s?(?:experience|history"
    r"|employment)(?: (?:history|record))?|employment|projects?|skills?|技能|专业技能)\W{0,4}$",
    re.IGNORECASE,
)
_AGO = re.compile(r"\s?(?:前(?![端台沿线期厅])|(?:以|之)前|ago|back\b)", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*\d{1,2}\s?[.、)）]\s*(?=\D)", re.MULTILINE)
"""Before `三年以上`, which would be read as decimals."""
_EMPLOYER = re.compile(
    r"成立|创立|创办|深耕|历史|行业(?:已有|已经)|上市|服务行业|in business|founded|established|history of|our company"
    r"|we have"
    r"|we've"
    r"|since",
    re.IGNORECASE,
)
_DEMAND = re.compile(
    r"经验|经历|从业|工作|资历|以上|及以上|至少|不少于|experience|work|industry|professional|role|at least|minimum"
    r"|or more"
    r"|required"
    r"|\+",
    re.IGNORECASE,
)
_PREFERRED = re.compile(r"优先|更佳|尤佳|加分|preferred|a plus|ideally|nice to have", re.IGNORECASE)
_ENTRY = re.compile(
    r"经验不限|不限经验|无需经验|无经验|应届|毕业生|接受小白|entry[- ]level|no (?:prior "
    r"|previous )?experience (?:is )?(?:needed"
    r"|required|necessary)"
    r"|(?:graduates?|newcomers|beginners) (?:are )?welcome|fresh(?:ers?| graduates?)",
    re.IGNORECASE,
)  # fmt: skip
_CLAUSE = re.compile(r"[\n,，。;；|、]|\.\s")


class Demand(NamedTuple):
    """Years demanded, the least and the most; None: not said."""

    low: float | None
    high: float | None


def years_held(text: str, today: date) -> float | None:
    """Return the years of work that a CV states, or that the periods in it cover; the larger where it has both.

    A statement in so many words of the whole (`8 years of experience`) counts before one of a part.
    """
    stated = [(clause, n) for clause, n, _ in _said(text) if not _of_study(clause) or _WORK.search(clause)]
    whole = max((n for clause, n in stated if _WORK.search(clause)), default=None)
    periods = years_worked(_periods(text), today)
    known = [years for years in (whole, periods) if years is not None] or [n for _, n in stated]
    return max(known) if known else FIRST_YEAR if _NEWCOMER.search(text[:_HEAD]) else None


def years_demanded(text: str) -> Demand:
    """Return what an ad asks for in general: the first demand of years with a word of work or of a least beside it.

    Where newcomers are welcome and no years are named, none are needed. The employer's own age is no demand.
    """
    for clause, low, high in _said(text):
        if _DEMAND.search(clause) and not _EMPLOYER.search(clause) and not _PREFERRED.search(clause):
            return Demand(low, high)
    return Demand(0.0, None) if _ENTRY.search(text) else Demand(None, None)


def welcomes_newcomers(text: str) -> bool:
    """Whether an ad takes people without any experience."""
    return bool(_ENTRY.search(text))


def _said(text: str) -> Iterator[tuple[str, float, float | None]]:
    """Yield years in figures or in words, each with its clause."""
    text = _TEENS.sub(lambda m: str(10 + _DIGITS.index(m[1])), _NUMBERING.sub("", text))
    for match in YEARS.finditer(text):
        if _AGO.match(text, match.end()):
            continue
        ends = [m.end() for m in _CLAUSE.finditer(text, max(match.start() - 80, 0), match.start())]
        after = _CLAUSE.search(text, match.end(), match.end() + 80)
        clause = text[ends[-1] if ends else max(match.start() - 80, 0) : after.start() if after else match.end() + 80]
        low, high = number(match["low"]), number(match["high"]) if match["high"] else None
        if 0 < low <= MOST:
            yield clause, low, high


def _periods(text: str) -> Iterator[dict[str, str | None]]:
    """Yield the periods of work; those below a heading of studies, or in a line of one, are left out."""
    studies, before = False, ""
    for line in text.splitlines():
        if _STUDIES.match(line):
            studies = True
        elif _OTHERS.match(line):
            studies = False
        elif line.strip():
            for span in dates(line[:300]) if not studies else ():
                if (
                    span.period
                    and not _STUDY.search(line)
                    and not (len(before) < 80 and _STUDY.search(before) and len(line) < 40)
                ):
                    yield {"start": _day(span.start), "end": _day(span.end) if span.end else None}
            before = line


def _of_study(line: str) -> bool:
    return bool(_STUDY.search(line) or (_SCHOOL.search(line) and not _STAFF.search(line)))


def _day(iso: str) -> str:
    return iso + "-01-01"[len(iso) - 4 :] if len(iso) < 10 else iso


_SINCE = re.compile(
    r"(?:not since|until|till|before|直到|截至)\s?(?P<year>(?:19|20)\d\d)|(?P<zh>(?:19|20)\d\d)\s?年(?:之|以)?前",
    re.IGNORECASE,
)
_YEARS_AGO = re.compile(
    r"(?P<n>\d{1,2})\s?(?:年(?:(?:之|以)前|前(?![端台沿线期厅]))|years? (?:ago|back))", re.IGNORECASE
)
_SENTENCE = re.compile(r"[\n。]|\.\s")


def idle_years(text: str, today: date) -> Callable[[int], float]:
    """Return what tells of a place in a CV how many years ago that was done.

    It is 0 unless the position that the place belongs to has ended, or its sentence says so.
    """
    marks: list[tuple[int, float]] = [(0, 0.0)]
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not bare or _STUDIES.match(bare) or _OTHERS.match(bare):
            marks.append((at, 0.0))
        else:
            span = next((s for s in dates(bare[:300]) if s.period and not _of_study(bare)), None)
            if span:
                marks.append((at, 0.0 if span.current or not span.end else _since(span.end, today)))
        at += len(line)
    places = [place for place, _ in marks]

    def idle(place: int) -> float:
        years = marks[bisect_right(places, place) - 1][1]
        ends = [m.end() for m in _SENTENCE.finditer(text, max(place - 200, 0), place)]
        before = text[ends[-1] if ends else max(place - 200, 0) : place]
        if match := _SINCE.search(before):
            return max(years, float(today.year - int(match["year"] or match["zh"])))
        match = _YEARS_AGO.search(before)
        return max(years, float(match["n"])) if match else years

    return idle


def _since(iso: str, today: date) -> float:
    month = int(iso[5:7]) if len(iso) > 4 else 12
    return max(today.year - int(iso[:4]) + (today.month - month) / 12, 0.0)
