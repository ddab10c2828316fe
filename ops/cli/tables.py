"""Tables that can be read in a narrow terminal: as columns where they fit, else each row as a block of lines.

A word, such as an id, is never broken or cut short, so that it can be copied whole. Text without spaces, as Chinese
has it, may be broken anywhere, but not in a column that is `no_wrap`.
"""

import re
from collections.abc import Iterator, Mapping

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

__all__ = ["Column", "Table", "in_one_line"]

COMFORT = 20
"""So wide a column is at least if its text is longer: narrower ones are hard to read."""
_WORDS = re.compile(r"[^\s\u2e80-\U0003ffff]+")
_TOKENS = re.compile(rf"{_WORDS.pattern}|\s+|.")


class Table(RichTable):
    """A table of rich that becomes blocks of `name: value` where its words do not fit beside each other."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give the table, or its rows as blocks."""
        cells = [[_text(console, cell) for cell in column.cells] for column in self.columns]
        headers = [_text(console, column.header) for column in self.columns]
        shown = [[h, *c] if self.show_header else c for h, c in zip(headers, cells, strict=True)]
        frame = self._extra_width + sum(map(self._get_padding_width, range(len(self.columns))))
        most = [max((_width(t) for t in texts), default=0) for texts in shown]
        least = [_least(texts, m, c.no_wrap) for texts, m, c in zip(shown, most, self.columns, strict=True)]
        room = options.max_width - frame
        if sum(most) > room >= sum(least):
            for column, width, texts in zip(self.columns, _shared(least, most, room), cells, strict=True):
                column.width = width
                # Broken here, since rich breaks words as well.
                column._cells = [Text("\n").join(_wrapped(text, width)) for text in texts]
        if sum(least) <= room:
            yield from super().__rich_console__(console, options)
        else:
            yield from self._blocks(console, options.max_width, headers, cells)

    def _blocks(
        self, console: Console, width: int, headers: list[Text], cells: list[list[Text]]
    ) -> Iterator[RenderableType | Segment]:
        if self.title:
            yield from _lines(console, _text(console, self.title), width)
        for number, row in enumerate(zip(*cells, strict=True)):
            if number and self.show_header:
                yield Segment.line()
            filled = [
                (h, c, column) for h, c, column in zip(headers, row, self.columns, strict=True) if c.plain.strip()
            ]
            if not self.show_header and filled:
                (_, first, _), *rest = filled
                yield from _field(console, first, Text(" · ").join(c for _, c, _ in rest), width)
                continue
            for header, cell, column in filled:
                yield from _field(console, header, cell, width, atomic=bool(column.no_wrap))
        if self.caption:
            yield from _lines(console, _text(console, self.caption), width)


def _field(console: Console, name: Text, value: Text, width: int, atomic: bool = False) -> Iterator[RenderableType]:
    label = Text.assemble((name.plain, "bold"), ": ") if name.plain.strip() else Text()
    if "\n" not in value.plain and label.cell_len + value.cell_len <= width:
        yield from _lines(console, label + value, width)
        return
    if label.plain:
        yield from _lines(console, Text(label.plain.rstrip(), style="bold"), width)
    indent = "  " if label.plain else ""
    pieces = value.split("\n") if atomic else _wrapped(value, width - len(indent))
    for piece in pieces:
        yield from _lines(console, Text(indent) + piece, width)


def _wrapped(text: Text, width: int) -> list[Text]:
    """Break a text between words and within Chinese; a longer word has a line of its own, and is whole."""
    return [piece for line in text.split("\n", allow_blank=True) for piece in _broken(line, width)]


def _broken(line: Text, width: int) -> list[Text]:
    breaks, used = [], 0
    for token in _TOKENS.finditer(line.plain):
        size = cell_len(token[0])
        if used and used + size > width and not token[0].isspace():
            breaks.append(token.start())
            used = 0
        used += size
    pieces = list(line.divide(breaks))
    for piece in pieces:
        piece.rstrip()
    return pieces


def _lines(console: Console, text: Text, width: int) -> Iterator[RenderableType]:
    text = text.copy()
    text.no_wrap, text.overflow, text.end = True, "ignore", "\n"
    yield text


def _text(console: Console, cell: RenderableType | None) -> Text:
    if isinstance(cell, Text):
        return cell
    return console.render_str(cell) if isinstance(cell, str) else Text(str(cell or ""))


def _width(text: Text) -> int:
    return max((cell_len(line) for line in text.plain.split("\n")), default=0)


def _least(texts: list[Text], most: int, whole: bool) -> int:
    if whole:
        return most
    words = max((cell_len(word) for text in texts for word in _WORDS.findall(text.plain)), default=0)
    return max(words, min(most, COMFORT), 1)


def _shared(least: list[int], most: list[int], room: int) -> list[int]:
    """Give the room that is left to the columns that want more, each by what it lacks."""
    widths, left = list(least), room - sum(least)
    lack = sum(m - n for m, n in zip(most, least, strict=True))
    for number, (low, high) in enumerate(zip(least, most, strict=True)):
        widths[number] += left * (high - low) // lack
    return widths


def in_one_line(machine: Mapping[str, object]) -> str:
    """Return what a benchmark was measured on."""
    return ", ".join(f"{name} {value}" for name, value in machine.items())
