"""Chinese numerals of amounts, years and ages in digits, so that they are read as those are."""

import re
from math import isnan

from processors.chat.figures import NUMBERS, han

_DIGIT = "[一二两三四五六七八九]"
_ADJACENT = re.compile(rf"(?<![十百千万]){_DIGIT}{_DIGIT}(?=[万千百]|个?[年月]|块|元)")
_AMOUNT = re.compile(
    r"[一二两三四五六七八九十百千]{0,8}[一二两三四五六七八九十百](?P<unit>[万千])(?:[一二三四五六七八九][千百]?(?![个年]))?"
)
_COUNT = re.compile(
    r"(?<![零〇一二三四五六七八九十\d])[一二两三四五六七八九]?十[一二三四五六七八九]?(?=个?年|岁|[天元块到至])"
)
_HUNDREDS = re.compile(r"[一二两三四五六七八九]百(?:[一二三四五六七八九]十?[一二三四五六七八九]?)?(?![万千分])")
_UNITS = {"万": 10_000, "千": 1000}
_LATIN = {word: n for n, word in enumerate(NUMBERS) if n} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_WORDS = "|".join(_LATIN)
_SPOKEN = re.compile(
    rf"\b(?P<high>{_WORDS})(?:[ -](?P<low>{_WORDS}))? (?=pounds|dollars|euros|bucks|quid|grand|k\b|an hour|thousand)",
    re.IGNORECASE,
)


def with_digits(text: str) -> str:
    """Return a text with amounts and long counts in digits: 1.5万 for 一万五, 6-7千 for 六七千, 12年 for 十二年."""
    for pattern, in_digits in _READ:
        text = pattern.sub(in_digits, text)
    return text


def _between(match: re.Match[str]) -> str:
    low, high = map(han, match[0])
    return f"{low:g}-{high:g}" if low + 1 == high else match[0]


def _amount(match: re.Match[str]) -> str:
    value, unit = han(match[0]), match["unit"]
    return match[0] if isnan(value) else f"{value / _UNITS[unit]:g}{unit}"


def _counted(match: re.Match[str]) -> str:
    value = han(match[0])
    return match[0] if isnan(value) else f"{value:g}"


def _spoken(match: re.Match[str]) -> str:
    return f"{_LATIN[match['high'].lower()] + _LATIN.get((match['low'] or '').lower(), 0)} "


_THOUSANDS = re.compile(r"\b(\d{1,3}) (?:thousand|grand)\b", re.IGNORECASE)
_OVER = re.compile(r"(?<![\d.一二两三四五六七八九十百千])(?:过|上|破)万(?!人|名|家|科)")
"""`月入过万`"""
_READ = (
    (_OVER, "1万以上"),
    (_ADJACENT, _between),
    (_AMOUNT, _amount),
    (_HUNDREDS, _counted),
    (_COUNT, _counted),
    (_SPOKEN, _spoken),
    (_THOUSANDS, r"\1k"),
)
