"""A text's search words: Latin words without their plural, Chinese as pairs of neighbouring characters, and skills.

Pairs need no dictionary and miss nothing: 数据分析 is found by 数据, by 分析 and by 数据分析师, and a new word is one
like any other. A skill of the taxonomy is a word of its own, whatever its spelling or language: `k8s` finds Kubernetes,
`machine learning` 机器学习. Measured against a segmenter in docs/benchmarks/search.md.
"""

from collections.abc import Iterator
from typing import NamedTuple

from processors.lexicon.script import is_han
from processors.lexicon.words import MAX_WORD, WORD, singular
from processors.skills.extract import default_extractor
from processors.skills.fold import Folded, fold

_STOP = frozenset(
    ("a an and are as at be by for from in is it of on or that the this to we with you your").split()  # noqa: SIM905
)
SKILL = "§"
"""Begins the word that stands for a skill; no other word has it."""


class Token(NamedTuple):
    """A search word and where in the original text it stands."""

    word: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the search words of a text; pairs of characters overlap, and so do skills and the words they are of."""
    folded = fold(text)
    for word, start, end in _found(folded):
        yield Token(word, *folded.span(start, end))


def words(text: str) -> list[str]:
    """Return the search words of a text."""
    return [word for word, *_ in _found(fold(text))]


def _found(folded: Folded) -> Iterator[tuple[str, int, int]]:
    """Yield the search words of a folded text and where in it they stand."""
    text = folded.text
    for found in WORD.finditer(text):
        start, end = found.span()
        if not is_han(found[0]):
            if is_search_word(found[0]):
                yield singular(found[0]), start, end
        elif end - start == 1:
            yield found[0], start, end
        else:
            for at in range(start, end - 1):
                yield text[at : at + 2], at, at + 2
    for hit in default_extractor().hits(folded):
        yield f"{SKILL}{hit.skill.id}", hit.start, hit.end


def is_search_word(word: str) -> bool:
    """Whether a Latin word is looked for: neither a stop word nor endless."""
    return len(word) <= MAX_WORD and word not in _STOP
