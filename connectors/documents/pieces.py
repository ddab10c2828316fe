"""Text without places, as the readers of flowing formats hand it to the builder."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from connectors.documents.builder import Builder
from connectors.documents.model import BlockKind


class Piece(NamedTuple):
    """One block's text and the (text, url) of its links."""

    text: str
    kind: BlockKind = "text"
    links: tuple[tuple[str, str], ...] = ()


def add_all(builder: Builder, pieces: Iterable[Piece]) -> None:
    """Append pieces to a document."""
    for piece in pieces:
        builder.add(*piece)


def table_row(cells: Iterable[Sequence[Piece]]) -> Iterator[Piece]:
    """Yield a table's row: neighbouring cells of one line with tabs between them, longer cells as their own blocks."""
    short: list[Piece] = []
    for cell in cells:
        filled = [piece for piece in cell if piece.text.strip()]
        if len(filled) == 1 and "\n" not in filled[0].text.strip():
            short += filled
        elif filled:
            if short:
                yield _joined(short)
            short = []
            yield from filled
    if short:
        yield _joined(short)


def side_by_side(items: Sequence[Sequence[Piece]], kind: BlockKind) -> Iterator[Piece]:
    """Yield what stands in columns: one line of cells if each column is a line, else a column below the other.

    A mark between two columns, as in `2019 – 2022`, divides no cells.
    """
    filled = [[piece for piece in item if piece.text.strip()] for item in items]
    filled = [item for item in filled if item]
    if len(filled) < 2 or not all(len(item) == 1 and "\n" not in item[0].text for item in filled):
        for item in filled:
            yield from item
        return
    text = ""
    apart = False
    for (piece,) in filled:
        words = any(map(str.isalnum, piece.text))
        text += ("\t" if apart and words else " " if text else "") + piece.text.strip().removeprefix("• ")
        apart = words
    yield Piece(text, kind, tuple(link for (piece,) in filled for link in piece.links))


def _joined(cells: Sequence[Piece]) -> Piece:
    return Piece("\t".join(c.text.strip() for c in cells), "table", tuple(link for c in cells for link in c.links))
