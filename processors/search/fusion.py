"""Reciprocal rank fusion: one ranking of several, by places alone (Cormack, Clarke and Büttcher, SIGIR 2009)."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
K = 60
"""How little the first places count above the next."""


def reciprocal_rank_fusion(rankings: Iterable[Sequence[T]], k: int = K) -> list[T]:
    """Return everything ranked, the best first; ties keep the order of the rankings."""
    scores: dict[T, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return sorted(scores, key=lambda item: -scores[item])
