"""OpenDocument text: headers, body with tables, lists and text boxes, footers."""

from collections.abc import Iterator

from lxml import etree

from connectors.documents.archive import Archive
from connectors.documents.builder import Builder
from connectors.documents.errors import DocumentError
from connectors.documents.model import BlockKind, Document, Limits
from connectors.documents.pieces import Piece, add_all, table_row

Element = etree._Element

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _STYLE, _DRAW = (_OASIS % n for n in ("text", "table", "office", "style", "drawing"))
_MANIFEST = _OASIS % "manifest"
_HREF = "{http://www.w3.org/1999/xlink}href"
_PARAGRAPHS = {_TEXT + "p", _TEXT + "h"}
_WHITE = {_TEXT + "tab": "\t", _TEXT + "line-break": "\n"}
_LEFT_OUT = {_TEXT + "tracked-changes", _OFFICE + "annotation", _TEXT + "note", _TEXT + "sequence-decls"}
MAX_SPACES = 100


def read_odt(archive: Archive, limits: Limits) -> Document:
    """Read content.xml, and the headers and footers of styles.xml around it."""
    builder = Builder(limits)
    manifest = archive.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter(_MANIFEST + "encryption-data"), None) is not None:
        raise DocumentError("encrypted")
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.names):
        builder.warn("the document holds macros; they were not run")
    content = archive.xml("content.xml")
    body = None if content is None else content.find(f"{_OFFICE}body")
    if body is None:
        raise DocumentError("damaged", "no content part")
    styles = archive.xml("styles.xml")
    for kind in ("header", "text", "footer"):
        if kind == "text":
            add_all(builder, _pieces(body, "text"))
        elif styles is not None:
            for part in styles.iter(_STYLE + kind):
                add_all(builder, _pieces(part, "header" if kind == "header" else "footer"))
    return builder.build("odt")


def _pieces(container: Element, kind: BlockKind) -> Iterator[Piece]:
    for child in container:
        if child.tag in _PARAGRAPHS:
            yield from _paragraph(child, "heading" if child.tag == _TEXT + "h" and kind == "text" else kind)
        elif child.tag == _TABLE + "table-row":
            yield from table_row([list(_pieces(cell, kind)) for cell in child])
        elif child.tag == _TEXT + "list-item":
            for number, piece in enumerate(_pieces(child, "list" if kind == "text" else kind)):
                nested = piece.text.startswith("• ") or number
                yield piece if nested else piece._replace(text="• " + piece.text)
        elif child.tag not in _LEFT_OUT:
            yield from _pieces(child, kind)


def _paragraph(paragraph: Element, kind: BlockKind) -> Iterator[Piece]:
    text: list[str] = []
    links: list[tuple[str, str]] = []
    boxes: list[Element] = []

    def runs(element: Element) -> None:
        text.append(element.text or "")
        for child in element:
            before = len(text)
            if child.tag in _WHITE:
                text.append(_WHITE[str(child.tag)])
            elif child.tag == _TEXT + "s":
                count = child.get(_TEXT + "c", "1")
                text.append(" " * min(int(count) if count.isascii() and count.isdigit() else 1, MAX_SPACES))
            elif child.tag == _DRAW + "text-box":
                boxes.append(child)
            elif child.tag not in _LEFT_OUT:
                runs(child)
                if url := child.get(_HREF) if child.tag == _TEXT + "a" else None:
                    links.append(("".join(text[before:]), url))
            text.append(child.tail or "")

    runs(paragraph)
    yield Piece("".join(text), kind, tuple(links))
    for box in boxes:
        yield from _pieces(box, "box")
