"""Measures of an order: average precision, reciprocal rank, and the precision of the first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """How good the order of one query is."""

    average_precision: float
    reciprocal_rank: float
    precision_at_5: float


def ranked(scores: Sequence[float] | Numbers, relevant: Collection[int]) -> Ranked:
    """Measure the order by falling scores against the positions that are relevant, of which there is at least one.

    Average precision is over the whole order, as in TREC; ties stay in the order given.
    """
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    hits = np.isin(order, np.fromiter(relevant, dtype=np.int64))
    places = np.flatnonzero(hits) + 1
    return Ranked(
        float(np.mean(np.arange(1, len(places) + 1) / places)), float(1 / places[0]), float(hits[:5].sum() / 5)
    )


def standardised(scores: Numbers) -> Numbers:
    """Return scores with mean 0 and deviation 1 along the last axis; equal ones become 0."""
    spread = scores.std(axis=-1, keepdims=True)
    centred = scores - scores.mean(axis=-1, keepdims=True)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12))
