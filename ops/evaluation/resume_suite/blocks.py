"""What a resume is made of before it becomes a file: headings, lines, rows, tables, columns."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Name:
    """The person's name (or the document's title), large."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line or a paragraph."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bullet:
    """An item of a list, with its mark."""

    text: str
    mark: str = "•"


@dataclass(frozen=True, slots=True)
class Row:
    """Texts side by side on one line, at tab stops; the last one stands at the right margin."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose lines are drawn; an empty text is an empty cell. `photo`: a column for one at the end."""

    rows: tuple[tuple[str, ...], ...]
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """A short text on the left (a date) and blocks on the right."""

    left: str
    blocks: "tuple[Block, ...]"


Block: TypeAlias = Name | Heading | Line | Bullet | Row | Grid | Beside


@dataclass(slots=True)
class Sheet:
    """A whole resume: what stands across the page, then in a side column, then in the main one."""

    band: list[Block] = field(default_factory=list)
    side: list[Block] = field(default_factory=list)
    main: list[Block] = field(default_factory=list)
    header: str = ""
    footer: str = ""
