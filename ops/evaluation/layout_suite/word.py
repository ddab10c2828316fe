"""A Word document to write a resume in: paragraphs with tab stops, tables, text boxes, headers."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.shared import Cm, Pt

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


class Word:
    """Writes from top to bottom; `into` is where: the document, or a cell of one of its tables."""

    def __init__(self) -> None:
        self.document = docx.Document()
        self.into: Any = self.document
        core = self.document.core_properties
        core.author = core.title = ""
        core.created = core.modified = datetime(2026, 10, 1, tzinfo=UTC)

    def text(self, text: str, *, bold: bool = False, size: float = 0, style: str | None = None, stops: Sequence[float] = ()) -> None:  # fmt: skip
        """Write a paragraph; `stops` are places of tabs in centimetres, the last one aligned right."""
        paragraph = self.into.add_paragraph(style=style)
        run = paragraph.add_run(text)
        run.bold = bold
        if size:
            run.font.size = Pt(size)
        for n, stop in enumerate(stops, 1):
            align = WD_TAB_ALIGNMENT.RIGHT if n == len(stops) else WD_TAB_ALIGNMENT.LEFT
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(stop), align)

    def bullets(self, texts: Sequence[str]) -> None:
        """Write a list with automatic marks."""
        for text in texts:
            self.into.add_paragraph(text, style="List Bullet")

    def table(self, rows: Sequence[Sequence[str]], *, style: str | None = "Table Grid", widths: Sequence[float] = ()) -> None:  # fmt: skip
        """Write a table; a row with fewer cells than columns spans the rest."""
        columns = max(map(len, rows))
        table = self.document.add_table(rows=len(rows), cols=columns, style=style)
        for row, texts in zip(table.rows, rows, strict=True):
            cells = row.cells
            for cell, text in zip(cells, texts, strict=False):
                first, *more = text.split("\n")
                cell.paragraphs[0].text = first
                for line in more:
                    cell.add_paragraph(line)
            if len(texts) < columns:
                cells[len(texts) - 1].merge(cells[-1])
            for cell, width in zip(cells, widths, strict=False):
                cell.width = Cm(width)

    def halves(self, widths: Sequence[float]) -> list[Any]:
        """Return the cells of a table of one row without lines, to write into."""
        table = self.document.add_table(rows=1, cols=len(widths))
        for cell, width in zip(table.rows[0].cells, widths, strict=True):
            cell.width = Cm(width)
        return list(table.rows[0].cells)

    def box(self, lines: Sequence[str]) -> None:
        """Write a text box that floats."""
        inside = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
        shape = (
            f'<w:p {_NAMES}><w:r><w:drawing><wp:anchor behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1">'
            '<wp:extent cx="2160000" cy="1440000"/><wp:docPr id="7" name="Text Box"/><a:graphic><a:graphicData'
            ' uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx>'
            f"<w:txbxContent>{inside}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor>"
            "</w:drawing></w:r></w:p>"
        )
        body = self.document.element.body
        body.insert(len(body) - 1, parse_xml(shape))

    def header(self, *lines: str) -> None:
        """Write into the header of all pages."""
        first, *more = lines
        part = self.document.sections[0].header
        part.paragraphs[0].text = first
        for line in more:
            part.add_paragraph(line)

    def footer(self, text: str) -> None:
        """Write into the footer of all pages."""
        self.document.sections[0].footer.paragraphs[0].text = text

    def finish(self) -> bytes:
        """Return the file."""
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()
