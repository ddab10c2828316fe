"""Measures of an order: average precision, reciprocal rank, and the precision of the first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops.evaluation.match import interval

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


def figures(each: Sequence[Ranked]) -> dict[str, Any]:
    """Return MAP with its interval, MRR and P@5 of queries."""
    precisions = [one.average_precision for one in each]
    return {
        "map": mean(precisions),
        "interval": interval(precisions),
        "mrr": mean([one.reciprocal_rank for one in each]),
        "p5": mean([one.precision_at_5 for one in each]),
    }


def mean(values: Sequence[float]) -> float:
    """Return the mean to four places."""
    return round(float(np.mean(values)), 4)


def standardised(scores: Numbers) -> Numbers:
    """Return scores with mean 0 and deviation 1 along the last axis; equal ones become 0."""
    spread = scores.std(axis=-1, keepdims=True)
    centred = scores - scores.mean(axis=-1, keepdims=True)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12))
