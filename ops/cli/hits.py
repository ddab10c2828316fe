"""Hits for people: two lines each, as wide as the terminal, in words; a part that has no room is left out whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from schemas.base import Language

BANDS: dict[str, dict[Language, str]] = {
    "strong": {"zh": "高度匹配", "en": "strong"},
    "partial": {"zh": "部分匹配", "en": "partial"},
    "near": {"zh": "相近", "en": "near"},
}
_STYLES = {"strong": "bold green", "partial": "yellow", "near": "dim"}
_INDENT = 2
_BETWEEN = " · "


@dataclass(frozen=True)
class Hit:
    """What is found: how well it fits, its title and id, and what else is said of it, what tells most first."""

    band: str
    title: str
    id: str
    said: Sequence[Text | str]
    language: Language

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give its two lines; an id is always whole."""
        yield _line(self._first(options.max_width))
        yield _line(self._second(options.max_width))

    def _first(self, width: int) -> Text:
        label = BANDS[self.band][self.language]
        band = set_cell_size(label, max(cell_len(names[self.language]) for names in BANDS.values()))
        room = width - cell_len(band) - 2 - cell_len(self.id)
        title = _cut(Text(self.title), room - cell_len(_BETWEEN))
        return Text.assemble((band, _STYLES[self.band]), "  ", *((title, _BETWEEN) if title else ()), self.id)

    def _second(self, width: int) -> Text:
        line = Text(" " * _INDENT)
        for part in self.said:
            text = part if isinstance(part, Text) else Text(part)
            between = Text(_BETWEEN if line.plain.strip() else "")
            if line.cell_len + between.cell_len + text.cell_len <= width:
                line += between + text
            elif not line.plain.strip():
                line += _cut(text, width - line.cell_len)
        return line


def _cut(text: Text, width: int) -> Text:
    """Return a text that fits, with an ellipsis for what does not; nothing if hardly anything would be left."""
    if text.cell_len <= width:
        return text
    if width < 4:
        return Text()
    end = len(text.plain)
    while cell_len(text.plain[:end].rstrip()) >= width:
        end -= 1
    return text[:end] + "…" if text.plain[:end].strip() else Text()


def _line(text: Text) -> Text:
    text = text.copy()
    text.no_wrap, text.overflow, text.end = True, "ignore", "\n"
    return text
