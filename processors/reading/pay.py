"""Pay: what an ad offers, what a CV wants."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from processors.lexicon.currencies import CURRENCIES
from processors.lexicon.script import plain

_TENTHS = re.compile(r"(\d)万(\d)(?![\d.万千年个名])")
"""`1万2` is 12,000."""
_NUMBER = r"\d{1,3}(?:[,.'’]\d{3})+(?!\d)|\d+(?:\.\d+)?"
_UNITS = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "lpa": 1e5, "lakh": 1e5, "lakhs": 1e5, "lacs": 1e5}
_UNIT = "lpa|lakhs?|lacs|k(?![a-z])|w(?![a-z])|千|万"
_CURRENCY = "|".join(pattern for _, pattern in CURRENCIES)
_AMOUNT = re.compile(
    rf"(?<![\d.a-z])(?P<before>(?:{_CURRENCY})\s?)?(?P<low>{_NUMBER})\s?(?P<unit1>{_UNIT})?\s?(?P<yuan>元|块)?"
    rf"(?:\s?(?:[-–—~～至到]|to|and)\s?(?:{_CURRENCY})?\s?(?P<high>{_NUMBER})\s?(?P<unit2>{_UNIT})?)?\s?(?P<after>{_CURRENCY})?",
)
_PAY = re.compile(
    r"薪|工资|待遇|底薪|年包|收入|到手|salar|salaire|sueldo|stipend|gehalt|vergütung|verdienst|lohn|lønn|\blön\b|loon|月给|年収|年收|时给|日给|给与|compensation|remunerat|package|\bpay\b|\bctc\b|wage|expect|earn|\bbase\b"
    r"|asking for|期望|希望"
)
_YEAR = re.compile(
    r"年薪|年包|/\s?年|每年|一年|a year|per year|yearly|per annum|annual"
    r"|jährlich|pro jahr|im jahr|par an\b|al año|anual|annuel|年収|年收|\bp\.?a\b|/\s?y(?:ea)?r|lpa|lakh|lacs"
)
_MONTH = re.compile(
    r"月薪|月给"
    r"|monatlich|pro monat|im monat|/\s?monat|par mois|/\s?mois|mensual|al mes|mensuel"
    r"|/\s?月|每月|a month|per month|monthly|/\s?mo|p\.?m\.?\b|底薪"
)
_HOUR = re.compile(
    r"/\s?(?:h\b|hr|小?时|hour)|(?:per|an) hour|(?<=\d)ph\b"
    r"|pro stunde|/\s?(?:std|stunde)|par heure|时给|时薪|每小时|hourly|\bp\.?/?h\b"
)
_DAY = re.compile(r"/\s?(?:天|日|day)|(?:per|a) day|日薪|日结|每天|每日|daily|day rate")
_WEEK = re.compile(r"/\s?(?:周|week|wk)|(?:per|a) week|周薪|weekly|\bp\.?w\b")
_MONTHS = re.compile(
    r"(?:[·*x×,，、/(（]|\s)\s?(?P<n>1[2-9]|2\d|3[0-6])\s?薪|(?P<m>1[2-9])(?:th|\.)?[- ]month (?:salary|bonus|pay)"
)
_WANTED = re.compile(r"期望|希望|要求|意向|expect|ask|looking for|desired|want|at least|不低于")
_NOW = re.compile(r"目前|现薪|当前|现在|上一份|current|present|\bnow\b|\bon\b|earns?\b|last drawn")
_OTHER = re.compile(
    r"营收|销售额|业绩|预算|融资|成交|流水|产值|注册资本|成本|节省|签约|revenue|turnover|budget|sales of|pipeline|quota"
    r"|saving"
    r"|\bcost"
    r"|funding|deals?\b|contracts?\b|portfolio|asset|users?\b|clients?\b|customers?\b|用户|客户"
)
_ENDS = re.compile(r"[\n。；;]|\.\s")
_REACH = 24
_LEAST, _MOST = 500, 1e9
_YEARLY = {"CNY": 100_000, "INR": 100_000, "JPY": 1_500_000}
"""From which amount without a period is a year's; of other currencies 12,000."""


class _Said(NamedTuple):
    pay: dict[str, Any]
    before: str


def offered(text: str) -> Mapping[str, Any] | None:
    """Return what an ad offers: minimum, maximum, currency, period; None where it does not say.

    Of a base and the whole, that of the whole.
    """
    found = list(_said(text))
    whole = next((said for said in found[1:] if _OF_ALL.search(said.before) and _OF_BASE.search(found[0].before)), None)
    return (whole or found[0]).pay if found else None


_OF_BASE = re.compile(r"底薪|基本工资|基础(?:薪资|工资)|\bbase\b")
_OF_ALL = re.compile(r"综合|总收入|总包|月入|到手|\bote\b|total")


def expected(text: str) -> Mapping[str, Any] | None:
    """Return what a CV asks for, not what is earned now."""
    found = list(_said(text))
    wanted = next((said for said in found if _last(said.before) == "wanted"), None)
    said = wanted or next((said for said in found if _last(said.before) is None), None)
    return said.pay if said else None


