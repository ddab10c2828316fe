"""Sentences and clauses of resumes and job ads, which have bullets and line breaks for full stops."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

_ENDS = re.compile(
    r"[。！？!?；;●▪◆■□★•]|(?=【)"
    r"|\.(?=\s|$)"
    r"|(?<![周期第一二三四五六七八九十、至到A-Za-z])(?=[一二三四五六七八九]、(?![一二三四五六七八九十]))"
    r"|(?<![A-Za-z])[lØ][ \u3000\xa0]{1,8}(?=[\u3400-\u9fff])"  # a bullet of Wingdings
    r"|\n(?=\s{0,12}(?:[-*–·●▪◆■□★•>]|\(?（?\d{1,2}\s?[、.．)）]|[一二三四五六七八九十]{1,2}、|$))"
    r"|(?<![A-Za-z0-9+#.])(?=(?:[1-9]|1\d)\s?[、．.)）](?!\d))"
)
_SHORT_LINE = 30
_WIDEST = 120
"""Columns: nobody wraps at more, so a text with a longer line has its breaks where they were meant."""
_FULL = 0.85
"""Of the width that a line reaches which was wrapped."""
_CONTINUES = re.compile(
    r"(?:[,，、/&(（+\-–]|\b(?:and|or|the|a|an|of|in|with|to|for|as|at|on|by|your|our|和|与|及|或))\s*$", re.IGNORECASE
)
_WORD = re.compile(r"\S+")
_HEADING = re.compile(r"[^\S\n]*[^\n]{1,40}[:：][^\S\n]*(?:\n|$)")
_REACH = 300
_COMMA = re.compile(r"[,，]|(?<=[\u3400-\u9fff])[ \u3000](?=[\u3400-\u9fff])|(?<=[A-Za-z+#]) (?=[会熟精掌懂]|有)")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Where a text's sentences begin, and where its commas are."""

    text: str
    starts: list[int]
    commas: list[int]

    def around(self, position: int) -> tuple[int, int]:
        """Return start and end of the sentence at a position."""
        index = bisect_right(self.starts, position)
        end = self.starts[index] if index < len(self.starts) else len(self.text)
        return self.starts[index - 1], end

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Return the part between commas, inside its sentence, that holds a span; at most `_REACH` beyond it."""
        low = max(self.around(start)[0], start - _REACH)
        high = max(min(self.around(end - 1)[1], end + _REACH), end)
        left, right = bisect_left(self.commas, start) - 1, bisect_left(self.commas, end)
        low = max(low, self.commas[left] + 1) if left >= 0 else low
        return low, min(high, self.commas[right]) if right < len(self.commas) else high


def sentences(text: str) -> Sentences:
    """Split a text: at full stops, semicolons, bullets and numbers, headings, and line breaks that no wrapping made."""
    starts = {0, *(m.end() for m in _ENDS.finditer(text))}
    wrapping = _Wrapping(text)
    line = 0
    for match in re.finditer("\n", text):
        ended = text[match.start() - 1 : match.start()] in ":：.。;；"
        if (
            ended
            or match.start() - line < _SHORT_LINE
            or _HEADING.match(text, match.end())
            or not wrapping.made(text[line : match.start()], match.end())
        ):
            starts.add(match.end())
        line = match.end()
    return Sentences(text, sorted(starts), [m.start() for m in _COMMA.finditer(text)])


class _Wrapping:
    """Whether a text was wrapped at a width: then several lines reach it, and a line's next word had no room."""

    def __init__(self, text: str) -> None:
        self._text = text
        lines = [line for line in text.split("\n") if line.strip()]
        widths = [_columns(line) for line in lines]
        self._width = max(widths, default=0)
        full = sum(width >= _FULL * self._width for width in widths)
        self._is_wrapped = self._width <= _WIDEST and full >= 3 and full >= 0.3 * len(lines)
        capitals = sum(line.lstrip()[0].isupper() for line in lines)
        self._is_statements = capitals >= 0.8 * len(lines)

    def made(self, line: str, following: int) -> bool:
        """Return whether the break between a line and what begins at `following` was made by wrapping."""
        if not self._is_wrapped:
            return False
        word = _WORD.match(self._text, following)
        if word is None:
            return False
        first = word[0] if word[0].isascii() else word[0][:1]
        if _columns(line) + 1 + _columns(first) <= self._width:
            return False
        return not (self._is_statements and first[0].isupper() and not _CONTINUES.search(line))


def _columns(text: str) -> int:
    """Return how many columns a text fills: a Chinese character two."""
    return len(text) if text.isascii() else sum(1 + ("\u2e80" <= c <= "\uffef") for c in text)
