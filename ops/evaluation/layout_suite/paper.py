"""A sheet of paper to draw a resume on, as PDF: columns, lines with both ends, tables, and what TeX does to words."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ops.evaluation.fonts import truetype

WIDTH, HEIGHT = A4
PHONE, MAIL, HOME, LINK, CALENDAR, PIN = "\uf095\uf0e0\uf015\uf08c\uf073\uf3c5"
"""Pictures of an icon font, at the private places where FontAwesome has them."""
_ICONS = PHONE + MAIL + HOME + LINK + CALENDAR + PIN
_LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
_TOKEN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+")
_BREAKABLE = re.compile(r"[a-z]{9,}")
_LEAD = 1.35
Align = Literal["left", "right", "centre"]


@cache
def register() -> None:
    """Make the fonts, once: two of the characters that this package has, and one with icons."""
    folder = files("ops.evaluation.layout_suite")
    parts = ("", "data", "templates", "held_out", "held_out/data")
    sources = [f for part in parts for f in (folder / part).iterdir() if f.is_file()]
    characters = {c for f in sources if f.name.endswith((".py", ".toml")) for c in f.read_text("utf-8")}
    characters |= {u for c in characters for u in c.upper()}
    characters = {c for c in characters if not "\ue000" <= c <= "\uf8ff"} | set(_LIGATURES.values()) | set("●■▪")
    for style in ("sans", "serif"):
        pdfmetrics.registerFont(TTFont(f"layouts-{style}", io.BytesIO(truetype(characters, style))))
    pdfmetrics.registerFont(TTFont("layouts-icons", io.BytesIO(_icons())))


def _icons() -> bytes:
    from fontTools.ttLib import TTFont as Font

    font = Font(io.BytesIO(truetype("●", "sans")))
    glyph = font.getBestCmap()[ord("●")]
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap |= {ord(c): glyph for c in _ICONS}
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


class Paper:
    """Draws from the top of a column downwards, over as many pages as it takes.

    `tex`: each word is placed on its own, without spaces, with ligatures, and long ones are hyphenated.
    """

    def __init__(
        self, font: Literal["sans", "serif"] = "sans", size: float = 10, *, tex: bool = False, margin: float = 48
    ) -> None:
        register()
        self.font, self.size, self.tex, self.margin = f"layouts-{font}", size, tex, margin
        self.left, self.width = margin, WIDTH - 2 * margin
        self.page, self.y = 0, margin
        self._pages: list[list[Callable[[Canvas], None]]] = [[]]

    # Places

    def column(self, left: float, width: float, y: float | None = None) -> None:
        """Go on in another column, at its top or at `y` of the first page."""
        self.left, self.width, self.page, self.y = left, width, 0, self.margin if y is None else y

    @contextmanager
    def inset(self, left: float, right: float = 0) -> Iterator[None]:
        """Draw in a narrower column."""
        self.left, self.width = self.left + left, self.width - left - right
        yield
        self.left, self.width = self.left - left, self.width + left + right

    def beside(
        self, label: str, width: float, draw: Callable[[], None] | str, *, align: Align = "left", gap: float = 12
    ) -> None:
        """Draw a label at the left, and a text or something else to its right from the same height."""
        page, y = self.page, self.y
        whole = self.width
        self.width = width
        for part in label.split("\n"):
            self.text(part, align=align)
        self.width = whole
        after = self.page, self.y
        self.page, self.y = page, y
        with self.inset(width + gap):
            if isinstance(draw, str):
                self.text(draw)
            else:
                draw()
        self.page, self.y = max(after, (self.page, self.y))

    def gap(self, height: float) -> None:
        """Leave some room."""
        self.y += height

    # Text

    def text(
        self, text: str, size: float = 0, *, bold: bool = False, align: Align = "left", spacing: float = 0,
        mark: str = "", indent: float = 0, colour: str = "#000000",
    ) -> None:  # fmt: skip
        """Draw a paragraph; `mark` stands before it, `spacing` between its letters."""
        size = size or self.size
        for n, line in enumerate(self._wrapped(text, size, self.width - indent, spacing)):
            self._room(size)
            across = self._across(line, size, spacing)
            left = self.left + indent
            if align != "left":
                left += (self.width - indent - across) / (2 if align == "centre" else 1)
            if mark and n == 0:
                self._draw(self.left + indent - 10, mark, size, False, 0, colour)
            self._draw(left, line, size, bold, spacing, colour)
            self.y += size * _LEAD

    def row(self, left: str, right: str, size: float = 0, *, bold: bool = False, bold_right: bool = False) -> None:
        """Draw a line with a text at either end."""
        size = size or self.size
        across = self._across(right, size, 0)
        lines = self._wrapped(left, size, self.width - across - 14, 0)
        for n, line in enumerate(lines):
            self._room(size)
            self._draw(self.left, line, size, bold, 0, "#000000")
            if n == 0:
                self._draw(self.left + self.width - across, right, size, bold_right, 0, "#000000")
            self.y += size * _LEAD

    def cells(self, texts: Sequence[str], at: Sequence[float], size: float = 0, *, bold: bool = False) -> None:
        """Draw texts side by side on one line, each at its share of the width."""
        size = size or self.size
        self._room(size)
        for text, share in zip(texts, at, strict=True):
            self._draw(self.left + self.width * share, text, size, bold, 0, "#000000")
        self.y += size * _LEAD

    def bullets(self, texts: Iterable[str], mark: str = "•", indent: float = 14) -> None:
        """Draw a list."""
        for text in texts:
            self.text(text, mark=mark, indent=indent)

    def icons(self, items: Sequence[tuple[str, str]], *, align: Align = "left", gap: str = "    ") -> None:
        """Draw pictures of an icon font, each with its text, on one line."""
        size = self.size
        self._room(size)
        across = sum(size * 1.4 + self._across(text + gap, size, 0) for _, text in items)
        at = self.left + (0 if align == "left" else (self.width - across) / (2 if align == "centre" else 1))
        for icon, text in items:
            self._draw(at, icon, size, False, 0, "#000000", font="layouts-icons")
            at += size * 1.4
            self._draw(at, text, size, False, 0, "#000000")
            at += self._across(text + gap, size, 0)
        self.y += size * _LEAD

    # Shapes

    def rule(self) -> None:
        """Draw a line across the column."""
        x, y, w = self.left, self.y + 2, self.width
        self._pages[self.page].append(lambda c: c.line(x, HEIGHT - y, x + w, HEIGHT - y))
        self.y += 6

    def fill(self, left: float, top: float, width: float, height: float, colour: str) -> None:
        """Colour a part of the first page."""

        def draw(canvas: Canvas) -> None:
            canvas.setFillColor(HexColor(colour))
            canvas.rect(left, HEIGHT - top - height, width, height, stroke=0, fill=1)

        self._pages[0].append(draw)

    def table(self, rows: Sequence[Sequence[str]], shares: Sequence[float], *, ruled: bool = True) -> None:
        """Draw a table; a row's cells may be fewer than its columns, the last one is then as wide as the rest."""
        for row in rows:
            widths = [self.width * share for share in shares[: len(row)]]
            widths[-1] += self.width * sum(shares[len(row) :])
            wrapped = [
                [line for part in cell.split("\n") for line in self._wrapped(part, self.size, width - 8, 0)]
                for cell, width in zip(row, widths, strict=True)
            ]
            height = max(len(lines) for lines in wrapped) * self.size * _LEAD + 6
            self._room(height)
            top, left = self.y, self.left
            for lines, width in zip(wrapped, widths, strict=True):
                for n, line in enumerate(lines):
                    self.y = top + 3 + n * self.size * _LEAD
                    self._draw(left + 4, line, self.size, False, 0, "#000000")
                if ruled:
                    self._box(left, top, width, height)
                left += width
            self.y = top + height

    def _box(self, x: float, y: float, w: float, h: float) -> None:
        self._pages[self.page].append(lambda c: c.rect(x, HEIGHT - y - h, w, h, stroke=1, fill=0))

    # The file

    def finish(self, header: str = "", footer: str = "") -> bytes:
        """Return the file; `{page}` and `{pages}` in the footer and header are numbers."""
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=A4, invariant=1)
        for number, page in enumerate(self._pages, 1):
            for draw in page:
                draw(canvas)
            canvas.setFillColor(HexColor("#000000"))
            canvas.setFont(self.font, 8)
            canvas.drawString(self.margin, HEIGHT - 24, header.format(page=number, pages=len(self._pages)))
            canvas.drawRightString(WIDTH - self.margin, 20, footer.format(page=number, pages=len(self._pages)))
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    # Inside

    def _room(self, height: float) -> None:
        if self.y + height * _LEAD > HEIGHT - self.margin:
            self.page, self.y = self.page + 1, self.margin
        while len(self._pages) <= self.page:
            self._pages.append([])

    def _across(self, text: str, size: float, spacing: float) -> float:
        return float(pdfmetrics.stringWidth(self._written(text), self.font, size)) + spacing * len(text)

    def _written(self, text: str) -> str:
        if self.tex:
            for letters, one in _LIGATURES.items():
                text = text.replace(letters, one)
        return text

    def _draw(self, x: float, text: str, size: float, bold: bool, spacing: float, colour: str, font: str = "") -> None:
        y, face = HEIGHT - self.y - size, font or self.font
        pieces = [(x, self._written(text))]
        if self.tex and not spacing:
            pieces = []
            for found in re.finditer(r"\S+", text):
                pieces.append((x + self._across(text[: found.start()], size, 0), self._written(found[0])))

        def draw(canvas: Canvas) -> None:
            for at, piece in pieces:
                line = canvas.beginText(at, y)
                line.setFont(face, size, size)
                line.setFillColor(HexColor(colour))
                line.setStrokeColor(HexColor(colour))
                line.setCharSpace(spacing)
                line.setTextRenderMode(2 if bold else 0)
                line.textOut(piece)
                canvas.saveState()
                canvas.setLineWidth(0.3)
                canvas.drawText(line)
                canvas.restoreState()

        self._pages[self.page].append(draw)

    def _wrapped(self, text: str, size: float, width: float, spacing: float) -> list[str]:
        lines = [""]
        for token in _TOKEN.findall(text):
            if self._across(lines[-1] + token.rstrip(), size, spacing) <= width or not lines[-1].strip():
                lines[-1] += token
                continue
            if self.tex and _BREAKABLE.fullmatch(token):
                for cut in range(len(token) - 3, 3, -1):
                    if self._across(lines[-1] + token[:cut] + "-", size, spacing) <= width:
                        lines[-1] += token[:cut] + "-"
                        token = token[cut:]
                        break
            lines.append(token.lstrip())
        return [line.rstrip() for line in lines]
