"""Words that tell what work is about, and how much each of them tells: what few ads, CVs and occupations name.

The words are a fixed list (ops/training/vocabulary.py): a score must be the same whenever it is computed again, and no
name of a person, a place or an employer is among them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from math import log, sqrt

from processors.lexicon.words import MAX_WORD, WORD, singular

MOST_WORDS = 128
"""Of a record: those that tell the most."""
MOST_TIMES = 5
"""What is said more often tells no more."""


def telling(text: str) -> tuple[str, ...]:
    """Return the words of a text that tell the most: those said once, with spaces between them, those said twice, …

    They stand in the order of the text. What is Chinese counts by pairs of neighbouring characters.
    """
    known = vocabulary()
    found = [word for word in words(text) if word in known]
    counted = Counter(found)
    if len(counted) > MOST_WORDS:
        counted = Counter(dict(sorted(counted.items(), key=lambda told: (-_tells(*told), told[0]))[:MOST_WORDS]))
    by_times: list[list[str]] = [[] for _ in range(MOST_TIMES)]
    for word in dict.fromkeys(found):
        if word in counted:
            by_times[min(counted[word], MOST_TIMES) - 1].append(word)
    while by_times and not by_times[-1]:
        by_times.pop()
    return tuple(map(" ".join, by_times))


@lru_cache(maxsize=64)
def weighed(told: tuple[str, ...]) -> tuple[Mapping[str, float], float]:
    """Return how much each of `telling` words tells, and the length of the vector that they make."""
    found = {word: _tells(word, times) for times, line in enumerate(told, 1) for word in line.split()}
    return found, sqrt(sum([tells * tells for tells in found.values()])) or 1.0


def _tells(word: str, times: int) -> float:
    return vocabulary().get(word, 0.0) * _OFTEN[min(times, MOST_TIMES)]


_OFTEN = (0.0, *(1 + log(times) for times in range(1, MOST_TIMES + 1)))


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
