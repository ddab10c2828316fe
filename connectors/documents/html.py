"""HTML, and the MHTML that job sites hand out as .doc."""

import email
import email.policy
import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from connectors.documents.builder import Builder
from connectors.documents.decode import decode
from connectors.documents.errors import DocumentError
from connectors.documents.model import BlockKind, Document, Format, Limits
from connectors.documents.pieces import Piece, add_all, side_by_side, table_row
from connectors.documents.styles import StyleSheet

Element = etree._Element

_LEFT_OUT = {
    "script", "style", "head", "template", "iframe", "object", "svg", "math", "select", "audio", "video",
    "nav", "button",
}  # fmt: skip
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img",
    "br",
}  # fmt: skip
_MAY_BE_DRAWN = {"b", "em", "i", "s", "small", "span", "strong", "u"}
"""Without text, such an element shows a line or an icon: what stands around it are two texts."""
_DRAWN = re.compile(r" ?\x1e[ \x1e]*")
_KINDS: dict[str, BlockKind] = {"h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "li": "list"}
_SPACE = re.compile(r"[ \t\r\n\f]+")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


def read_html(data: bytes, limits: Limits) -> Document:
    """Read a page in the encoding it declares, else the likeliest; nothing it refers to is fetched."""
    text, encoding = decode(data, declared=True)
    return document_of(text, limits, "html", encoding)


def read_mhtml(data: bytes, limits: Limits) -> Document:
    """Read the first HTML part of a saved page."""
    try:
        part = email.message_from_bytes(data, policy=email.policy.default).get_body(("html", "plain"))
        content = None if part is None else part.get_payload(decode=True)
    except Exception as error:  # the mail parser raises whatever it meets on broken headers
        raise DocumentError("damaged", type(error).__name__) from None
    if not isinstance(content, bytes) or not content.strip():
        raise DocumentError("no_text")
    return read_html(content, limits)


def document_of(markup: str, limits: Limits, format: Format, encoding: str | None) -> Document:
    """Return the document of some HTML."""
    builder = Builder(limits)
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_XML_DECLARATION.sub("", markup).replace("\x00", ""), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise DocumentError("no_text") from None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise DocumentError("bomb", "nested too deeply")
    add_all(builder, _pieces(root, "text", StyleSheet(root)))
    return builder.build(format, encoding=encoding)


def _pieces(element: Element, kind: BlockKind, sheet: StyleSheet) -> Iterator[Piece]:
    """Yield an element's blocks: runs of text and inline elements, broken by block elements."""
    columns = sheet.of(element).columns if len(element) else None
    if columns is None:
        yield from _flow(element, kind, sheet)
        return
    mark = "• " if kind == "list" else ""  # a list's item may be laid out in columns itself
    items = list(_items(element, "text" if mark else kind, sheet))
    for n in range(0, len(items), columns or max(len(items), 1)):
        for piece in side_by_side(items[n : n + (columns or len(items))], kind):
            yield piece._replace(text=mark + piece.text) if mark else piece
            mark = ""


def _items(element: Element, kind: BlockKind, sheet: StyleSheet) -> Iterator[list[Piece]]:
    """Yield the blocks of each child of an element whose children stand in columns, and of the text between them."""
    if text := _line(element.text or ""):
        yield [Piece(text, kind)]
    for child in element:
        tag = str(child.tag).lower()
        shown = tag not in _LEFT_OUT and not _is_hidden(child)
        if found := list(_alone(child, _KINDS.get(tag, kind), sheet)) if shown else []:
            yield found
        if text := _line(child.tail or ""):
            yield [Piece(text, kind)]


def _alone(child: Element, kind: BlockKind, sheet: StyleSheet) -> Iterator[Piece]:
    """Yield the blocks of an element that stands in a column of its own."""
    if not _is_inline(child, sheet):
        yield from _pieces(child, kind, sheet)
        return
    text: list[str] = []
    links: list[tuple[str, str]] = []
    _inline(child, text, links)
    yield from _run(text, kind, links)


def _flow(element: Element, kind: BlockKind, sheet: StyleSheet) -> Iterator[Piece]:
    text: list[str] = [element.text or ""]
    links: list[tuple[str, str]] = []
    for child in element:
        tag = str(child.tag).lower()
        if _is_inline(child, sheet):
            _inline(child, text, links)
        elif tag not in _LEFT_OUT and not _is_hidden(child):
            yield from _run(text, kind, links)
            if tag == "tr":
                yield from table_row([list(_pieces(cell, kind, sheet)) for cell in child])
            else:
                yield from _pieces(child, _KINDS.get(tag, kind), sheet)
        text.append(child.tail or "")
    yield from _run(text, kind, links)


def _run(text: list[str], kind: BlockKind, links: list[tuple[str, str]]) -> Iterator[Piece]:
    """Yield a run of text as a block, and begin the next."""
    run = "\n".join(_line(line) for line in "".join(text).split("\v"))
    if run.strip():
        yield Piece("• " + run if kind == "list" else run, kind, tuple(links))
    text.clear()
    links.clear()


def _line(text: str) -> str:
    return _DRAWN.sub("\t", _SPACE.sub(" ", text).strip(" \x1e"))


_LAST = re.compile(r"(?:[a-zß-ÿ)%]|\d)\Z")
_FIRST = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]|(?:19|20)\d\d\b")


def _touches(text: list[str], following: Element) -> bool:
    """Whether an element begins a text of its own though no space stands before it: `<b>Nurse</b><i>Leeds</i>`."""
    before = next((part for part in reversed(text) if part), "")
    begins = next((str(part) for part in following.itertext() if part), "")
    return len(before) > 1 and _LAST.search(before) is not None and _FIRST.match(begins) is not None


def _inline(element: Element, text: list[str], links: list[tuple[str, str]]) -> None:
    if element.tag == "br":
        text.append("\v")
    if element.tag in _LEFT_OUT or _is_hidden(element):
        return
    if text and not text[-1] and _touches(text, element):
        text.append("\x1e")
    if element.tag in _MAY_BE_DRAWN and len(element) == 0 and not (element.text or "").strip():
        text.append("\x1e")
        return
    start = len(text)
    text.append(element.text or "")
    for child in element:
        _inline(child, text, links)
        text.append(child.tail or "")
    url = element.get("href", "").strip()
    if element.tag == "a" and url and not url.lower().startswith(("#", "javascript:")):
        links.append((_DRAWN.sub("\t", _SPACE.sub(" ", "".join(text[start:])).strip(" \x1e")), url))


def _is_inline(element: Element, sheet: StyleSheet) -> bool:
    return all(
        part.tag in _LEFT_OUT or (str(part.tag).lower() in _INLINE and not sheet.of(part).block)
        for part in element.iter()
    )


_ABOUT = re.compile(r"#|¶|§|🔗|(?:skip|jump|go|back) to .{2,30}|(?:back to )?top", re.IGNORECASE)


def _leads_about(element: Element) -> bool:
    """Whether an element is a link within the page that says nothing but that: `#`, `Skip to content`."""
    if element.tag != "a" or not element.get("href", "").startswith("#"):
        return False
    return _ABOUT.fullmatch("".join(map(str, element.itertext())).strip()) is not None


def _is_hidden(element: Element) -> bool:
    style = element.get("style", "").replace(" ", "").lower()
    return "hidden" in element.attrib or "display:none" in style or _leads_about(element)
