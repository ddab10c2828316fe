"""Whether a candidate model is as good as the active one, judged on the same live texts.

Vectors of two versions are never compared: what is compared is how similar each model finds the same pairs of texts,
and which records each finds first. The population stability index (PSI) is the usual measure of a score's drift; 0.25
is its usual limit.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from processors.embedding.model import Vectors

Mode = Literal["shadow", "share"]
"""In shadow nobody gets a candidate's answers; else a share of the requests do."""

Verdict = Literal["undecided", "promote", "roll back"]
FIRST = 10
"""Overlap is that of the first so many hits."""

_KEPT = 4096
_BINS = np.linspace(-1, 1, 21)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a candidate may cost; it is judged after so many `requests` and `pairs` of texts compared.

    `overlap` is the least share of the first ten hits that both have; 0, for another model may well find others.
    """

    requests: int = 200
    pairs: int = 100
    error_rate: float = 0.01
    latency_ratio: float = 1.5
    score_psi: float = 0.25
    embedding_shift: float = 0.1
    overlap: float = 0.0


@dataclass(slots=True)
class Evidence:
    """What was seen of both models, bounded to the newest."""

    requests: int = 0
    errors: int = 0
    active_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    candidate_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    active_scores: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    candidate_scores: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    overlaps: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _last: "tuple[Vectors, Vectors] | None" = None

    def compare(self, active: "Vectors", candidate: "Vectors") -> None:
        """Note how similar each model finds the pairs of a request's texts and the last text compared before."""
        last, self._last = self._last, (active[-1:], candidate[-1:])
        if last:
            active, candidate = np.concatenate([last[0], active]), np.concatenate([last[1], candidate])
        pairs = np.triu_indices(len(active), k=1)
        self.active_scores.extend((active @ active.T)[pairs].tolist())
        self.candidate_scores.extend((candidate @ candidate.T)[pairs].tolist())

    def compare_hits(self, active: Sequence[str], candidate: Sequence[str]) -> None:
        """Note which records both found first."""
        a, c = set(active[:FIRST]), set(candidate[:FIRST])
        self.overlaps.append(len(a & c) / max(len(a), len(c)) if a or c else 1.0)

    def figures(self) -> dict[str, float]:
        """Return what the limits are about."""
        a, c = np.array(self.active_scores), np.array(self.candidate_scores)
        return {
            "requests": self.requests,
            "pairs": len(a),
            "error_rate": self.errors / self.requests if self.requests else 0.0,
            "latency_ratio": _median(self.candidate_seconds) / (_median(self.active_seconds) or 1.0),
            "score_psi": psi(a, c) if len(a) else 0.0,
            "embedding_shift": float(np.abs(a - c).mean()) if len(a) else 0.0,
            "overlap": float(np.mean(self.overlaps)) if self.overlaps else 1.0,
        }

    def reason(self, limits: Limits) -> str:
        """Return which figures are beyond their limits; nothing if none is."""
        found = self.figures()
        most = ("error_rate", "latency_ratio", "score_psi", "embedding_shift")
        beyond = [n for n in most if found[n] > getattr(limits, n)]
        beyond += ["overlap"] * (found["overlap"] < limits.overlap)
        return ", ".join(f"{n} {found[n]:.3g}, limit {getattr(limits, n):g}" for n in beyond)

    def verdict(self, limits: Limits) -> Verdict:
        """Return what to do: a candidate that fails is rolled back as soon as its errors alone exceed the limit."""
        if self.errors > limits.error_rate * max(limits.requests, self.requests):
            return "roll back"
        if self.requests < limits.requests or len(self.active_scores) < limits.pairs:
            return "undecided"
        return "roll back" if self.reason(limits) else "promote"


def psi(expected: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Return the population stability index of two samples of similarities; 0 for equal distributions."""
    # Half an observation a bin, so that an empty one does not make it infinite.
    p, q = (np.histogram(np.clip(x, -1, 1), _BINS)[0] + 0.5 for x in (expected, found))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def _median(values: Sequence[float] | deque[float]) -> float:
    return float(np.median(values)) if values else 0.0
