"""Words that tell what work is about, and how much each of them tells: what few ads, CVs and occupations name.

The words are a fixed list (ops/training/vocabulary.py): a score must be the same whenever it is computed again, and no
name of a person, a place or an employer is among them.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from processors.lexicon.words import MAX_WORD, WORD, singular

MOST_WORDS = 96
"""Of a record: those that tell the most."""


def telling(text: str) -> tuple[str, ...]:
    """Return the words of a text that tell the most, each once, in the order of the text.

    What is Chinese counts by pairs of neighbouring characters.
    """
    known = vocabulary()
    found = [word for word in dict.fromkeys(words(text)) if word in known]
    if len(found) > MOST_WORDS:
        best = set(sorted(found, key=lambda word: (-known[word], word))[:MOST_WORDS])
        found = [word for word in found if word in best]
    return tuple(found)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text in their order, known or not."""
    for run in WORD.findall(text.casefold()):
        if run[0] < "\u3400":
            if len(run) <= MAX_WORD:
                yield singular(run)
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))


@cache
def vocabulary() -> Mapping[str, float]:
    """Return how much each word tells: about the logarithm of one in how many texts names it."""
    lines = (files("processors.matching") / "data" / "vocabulary.txt").read_text("utf-8").splitlines()
    return {word: float(weight) for weight, *words in map(str.split, lines) for word in words}
