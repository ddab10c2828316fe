"""Folding: one form for spellings that differ only in case, width, script, separators, with the way back."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import opencc

from processors.lexicon.script import is_han

_RUN = re.compile(r"\s{2,}|(?<=[\u3400-\u9fff])\n(?=[\u3400-\u9fff])")
# A dot or a slash inside a word separates its parts; elsewhere it ends a sentence or opens `.NET`.
_INNER = re.compile(r"(?<=[0-9a-z+#\u3400-\u9fff])[./\\](?=[0-9a-z\u3400-\u9fff])")


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """Return the character table: lower case, half width, simplified Chinese; every value is one character."""
    table: dict[int, Any] = dict.fromkeys(map(ord, "\t\r\xa0\u3000\u2002\u2003\u2009\u200a_‐‑‒–—-·・"), " ")
    for code in range(0xFF01, 0xFF5F):
        table[code] = chr(code - 0xFEE0).lower()
    han = "".join(map(chr, range(0x4E00, 0x9FA6)))
    simplified = opencc.OpenCC("t2s").convert(han)
    if len(simplified) == len(han):
        table.update({ord(a): b for a, b in zip(han, simplified, strict=True) if a != b})
    for code in [*range(0x41, 0x5B), *range(0xC0, 0x250)]:
        lower = chr(code).lower()
        if len(lower) == 1 and ord(lower) != code:
            table[code] = lower
    return table


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and the way back to the offsets of the original."""

    text: str
    _cuts: list[int]
    _shifts: list[int]

    def original(self, position: int) -> int:
        """Return where the folded text's character at `position` stands in the original."""
        index = bisect_right(self._cuts, position)
        return position + (self._shifts[index - 1] if index else 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return a folded span's start and end in the original text."""
        return self.original(start), self.original(end - 1) + 1


def fold(text: str) -> Folded:
    """Fold a text: lower case, half width, simplified; hyphens and inner dots as spaces; runs of white space as one.

    A line break between Chinese characters is where a line was wrapped, and goes.
    """
    even = _INNER.sub(" ", text.translate(_table()))
    parts: list[str] = []
    cuts: list[int] = []
    shifts: list[int] = []
    last = removed = 0
    for run in _RUN.finditer(even):
        before, behind = even[run.start() - 1 : run.start()], even[run.end() : run.end() + 1]
        wrapped = "\n" in run[0] and is_han(before) and is_han(behind)
        keep = "" if wrapped else " "
        parts += [even[last : run.start()], keep]
        removed += len(run[0]) - len(keep)
        last = run.end()
        cuts.append(last - removed)
        shifts.append(removed)
    return Folded("".join([*parts, even[last:]]).replace("\n", " "), cuts, shifts)


@lru_cache(maxsize=50_000)
def fold_name(name: str) -> str:
    """Return a name's folded form; two spellings with one form are one name."""
    if "\n" in name:
        return " ".join(fold(name).text.split())
    return " ".join(_INNER.sub(" ", name.translate(_table())).split())  # the same, where no line is wrapped
