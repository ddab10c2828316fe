"""Highlights: the part of a text that answers a query best, and where the query's words stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from processors.search.tokens import tokens, words

FRAGMENT_CHARACTERS = 140
_LEAD = 20


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a text; `spans` are what matched in it, as (start, end) within `text`, in order and apart."""

    text: str
    spans: tuple[tuple[int, int], ...]


def highlight(text: str, query: str, characters: int = FRAGMENT_CHARACTERS) -> Fragment:
    """Return the window of at most `characters` with the most different words of the query, else the beginning."""
    wanted = set(words(query))
    hits = sorted((t for t in tokens(text) if t.word in wanted), key=lambda t: (t.start, t.end))
    best, most, end = 0, 0, 0
    seen: dict[str, int] = {}
    first = 0
    for hit in hits:  # two pointers: the hits of the window that ends with this one
        seen[hit.word] = seen.get(hit.word, 0) + 1
        while hit.end - hits[first].start > characters - _LEAD:
            seen[hits[first].word] -= 1
            if not seen[hits[first].word]:
                del seen[hits[first].word]
            first += 1
            if first >= len(hits):
                break
        if len(seen) > most:
            best, most, end = hits[first].start, len(seen), hit.end
    start = _start(text, best) if end > characters else 0
    window = text[start : start + characters]
    inside = [(h.start - start, h.end - start) for h in hits if h.start >= start and h.end <= start + len(window)]
    return Fragment(window, tuple(_joined(inside)))


def _start(text: str, best: int) -> int:
    """Return where a window begins that leads up to `best`, at a break of the text if there is one close by."""
    start = max(best - _LEAD, 0)
    for at in range(start, best):
        if text[at] in " \n，。；,.;":
            return at + 1
    return start


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans with those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
