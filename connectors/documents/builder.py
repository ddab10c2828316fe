"""Puts a document together piece by piece, keeping count of its characters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.documents.characters import clean
from connectors.documents.errors import DocumentError
from connectors.documents.model import Block, BlockKind, Box, Document, Format, Limits, Line, Link, Page
from processors.unicode import whole


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line with its place; `edges` has one x more than the text has characters."""

    text: str
    box: Box
    edges: Sequence[float]
    joins: str = "\n"
    """What stands between this line and the next of its block: nothing or a space where a paragraph was wrapped."""


@dataclass
class Builder:
    """Collects blocks in reading order. Too much text is refused while it is collected."""

    limits: Limits
    warnings: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _blocks: list[Block] = field(default_factory=list)
    _links: list[Link] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        """Note something once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def add(self, text: str, kind: BlockKind = "text", links: Iterable[tuple[str, str]] = ()) -> None:
        """Append a block whose place is not known. `links` are (text, url), found in the block in this order."""
        text = clean(text).strip()
        if not text:
            return
        start = self._append(text)
        self._blocks.append(Block(start=start, end=start + len(text), kind=kind))
        cursor = 0
        for anchor, url in links:
            anchor = clean(anchor).strip()
            found = text.find(anchor, cursor)
            if anchor and found >= 0:
                cursor = found + len(anchor)
                self._links.append(Link(start=start + found, end=start + cursor, url=whole(url)))

    def add_lines(self, lines: Sequence[PlacedLine], page: int, kind: BlockKind = "text") -> None:
        """Append a block of placed lines."""
        if not lines:
            return
        joined = "".join(line.text + line.joins for line in lines[:-1]) + lines[-1].text
        start = self._append(joined)
        placed: list[Line] = []
        box, cursor = lines[0].box, start
        for line in lines:
            end = cursor + len(line.text)
            edges = tuple(round(x, 1) for x in line.edges)
            rounded = Box(*(round(x, 1) for x in line.box))
            placed.append(Line(start=cursor, end=end, box=rounded, edges=edges))
            box, cursor = box.union(rounded), end + len(line.joins)
        rounded = Box(*(round(x, 1) for x in box))
        self._blocks.append(
            Block(start=start, end=start + len(joined), kind=kind, page=page, box=rounded, lines=tuple(placed))
        )

    def link_place(self, page: int, box: Box, url: str) -> None:
        """Attach a link's target to the characters that stand under a box of a page."""
        for block in self._blocks:
            if block.page != page:
                continue
            for line in block.lines:
                middle = (line.box.top + line.box.bottom) / 2
                if not box.top <= middle <= box.bottom:
                    continue
                inside = [
                    i
                    for i in range(line.end - line.start)
                    if box.left <= (line.edges[i] + line.edges[i + 1]) / 2 <= box.right
                ]
                if inside:
                    self._links.append(
                        Link(start=line.start + inside[0], end=line.start + inside[-1] + 1, url=whole(url))
                    )

    def build(self, format: Format, *, encoding: str | None = None) -> Document:
        """Return the document; one without text is an error."""
        if not self._length:
            raise DocumentError("no_text")
        return Document(
            format=format,
            text="".join(self._parts),
            pages=tuple(self.pages),
            blocks=tuple(self._blocks),
            links=tuple(sorted(self._links, key=lambda link: link.start)),
            encoding=encoding,
            ocr=any(page.ocr for page in self.pages),
            warnings=tuple(self.warnings),
        )

    def _append(self, text: str) -> int:
        separator = "\n" if self._parts else ""
        start = self._length + len(separator)
        if start + len(text) > self.limits.characters:
            raise DocumentError("too_big", f"more than {self.limits.characters} characters")
        self._parts += (separator, text)
        self._length = start + len(text)
        return start
