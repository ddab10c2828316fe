"""Spans of words: what SkillSpan's two labels mean, BIO tags, and where words hold names of the taxonomy."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal

from processors.skills.extract import Extractor
from processors.skills.fold import fold

SpanLabel = Literal["knowledge", "skill"]
LABELS: tuple[SpanLabel, ...] = ("knowledge", "skill")
"""SkillSpan's two: what one knows (tools, fields, languages, degrees), and what one can do (abilities, attitudes)."""


def bio_spans(tags: Sequence[str]) -> list[tuple[int, int]]:
    """Return the spans that BIO tags mark; an I that follows no B begins one too."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for index, mark in enumerate([*tags, "O"]):
        if start is not None and mark[:1] != "I":
            spans.append((start, index))
            start = None
        if mark[:1] == "B" or (mark[:1] == "I" and start is None):
            start = index
    return spans


def taxonomy_spans(tokens: Sequence[str], extractor: Extractor) -> list[tuple[int, int, str]]:
    """Return where the words contain names of the taxonomy, as (first, behind the last, category, `?` if guarded)."""
    ends: list[int] = []
    length = -1
    for token in tokens:
        length += 1 + len(token)
        ends.append(length)
    folded = fold(" ".join(tokens))
    spans = []
    for hit in extractor.hits(folded):
        start, end = folded.span(hit.start, hit.end)
        first, last = bisect_right(ends, start), bisect_left(ends, end)
        spans.append((first, last + 1, hit.skill.category + ("?" if hit.spelling in hit.skill.guarded else "")))
    return spans
