"""Text out of markup: portals and applicant tracking systems send descriptions as HTML, escaped once or twice."""

import html
import re
from collections.abc import Mapping
from typing import Any

_TAG = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|b|i|u|em|strong|h[1-6]|a|table|t[rdh]|section|article|font|hr|dl|dt|dd|script|style|html"
    r"|body|img|blockquote|pre)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)
_DROPPED = frozenset(("script", "style", "head", "template", "noscript", "svg", "object", "iframe"))
_BLOCKS = frozenset(
    ("p", "div", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "section", "article", "header",
     "footer", "main", "aside", "blockquote", "pre", "hr", "dl", "dt", "dd", "form", "figure", "address", "br")
)  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_VOID = frozenset(("br", "hr", "img", "input", "meta", "link", "wbr"))
"""They have no end."""
_SPACES = re.compile(r"[^\S\n]+")
_BLANK = re.compile(r"\n{3,}")
_MOST = 200_000


def plain_text(text: str) -> str:
    """Return the text that a reader of HTML sees, one line a block and a bullet before each item of a list.

    What holds neither tags nor entities is returned as it is. Scripts, styles and comments are left out.
    """
    for _ in range(2):  # `&lt;p&gt;`, and `&amp;lt;p&amp;gt;`
        if _TAG.search(text) or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    if not _TAG.search(text):
        return text
    from lxml import etree  # where there is markup

    collector = _Collector()
    parser = etree.HTMLParser(target=collector, no_network=True, recover=True)
    try:
        parser.feed(text[:_MOST].replace("\x00", " "))
        parser.close()
    except (etree.LxmlError, AssertionError):
        return _TAG.sub("\n", text)
    return collector.text()


class _Collector:
    """Gathers text as the parser comes upon it; a parser's target."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._hidden = 0
        self._stack: list[bool] = []

    def start(self, tag: str | bytes, attributes: Mapping[Any, Any]) -> None:
        hides = (
            tag in _DROPPED or "hidden" in attributes or "display:none" in attributes.get("style", "").replace(" ", "")
        )
        if tag not in _VOID:
            self._stack.append(hides)
            self._hidden += hides
        if tag in _BLOCKS:
            self._break(2 if tag in _HEADINGS else 1)
        if tag == "li":
            self._parts.append("• ")
        elif tag in ("td", "th"):
            self._parts.append(" ")

    def end(self, tag: str | bytes) -> None:
        if self._stack and tag not in _VOID:
            self._hidden -= self._stack.pop()
        if tag in _BLOCKS:
            self._break(1)

    def data(self, data: str | bytes) -> None:
        if not self._hidden:
            run = _SPACES.sub(" ", str(data).replace("\n", " "))
            if run.strip() or (self._parts and self._parts[-1] != "\n"):
                self._parts.append(run)

    def _break(self, lines: int) -> None:
        """End the line, and leave a blank one where `lines` are two; what is broken already is not broken again."""
        last = self._parts[-1] if self._parts else ""
        if last == "• ":
            return
        if last == "\n":
            lines -= 1
        self._parts += ["\n"] * lines

    def comment(self, text: str | bytes) -> None:
        """Leave it out."""

    def close(self) -> None:
        """Nothing is held open."""

    def text(self) -> str:
        lines = (_SPACES.sub(" ", line).strip() for line in "".join(self._parts).split("\n"))
        return _BLANK.sub("\n\n", "\n".join(line for line in lines if line != "•")).strip()
