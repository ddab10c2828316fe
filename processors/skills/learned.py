"""Skill spans of an English text by the learned tagger, and which of the taxonomy's mentions it agrees with."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from processors.lexicon.script import is_han
from processors.skills.clauses import sentences
from processors.skills.extract import normalise
from processors.skills.models import SkillMention
from processors.skills.spans import SpanLabel
from processors.skills.tagger import default_tagger

LONGEST_TEXT = 20_000
"""Characters that are read: two seconds of one core for prose, three for a text of single letters."""
# As in the ads it learned from: no commas; brackets and full stops stand alone.
_WORD = re.compile(r"[()\[\]]|[^\s,;()\[\]•●▪·]+?(?=\.?(?:[\s,;()\[\]•●▪·]|$))|\.")
_LIKELY = 0.5
_EDGES = "()[].:!?\"'“”"


@dataclass(frozen=True, slots=True)
class LearnedSpan:
    """What one knows or can do, in the words of a text: `text[start:end]`. `skill_id` where the taxonomy names it.

    `confidence` is the probability of just these words, from 0 to 1.
    """

    label: SpanLabel
    start: int
    end: int
    text: str
    skill_id: str | None
    confidence: float


def learned_spans(text: str) -> list[LearnedSpan]:
    """Return the spans in the order of the text; no sentence with Chinese characters has any."""
    words = _words(text, _english(text))
    spans = sorted(
        (places[first][0], places[behind - 1][1], label, probability)
        for places, tagged in zip(words, default_tagger().tag(_texts(text, words)), strict=True)
        for label, likely in tagged.items()
        for first, behind, probability in likely
    )
    found = []
    for start, end, label, probability in spans:
        bare = text[start:end].lstrip(_EDGES)
        start = end - len(bare)
        bare = bare.rstrip(_EDGES)
        if bare:
            skill = normalise(bare)
            found.append(LearnedSpan(label, start, start + len(bare), bare, skill, round(probability, 3)))
    return found


def agreed(text: str, mentions: Sequence[SkillMention]) -> list[SkillMention]:
    """Return the mentions of an ad whose words the tagger also finds likely, and those in sentences it does not read.

    What goes is a mere word of the ad: a field of the employer's (`finance`), what it says of itself (`innovative`).
    """
    parts = _english(text)
    words = _words(text, parts)
    likely = [
        place
        for places, read in zip(words, default_tagger().read(_texts(text, words)), strict=True)
        for place, *inside in zip(places, *(marginals.inside() for marginals in read.values()), strict=True)
        if max(inside) >= _LIKELY
    ]
    starts, ends = [start for start, _ in parts], [end for _, end in likely]

    def unread(mention: SkillMention) -> bool:
        index = bisect_right(starts, mention.start) - 1
        return index < 0 or mention.start >= parts[index][1]

    def found(mention: SkillMention) -> bool:
        index = bisect_right(ends, mention.start)
        return index < len(likely) and likely[index][0] < mention.end

    return [m for m in mentions if unread(m) or found(m)]


def _english(text: str) -> list[tuple[int, int]]:
    text = text[:LONGEST_TEXT]
    starts = sentences(text).starts
    parts = zip(starts, [*starts[1:], len(text)], strict=True)
    return [(start, end) for start, end in parts if not is_han(text[start:end])]


def _words(text: str, parts: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return where the words of each part stand."""
    return [[m.span() for m in _WORD.finditer(text, start, end)] for start, end in parts]


def _texts(text: str, words: Sequence[Sequence[tuple[int, int]]]) -> list[list[str]]:
    return [[text[start:end] for start, end in places] for places in words]
