"""Weights learned from outcomes: what recruiters did with matches, judged on a part kept apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.matching.features import FEATURES
from processors.matching.features.feature import NEUTRAL
from processors.matching.weights import DEFAULT, Weights
from schemas.errors import LoomaError

GRADES = {"rejected": 0, "shortlisted": 1, "interviewed": 2, "hired": 3}
LEAST_PAIRS = 20
_STEPS = 400
_RATE = 0.02
_SHARPNESS = 10.0
_PULL = 0.5
"""How strongly the weights are held to those they start from."""


class TooLittleError(LoomaError, ValueError):
    """There are not enough comparable outcomes to learn from."""

    code = "too_little"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The feature scores of a match and what became of it; only matches of one job and one model are compared.

    Similarities of two embedding models are on different scales.
    """

    job_id: str
    features: tuple[float, ...]
    grade: int
    model: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """New weights and how often the better of two outcomes scored higher, on jobs that were not learned from."""

    weights: Weights
    before: float
    after: float
    pairs: int

    @property
    def better(self) -> bool:
        """Whether to switch."""
        return self.after > self.before


def comparable(scores: Mapping[str, float]) -> tuple[float, ...]:
    """Return a score for every feature, in their order: one that a match was not scored by says nothing."""
    return tuple(scores.get(name, NEUTRAL) for name in FEATURES)


def learn(outcomes: Sequence[Outcome], start: Weights = DEFAULT, seed: int = 7) -> Learned:
    """Fit weights to pairs of outcomes of the same job; a fifth of the jobs judges the result. Raises TooLittleError.

    Pairwise logistic loss (RankNet, Burges 2005, with a linear scorer), by projected gradient on weights that are not
    negative and add up to 1, held to those it starts from.
    """
    jobs = sorted({o.job_id for o in outcomes})
    order = np.random.default_rng(seed).permutation(len(jobs))
    judged = {jobs[i] for i in order[: max(len(jobs) // 5, 1)]}
    train = _differences([o for o in outcomes if o.job_id not in judged])
    test = _differences([o for o in outcomes if o.job_id in judged])
    if len(train) < LEAST_PAIRS or not len(test):
        raise TooLittleError(
            f"{len(train)} pairs to learn from and {len(test)} to judge by; {LEAST_PAIRS} and 1 needed"
        )
    first = np.array(list(start.values()))
    w = first.copy()
    for _ in range(_STEPS):
        wrong = 1 / (1 + np.exp(_SHARPNESS * (train @ w)))
        slope = -_SHARPNESS * (train * wrong[:, None]).mean(axis=0)
        w = _on_simplex(w - _RATE * (slope + _PULL * (w - first)))
    fitted = Weights(**dict(zip(start, (float(v) for v in w), strict=True)))
    return Learned(fitted, _right(test, first), _right(test, w), len(test))


def _differences(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.job_id, outcome.model), []).append(outcome)
    rows = [
        np.subtract(a.features, b.features)
        for group in groups.values()
        for a in group
        for b in group
        if a.grade > b.grade
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def _right(differences: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    margins = differences @ weights
    return float(((margins > 0) + 0.5 * (margins == 0)).mean())


def _on_simplex(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nearest point whose parts are not negative and add up to 1 (Duchi et al. 2008)."""
    ordered = np.sort(values)[::-1]
    excess = np.cumsum(ordered) - 1
    last = np.nonzero(ordered - excess / np.arange(1, len(values) + 1) > 0)[0][-1]
    projected: NDArray[np.float64] = np.maximum(values - excess[last] / (last + 1), 0)
    return projected
