"""Draws a document's text as a PDF, by ReportLab's own layout engine and the fonts that readers have, or as Word.

Marks begin a line: `#` the name, `##` a heading, `###` bold, `-` a bullet, `!` centred, `^` and `_` the header and
footer of all pages, `~~~` a page's end, `>>> 30` columns, the left one 30 % wide, `=====` the other one, `<<<` their
end. `|||` stands between the two ends of a line, `| a | b |` is a row of a ruled table, `¦ a ¦ b` of one without lines,
in Word `⏎` a new line in its cell and `&` a line of a text box. HTML and text stand as they are.
"""

import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from ops.evaluation.fonts import truetype
from ops.evaluation.layout_suite.documents.entries import Entry, entries
from ops.evaluation.layout_suite.word import Word

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_MARKS = ("###", "##", "#", "-", "!", "^", "_")
_SIZES = {"#": 19, "##": 12.5}
_FONT = "documents"
_HAN = re.compile(r"[\u3040-\u9fff]")
_TOP = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)])
_RULED = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("GRID", (0, 0), (-1, -1), 0.5, "#000000")])


def drawn(entry: Entry) -> bytes:
    """Return the file."""
    match entry.layout.kind:
        case "pdf":
            return _pdf(entry.body)
        case "docx":
            return _word(entry.body)
        case _:
            return entry.body.encode()


def _lines(body: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each line's mark and its cells; a table is one mark with a row a cell."""
    for mark, lines in groupby(body.split("\n"), lambda line: line[0] if line[:2] in ("| ", "¦ ", "& ") else ""):
        if mark:
            yield mark, list(lines)
            continue
        for line in lines:
            known = next((m for m in _MARKS if line.startswith(f"{m} ")), "")
            yield known, [part.strip() for part in line.removeprefix(known).split("|||")]


def _rows(mark: str, lines: Sequence[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip().strip(mark).split(mark)] for line in lines]


def _parts(body: str) -> Iterator[tuple[int, list[str]]]:
    """Yield what stands in columns, with the left one's share of the width in percent, and what does not, with 0."""
    for part in re.split(r"^(>>>.*?<<<)$", body, flags=re.DOTALL | re.MULTILINE):
        if part.startswith(">>>"):
            share, rest = part.removeprefix(">>>").removesuffix("<<<").split("\n", 1)
            yield int(share), rest.split("\n=====\n")
        else:
            yield 0, [part]


# PDF


def _pdf(body: str) -> bytes:
    font = _font(body)
    running = {m: [t[0] for mark, t in _lines(body) if mark == m] for m in "^_"}

    def page(canvas: Canvas, _: Any) -> None:
        canvas.setFont(font, 8)
        for text in running["^"]:
            canvas.drawString(_MARGIN, A4[1] - 10 * mm, text)
        for text in running["_"]:
            canvas.drawRightString(A4[0] - _MARGIN, 9 * mm, text)

    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        invariant=1,
    )  # fmt: skip
    flow: list[Any] = []
    for share, texts in _parts(body):
        if share:
            widths = [_WIDTH * share / 100, _WIDTH * (100 - share) / 100]
            cells = [_flow(c, w - 12, font) for c, w in zip(texts, widths, strict=True)]
            flow.append(Table([cells], widths, style=_TOP))
        else:
            flow += _flow(texts[0], _WIDTH, font)
    document.build(flow, onFirstPage=page, onLaterPages=page)
    return buffer.getvalue()


def _flow(text: str, width: float, font: str) -> list[Any]:
    def paragraph(cell: str, mark: str = "", align: int = TA_LEFT) -> Paragraph:
        size = _SIZES.get(mark, 9.5)
        style = ParagraphStyle(
            mark, fontName=font, fontSize=size, leading=size * 1.35, alignment=align, splitLongWords=1,
            wordWrap="CJK" if _HAN.search(text) else None, spaceBefore=6 if mark == "##" else 0, leftIndent=9 * (mark == "-"),
        )  # fmt: skip
        words = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(cell)).replace("  ", "\xa0 ")
        return Paragraph(
            f"<b>{words}</b>" if mark[:1] == "#" else words, style, bulletText="•" if mark == "-" else None
        )

    flow: list[Any] = []
    for mark, cells in _lines(text.strip("\n")):
        if mark in ("|", "¦"):
            rows = _rows(mark, cells)
            columns = max(map(len, rows))
            first = width / 4 if mark == "¦" and columns == 2 else width / columns
            widths = [first] + [(width - first) / max(columns - 1, 1)] * (columns - 1)
            style = TableStyle(parent=_RULED if mark == "|" else _TOP)
            for n, row in enumerate(rows):
                if len(row) < columns:
                    style.add("SPAN", (len(row) - 1, n), (columns - 1, n))
            table = [[paragraph(c) for c in row] + [""] * (columns - len(row)) for row in rows]
            flow.append(Table(table, widths, style=style))
        elif cells == ["~~~"]:
            flow.append(PageBreak())
        elif cells == [""]:
            flow.append(Spacer(1, 5))
        elif len(cells) > 1:
            ends = [TA_LEFT] * (len(cells) - 1) + [TA_RIGHT]
            table = [[paragraph(c, "###" if mark else "", a) for c, a in zip(cells, ends, strict=True)]]
            flow.append(Table(table, [width / len(cells)] * len(cells), style=_TOP))
        elif mark not in ("^", "_"):
            flow.append(paragraph(cells[0], mark, TA_CENTER if mark == "!" else TA_LEFT))
    return flow


def _font(text: str) -> str:
    """Return a font that every reader has, or the one that is made of all characters that none of those has."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return _embedded()
    return "Helvetica"


@cache
def _embedded() -> str:
    characters = {c for entry in entries() if entry.layout.kind == "pdf" for c in entry.body}
    pdfmetrics.registerFont(TTFont(_FONT, io.BytesIO(truetype(characters | {"•"}, "sans"))))
    pdfmetrics.registerFontFamily(_FONT, _FONT, _FONT, _FONT, _FONT)
    return _FONT


# Word


def _word(body: str) -> bytes:
    word = Word()
    for share, texts in _parts(body):
        halves = word.halves([16 * share / 100, 16 * (100 - share) / 100]) if share else [word.document]
        for word.into, text in zip(halves, texts, strict=True):
            if text:
                _write(word, text)
        word.into = word.document
    return word.finish()


def _write(word: Word, text: str) -> None:
    for mark, cells in _lines(text):
        cells = [cell.replace("**", "") for cell in cells]
        match mark:
            case "|" | "¦":
                rows = [[cell.replace("⏎", "\n") for cell in row] for row in _rows(mark, cells)]
                word.table(rows, style="Table Grid" if mark == "|" else None)
                word.text("")
            case "&":
                word.box([cell.removeprefix("& ") for cell in cells])
            case "^":
                word.header(cells[0])
            case "_":
                word.footer(cells[0])
            case "-":
                word.bullets(cells)
            case "##":
                word.text(cells[0], style="Heading 2")
            case _:
                stops = [16.0 * n / (len(cells) - 1) for n in range(1, len(cells))]
                word.text("\t".join(cells), bold=mark in ("#", "###"), size=_SIZES.get(mark, 0), stops=stops)
