"""A resume as a file of its layout's format."""

import pypdfium2 as pdfium

from ops.evaluation.resume_suite import render_docx, render_html, render_pdf
from ops.evaluation.resume_suite.blocks import Sheet
from ops.evaluation.resume_suite.layouts import Layout


def render(layout: Layout, sheet: Sheet) -> bytes:
    """Return the file."""
    renderers = {"pdf": render_pdf.render, "docx": render_docx.render, "html": render_html.render}
    return renderers[layout.format](layout, sheet)


def pages(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(pdfium.PdfDocument(pdf))
