"""Reads how well somebody masters a skill, and for how many years, from the words around it."""

import re

from processors.skills.cues import alternatives, words
from processors.skills.models import Level

_CUE = alternatives("level")
_BEHIND = re.compile(
    r"[^\S\n]*(?:[(（:：\-–—|/][^\S\n]*|(?:能力|水平)?[^\S\n]{0,2}(?:非常|比较|十分|较为?|运用|使用|操作|读写|听说读写)?)"
    rf"(?P<cue>{'|'.join(words('level').values())})",
    re.IGNORECASE,
)
_REACH = 160

_HAN = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_ENGLISH = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}  # noqa: SIM905
_NUMBER = rf"\d{{1,2}}(?:\.\d)?|[{''.join(_HAN)}]|{'|'.join(_ENGLISH)}"
YEARS = re.compile(
    rf"(?<![\d.年第\-/])(?P<low>{_NUMBER})\s?(?:\(\d{{1,2}}\)\s?)?(?:\+|多|余)?\s?"
    rf"(?:(?:[-~–—～至到]|to)\s?(?P<high>{_NUMBER}))?\s?\+?\s?(?:个?年|years?|yrs?)"
    r"(?!\s?(?:制|级|度|薪|底|末|终|龄|会|初|前|内|后|old|ago|\d|[一二三四五六七八九十]月))(?:及?以上|左右)?",
    re.IGNORECASE,
)


def level_of(cue: str) -> Level | None:
    """Return the level a word stands for: `精通` or `expert` is EXPERT."""
    match = _CUE.search(cue)
    return Level[match.lastgroup] if match and match.lastgroup else None


def level_at(text: str, sentence: tuple[int, int], start: int, end: int) -> Level | None:
    """Return the level said of `text[start:end]`: by what follows at once, else by the last cue before it."""
    behind = _BEHIND.match(text, end, min(end + 24, sentence[1] + 12))
    if behind:
        return level_of(behind["cue"])
    low = max(sentence[0], start - _REACH)
    last = None
    for match in _CUE.finditer(text, low, start):
        # `Java（精通）、Go`: what stands in brackets belongs to what stands before them.
        if not re.search(r"[)）]", text[match.end() : start]) or re.search(r"[(（]", text[match.end() : start]):
            last = match
    return Level[last.lastgroup] if last and last.lastgroup else None


def number(word: str) -> float:
    """Return the number a word stands for: digits, 三, three."""
    return float(_HAN.get(word) or _ENGLISH.get(word.lower()) or word)


def years_at(text: str, clause: tuple[int, int], start: int, end: int) -> float | None:
    """Return the years said of `text[start:end]` in its clause: right behind it, else before it, else after it."""
    behind = re.compile(r"[^\S\n]*[(（:：,，\-–—]?[^\S\n]*").match(text, end)
    match = YEARS.match(text, behind.end()) if behind else None
    if not match:
        before = list(YEARS.finditer(text, clause[0], start))
        match = before[-1] if before else YEARS.search(text, end, clause[1])
    return number(match["low"]) if match else None
