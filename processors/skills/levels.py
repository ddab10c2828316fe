"""Reads how well somebody masters a skill, and for how many years, from the words around it."""

import re

from processors.skills.cues import alternatives, words
from processors.skills.matches import Matches
from processors.skills.models import Level

_CUE = alternatives("level")
_BEHIND = re.compile(
    r"[^\S\n]*(?:[(（:：\-–—|/][^\S\n]*|(?:能力|水平)?[^\S\n]{0,2}(?:非常|比较|十分|较为?|运用|使用|操作|读写|听说读写)?)"
    rf"(?P<cue>{'|'.join(words('level').values())})",
    re.IGNORECASE,
)
_OPENING, _CLOSING = re.compile(r"[(（]"), re.compile(r"[)）]")
_JOINT = re.compile(r"[^\S\n]*[(（:：,，\-–—]?[^\S\n]*")
_REACH = 160

_HAN = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_ENGLISH = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}  # noqa: SIM905
_NUMBER = rf"\d{{1,2}}(?:\.\d)?|[{''.join(_HAN)}]|{'|'.join(_ENGLISH)}"
YEARS = re.compile(
    rf"(?<![\d.年第\-/])(?P<low>{_NUMBER})\s?(?:\(\d{{1,2}}\)\s?)?(?:\+|多|余|or more\b|and above\b)?\s?"
    rf"(?:(?:[-~–—～至到]|to|and)\s?(?P<high>{_NUMBER}))?\s?\+?\s?(?:个?年|years?|yrs?|yoe\b)"
    r"(?![^\S\n]?(?:制|级|度|薪|底|末|终|龄|会|初|前(?!端)|内|后(?!端)|old|ago|\d|[一二三四五六七八九十]月))(?:及?以上|左右)?",
    re.IGNORECASE,
)


def level_of(cue: str) -> Level | None:
    """Return the level a word stands for: `精通` or `expert` is EXPERT."""
    match = _CUE.search(cue)
    return Level[match.lastgroup] if match and match.lastgroup else None


class Levels:
    """The levels that a text tells of."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._cues = Matches(_CUE, text)
        self._opening, self._closing = Matches(_OPENING, text), Matches(_CLOSING, text)

    def at(self, sentence: tuple[int, int], start: int, end: int) -> Level | None:
        """Return the level said of `text[start:end]`: by what follows at once, else by the last cue before it."""
        if behind := _BEHIND.match(self._text, end, min(end + 24, sentence[1] + 12)):
            return level_of(behind["cue"])
        low = max(sentence[0], start - _REACH)
        cue = self._last(low, start)
        closing = self._closing.last(cue.end(), start) if cue else None
        if cue and closing and not self._opening.last(cue.end(), start):
            # `Java（精通）、Go`: what stands in brackets belongs to what stands before them.
            opening = self._opening.last(low, start)
            cue = self._last(low, opening.start()) if opening else None
        return Level[cue.lastgroup] if cue and cue.lastgroup else None

    def _last(self, low: int, high: int) -> re.Match[str] | None:
        across = self._cues.across(high)
        # A cue with anything in its middle (有…经验) may hide a shorter one before the place.
        hidden = list(_CUE.finditer(self._text, across.start() + 1, high)) if across and across.start() >= low else []
        return hidden[-1] if hidden else self._cues.last(low, high)


def number(word: str) -> float:
    """Return the number a word stands for: digits, 三, three."""
    return float(_HAN.get(word) or _ENGLISH.get(word.lower()) or word)


class Years:
    """The years that a text tells of."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = Matches(YEARS, text)

    def at(self, clause: tuple[int, int], start: int, end: int) -> float | None:
        """Return the years said of `text[start:end]` in its clause: right behind it, else before it, else after it."""
        joint = _JOINT.match(self._text, end)
        match = (
            YEARS.match(self._text, joint.end() if joint else end)
            or self._touching(max(clause[0], start - 12), start)
            or self._found.last(clause[0], start)
            or self._found.first(end, clause[1])
        )
        return number(match["low"]) if match else None

    def _touching(self, low: int, start: int) -> re.Match[str] | None:
        """`3年前端经验`: 年前 would be `years ago`, did the skill not begin there."""
        return YEARS.search(self._text, low, start) if self._text[start] in "前后内初" else None
