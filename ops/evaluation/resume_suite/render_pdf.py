"""A resume as PDF, by ReportLab: one column, a side column, two halves; tables; header and footer."""

import io
from functools import cache, partial
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    HRFlowable,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from ops.evaluation.fonts import truetype
from ops.evaluation.resume_suite.blocks import Beside, Block, Bullet, Grid, Heading, Line, Name, Row, Sheet
from ops.evaluation.resume_suite.layouts import Layout

MARGIN = 42.0
_GAP = 18.0
_SHADE = colors.HexColor("#dde6ee")


@cache
def _register() -> None:
    for style in ("sans", "serif"):
        pdfmetrics.registerFont(TTFont(style, io.BytesIO(truetype(_characters(), style))))


def _characters() -> set[str]:
    """Return all characters that resumes may have: their words are in this package's data and code."""
    sources = [
        f for folder in (files(__package__), files(__package__) / "data") for f in folder.iterdir() if f.is_file()
    ]
    return {c for f in sources if f.name.endswith((".py", ".toml")) for c in f.read_text("utf-8")}


def render(layout: Layout, sheet: Sheet) -> bytes:
    """Return the file. Making its fonts takes a second, once."""
    _register()
    buffer = io.BytesIO()
    document = BaseDocTemplate(buffer, pagesize=A4, invariant=1, title="", author="", pageCompression=1)
    width, height = A4
    style = _Styles(layout, 10.0 if layout.language == "en" else 10.5)
    small = style if layout.columns == "halves" else _Styles(layout, 8.5)
    inner = width - 2 * MARGIN
    story: list[Any] = []
    band = [f for block in sheet.band for f in style.flowables(block, inner)]
    frame = partial(Frame, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    bottom = MARGIN
    running = partial(_running, layout, sheet)
    if layout.columns == "one":
        document.addPageTemplates(
            PageTemplate("all", [frame(MARGIN, bottom, inner, height - 2 * MARGIN)], onPage=running)
        )
        story = band + [f for block in sheet.main for f in style.flowables(block, inner)]
        document.build(story)
        return buffer.getvalue()
    share = {"left": 0.34, "right": 0.34, "halves": 0.42}[layout.columns]
    narrow = inner * share
    wide = inner - narrow - _GAP
    above = sum(f.wrap(inner, height)[1] + f.getSpaceBefore() + f.getSpaceAfter() for f in band) + 8
    top = height - MARGIN - above
    at_side, at_main = (MARGIN, MARGIN + narrow + _GAP) if layout.columns != "right" else (MARGIN + wide + _GAP, MARGIN)
    frames = [
        frame(MARGIN, top, inner, above),
        frame(at_side, bottom, narrow, top - bottom),
        frame(at_main, bottom, wide, top - bottom),
    ]
    shade = partial(_shade, layout, sheet, at_side, narrow, top)
    later = [frame(at_main, bottom, wide, height - 2 * MARGIN)]
    document.addPageTemplates(
        [PageTemplate("first", frames, onPage=shade), PageTemplate("later", later, onPage=running)]
    )
    story = [NextPageTemplate("later"), *band, FrameBreak()]
    story += [f for block in sheet.side for f in small.flowables(block, narrow)]
    story.append(FrameBreak())
    story += [f for block in sheet.main for f in style.flowables(block, wide)]
    document.build(story)
    return buffer.getvalue()


def _running(layout: Layout, sheet: Sheet, canvas: Any, document: Any) -> None:
    canvas.setFont(layout.font, 8)
    if sheet.header:
        canvas.drawString(MARGIN, A4[1] - 28, sheet.header)
    if sheet.footer:
        canvas.drawCentredString(A4[0] / 2, 22, sheet.footer)


def _shade(layout: Layout, sheet: Sheet, left: float, width: float, top: float, canvas: Any, document: Any) -> None:
    if layout.look != "plain" and layout.columns != "halves":
        canvas.setFillColor(_SHADE)
        canvas.rect(left - 6, MARGIN - 6, width + 12, top - MARGIN + 6, stroke=0, fill=1)
        canvas.setFillColor(colors.black)
    _running(layout, sheet, canvas, document)


class _Styles:
    def __init__(self, layout: Layout, size: float) -> None:
        self._layout = layout
        wrap = None if layout.language == "en" else "CJK"
        self._body = ParagraphStyle("body", fontName=layout.font, fontSize=size, leading=size * 1.5, wordWrap=wrap)
        self._strong = ParagraphStyle("strong", parent=self._body, textColor=colors.HexColor("#1f3a5f"), spaceBefore=4)
        self._name = ParagraphStyle(
            "name", parent=self._body, fontSize=20, leading=28, spaceAfter=4, alignment=layout.id % 3 == 0
        )
        self._heading = ParagraphStyle(
            "heading", parent=self._body, fontSize=size + 2.5, leading=18, spaceBefore=9, spaceAfter=3
        )
        if layout.heading in ("bilingual", "slashed"):
            self._heading.wordWrap = None
        self._bullet = ParagraphStyle(
            "bullet", parent=self._body, leftIndent=14, bulletIndent=2, bulletFontName=layout.font, bulletFontSize=size
        )

    def flowables(self, block: Block, width: float) -> list[Any]:
        match block:
            case Name(text):
                return [Paragraph(escape(text), self._name)]
            case Heading(text):
                return self._headed(text, width)
            case Line(text, strong):
                return [Paragraph(escape(text), self._strong if strong else self._body)]
            case Bullet(text, mark):
                return [Paragraph(escape(text), self._bullet, bulletText=mark)]
            case Row(cells, strong):
                return [self._row(cells, self._strong if strong else self._body, width)]
            case Grid():
                return [Spacer(1, 4), self._grid(block, width), Spacer(1, 4)]
            case Beside(left, blocks):
                return [self._beside(left, blocks, width)]

    def _headed(self, text: str, width: float) -> list[Any]:
        if self._layout.look == "bar":
            table = Table([[Paragraph(escape(text), self._heading)]], colWidths=[width], spaceBefore=8, spaceAfter=4)
            table.setStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, -1), _SHADE),
                    ("TOPPADDING", (0, 0), (-1, -1), 0),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ]
            )
            return [table]
        rule = (
            [HRFlowable(width=width, thickness=0.7, color=colors.black, spaceAfter=3)]
            if self._layout.look == "rule"
            else []
        )
        return [Paragraph(escape(text), self._heading), *rule]

    def _row(self, cells: tuple[str, ...], style: ParagraphStyle, width: float) -> Any:
        natural = [pdfmetrics.stringWidth(cell, style.fontName, style.fontSize) + 12 for cell in cells]
        if len(cells) == 1:
            widths = [width]
        elif sum(natural) > width:
            return Paragraph(escape(cells[0]) + "".join("\u00a0\u00a0 " + escape(cell) for cell in cells[1:]), style)
        elif len(cells) == 2:
            last = max(natural[1], width / 2 if natural[0] < width / 2 else 0)
            widths = [width - last, last]
        else:
            spare = (width - sum(natural)) / (len(cells) - 1)
            widths = [n + spare for n in natural[:-1]] + [natural[-1]]
        row = [Paragraph(escape(cell), style) for cell in cells]
        if len(cells) == 2 and style is self._strong:
            row[-1] = Paragraph(escape(cells[-1]), ParagraphStyle("end", parent=style, alignment=2))
        table = Table([row], colWidths=widths, spaceBefore=3 if style is self._strong else 0)
        table.setStyle(
            [
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
        return table

    def _grid(self, grid: Grid, width: float) -> Table:
        columns = len(grid.rows[0])
        longest = [
            max(
                max(pdfmetrics.stringWidth(row[i], self._body.fontName, self._body.fontSize) for row in grid.rows) + 14,
                24,
            )
            for i in range(columns)
        ]
        room = width - (56 if grid.photo else 0)
        if sum(longest) > room:
            capped = [min(n, room / columns * 1.5) for n in longest]
            longest = [n * room / sum(capped) for n in capped]
        else:
            longest = [n + (room - sum(longest)) / columns for n in longest]
        rows = [
            [Paragraph(escape(cell), self._body) for cell in row] + ([""] if grid.photo else []) for row in grid.rows
        ]
        table = Table(rows, colWidths=longest + ([56] if grid.photo else []), repeatRows=0)
        look: list[tuple[Any, ...]] = [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]
        look.append(("GRID", (0, 0), (-1, -1), 0.6, colors.black))
        if grid.photo:
            look.append(("SPAN", (-1, 0), (-1, -1)))
        table.setStyle(look)
        return table

    def _beside(self, left: str, blocks: tuple[Block, ...], width: float) -> Table:
        first = pdfmetrics.stringWidth(left, self._body.fontName, self._body.fontSize) + 16
        right = [f for block in blocks for f in self.flowables(block, width - first)]
        table = Table([[Paragraph(escape(left), self._body), right]], colWidths=[first, width - first], spaceBefore=4)
        table.setStyle(
            [
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
        return table
