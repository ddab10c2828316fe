"""What somebody asks for: pay, and when they can start."""

import re

from processors.lexicon.dates import dates
from processors.lexicon.script import fold
from schemas.resume import Availability, Pay

_AMOUNT = r"\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?"
_UNIT = r"k|千|w|万|m(?![a-z])|lpa|lakhs?"
_PAY = re.compile(
    rf"(?P<low>{_AMOUNT}) ?(?P<unit1>{_UNIT})?(?: ?(?:元|rmb|usd))?(?: ?(?:-|–|—|~|～|至|到|to) ?[$€£¥]? ?(?P<high>{_AMOUNT}) ?(?P<unit2>{_UNIT})?)?"
)
_TIMES = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "m": 1e6, "lpa": 1e5, "lakh": 1e5, "lakhs": 1e5}
_CURRENCIES = (("HKD", r"hk\$|hkd|港币"), ("SGD", r"s\$|sgd"), ("USD", r"\$|usd|美元|美金"), ("EUR", r"€|eur"), ("GBP", r"£|gbp"),
               ("INR", r"₹|inr|lpa|lakh"), ("JPY", r"jpy|日元"))  # fmt: skip
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


def pay(text: str, language: str) -> Pay | None:
    """Read a salary: `20-30K·14薪`, `年薪30万`, `$120k`, `15000-20000元/月`. Chinese ones are monthly unless they say so."""
    folded = fold(text)[:200].replace(", ", "; ")
    months = re.search(r"(?:[·*x×] ?)?(1[2-9]|2\d|3[0-6]) ?薪", folded)
    bare = folded[: months.start()] + folded[months.end() :] if months else folded
    match = _PAY.search(bare)
    if not match:
        return None
    currency = next(
        (code for code, pattern in _CURRENCIES if re.search(pattern, bare)),
        "CNY" if language == "zh" or re.search("cny|rmb|¥|元", bare) else "USD",
    )
    unit = match["unit2"] or match["unit1"]
    low = float(match["low"].replace(",", "")) * _TIMES.get(match["unit1"] or unit or "", 1)
    high = float(match["high"].replace(",", "")) * _TIMES.get(unit or "", 1) if match["high"] else None
    if max(low, high or 0) > 1e9 or max(low, high or 0) < 500:
        return None
    yearly = re.search(r"年薪|/ ?年|每年|per year|per annum|annual|p\.?a\.?\b|/ ?y(?:ea)?r|lpa|lakh", bare)
    monthly = re.search(r"月薪|/ ?月|每月|per month|monthly|/ ?mo", bare)
    period = "year" if yearly or (not monthly and (currency != "CNY" or low >= 100_000)) else "month"
    return Pay(
        minimum=low,
        maximum=high,
        currency=currency,
        period="year" if period == "year" else "month",
        months=int(months[1]) if months else None,
    )


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
