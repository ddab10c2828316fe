"""How likely words and spans are what a linear chain over BIO tags marks, over all ways to tag a sentence."""

from collections.abc import Iterator, Sequence
from math import exp, log
from typing import NamedTuple

Scores = Sequence[Sequence[float]]
_OUTSIDE, _BEGIN, _INSIDE = range(3)


class LikelySpan(NamedTuple):
    """Words from `first` up to `behind`, and how likely just these are a span."""

    first: int
    behind: int
    probability: float


class Marginals:
    """The probabilities of a sentence's tags: sums over paths by the forward and backward algorithms (Rabiner 1989).

    `scores` are by word and tag (O, B, I), `moves` from tag to tag, both of a conditional random field (Lafferty et al.
    2001).
    """

    def __init__(self, scores: Scores, moves: Scores) -> None:
        self._scores, self._moves = scores, moves
        self._before, self._after = _forward(scores, moves), _backward(scores, moves)
        self._total = _log_sum(self._before[-1]) if scores else 0.0

    def inside(self) -> list[float]:
        """Return how likely each word is in any span."""
        outside = (b[_OUTSIDE] + a[_OUTSIDE] for b, a in zip(self._before, self._after, strict=True))
        return [1 - min(exp(path - self._total), 1.0) for path in outside]

    def spans(self, least: float) -> list[LikelySpan]:
        """Return the spans that are at least so likely, the likelier of two that overlap, in order.

        The one best path of tags would also mark spans that are less likely than their absence.
        """
        found = [span for first in range(len(self._scores)) for span in self._from(first, log(least))]
        chosen: list[LikelySpan] = []
        taken = bytearray(len(self._scores))
        for span in sorted(found, key=lambda s: -s.probability):
            if not any(taken[span.first : span.behind]):
                taken[span.first : span.behind] = bytes([1]) * (span.behind - span.first)
                chosen.append(span)
        return sorted(chosen)

    def _from(self, first: int, least: float) -> Iterator[LikelySpan]:
        """Yield the likely spans that begin at a word; all longer ones together are at most as likely as to go on."""
        path, last = self._before[first][_BEGIN] - self._total, _BEGIN
        for behind in range(first + 1, len(self._scores) + 1):
            if path + self._after[behind - 1][last] < least:
                return
            if (likely := path + self._ends(last, behind)) >= least:
                yield LikelySpan(first, behind, min(exp(likely), 1.0))
            if behind < len(self._scores):
                path, last = path + self._moves[last][_INSIDE] + self._scores[behind][_INSIDE], _INSIDE

    def _ends(self, last: int, behind: int) -> float:
        if behind == len(self._scores):
            return 0.0
        row, after = self._scores[behind], self._after[behind]
        return _log_sum([self._moves[last][tag] + row[tag] + after[tag] for tag in (_OUTSIDE, _BEGIN)])


def _forward(scores: Scores, moves: Scores) -> list[list[float]]:
    """Return by word and tag the logarithm of the sum over all ways to come there, the word's own score included."""
    sums: list[list[float]] = []
    for row in scores:
        come = [
            _log_sum([b + m[tag] for b, m in zip(sums[-1], moves, strict=True)]) if sums else 0.0 for tag in range(3)
        ]
        sums.append([a + s for a, s in zip(come, row, strict=True)])
    return sums


def _backward(scores: Scores, moves: Scores) -> list[list[float]]:
    """Return by word and tag the logarithm of the sum over all ways to go on from there."""
    sums = [[0.0] * 3 for _ in scores[:1]]
    for row in reversed(scores[1:]):
        ahead = [s + a for s, a in zip(row, sums[-1], strict=True)]
        sums.append([_log_sum([m + a for m, a in zip(leave, ahead, strict=True)]) for leave in moves])
    return sums[::-1]


def _log_sum(terms: Sequence[float]) -> float:
    most = max(terms)
    return most + log(sum(exp(term - most) for term in terms))
