"""Where things stand in pictures: bars, waterfalls, lines and the pipeline. Templates put them into SVG.

A policy without inline styles lets no element have a width of its own; attributes of SVG it lets.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ops.runtime.traces import SpanRecord, tree

IDLE_SHARE = 0.08
"""Of a trace: a longer time in which nothing happens is folded."""
FOLDED_SHARE = 0.03
MAX_SPANS = 1000


class Bar(NamedTuple):
    """A piece of a bar, from 0 to 100."""

    x: float
    width: float
    what: Any


def stacked(parts: Iterable[tuple[Any, float]]) -> list[Bar]:
    """Return pieces one behind the other; each part's size is a share of 1."""
    bars, x = [], 0.0
    for what, share in parts:
        width = max(0.0, share) * 100
        bars.append(Bar(round(x, 3), round(width, 3), what))
        x += width
    return bars


class Gap(NamedTuple):
    """A time in which nothing happened, in ms, and where it is drawn."""

    x: float
    width: float
    milliseconds: float


class Row(NamedTuple):
    """A span in a waterfall: `x` and `width` are shares of 100, `at` the ms since the beginning."""

    depth: int
    span: SpanRecord
    x: float
    width: float
    at: float


class Waterfall(NamedTuple):
    """A trace as it is drawn. `left_out` spans are beyond what a page shows."""

    rows: list[Row]
    gaps: list[Gap]
    milliseconds: float
    left_out: int


def waterfall(spans: Sequence[SpanRecord]) -> Waterfall:
    """Return the rows of a trace, in the order of its tree; long idle times take a small share of the width."""
    begin, end = min(s.start for s in spans), max(s.end for s in spans)
    total = max(1, end - begin)
    idle = [(a, b) for a, b in _idle(spans) if b - a > total * IDLE_SHARE]
    active = total - sum(b - a for a, b in idle)
    scale = (100 - FOLDED_SHARE * 100 * len(idle)) / max(1, active)

    def x(at: int) -> float:
        passed, folded = at - begin, 0.0
        for a, b in idle:
            share = min(max(0, at - a), b - a) / (b - a)
            passed -= round(share * (b - a))
            folded += share * FOLDED_SHARE * 100
        return passed * scale + folded

    rows = [
        Row(
            depth,
            span,
            round(x(span.start), 3),
            round(max(0.3, x(span.end) - x(span.start)), 3),
            (span.start - begin) / 1e6,
        )
        for depth, span in tree(list(spans))
    ]
    gaps = [Gap(round(x(a), 3), round(x(b) - x(a), 3), (b - a) / 1e6) for a, b in idle]
    return Waterfall(rows[:MAX_SPANS], gaps, total / 1e6, max(0, len(rows) - MAX_SPANS))


def _idle(spans: Iterable[SpanRecord]) -> list[tuple[int, int]]:
    """Return the times that no span covers."""
    found: list[tuple[int, int]] = []
    reached: int | None = None
    for span in sorted(spans, key=lambda s: s.start):
        if reached is not None and span.start > reached:
            found.append((reached, span.start))
        reached = span.end if reached is None else max(reached, span.end)
    return found


class Line(NamedTuple):
    """A line of a chart as SVG's path, the area below it, and its greatest value."""

    path: str
    area: str
    greatest: float


def line(points: Sequence[tuple[float, float]], width: float, height: float, *, span: float) -> Line:
    """Return points (seconds, value) as a line; the last point is at the right edge, `span` seconds are the width.

    Where two points are far apart nobody looked: the line breaks.
    """
    if len(points) < 2:
        return Line("", "", 0.0)
    last = points[-1][0]
    greatest = max(value for _, value in points)
    scale = (height - 2) / greatest if greatest else 0.0
    steps = [b - a for (a, _), (b, _) in pairwise(points)]
    usual = sorted(steps)[len(steps) // 2]
    path, area, before = [], [], None
    first_x = 0.0
    for at, value in points:
        x = round(width - (last - at) / span * width, 1)
        y = round(height - 1 - value * scale, 1)
        if x < 0:
            continue
        if before is None or at - before[0] > 4 * usual:
            if before is not None:
                area.append(f"L{before[1]} {height} L{first_x} {height}Z")
            path.append(f"M{x} {y}")
            area.append(f"M{x} {y}")
            first_x = x
        else:
            path.append(f"L{x} {y}")
            area.append(f"L{x} {y}")
        before = at, x
    if before is not None:
        area.append(f"L{before[1]} {height} L{first_x} {height}Z")
    return Line(" ".join(path), " ".join(area), greatest)


def curve(x1: float, y1: float, x2: float, y2: float) -> str:
    """Return the path of an edge between two boxes."""
    middle = (x1 + x2) / 2
    return f"M{x1:g} {y1:g} C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
