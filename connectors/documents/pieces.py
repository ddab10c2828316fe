"""Text without places, as the readers of flowing formats hand it to the builder."""

import re
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


_SHORT = 60
_MOST_BESIDE = 4
_LABEL = 40


def table_row(cells: Iterable[Sequence[Piece]]) -> Iterator[Piece]:
    """Yield a table's row: neighbouring cells of one line with tabs between them, longer cells as their own blocks.

    Cells with as many short lines as one another are rows of their own: an employer above a title, beside them a time
    above a place. A time at the right of a longer cell stands beside its first line.
    """
    filled = [lines for cell in cells if (lines := [line for piece in cell for line in _lines(piece)])]
    if len(filled) > 1 and _match(filled):
        yield from map(_joined, zip(*filled, strict=True))
        return
    if len(filled) > 1 and len(filled[-1]) == 1 < len(filled[-2]) and _is_time(filled[-1][0]):
        (time,), above = filled.pop(), filled[-1]
        above[0] = _joined([above[0], time])
    short: list[Piece] = []
    for cell in filled:
        if len(cell) == 1:
            short += cell
            continue
        if short:
            yield _joined(short)
        short = []
        yield from cell
    if short:
        yield _joined(short)


def _lines(piece: Piece) -> Iterator[Piece]:
    for text in piece.text.split("\n"):
        if text.strip():
            yield piece._replace(text=text, links=tuple(link for link in piece.links if link[0] in text))


def _match(cells: Sequence[Sequence[Piece]]) -> bool:
    count = len(cells[0])
    return (
        1 < count <= _MOST_BESIDE
        and all(len(cell) == count for cell in cells)
        and all(piece.kind == "text" and len(piece.text.strip()) <= _SHORT for cell in cells for piece in cell)
        and any(_is_time(piece) for cell in cells for piece in cell)  # else they may be columns of a page
    )


def _is_time(piece: Piece) -> bool:
    text = piece.text.strip()
    return piece.kind != "list" and len(text) <= _LABEL and re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text) is not None


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
