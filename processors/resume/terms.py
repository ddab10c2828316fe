"""What somebody asks for: pay, and when they can start."""

import re
from typing import Literal

from processors.lexicon.currencies import CURRENCIES
from processors.lexicon.dates import dates
from processors.lexicon.script import fold, plain
from schemas.base import Salary
from schemas.resume import Availability

_AMOUNT = r"\d{1,2}(?:,\d\d){1,3},\d{3}(?!\d)|\d{1,3}(?:[,'’ .]\d{3}(?!\d)){1,3}(?:[.,]\d{1,2}(?!\d))?|\d{1,9}(?:[.,]\d{1,2}(?!\d))?"
_UNIT = r"k|千|w|万|m(?![a-z])|lpa|lakhs?"
_SIGN = r"(?:[a-z]{0,3}[$€£¥₹₩]|[a-z]{3})"
_PAY = re.compile(
    rf"(?P<low>{_AMOUNT}) ?(?P<unit1>{_UNIT})?(?: ?(?:元|円|rmb|usd|eur|€|chf|£))?"
    rf"(?: ?(?:-|–|—|~|～|至|到|to|bis|à|a) ?{_SIGN}? ?(?P<high>{_AMOUNT}) ?(?P<unit2>{_UNIT})?)?"
)
_TIMES = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "m": 1e6, "lpa": 1e5, "lakh": 1e5, "lakhs": 1e5}
_PERIODS = (
    ("hour", r"\b(?:per|an|each|/) ?hour\b|hourly|时薪|時薪|/ ?(?:hour|hr|h|std|stunde|heure)\b|\bp\.?/?h\.?(?![a-z])|时薪|每小时|/ ?小?时|(?:pro|die) stunde|par heure|de l['’]heure"),
    ("day", r"日薪|\b(?:per|a|each) day\b|daily|day rate|/ ?(?:day|d|tag|jour)\b|日薪|每天|每日|/ ?[天日]|pro tag|tagessatz|par jour|\btjm\b"),
    ("week", r"\b(?:per|a|each) week\b|weekly|/ ?(?:week|wk)\b|周薪|每周|/ ?周|pro woche|\bp\.?w\.?(?![a-z])"),
    ("month", r"月薪|月給|/ ?月|每月|\b(?:per|a|each) month\b|monthly|/ ?mo(?:nth)?\b|monatlich|(?:pro|im) monat|/ ?(?:monat|mois)\b|par mois|mensuels?|\bp\.?m\.?(?![a-z])"),
    ("year", r"年薪|年収|年收|/ ?年|每年|\b(?:per|a|each) (?:year|annum)\b|annual|annum|yearly|\bp\.?a\.?(?![a-z])|/ ?(?:y(?:ea)?r|annum|jahr|an)\b|lpa|lakh|jährlich|(?:pro|im) jahr|jahresgehalt|par an\b|annuels?"),
)  # fmt: skip
_YEARLY_FROM = {"CNY": 100_000, "TWD": 250_000, "HKD": 150_000, "JPY": 1_500_000, "KRW": 12_000_000, "INR": 150_000}
"""Amounts that are a year's where nothing is said of the period; elsewhere from 15,000."""
_DAYS = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六半]|one|two|three|four|six)[ -]?(?P<u>个?月|周|个?星期|天|日|months?|weeks?|days?)"
)
_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
}


def pay(text: str, language: str, label: str = "") -> Salary | None:
    """Read a salary: `20-30K·14薪`, `年薪30万`, `$120k`, `£18 per hour`, `CHF 120'000`, `45.000 €`.

    Without a period, also in the `label` before it, small amounts are monthly and large ones yearly, by what is usual
    in the currency.
    """
    folded = plain(fold(text))[:200].replace(", ", "; ")
    folded = re.sub(r"(\d)(万|千) ?(\d)(?=[千百]|(?!\d))[千百]?", r"\1.\3\2", folded)  # 4万5千
    months = re.search(r"(?:[·*x×] ?)?(1[2-9]|2\d|3[0-6]) ?薪", folded)
    bare = folded[: months.start()] + folded[months.end() :] if months else folded
    match = _PAY.search(bare)
    if not match:
        return None
    currency = said_currency(bare) or ("CNY" if language == "zh" else "USD")
    unit = match["unit2"] or match["unit1"]
    low = _number(match["low"]) * _TIMES.get(match["unit1"] or unit or "", 1)
    high = _number(match["high"]) * _TIMES.get(unit or "", 1) if match["high"] else None
    if high and low > high and not match["unit1"]:
        low = _number(match["low"])  # 8000到1万
    said = said_period(f"{label}: {bare}")
    if max(low, high or 0) > 1e9 or max(low, high or 0) < (1 if said in ("hour", "day", "week") else 500):
        return None
    period = said or likely_period(low, currency)
    return Salary(
        minimum=low,
        maximum=high,
        currency=currency,
        period=period,  # type: ignore[arg-type]
        months=int(months[1]) if months else None,
    )


def said_currency(text: str) -> str | None:
    """Return the currency that a text names, None if it names none."""
    folded = plain(fold(text))
    return next((code for code, pattern in CURRENCIES if re.search(pattern, folded)), None)


def said_period(text: str) -> str | None:
    """Return the period that a text names, None if it names none."""
    folded = plain(fold(text))
    return next((name for name, pattern in _PERIODS if re.search(pattern, folded)), None)


def likely_period(amount: float, currency: str) -> Literal["month", "year"]:
    """Return what an amount is for where nothing is said of it, by what is usual in the currency."""
    return "year" if amount >= _YEARLY_FROM.get(currency, 15_000) else "month"


def _number(amount: str) -> float:
    whole, decimals = amount, ""
    if found := re.search(r"[.,](\d{1,2})$", amount):
        whole, decimals = amount[: found.start()], found[1]
    return float(re.sub(r"\D", "", whole) + "." + (decimals or "0"))


def availability(text: str) -> Availability | None:
    """Read when somebody can start: at once, in weeks or months, from a date."""
    folded = fold(text)[:120]
    employed = (
        True if re.search("在职|employed", folded) else False if re.search("离职|unemployed|待业", folded) else None
    )
    if re.search("随时|立即|马上|immediate|anytime|any time|at once|即时", folded):
        return Availability(text=text, days=0, employed=employed)
    if span := _DAYS.search(folded):
        n = _NUMBERS.get(span["n"]) or (0.5 if span["n"] == "半" else float(span["n"]))
        unit = 30 if "月" in span["u"] or "month" in span["u"] else 7 if re.search("周|星期|week", span["u"]) else 1
        return Availability(text=text, days=int(n * unit), employed=employed)
    if "月内" in folded:
        return Availability(text=text, days=30, employed=employed)
    when = next(dates(folded), None)
    if when:
        return Availability(text=text, date=when.start, employed=employed)
    return Availability(text=text, employed=employed) if employed is not None or len(text) < 40 else None
