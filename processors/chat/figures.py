"""Figures of a sentence by their values: 20,000, 2万, 两万, 20k, twenty."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_DIGITS = re.compile(
    r"(?P<low>\d[\d,]*(?:\.\d+)?)\s?(?P<unit>[万千百kw](?![a-z]))?"
    r"(?:\s?(?:[-–—~～至到]|to)\s?[¥￥$€£]?\s?(?P<high>\d[\d,]*(?:\.\d+)?)\s?(?P<unit2>[万千百kw](?![a-z]))?)?",
    re.IGNORECASE,
)
_TIMES = {"百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000}
_HAN_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_TIMES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_HAN = re.compile(
    r"[零〇一二两三四五六七八九十百千万亿]{2,}|[二两三四五六七八九十百千万亿](?=年|个|天|日|号|月|岁|元|块|人|名|倍|成|级|小时|薪|[份位条家项门])"
    r"|一(?=年|个月|天(?!天)|岁|元|万)"
)
_SAYINGS = frozenset(("一一", "万一", "千万", "十分", "一二", "万千", "百万", "三三两两"))
NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
"""English words of the numbers from 0 on."""
_WORDS = {word: n for n, word in enumerate(NUMBERS)} | {
    "thirty": 30, "forty": 40, "fifty": 50, "dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join(w for w in _WORDS if w != 'one')})\b", re.IGNORECASE)


class Figure(NamedTuple):
    """A figure's value and where it ends; NaN for one that cannot be read, which equals nothing."""

    value: float
    end: int


def figures(text: str) -> Iterator[Figure]:
    """Yield the figures of a text. In `2-3万` both ends are of 万."""
    for match in _DIGITS.finditer(text):
        unit = match["unit2"] if match["high"] else match["unit"]
        yield Figure(_value(match["low"]) * _TIMES.get((match["unit"] or unit or "").lower(), 1), match.end())
        if match["high"]:
            yield Figure(_value(match["high"]) * _TIMES.get((unit or "").lower(), 1), match.end())
    for match in _HAN.finditer(text):
        before = text[: match.start()].rstrip()[-1:]  # `2 万` is read above, `第二个` is a place in a list
        if match[0] not in _SAYINGS and not (before.isascii() and before.isdigit()) and before != "第":
            yield Figure(han(match[0]), match.end())
    for match in _WORD.finditer(text):
        yield Figure(float(_WORDS[match[0].lower()]), match.end())


def _value(digits: str) -> float:
    return float(digits.replace(",", ""))


def han(word: str) -> float:
    """Return 25 for 二十五, 25000 for 两万五; what is no number in this writing is NaN."""
    total = part = digit = 0
    for n, character in enumerate(word):
        if character in _HAN_DIGITS:
            if n and word[n - 1] in _HAN_DIGITS and word[n - 1] not in "零〇":
                return float("nan")
            digit = _HAN_DIGITS[character]
        elif (times := _HAN_TIMES[character]) >= 10_000:
            total, part, digit = total + (part + digit or 1) * times, 0, 0
        else:
            part, digit = part + (digit or 1) * times, 0
    if digit and len(word) > 1 and word[-2] in "百千万":
        digit *= _HAN_TIMES[word[-2]] // 10
    return float(total + part + digit)
