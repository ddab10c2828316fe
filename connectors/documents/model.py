"""What comes out of a document: its text, where each part of it stands, and what was noticed on the way."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from schemas.base import Model

Format = Literal[
    "pdf", "docx", "odt", "rtf", "doc", "html", "markdown", "text", "json-resume", "json", "png", "jpeg", "webp", "heif"
]
BlockKind = Literal["text", "heading", "list", "table", "header", "footer", "box"]


class Limits(Model):
    """What one document may cost; beyond it reading ends with a `DocumentError`."""

    bytes: int = Field(default=20 << 20, ge=1)
    unpacked_bytes: int = Field(default=100 << 20, ge=1, description="of one archive's parts together")
    pages: int = Field(default=50, ge=1)
    characters: int = Field(default=500_000, ge=1)
    pixels: int = Field(default=60_000_000, ge=1, description="of one image")
    scanned_pages: int = Field(default=10, ge=1, description="later scanned pages are left out, with a warning")
    cpu_seconds: int = Field(default=10, ge=1, description="for digital documents")
    ocr_cpu_seconds: int = Field(default=60, ge=1, description="for scans and images")


class Box(NamedTuple):
    """A rectangle on a page in points (1/72 inch; pixels of an image), from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def union(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Line(Model):
    """One line on a page: `text[start:end]`, its box, and the x of every character's left edge, then the line's end."""

    start: int
    end: int
    box: Box
    edges: tuple[float, ...] = Field(description="end - start + 1 of them")


class Block(Model):
    """A paragraph, heading, list item, table row or the like: `text[start:end]`, and its place where that is known."""

    start: int
    end: int
    kind: BlockKind = "text"
    page: int | None = Field(default=None, description="from 1")
    box: Box | None = None
    lines: tuple[Line, ...] = ()


class Page(Model):
    """One page's size in points (pixels of an image), and whether its text came from OCR."""

    number: int = Field(description="from 1")
    width: float
    height: float
    ocr: bool = False
    turned: int = Field(default=0, description="quarter turns, counterclockwise, that put a scan upright")


class Link(Model):
    """A hyperlink's target behind `text[start:end]`."""

    start: int
    end: int
    url: str


class Place(NamedTuple):
    """Somewhere on a page."""

    page: int
    box: Box


class Document(Model):
    """A document's text in reading order with the place of every part. Blocks do not overlap and are in text order."""

    format: Format
    text: str
    pages: tuple[Page, ...] = Field(default=(), description="none where the format has no pages")
    blocks: tuple[Block, ...] = ()
    links: tuple[Link, ...] = ()
    encoding: str | None = Field(default=None, description="of a text format")
    ocr: bool = Field(default=False, description="whether any text was recognised rather than read")
    warnings: tuple[str, ...] = ()

    def locate(self, start: int, end: int) -> Iterator[Place]:
        """Yield where `text[start:end]` stands: one place for each line it touches; nothing where no place is known."""
        for block in self.blocks:
            if block.page is None or block.end <= start or block.start >= end:
                continue
            for line in block.lines:
                first, last = max(start, line.start), min(end, line.end)
                if first < last:
                    left, right = line.edges[first - line.start], line.edges[last - line.start]
                    yield Place(block.page, Box(min(left, right), line.box.top, max(left, right), line.box.bottom))
