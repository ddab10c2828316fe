"""How messages speak of pay."""

import re
from collections.abc import Mapping, Sequence

from processors.chat.mention import Mention, Value
from processors.resume.terms import pay, said_currency, said_period
from schemas.base import Language

_UNIT = r"[kKwW千万](?![a-zA-Z])|元|块|刀|美[元金]|港[币元]|欧元?|英镑|新币|台?币|lakhs?\b|lpa\b|\b(?:eur|usd|cny|rmb|gbp|hkd|sgd|aud|cad|euros?|dollars?|pounds?|bucks|quid|francs?|chf|zloty|pln|kron(?:a|or|er)|sek|nok|dkk|rupees?|inr|yen|jpy|krw|baht|thb|ringgit|myr|pesos?|rand|zar|dirhams?|aed|riyals?|sar|qar)\b"
RAISED = re.compile(r"(?<=[\dkKwW千万元])\s?(?:加|涨|提|升|降|调|改|换|减)[薪高低]?[到成为]|\s?(?:→|->)\s?")
SUM = re.compile(r"\D{0,4}[1-9]\d{3,5}\D{0,8}")
"""A number of four to six digits and hardly anything else: what somebody wants to earn."""
_PERIOD = (
    r"(?:每|一个?|/)\s?(?:小时|天|日|月)|(?:\ban?|\bper|/)\s?(?:hours?|hr|day|week|month|year|annum)\b|日结|\bhourly\b"
)
MONEY = re.compile(
    r"(?:月薪|年薪|年包|薪资|薪水|工资|待遇|期望|底薪|日薪|时薪|月入|到手|月给|\bsalary\b|\bpay(?:ing|s)?\b|\bearn(?:ing|s)?\b|\bbudget\b|\bminimum\b|[$€£¥])[^,，。;；\d]{0,24}\d[\d,.]*[^,，。;；]*"
    r"|\d[\d,.]*\s?(?:底薪|月薪|年薪|工资|薪资)"
    rf"|(?:\d[\d,.]*\s?[kKwW千万]?\s?(?:[-~–至到]|to)\s?)?\d[\d,.]*\s?(?:{_UNIT})[^,，。;；]*"
    r"|(?<![\d.])[1-9]\d{3,5}\s?(?:以上|以下|左右|起步|起(?!来)|往上|朝上|以内|封顶|打底)(?!的?(?:人|名|家|字|次))"
    rf"|(?:{_PERIOD})[^,，。;；\d]{{0,8}}\d[\d,.]*[^,，。;；]*|\d[\d,.]*\s?(?:{_PERIOD})[^,，。;；]*",
    re.IGNORECASE,
)
_SHORT_AMOUNT = re.compile(r"[^\d]{0,6}((?:\d{1,3}\s?[-~到至]\s?)?\d{1,3})(?![\d.,]|\s?[kKwW千万元块%年个])")
_ALONE = re.compile(r"[^\d]{0,12}(\d{2,3})\W{0,3}")
_FIGURE = re.compile(r"\d[\d,.]*\s?(?:[kKwW千万](?![a-zA-Z]))?")
_NO_MONEY = re.compile(
    r"\s?(?:\+?\s?(?:years?\b|yrs?\b|hours?\b(?! ?pay)|年(?!薪|包|终))|个|位|名|人|家|份|%|percent\b|岁|点|度|employees\b|people\b|staff\b)",
    re.IGNORECASE,
)
_OF_NO_LETTER = re.compile(r"(\d) ?(?:kron(?:a|or|er)|kr|francs?|zloty|rand)\b", re.IGNORECASE)
"""Currencies whose names begin as a thousand is written."""
_UP_TO = re.compile(
    r"以内|以下|不超过?|最多|别超过?|顶多|封顶|\bup to\b|\bat most\b|\bno more than\b|\bunder\b|\bbelow\b|\bmax(?:imum)?\b|\bcap(?:ped)?\b",
    re.IGNORECASE,
)


def in_thousands(mention: Mention, held: Sequence[Mention]) -> Mention:
    """Return pay that follows on another in thousands as such: `no, 65` behind `70k`."""
    before = [_amounts(h.value) for h in held if h.slot == "salary"]
    amounts = _amounts(mention.value) if mention.slot == "salary" else {}
    is_short = bool(amounts) and max(amounts.values()) < _THOUSAND
    if not (is_short and isinstance(mention.value, Mapping) and any(b and min(b.values()) >= _LONG for b in before)):
        return mention
    return mention._replace(value={**mention.value, **{name: amount * 1000 for name, amount in amounts.items()}})


def _amounts(value: Value) -> dict[str, float]:
    if not isinstance(value, Mapping) or value.get("period") == "hour":
        return {}
    return {name: float(value[name]) for name in ("minimum", "maximum") if value.get(name)}


_THOUSAND, _LONG = 1000, 10_000


def is_money(match: re.Match[str]) -> bool:
    """Whether a figure behind a word of pay is an amount: no count of people, no share."""
    figure = _FIGURE.search(match[0])
    return figure is not None and _NO_MONEY.match(match[0], figure.end()) is None


def salary(amount: str, language: Language, *, is_asked: bool) -> Value | None:
    """Return what is asked for; a currency and a period only where they are said. Who is asked may leave out the k."""
    if is_asked and language == "zh" and (short := _SHORT_AMOUNT.match(amount)):
        amount = f"{amount[: short.end(1)]}k{amount[short.end(1) :]}"
    amount = _OF_NO_LETTER.sub(r"\1", amount)
    spoken = re.sub(r"(?:每|一)个?(小时|天|日)|日结", lambda m: f"每{m[1] or '日'}", amount)
    asked = pay(spoken, language)
    if asked is None:
        alone = _ALONE.fullmatch(amount) if is_asked else None
        return {"minimum": float(alone[1])} if alone else None
    value = asked.model_dump(exclude_none=True)
    if said_currency(spoken) is None:
        del value["currency"]
    if said_period(spoken) is None:
        del value["period"]
    if _UP_TO.search(amount) and asked.maximum is None:
        value["maximum"] = value.pop("minimum")
    return value
