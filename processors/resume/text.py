"""Lines and cells of a document's text, each knowing where it stands."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.resume import Found, Span

BULLET = re.compile(
    r"[ \t]*(?:[-–—•●○◦▪■□◆◇★☆*·➢➤►▶✓√»>➔♦]|[\uf000-\uf0ff]|[(（]?\d{1,2}[)）、]|\d{1,2}\.(?=\D)|[①-⑳])[ \t]*"
)
_RULE = re.compile(r"[-–—_=*•·|~◆◇❖✦♦■□▪●○►▸\s]+")
"""A line of nothing but marks divides what is above and below it."""
_CELL = re.compile(r"\t+| {3,}|　{2,}")
_TRIM = " \t　,，،;；|｜·:：/、\u200b\xa0"


class Piece(NamedTuple):
    """A part of the text: `text` is the document's `[start:end]`."""

    text: str
    start: int
    end: int

    def __bool__(self) -> bool:
        return self.end > self.start

    def part(self, start: int, end: int) -> "Piece":
        """Return the piece of this piece between two offsets in it, without the marks and spaces around it."""
        return piece(self.text, start, end, self.start)

    def found(self, value: object = None, confidence: float = 0.9) -> Found:  # type: ignore[type-arg]
        """Return the value, or else the piece's own text, as found here."""
        shown = self.text if value is None else value
        return Found(value=shown, confidence=confidence, spans=(Span(self.start, self.end),))


def piece(text: str, start: int, end: int, offset: int = 0) -> Piece:
    """Return `text[start:end]` without the marks and spaces around it."""
    while start < end and text[start] in _TRIM:
        start += 1
    while end > start and text[end - 1] in _TRIM:
        end -= 1
    return Piece(text[start:end], offset + start, offset + end)


class Line(NamedTuple):
    """A line: its piece without a bullet, whether it had one, and its cells."""

    piece: Piece
    bullet: bool
    cells: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The line without its bullet."""
        return self.piece.text

    @property
    def gaps(self) -> int:
        """How many of the line's characters stand between its cells: how long it is in words, their width is no part of."""
        return len(self.text) - sum(len(cell.text) for cell in self.cells)


def lines(text: str) -> Iterator[Line]:
    """Yield the lines that are not blank."""
    start = 0
    for raw in text.split("\n"):
        end = start + len(raw)
        mark = BULLET.match(raw)
        at = start + mark.end() if mark and mark.end() < len(raw) else start
        own = piece(text, at, end)
        if own and not _RULE.fullmatch(own.text):
            found = tuple(cells(own))
            yield Line(own, at > start, found)
        start = end + 1


def cells(line: Piece) -> Iterator[Piece]:
    """Yield the parts of a line between tabs and wide spaces."""
    at = 0
    for gap in _CELL.finditer(line.text):
        if cell := line.part(at, gap.start()):
            yield cell
        at = gap.end()
    if cell := line.part(at, len(line.text)):
        yield cell
