"""Scores of pairs that are kept, so that what changes nothing relevant is not scored again."""

from typing import NamedTuple

from processors.matching.ranking import Candidate, Scorer
from processors.matching.weights import Weights
from schemas.base import Language
from schemas.messages import MatchFeature
from sinks.cache import Cache

KEPT_TOTALS = 65_536
KEPT_EXPLANATIONS = 4096


class _Pair(NamedTuple):
    """Everything that a score depends on: two records of one content score alike, whoever they are of."""

    talent: bytes
    job: bytes
    similarity: float
    weights: Weights
    language: Language | None = None


class PairScores(Scorer):
    """The totals and the explanations used last. With a model's version the similarity changes, so it is in the key."""

    def __init__(self, totals: int = KEPT_TOTALS, explanations: int = KEPT_EXPLANATIONS) -> None:
        self.totals: Cache[_Pair, float] = Cache(totals)
        self.explanations: Cache[_Pair, list[MatchFeature]] = Cache(explanations)

    def total(self, talent: Candidate, job: Candidate, similarity: float, weights: Weights) -> float:
        """Return what `total_score` returns."""
        pair = _Pair(talent.content, job.content, similarity, weights)
        total = self.totals.get(pair)
        if total is None:
            total = super().total(talent, job, similarity, weights)
            self.totals.put(pair, total)
        return total

    def explain(
        self, talent: Candidate, job: Candidate, similarity: float, weights: Weights, language: Language
    ) -> list[MatchFeature]:
        """Return what `explain` returns; do not change it."""
        pair = _Pair(talent.content, job.content, similarity, weights, language)
        features = self.explanations.get(pair)
        if features is None:
            features = super().explain(talent, job, similarity, weights, language)
            self.explanations.put(pair, features)
        return features
