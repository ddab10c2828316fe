"""A learned tagger of skill spans in English job ads, for skills the taxonomy does not name: a linear-chain CRF.

It was trained on the training part of SkillSpan (MIT) by benchmarks/skills/train_tagger.py; see docs/skills.md.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from threading import Lock
from typing import Literal

import pycrfsuite  # type: ignore[import-untyped]

from processors.skills.extract import Extractor, default_extractor
from processors.skills.fold import fold

SpanLabel = Literal["knowledge", "skill"]
LABELS: tuple[SpanLabel, ...] = ("knowledge", "skill")
"""SkillSpan's two: what one knows (tools, fields, languages, degrees), and what one can do (abilities, attitudes)."""

_SHAPES = ((re.compile("[A-Z]+"), "X"), (re.compile("[a-z]+"), "x"), (re.compile("[0-9]+"), "d"))


def tag(tokens: Sequence[str]) -> dict[SpanLabel, list[tuple[int, int]]]:
    """Return the spans of a sentence's words, as (first, behind the last), by label."""
    if not tokens:
        return {label: [] for label in LABELS}
    found = features(tokens, default_extractor())
    return {label: bio_spans(_model(label).tag(found)) for label in LABELS}


class _Model:
    """One compiled CRF; its native tagger holds one sentence at a time, so callers take turns."""

    def __init__(self, label: SpanLabel) -> None:
        self._lock = Lock()
        self._tagger = pycrfsuite.Tagger()
        with as_file(files("processors.skills") / "data" / f"{label}.crf") as path:
            self._tagger.open(str(path))

    def tag(self, found: list[list[str]]) -> list[str]:
        with self._lock:
            return list(self._tagger.tag(found))


@lru_cache(maxsize=len(LABELS))
def _model(label: SpanLabel) -> _Model:
    return _Model(label)


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
        first = next(i for i, e in enumerate(ends) if start < e)
        last = next(i for i, e in enumerate(ends) if end <= e)
        spans.append((first, last + 1, hit.skill.category + ("?" if hit.spelling in hit.skill.guarded else "")))
    return spans


def features(tokens: Sequence[str], extractor: Extractor) -> list[list[str]]:
    """Return each word's features: its form, its neighbours', and what the taxonomy says of them."""
    words = [t.lower() for t in tokens]
    shapes = [_shape(t) for t in tokens]
    kinds, areas = ["O"] * len(words), ["O"] * len(words)
    for first, behind, category in taxonomy_spans(tokens, extractor):
        for i in range(first, behind):
            mark = "B" if i == first else "I"
            kinds[i] = mark + category.partition("/")[0] + ("?" if category.endswith("?") else "")
            areas[i] = category
    size = min(len(words) // 4, 5)
    named = min(sum(k[0] == "B" for k in kinds), 5)
    result = []
    for i, word in enumerate(words):
        found = [
            "bias", f"w={word}", f"s={shapes[i]}", f"t={kinds[i]}", f"a={areas[i]}",
            *(f"p{n}={word[:n]}" for n in (3, 4)), *(f"e{n}={word[-n:]}" for n in (2, 3, 4)),
            f"n={size}", f"n,t={size}|{kinds[i]}", f"m,t={named}|{kinds[i]}", f"n,w={size // 2}|{word}",
            f"l={words[-1][-1]}",
        ]  # fmt: skip
        for d in (-3, -2, -1, 1, 2, 3):
            j = i + d
            if 0 <= j < len(words):
                found += [f"w{d}={words[j]}", f"t{d}={kinds[j]}"]
                if abs(d) < 3:
                    found += [f"s{d}={shapes[j]}", f"e{d}={words[j][-3:]}"]
            elif abs(d) == 1:
                found.append(f"edge{d}")
        if i:
            found += [f"ww={words[i - 1]}|{word}", f"tt={kinds[i - 1]}|{kinds[i]}"]
        if i + 1 < len(words):
            found += [f"wn={word}|{words[i + 1]}", f"tn={kinds[i]}|{kinds[i + 1]}"]
        result.append(found)
    return result


def _shape(token: str) -> str:
    for pattern, letter in _SHAPES:
        token = pattern.sub(letter, token)
    return token
