"""Learns from turns of dialogues which labels a text has, and which spans of it fill which slots.

Both are log-linear on hashed features and trained by L-BFGS from zero, so the same data gives the same model.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from processors.lexicon.script import fold, plain

Floats = NDArray[np.float32]
_BUCKETS = 1 << 20
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+(?:[.,:]\d+)*|\S")
_AROUND = 3
_STEPS = 60


class Token(NamedTuple):
    """A word, a number, a Chinese character or a mark, with where it stands."""

    text: str
    start: int
    end: int


class Span(NamedTuple):
    """A piece of a text with its label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A text; `hints` are features of the whole turn, `known` texts that are likely to be repeated in it, by kind."""

    text: str
    hints: tuple[str, ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    spans: tuple[Span, ...] = ()


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text, folded one character for one."""
    lower = "".join(c if len(c) == 1 else o for o, c in ((o, fold(o)) for o in plain(text)))
    return [Token(m[0], *m.span()) for m in _TOKEN.finditer(lower)]


class Labels:
    """Independent decisions, one a label, on a bag of features."""

    def __init__(
        self, rows: Sequence[Iterable[str]], labels: Sequence[Iterable[str]], *, penalty: float = 1e-4
    ) -> None:
        """Train on the features of each text and its labels."""
        given = [set(each) for each in labels]
        self.names = sorted(set().union(*given))
        self._columns, inputs = _matrix(rows)
        self._weights = np.stack(
            [_binary(inputs, np.array([name in each for each in given]), penalty) for name in self.names], axis=1
        )

    def chances(self, rows: Sequence[Iterable[str]]) -> Floats:
        """Return how likely each label is of each text."""
        scores: Floats = _matrix(rows, self._columns)[1] @ self._weights[:-1] + self._weights[-1]
        found: Floats = (1 / (1 + np.exp(-scores))).astype(np.float32)
        return found


class SpanTagger:
    """Scores each token of a text as the first or a later one of each label's span, or as outside of all."""

    def __init__(self, turns: Sequence[Turn], *, penalty: float = 2e-6) -> None:
        """Train on turns with their spans."""
        self.names = sorted({span.label for turn in turns for span in turn.spans})
        rows: list[list[str]] = []
        tags: list[int] = []
        for turn in turns:
            words = tokens(turn.text)
            rows += features(turn, words)
            tags += self._tags(turn, words)
        self._columns, inputs = _matrix(rows)
        self._weights = _softmax(inputs, np.array(tags), 2 * len(self.names) + 1, penalty)

    def spans(self, turn: Turn) -> list[Span]:
        """Return the likeliest spans of a text: none overlap."""
        words, scores = self._scored(turn)
        if not words:
            return []
        best, back = scores[0].copy(), []
        best[2::2] = -np.inf
        for row in scores[1:]:
            begins = int(np.argmax(best))
            came = np.full(len(row), begins)
            total = np.full(len(row), best[begins]) + row
            for inside in range(2, len(row), 2):
                previous = inside if best[inside] > best[inside - 1] else inside - 1
                came[inside] = previous
                total[inside] = best[previous] + row[inside]
            back.append(came)
            best = total
        tag = int(np.argmax(best))
        tags = [tag]
        for came in reversed(back):
            tag = int(came[tag])
            tags.append(tag)
        return list(_read(words, tags[::-1], self.names))

    def span_of(self, turn: Turn, label: str) -> Span | None:
        """Return the piece of a text that fills a slot best; None if the slot was never seen."""
        words, scores = self._scored(turn)
        if label not in self.names or not words:
            return None
        first = 1 + 2 * self.names.index(label)
        outside = np.logaddexp.reduce(np.delete(scores, [first, first + 1], axis=1), axis=1)
        begin, inside = scores[:, first] - outside, scores[:, first + 1] - outside
        best, found = -np.inf, (0, 0)
        for start in range(len(words)):
            total = begin[start]
            for end in range(start, len(words)):
                total += inside[end] if end > start else 0
                if total > best:
                    best, found = total, (start, end)
        return Span(words[found[0]].start, words[found[1]].end, label)

    def _scored(self, turn: Turn) -> tuple[list[Token], Floats]:
        words = tokens(turn.text)
        if not words:
            return [], np.zeros((0, 0), np.float32)
        scores = _matrix(features(turn, words), self._columns)[1] @ self._weights[:-1] + self._weights[-1]
        return words, scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)

    def _tags(self, turn: Turn, words: Sequence[Token]) -> list[int]:
        found = [0] * len(words)
        for span in turn.spans:
            inside = [n for n, word in enumerate(words) if span.start <= word.start and word.end <= span.end]
            for n in inside:
                found[n] = 1 + 2 * self.names.index(span.label) + (n != inside[0])
        return found


