"""Calibration: what a score is worth as a probability, fitted to pairs whose outcome is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
BINS = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9)
"""Lower bounds of the reliability table's rows."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A non-decreasing map of scores to probabilities, linear between its points."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, scores: Numbers) -> Numbers:
        """Return the probability of each score; beyond the points it stays as at the last one."""
        return np.interp(scores, self.scores, self.probabilities)


@dataclass(frozen=True, slots=True)
class Bin:
    """A row of a reliability table: how often what was given this probability came true."""

    pairs: int
    predicted: float
    observed: float


def fit(scores: Numbers, outcomes: Numbers) -> Calibration:
    """Return the non-decreasing map nearest to outcomes of 0 and 1 (isotonic regression).

    By pool adjacent violators, each block at its mean score (Ayer et al. 1955; for calibration, Zadrozny and Elkan
    2002). Raises ValueError for nothing to fit.
    """
    if not len(scores) or len(scores) != len(outcomes):
        raise ValueError("as many outcomes as scores, and at least one")
    order = np.lexsort((-outcomes, scores))
    blocks: list[tuple[float, float, int]] = []  # sum of scores, sum of outcomes, pairs
    for score, outcome in zip(scores[order], outcomes[order], strict=True):
        block = (float(score), float(outcome), 1)
        while blocks and blocks[-1][1] * block[2] >= block[1] * blocks[-1][2]:
            last = blocks.pop()
            block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
        blocks.append(block)
    return Calibration(tuple(s / n for s, _, n in blocks), tuple(o / n for _, o, n in blocks))


def reliability(predicted: Numbers, outcomes: Numbers, bounds: Sequence[float] = BINS) -> list[Bin]:
    """Return the table, rows without pairs left out."""
    rows = np.searchsorted(bounds, predicted, side="right")
    return [
        Bin(int(mask.sum()), round(float(predicted[mask].mean()), 4), round(float(outcomes[mask].mean()), 4))
        for row in range(1, len(bounds) + 1)
        if (mask := rows == row).any()
    ]


def calibration_error(table: Sequence[Bin]) -> float:
    """Return the mean distance of predicted and observed, weighted by pairs (expected calibration error)."""
    return sum(b.pairs * abs(b.predicted - b.observed) for b in table) / sum(b.pairs for b in table)
