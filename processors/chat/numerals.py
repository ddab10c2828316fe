"""Chinese numerals of amounts, years and ages in digits, so that they are read as those are."""

import re
from math import isnan

from processors.chat.figures import han

_DIGIT = "[一二两三四五六七八九]"
_ADJACENT = re.compile(rf"(?<![十百千万]){_DIGIT}{_DIGIT}(?=[万千百]|个?[年月]|块|元)")
_AMOUNT = re.compile(
    r"[一二两三四五六七八九十百千]{0,8}[一二两三四五六七八九十百](?P<unit>[万千])(?:[一二三四五六七八九][千百]?(?![个年]))?"
)
_COUNT = re.compile(
    r"(?<![零〇一二三四五六七八九十\d])[一二两三四五六七八九]?十[一二三四五六七八九]?(?=个?年|岁|[天元块到至])"
)
_UNITS = {"万": 10_000, "千": 1000}


def with_digits(text: str) -> str:
    """Return a text with amounts and long counts in digits: 1.5万 for 一万五, 6-7千 for 六七千, 12年 for 十二年."""
    return _COUNT.sub(_counted, _AMOUNT.sub(_amount, _ADJACENT.sub(_between, text)))


def _between(match: re.Match[str]) -> str:
    low, high = map(han, match[0])
    return f"{low:g}-{high:g}" if low + 1 == high else match[0]


def _amount(match: re.Match[str]) -> str:
    value, unit = han(match[0]), match["unit"]
    return match[0] if isnan(value) else f"{value / _UNITS[unit]:g}{unit}"


def _counted(match: re.Match[str]) -> str:
    return f"{han(match[0]):g}"
