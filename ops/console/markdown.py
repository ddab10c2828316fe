"""Our own texts in Markdown, as HTML: no markup of theirs passes, and links lead only to pages of the console."""

from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def as_html(text: str, places: Mapping[str, str]) -> Markup:
    """Return a text as HTML; `places` are what its links lead to, and of any other link only the words are left."""
    tokens = _READER.parse(text)
    for token in tokens:
        if token.children:
            token.children = list(_linked(token.children, places))
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # noqa: S704 - the renderer has escaped it


def _linked(tokens: Sequence[Token], places: Mapping[str, str]) -> Iterator[Token]:
    kept: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            place = places.get(str(token.attrs.get("href", "")))
            kept.append(place is not None)
            if place is None:
                continue
            token.attrs = {"href": place}
        elif token.type == "link_close" and not kept.pop():
            continue
        yield token
