"""DOCX (and DOCM, whose macros are never run): headers, body, tables, text boxes, footers."""

import posixpath
import re
from collections.abc import Iterator

from lxml import etree

from connectors.documents.archive import Archive, parse_xml
from connectors.documents.builder import Builder
from connectors.documents.errors import DocumentError
from connectors.documents.layout import reading_order
from connectors.documents.model import BlockKind, Box, Document, Limits
from connectors.documents.pieces import Piece, add_all, table_row

Element = etree._Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_STRICT = {  # strict Office Open XML has other namespaces for the same names
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": _W[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": _R[1:-1].encode(),
}
_LEFT_OUT = {_W + name for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sectPr", "tblPr", "tcPr")}
_WHITE = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
_HEADING = re.compile(r"(heading|title|subtitle|标题)\b", re.I)


def read_docx(archive: Archive, limits: Limits) -> Document:
    """Read the main part and the headers and footers it refers to."""
    builder = Builder(limits)
    if any(name.lower().endswith("vbaproject.bin") for name in archive.names):
        builder.warn("the document holds macros; they were not run")
    name = next(iter(_targets(archive, "", "officeDocument").values()), "word/document.xml")
    root = _part(archive, name)
    if root is None:
        raise DocumentError("damaged", "no document part")
    styles = _styles(archive, name)

    def read(part: str, element: Element, kind: BlockKind) -> None:
        add_all(builder, _Reader(styles, _targets(archive, part, "hyperlink")).pieces(element, kind))

    def read_parts(kind: BlockKind) -> None:
        for target in dict.fromkeys(_targets(archive, name, kind).values()):
            if (element := _part(archive, target)) is not None:
                read(target, element, kind)

    read_parts("header")
    read(name, root, "text")
    read_parts("footer")
    return builder.build("docx")


def _part(archive: Archive, name: str) -> Element | None:
    content = archive.read(name)
    if content is None:
        return None
    for strict, usual in _STRICT.items():
        content = content.replace(strict, usual)
    return parse_xml(content)


def _targets(archive: Archive, part: str, kind: str) -> dict[str, str]:
    """Return a part's relations of a kind: id to target."""
    folder, base = posixpath.split(part)
    root = archive.xml(posixpath.join(folder, "_rels", base + ".rels"))
    targets = {}
    for relation in root if root is not None else ():
        if relation.get("Type", "").endswith("/" + kind):
            target = relation.get("Target", "")
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            targets[relation.get("Id", "")] = target
    return targets


def _styles(archive: Archive, name: str) -> dict[str, BlockKind]:
    """Return the ids of the styles of headings and lists."""
    target = next(iter(_targets(archive, name, "styles").values()), "")
    styles = _part(archive, target)
    kinds: dict[str, BlockKind] = {}
    for style in styles.iterfind(_W + "style") if styles is not None else ():
        named = style.find(_W + "name")
        if named is not None and _HEADING.match(named.get(_W + "val", "")):
            kinds[style.get(_W + "styleId", "")] = "heading"
        elif style.find(f"{_W}pPr/{_W}numPr") is not None:
            kinds[style.get(_W + "styleId", "")] = "list"
    return kinds


class _Reader:
    """Yields the pieces of one part."""

    def __init__(self, styles: dict[str, BlockKind], links: dict[str, str]) -> None:
        self._styles = styles
        self._links = links

    def pieces(self, container: Element, kind: BlockKind = "text") -> Iterator[Piece]:
        for child in container:
            if child.tag == _W + "p":
                yield from self._paragraph(child, kind)
            elif child.tag == _W + "tbl":
                for row in self._descend(child, _W + "tr"):
                    yield from table_row([list(self.pieces(cell, kind)) for cell in self._descend(row, _W + "tc")])
            elif child.tag not in _LEFT_OUT:
                yield from self.pieces(child, kind)

    def _descend(self, element: Element, tag: str) -> Iterator[Element]:
        """Yield rows of a table or cells of a row, also from within content controls."""
        for child in element:
            if child.tag == tag:
                yield child
            elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "customXml", _W + "ins"):
                yield from self._descend(child, tag)

    def _paragraph(self, paragraph: Element, kind: BlockKind) -> Iterator[Piece]:
        text: list[str] = []
        links: list[tuple[str, str]] = []
        boxes: list[tuple[Box, Element]] = []
        self._runs(paragraph, text, links, boxes)
        if kind == "text":
            style = paragraph.find(f"{_W}pPr/{_W}pStyle")
            numbered = paragraph.find(f"{_W}pPr/{_W}numPr") is not None
            kind = self._styles.get("" if style is None else style.get(_W + "val", ""), "list" if numbered else "text")
        if kind == "list" and "".join(text).strip():
            text.insert(0, "• ")
        yield Piece("".join(text), kind, tuple(links))
        for i in reading_order([box for box, _ in boxes]):
            yield from self.pieces(boxes[i][1], "box")

    def _runs(
        self, element: Element, text: list[str], links: list[tuple[str, str]], boxes: list[tuple[Box, Element]]
    ) -> None:
        for child in element:
            if child.tag == _W + "t":
                text.append(child.text or "")
            elif child.tag in _WHITE:
                text.append(_WHITE[str(child.tag)])
            elif child.tag == _W + "txbxContent":
                boxes.append((_place(child), child))
            elif child.tag == _MC + "AlternateContent":  # the same content twice, for new and old programs
                self._runs(child[0] if len(child) else child, text, links, boxes)
            elif child.tag not in _LEFT_OUT:
                before = len(text)
                self._runs(child, text, links, boxes)
                if url := self._links.get(child.get(_R + "id", "")):
                    links.append(("".join(text[before:]), url))


def _place(box: Element) -> Box:
    """Return where a text box stands relative to its paragraph, in EMU; unknown is the origin."""
    anchor = next(box.iterancestors(_WP + "anchor"), None)
    if anchor is None:
        return Box(0, 0, 0, 0)

    def number(path: str, attribute: str | None = None) -> float:
        found = anchor.find(path)
        value = "" if found is None else (found.get(attribute) if attribute else found.text) or ""
        return float(value) if re.fullmatch(r"-?\d{1,12}", value) else 0.0

    left, top = number(f"{_WP}positionH/{_WP}posOffset"), number(f"{_WP}positionV/{_WP}posOffset")
    return Box(left, top, left + number(f"{_WP}extent", "cx"), top + number(f"{_WP}extent", "cy"))
