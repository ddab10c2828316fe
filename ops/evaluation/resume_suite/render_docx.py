"""A resume as DOCX, by python-docx: tab stops, tables, columns made by a table, text boxes, header and footer."""

import io
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

from ops.evaluation.resume_suite.blocks import Beside, Block, Bullet, Grid, Heading, Line, Name, Row, Sheet
from ops.evaluation.resume_suite.layouts import Layout

_WIDTH = 16.0
_BOX = """<w:p {namespaces} xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
 xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"><w:r>
 <mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:positionH relativeFrom="column">
 <wp:posOffset>3200000</wp:posOffset></wp:positionH><wp:positionV relativeFrom="paragraph">
 <wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent cx="2400000" cy="1200000"/><wps:wsp><wps:txbx><w:txbxContent>
 {paragraphs}</w:txbxContent>
 </wps:txbx></wps:wsp></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{paragraphs}
 </w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""


def render(layout: Layout, sheet: Sheet) -> bytes:
    """Return the file."""
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = datetime(2026, 10, 1, tzinfo=UTC)
    document.core_properties.author = document.core_properties.title = ""
    section = document.sections[0]
    section.left_margin = section.right_margin = Cm(2.5)
    if sheet.header:
        section.header.paragraphs[0].text = sheet.header
    if sheet.footer:
        section.footer.paragraphs[0].text = sheet.footer
    band = list(sheet.band)
    if layout.box:
        lines = [text for block in band[1:] for text in _texts(block)]
        paragraphs = "".join(f"<w:p><w:r><w:t xml:space='preserve'>{escape(text)}</w:t></w:r></w:p>" for text in lines)
        box = parse_xml(_BOX.format(namespaces=nsdecls("w", "wp"), paragraphs=paragraphs))
        document.element.body.insert(0, box)
        band = band[:1]
    for block in band:
        _add(layout, document, block, _WIDTH)
    if layout.columns == "one":
        for block in sheet.main:
            _add(layout, document, block, _WIDTH)
    else:
        widths = (5.0, _WIDTH - 5.0) if layout.columns == "left" else (_WIDTH - 5.0, 5.0)
        table = document.add_table(rows=1, cols=2)
        sides = (sheet.side, sheet.main) if layout.columns == "left" else (sheet.main, sheet.side)
        for cell, width, blocks in zip(table.rows[0].cells, widths, sides, strict=True):
            cell.width = Cm(width)
            for block in blocks:
                _add(layout, cell, block, width)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _texts(block: Block) -> tuple[str, ...]:
    match block:
        case Name(text) | Heading(text) | Line(text) | Bullet(text):
            return (text,)
        case Row(cells):
            return ("\t".join(cells),)
        case Grid(rows):
            return tuple("\t".join(row) for row in rows)
        case Beside(left, blocks):
            return (left, *(text for b in blocks for text in _texts(b)))


def _add(layout: Layout, home: Any, block: Block, width: float) -> None:
    match block:
        case Name(text):
            _run(home.add_paragraph(), text, 20, strong=True)
        case Heading(text):
            paragraph = home.add_paragraph()
            if layout.id % 2 == 0:
                paragraph.style = "Heading 2"
                paragraph.add_run(text)
            else:  # as people do who know no styles
                _run(paragraph, text, 13, strong=True)
        case Line(text, strong):
            _run(home.add_paragraph(), text, 10.5, strong=strong)
        case Bullet(text, mark):
            if mark == "•":
                home.add_paragraph(text, style="List Bullet")
            else:
                home.add_paragraph(f"{mark} {text}")
        case Row(cells, strong):
            paragraph = home.add_paragraph()
            for i in range(1, len(cells)):
                last = i == len(cells) - 1 and strong
                stop = Cm(width) if last else Cm(width / len(cells) * i)
                paragraph.paragraph_format.tab_stops.add_tab_stop(
                    stop, WD_TAB_ALIGNMENT.RIGHT if last else WD_TAB_ALIGNMENT.LEFT
                )
            _run(paragraph, "\t".join(cells), 10.5, strong=strong)
        case Grid(rows):
            table = (
                home.add_table(rows=0, cols=len(rows[0]))
                if hasattr(home, "sections")
                else home.add_table(0, len(rows[0]))
            )
            if hasattr(home, "sections"):
                table.style = "Table Grid"
            for row in rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        case Beside(left, blocks):
            cells = home.add_table(1, 2).rows[0].cells
            cells[0].text = left
            for inner in blocks:
                _add(layout, cells[1], inner, width - 4)


def _run(paragraph: Any, text: str, size: float, *, strong: bool) -> None:
    run = paragraph.add_run(text)
    run.bold = strong
    run.font.size = Pt(size)
