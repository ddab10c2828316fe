"""What a short text is by its letters, in any language: a title, an employer, a school, a person, a place or something else.

Lists know the words that somebody wrote into them; a resume has others. This is a linear model of the pieces of a text's
words: `-karz` ends Polish titles whether or not `Lekarz` is in a list. `ops.training.phrases` makes it.
"""

import re
from array import array
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from math import exp
from typing import Literal, NamedTuple, get_args
from zlib import crc32

from processors.lexicon.script import fold, plain

Kind = Literal["title", "employer", "school", "person", "place", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BUCKETS = 1 << 16
LONGEST = 80
"""Characters; what is longer is a sentence."""
_WORD = re.compile(r"[^\W_]+(?:['’.&+#-]+[^\W_]+){0,8}[+#.]{0,2}")
_NO_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that put no space between words: pieces are shorter there."""


_MARKS = "&,/-'("
"""Marks between words that tell something: Marrow & Pine is no person."""


class Shares(NamedTuple):
    """How likely a text is of each kind; they sum to 1."""

    title: float
    employer: float
    school: float
    person: float
    place: float
    other: float

    @property
    def organisation(self) -> float:
        """How likely it is an employer or a school."""
        return self.employer + self.school


def features(text: str) -> list[int]:
    """Return the buckets of a text's pieces: words, where they stand, runs of 2 to 5 of their letters, and marks."""
    shown = plain(fold(text[:LONGEST]))
    pieces = (*_pieces(_WORD.findall(shown)), *(f"*{mark}" for mark in _MARKS if mark in shown))
    return [crc32(piece.encode()) % BUCKETS for piece in pieces]


def _pieces(words: list[str]) -> Iterator[str]:
    yield f"#{min(len(words), 6)}"
    for n, word in enumerate(words):
        yield f" {word}"
        if not n:
            yield f"^{word}"
        if n == len(words) - 1:
            yield f"${word}"
        else:
            yield f"{word} {words[n + 1]}"
        short = _NO_SPACES.search(word) is not None
        padded = f"<{word}>"
        for length in range(1, 4) if short else range(2, 6):
            for at in range(len(padded) - length + 1):
                yield padded[at : at + length]


@cache
def _weights() -> "tuple[tuple[array[int], ...], float]":
    """Return each kind's weights in 8 bits, and what they are worth."""
    content = (files("processors.lexicon") / "data" / "phrases.bin").read_bytes()
    scale = int.from_bytes(content[:4], "big") / 1e6
    return tuple(array("b", content[4 + n * BUCKETS : 4 + (n + 1) * BUCKETS]) for n in range(len(KINDS))), scale


@lru_cache(maxsize=8192)
def shares(text: str) -> Shares:
    """Return how likely a text is of each kind."""
    found = features(text)
    weights, scale = _weights()
    worth = scale / len(found) ** 0.5
    scores = [worth * sum(map(own.__getitem__, found)) for own in weights]
    top = max(scores)
    powers = [exp(score - top) for score in scores]
    whole = sum(powers)
    return Shares(*(power / whole for power in powers))
