"""Scores of pairs that are kept, so that what changes nothing relevant is not scored again."""

from collections.abc import Sequence
from typing import NamedTuple

from processors.matching.ranking import Compared, Scorer
from processors.matching.weights import Weights
from schemas.base import Language
from schemas.messages import MatchFeature
from sinks.cache import Cache

KEPT_SCORES = 65_536
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

    def __init__(self, scores: int = KEPT_SCORES, explanations: int = KEPT_EXPLANATIONS) -> None:
        self.scores: Cache[_Pair, float] = Cache(scores)
        self.explanations: Cache[_Pair, list[MatchFeature]] = Cache(explanations)

    def totals(self, pairs: Sequence[Compared]) -> list[float]:
        """Return the total of each pair; all are of one talent or of one job, and of the same weights."""
        keys = [_key(pair) for pair in pairs]
        known = {key: total for key in keys if (total := self.scores.get(key)) is not None}
        new = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in known}
        for key, total in zip(new, super().totals(list(new.values())), strict=True):
            known[key] = total
            self.scores.put(key, total)
        return [known[key] for key in keys]

    def explain(self, pair: Compared, language: Language) -> list[MatchFeature]:
        """Return the features of a pair, explained; do not change them."""
        key = _key(pair, language)
        features = self.explanations.get(key)
        if features is None:
            features = super().explain(pair, language)
            self.explanations.put(key, features)
        return features


def _key(pair: Compared, language: Language | None = None) -> _Pair:
    return _Pair(pair.talent.content, pair.job.content, pair.similarity, pair.weights, language)
