"""Running titles and page numbers: what stands in the same place of several pages' margins and says the same."""

import re
from collections.abc import Sequence

from connectors.documents.layout import Segment

MARGIN = 0.12
"""Of a page's height, at the top and at the bottom."""
MAX_IN_MARGIN = 60
"""Segments; more are no furniture."""
_APART = 3.0
_NUMBER = re.compile(r"\d+")


def without_furniture(pages: Sequence[tuple[Sequence[Segment], float]]) -> list[list[Segment]]:
    """Return each page's segments, given with the page's height, without what comes again on the pages beside it.

    A repeated header stays on its first page and a footer on its last: once each, they are part of the document.
    """
    tops = [_margin(segments, 0, MARGIN * height) for segments, height in pages]
    feet = [_margin(segments, (1 - MARGIN) * height, height) for segments, height in pages]
    left_out: set[int] = set()
    for n in range(1, len(pages)):
        left_out |= {id(s) for s in tops[n] if any(_again(t, s) for t in tops[n - 1])}
        left_out |= {id(s) for s in feet[n - 1] if any(_again(s, t) for t in feet[n])}
    return [[s for s in segments if id(s) not in left_out] for segments, _ in pages]


def _margin(segments: Sequence[Segment], top: float, bottom: float) -> list[Segment]:
    found = [s for s in segments if top <= s.middle <= bottom and any(c.isalnum() for c in s.text)]
    return found if len(found) <= MAX_IN_MARGIN else []


def _again(before: Segment, after: Segment) -> bool:
    """Whether a segment is the one before on the next page: the same text, but for a number that is one higher."""
    if abs(before.middle - after.middle) > _APART or abs(before.box.left - after.box.left) > 10 * _APART:
        return False
    if before.text == after.text:
        return len(before.text) > 3 and not before.text.isdigit()
    if _NUMBER.sub("#", before.text) != _NUMBER.sub("#", after.text):
        return False
    numbers = [(int(a[-9:]), int(b[-9:])) for a, b in zip(_numbers(before), _numbers(after), strict=True)]
    changed = [(a, b) for a, b in numbers if a != b]
    return len(changed) == 1 and changed[0][1] - changed[0][0] == 1 and changed[0][0] < 1000


def _numbers(segment: Segment) -> list[str]:
    return _NUMBER.findall(segment.text)
