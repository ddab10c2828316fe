"""Finds the cells of ruled tables from the lines that are drawn on a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.documents.model import Box

SNAP = 3.0
"""Points between two rules that are meant to be one; more where the text is large or its unit a pixel."""
MAX_RULES = 1500
MAX_CELLS = 5000


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of at least two cells: (row, box) in reading order, merged where no rule divides them."""

    box: Box
    cells: tuple[tuple[int, Box], ...]


def find_tables(rules: Sequence[Box], snap: float = SNAP) -> list[Table]:
    """Return the tables that horizontal and vertical rules (thin boxes) form; pages with too many rules have none."""
    if len(rules) > MAX_RULES:
        return []
    return [table for group in _touching(rules, snap) if (table := _grid(group, snap))]


def _touching(rules: Sequence[Box], snap: float) -> list[list[Box]]:
    """Group rules that touch one another."""
    groups: list[tuple[Box, list[Box]]] = []
    for rule in rules:
        box, members = rule, [rule]
        rest = []
        for other, others in groups:
            if _near(box, other, snap) and any(_near(a, b, snap) for a in members for b in others):
                box, members = box.union(other), others + members
            else:
                rest.append((other, others))
        groups = [*rest, (box, members)]
    return [members for _, members in groups]


def _near(a: Box, b: Box, snap: float) -> bool:
    return (
        a.left <= b.right + snap and b.left <= a.right + snap and a.top <= b.bottom + snap and b.top <= a.bottom + snap
    )


def _grid(rules: list[Box], snap: float) -> Table | None:
    across = [r for r in rules if r.right - r.left >= r.bottom - r.top]
    down = [r for r in rules if r.right - r.left < r.bottom - r.top]
    ys = _snapped([(r.top + r.bottom) / 2 for r in across], snap)
    xs = _snapped([(r.left + r.right) / 2 for r in down], snap)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 1 or rows * columns < 2 or rows * columns > MAX_CELLS:
        return None
    # A cell belongs to its neighbour's region where no rule covers the middle of the edge between them.
    region = [[(r, c) for c in range(columns)] for r in range(rows)]
    for r in range(rows):
        for c in range(columns):
            middle_x, middle_y = (xs[c] + xs[c + 1]) / 2, (ys[r] + ys[r + 1]) / 2
            divided_left = any(
                abs((v.left + v.right) / 2 - xs[c]) <= snap and v.top - snap <= middle_y <= v.bottom + snap
                for v in down
            )
            divided_top = any(
                abs((h.top + h.bottom) / 2 - ys[r]) <= snap and h.left - snap <= middle_x <= h.right + snap
                for h in across
            )
            if c > 0 and not divided_left:
                region[r][c] = region[r][c - 1]
            elif r > 0 and not divided_top:
                region[r][c] = region[r - 1][c]
    boxes: dict[tuple[int, int], Box] = {}
    for r in range(rows):
        for c in range(columns):
            box = Box(xs[c], ys[r], xs[c + 1], ys[r + 1])
            at = region[r][c]
            boxes[at] = boxes[at].union(box) if at in boxes else box
    if len(boxes) < 2:
        return None
    cells = tuple((at[0], box) for at, box in sorted(boxes.items()))
    return Table(Box(xs[0], ys[0], xs[-1], ys[-1]), cells)


def _snapped(values: list[float], snap: float) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > snap:
            kept.append(value)
    return kept
