"""What a tagger sees of a text: pieces of it, their tokens, and for each token the numbers of its forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from processors.resume.ner.entity import Entity, Recogniser

Span = tuple[int, int]
Ids = dict[str, "np.ndarray[Any, Any]"]
MAX_TOKENS = 192  # of a piece
_TOKEN = re.compile(r"[A-Za-z]{1,40}|[0-9]{1,20}|\n|\S")
_ENDS = frozenset("\n。；;")


def tokens(text: str) -> list[Span]:
    """Return where the tokens are: Latin words, numbers, line ends, and every other character by itself."""
    return [m.span() for m in _TOKEN.finditer(text)]


def pieces(text: str, spans: list[Span]) -> Iterator[list[Span]]:
    """Cut the tokens of a text into runs of at most `MAX_TOKENS`, after a line's or sentence's end where there is one."""
    at = 0
    while at < len(spans):
        end = min(at + MAX_TOKENS, len(spans))
        if end < len(spans):
            end = next((i + 1 for i in range(end - 1, at, -1) if text[spans[i][0]] in _ENDS), end)
        yield spans[at:end]
        at = end


def form(token: str) -> str:
    """Return a token in lower case, and of a number its length only."""
    return "0" * min(len(token), 4) if token.isdigit() else token.lower()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The numbers a trained graph knows; 1 is a form or a pair that it does not, and 0 none."""

    characters: dict[str, int]
    unknown: int
    """The number of a character that the encoder does not know."""
    forms: dict[str, int]
    pairs: dict[str, int]
    rules: dict[str, int]

    def ids(self, text: str, spans: list[Span], guess: list[str]) -> Ids:
        """Return the inputs of the graph for the tokens of one piece, of which the rules say `guess`.

        `characters` has a row entry for each character from the first token to the last; `ends` says at which of them a
        token ends; `forms`, `pairs` (with the token after it) and `rules` have one entry a token.
        """
        first = spans[0][0]
        forms = [form(text[a:b]) for a, b in spans]
        after = [*forms[1:], ""]
        return {
            "characters": _array([self.characters.get(c, self.unknown) for c in text[first : spans[-1][1]]]),
            "ends": _array([end - 1 - first for _, end in spans]),
            "forms": _array([self.forms.get(f, 1) for f in forms]),
            "pairs": _array([self.pairs.get(f"{a} {b}", 1) for a, b in zip(forms, after, strict=True)]),
            "rules": _array([self.rules.get(tag, 0) for tag in guess]),
        }


def _array(numbers: list[int]) -> "np.ndarray[Any, Any]":
    return np.array(numbers, dtype=np.int64)


def guesses(text: str, spans: list[Span], rules: Recogniser | None) -> list[str]:
    """Return the BIOES tag that the rules give each token; `O` where there are no rules."""
    return marks(spans, rules.recognise(text)) if rules else ["O"] * len(spans)


def marks(spans: list[Span], entities: list[Entity]) -> list[str]:
    """Return the BIOES tag of each token; of entities that share a token the first wins."""
    tags = ["O"] * len(spans)
    starts = {start: i for i, (start, _) in enumerate(spans)}
    at = 0
    for entity in sorted(entities):
        first = starts.get(entity.start)
        if first is None:
            while at < len(spans) and spans[at][1] <= entity.start:
                at += 1
            first = at
        last = first
        while last < len(spans) and spans[last][0] < entity.end:
            last += 1
        if last == first or any(t != "O" for t in tags[first:last]):
            continue
        if last - first == 1:
            tags[first] = "S-" + entity.label
        else:
            tags[first:last] = ["I-" + entity.label] * (last - first)
            tags[first], tags[last - 1] = "B-" + entity.label, "E-" + entity.label
    return tags


def entities(spans: list[Span], tags: list[str]) -> list[Entity]:
    """Return what BIOES tags mark; a stretch that does not begin and end properly is none."""
    found = []
    begin: tuple[int, str] | None = None
    for i, tag in enumerate(tags):
        kind, label = tag[0], tag[2:]
        if kind in "BS":
            begin = (i, label)
        elif kind == "O" or (begin and begin[1] != label):
            begin = None
        if kind in "ES" and begin:
            found.append(Entity(spans[begin[0]][0], spans[i][1], label))
            begin = None
    return found