def _last(before: str) -> str | None:
    """Return which kind of cue stands nearest before an amount."""
    places = {
        kind: max((m.end() for m in cue.finditer(before)), default=-1)
        for kind, cue in (("wanted", _WANTED), ("now", _NOW))
    }
    kind = max(places, key=lambda k: places[k])
    return kind if places[kind] >= 0 else None


def _said(text: str) -> Iterator[_Said]:
    folded = _TENTHS.sub(r"\1.\2万", plain(unicodedata.normalize("NFKC", text).casefold()))
    for match in _AMOUNT.finditer(folded):
        ends = [m.end() for m in _ENDS.finditer(folded, max(match.start() - 3 * _REACH, 0), match.start())]
        before = folded[max(ends[-1] if ends else 0, match.start() - 3 * _REACH, 0) : match.start()]
        end = _ENDS.search(folded, match.end(), match.end() + _REACH)
        after = folded[match.end() : end.start() if end else match.end() + _REACH]
        near = before[-_REACH:] + " " + match[0] + " " + after
        unit = match["unit2"] or match["unit1"]
        marked = match["before"] or match["after"] or match["yuan"]
        cue = _PAY.search(near)
        ranged = match["high"] and (unit in ("k", "lpa") or (unit and _MONTH.match(after.lstrip())))
        short = _often(match[0] + after) or _rated(before)
        if not (
            cue
            or (
                marked
                and (
                    match["high"]
                    or _MONTH.search(near)
                    or _YEAR.search(near)
                    or short
                    or ((unit or len(match["low"]) > 4) and _AT_MOST.search(before))
                )
            )
            or ranged
        ):
            continue
        if _OTHER.search(near) and not cue:
            continue
        if not (unit or marked or (cue and (len(match["low"]) > 3 or short))):
            continue
        pay = _pay(match, unit, near, before)
        if pay:
            yield _Said(pay, before)


def _often(near: str) -> Literal["hour", "day", "week"] | None:
    """Return a period shorter than a month that is said of an amount, by the word that stands nearest."""
    found = [(m.start(), period) for period, cue in _SHORT.items() if (m := cue.search(near))]
    return min(found)[1] if found else None


def _rated(before: str) -> Literal["hour", "day", "week"] | None:
    """Return a period shorter than a month that pay is said to be by, before an amount: `时薪25元`, `Day rate £400`."""
    cue = _RATE.search(before)
    return next((period for period in _SHORT if cue[period]), None) if cue else None


def _amount(digits: str) -> float:
    return float(re.sub(r"[,'’]|\.(?=\d{3}(?!\d))", "", digits))


_RATE = re.compile(
    r"(?:(?P<hour>时薪|小时工资|每小时|hourly (?:rate|pay|wage)s?)"
    r"|(?P<day>日薪|日结|每天|每日|日工资|(?:day|daily) (?:rate|pay))"
    r"|(?P<week>周薪|weekly (?:rate|pay|wage)s?))\W{0,6}(?:(?:from|of|is|up to|about)\W)?$"
)
_AT_MOST = re.compile(r"(?:up to|at most|max(?:imum|\.)?(?: of)?|最高|不超过|至多)[\s:：]*$")
_SHORT: Mapping[Literal["hour", "day", "week"], re.Pattern[str]] = {"hour": _HOUR, "day": _DAY, "week": _WEEK}
_SHORT_BOUNDS = {"hour": (3, 2_000), "day": (30, 20_000), "week": (100, 50_000)}


def _pay(match: re.Match[str], unit: str | None, near: str, before: str) -> dict[str, Any] | None:
    low = _amount(match["low"]) * _UNITS.get(match["unit1"] or unit or "", 1)
    high = _amount(match["high"]) * _UNITS.get(unit or "", 1) if match["high"] else None
    largest = max(low, high or 0)
    behind = near[near.rfind(match[0]) :]
    period = _often(behind) or (_rated(before) if not (_YEAR.search(near) or _MONTH.search(near)) else None)
    least: float | None = low
    if high is None and _AT_MOST.search(before):
        least, high = None, low
    if period:
        bounds = _SHORT_BOUNDS[period]
        if not bounds[0] <= largest <= bounds[1]:
            return None
        return {"minimum": least, "maximum": high, "currency": _currency(match[0], near), "period": period}
    if not _LEAST <= largest <= _MOST:
        return None
    currency = _currency(match[0], near)
    year, month = _YEAR.search(near), _MONTH.search(near)
    yearly = (year and not month) or (not year and not month and largest >= _YEARLY.get(currency, 12_000))
    pay = {"minimum": least, "maximum": high, "currency": currency, "period": "year" if yearly else "month"}
    months = None if yearly else _MONTHS.search(near)
    return {**pay, "months": int(months["n"] or months["m"])} if months else pay


def _currency(said: str, near: str) -> str:
    found = (code for text in (said, near) for code, pattern in CURRENCIES if re.search(pattern, text))
    return next(found, "CNY")
