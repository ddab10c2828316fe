"""Skill spans of an English text by the learned tagger, and which of the taxonomy's mentions it agrees with."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from processors.skills.clauses import sentences
from processors.skills.extract import normalise
from processors.skills.models import SkillMention
from processors.skills.spans import SpanLabel
from processors.skills.tagger import tag

LONGEST_TEXT = 20_000
"""Characters that are read: half a second of one core for prose, three for a text of single letters."""
# As in the ads it learned from: no commas; brackets and full stops stand alone.
_WORD = re.compile(r"[()\[\]]|[^\s,;()\[\]•●▪·]+?(?=\.?(?:[\s,;()\[\]•●▪·]|$))|\.")
_HAN = re.compile("[\u3400-\u9fff]")
_EDGES = "()[].:!?\"'“”"


@dataclass(frozen=True, slots=True)
class LearnedSpan:
    """What one knows or can do, in the words of a text: `text[start:end]`. `skill_id` where the taxonomy names it."""

    label: SpanLabel
    start: int
    end: int
    text: str
    skill_id: str | None


def learned_spans(text: str) -> list[LearnedSpan]:
    """Return the spans in the order of the text; no sentence with Chinese characters has any."""
    found = []
    for start, end, label in _read(text, _english(text)):
        bare = text[start:end].lstrip(_EDGES)
        start = end - len(bare)
        bare = bare.rstrip(_EDGES)
        if bare:
            found.append(LearnedSpan(label, start, start + len(bare), bare, normalise(bare)))
    return found


def agreed(text: str, mentions: Sequence[SkillMention]) -> list[SkillMention]:
    """Return the mentions of an ad that the tagger also takes for a skill, and those in sentences it does not read.

    What goes is a mere word of the ad: a field of the employer's (`finance`), what it says of itself (`innovative`).
    """
    parts = _english(text)
    spans = _read(text, parts)
    starts = [start for start, _ in parts]

    def unread(mention: SkillMention) -> bool:
        index = bisect_right(starts, mention.start) - 1
        return index < 0 or mention.start >= parts[index][1]

    return [m for m in mentions if unread(m) or any(a < m.end and m.start < b for a, b, _ in spans)]


def _english(text: str) -> list[tuple[int, int]]:
    text = text[:LONGEST_TEXT]
    starts = sentences(text).starts
    parts = zip(starts, [*starts[1:], len(text)], strict=True)
    return [(start, end) for start, end in parts if not _HAN.search(text, start, end)]


def _read(text: str, parts: Sequence[tuple[int, int]]) -> list[tuple[int, int, SpanLabel]]:
    words = [[m.span() for m in _WORD.finditer(text, start, end)] for start, end in parts]
    tagged = tag([[text[a:b] for a, b in sentence] for sentence in words])
    return sorted(
        (sentence[first][0], sentence[behind - 1][1], label)
        for sentence, found in zip(words, tagged, strict=True)
        for label, spans in found.items()
        for first, behind in spans
    )