def bag(text: str, prefix: str = "") -> Iterator[str]:
    """Yield a text's words and their runs of two and three."""
    words = [word.text for word in tokens(text)]
    for size in (1, 2, 3):
        yield from (f"{prefix}{size}:{' '.join(words[i : i + size])}" for i in range(len(words) - size + 1))


def features(turn: Turn, words: Sequence[Token]) -> list[list[str]]:
    """Return the features of each token: the words around it, what is known to be said, and the turn's hints."""
    texts = ["<"] * _AROUND + [word.text for word in words] + [">"] * _AROUND
    known = _known(turn, words)
    rows = []
    for n, word in enumerate(words):
        at = n + _AROUND
        row = [f"{i}={texts[at + i]}" for i in range(-_AROUND, _AROUND + 1)]
        row += [f"p{i}={texts[at + i]} {texts[at + i + 1]}" for i in range(-2, 2)]
        row += [f"t{i}={texts[at + i]} {texts[at + i + 1]} {texts[at + i + 2]}" for i in (-3, -2, -1, 0, 1)]
        shape = "9" if word.text[0].isdigit() else "a" if word.text.isascii() and word.text.isalpha() else "x"
        row += [f"s={shape}", f"e={word.text[-3:]}"]
        row += known[n]
        row += [f"h={hint}" for hint in turn.hints]
        row += [f"h={hint} {i}={texts[at + i]}" for hint in turn.hints for i in (-1, 0, 1)]
        rows.append(row)
    return rows


def _known(turn: Turn, words: Sequence[Token]) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in words]
    lower = "".join(c if len(c) == 1 else o for o, c in ((o, fold(o)) for o in plain(turn.text)))
    for kind, value in turn.known:
        value = fold(plain(value))
        start = lower.find(value) if len(value) > 1 else -1
        while start >= 0:
            end = start + len(value)
            for n, word in enumerate(words):
                if start <= word.start and word.end <= end:
                    place = "b" if word.start == start else "i"
                    found[n] += [f"k{place}={kind}", f"k{place}"]
            start = lower.find(value, end)
    return found


def _read(words: Sequence[Token], tags: Sequence[int], names: Sequence[str]) -> Iterator[Span]:
    start = None
    for n, tag in enumerate([*tags, 0]):
        if start is not None and not (tag and tag % 2 == 0):
            yield Span(words[start].start, words[n - 1].end, names[(tags[start] - 1) // 2])
            start = None
        if tag % 2:
            start = n


def _matrix(
    rows: Sequence[Iterable[str]], columns: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], sparse.csr_matrix]:
    """Return the features that come twice or more, or those that are given, and the rows in them."""
    hashed = [np.fromiter({zlib.crc32(name.encode()) % _BUCKETS for name in row}, np.int64) for row in rows]
    every = np.concatenate(hashed) if hashed else np.zeros(0, np.int64)
    if columns is None:
        seen, counts = np.unique(every, return_counts=True)
        columns = seen[counts > 1]
    lengths = np.array([len(row) for row in hashed])
    places = np.searchsorted(columns, every)
    places[places == len(columns)] = 0
    kept = columns[places] == every if len(columns) else np.zeros(len(every), bool)
    owner = np.repeat(np.arange(len(rows)), lengths)
    shape = (len(rows), len(columns))
    return columns, sparse.csr_matrix((np.ones(int(kept.sum()), np.float32), (owner[kept], places[kept])), shape)


def _binary(inputs: sparse.csr_matrix, targets: NDArray[np.bool_], penalty: float) -> Floats:
    turned, signs = inputs.T.tocsr(), np.where(targets, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (inputs @ weights[:-1] + weights[-1])
        slope = -signs / (1 + np.exp(margins)) / len(signs)
        shrunk = np.append(weights[:-1], 0)
        value = np.logaddexp(0, -margins).mean() + penalty / 2 * float(shrunk @ shrunk)
        return value, np.append(turned @ slope, slope.sum()) + penalty * shrunk

    found = minimize(loss, np.zeros(inputs.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights: Floats = found.x.astype(np.float32)
    return weights


def _softmax(inputs: sparse.csr_matrix, targets: NDArray[np.int64], labels: int, penalty: float) -> Floats:
    turned, every = inputs.T.tocsr(), np.arange(len(targets))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(-1, labels).astype(np.float32)
        scores = inputs @ weights[:-1] + weights[-1]
        scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
        value = -float(scores[every, targets].mean())
        errors = np.exp(scores)
        errors[every, targets] -= 1
        errors /= np.float32(len(targets))
        slope = np.concatenate([turned @ errors, errors.sum(axis=0, keepdims=True)])
        slope[:-1] += penalty * weights[:-1]
        return value + penalty / 2 * float((weights[:-1] ** 2).sum()), slope.ravel().astype(np.float64)

    start = np.zeros((inputs.shape[1] + 1) * labels)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "maxcor": 5})
    weights: Floats = found.x.reshape(-1, labels).astype(np.float32)
    return weights
