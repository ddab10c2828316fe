"""An entry of a section, and its time."""

from dataclasses import dataclass, field
from typing import NamedTuple

from processors.lexicon.dates import DateSpan
from processors.resume.text import Line, Piece


class When(NamedTuple):
    """An entry's time, with where each end stands in the document."""

    span: DateSpan
    offset: int

    def piece(self, text: str, *, end: bool = False) -> Piece:
        """Return the writing of one end."""
        first, last = self.span.end_at if end else self.span.start_at
        return Piece(text[self.offset + first : self.offset + last], self.offset + first, self.offset + last)


@dataclass(slots=True)
class Entry:
    """One entry: parts of its head, facts that have a label, its time, and the lines that tell of it."""

    heads: list[Piece] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """The line of each of `heads`, counted from the one with the time: -1 stands above it."""
    facts: dict[str, Piece] = field(default_factory=dict)
    when: When | None = None
    body: list[Line] = field(default_factory=list)


def before_marks(text: str, at: int) -> int:
    """Return where the marks and blanks begin that stand before a place in a text."""
    while at > 0 and text[at - 1] in "（([【 \t|,，-–—:：":
        at -= 1
    return at
