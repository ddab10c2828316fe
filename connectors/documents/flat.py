"""Formats that are text themselves: plain text, Markdown, JSON, JSON Resume, RTF."""

import json
import re

from markdown_it import MarkdownIt
from striprtf.striprtf import rtf_to_text

from connectors.documents.builder import Builder
from connectors.documents.decode import decode
from connectors.documents.detect import text_format
from connectors.documents.errors import DocumentError
from connectors.documents.html import document_of
from connectors.documents.model import Document, Limits

_OBJECT = re.compile(r"\{\\\*?\\?(?:pict|objdata|fonttbl|themedata|datastore)\b")


def read_text(data: bytes, limits: Limits) -> Document:
    """Read text in any encoding; Markdown loses its marks, JSON is set out anew with one value a line."""
    text, encoding = decode(data)
    format = text_format(text)
    if format == "markdown":
        # A line break is meant where resumes have one; HTML inside is read as any other.
        reader = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table")
        return document_of(reader.render(text), limits, format, encoding)
    if format in ("json", "json-resume"):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    builder = Builder(limits)
    for block in [text] if format.startswith("json") else text.splitlines():
        builder.add(block)
    return builder.build(format, encoding=encoding)


def read_rtf(data: bytes, limits: Limits) -> Document:
    """Read RTF in the code pages that it names."""
    try:
        text: str = rtf_to_text(data.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, IndexError, KeyError, LookupError, RecursionError) as error:
        raise DocumentError("damaged", type(error).__name__) from None
    builder = Builder(limits)
    for line in text.splitlines():
        row = [cell.strip() for cell in line.split("|")] if line.rstrip().endswith("|") else []
        builder.add("\t".join(filter(None, row)) or line, "table" if row else "text")
    return builder.build("rtf")
