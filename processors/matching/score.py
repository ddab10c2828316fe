"""The score of a pair, and its explanation."""

from processors.matching.features import FEATURES
from processors.matching.profile import Profile
from processors.matching.weights import DEFAULT, Weights
from schemas.base import Language
from schemas.messages import MatchFeature

DECIMALS = 6
"""Of every score, contribution and total: the contributions add up to the total exactly as printed."""


def total_score(talent: Profile, job: Profile, similarity: float, weights: Weights = DEFAULT) -> float:
    """Return the total only, as `score` would: for ranking many pairs."""
    total = 0.0
    for feature, weight in weights.counting:
        total += _contribution(feature.score(talent, job, similarity)[0], weight)
    return _within(total)


def explain(
    talent: Profile, job: Profile, similarity: float, language: Language, weights: Weights = DEFAULT
) -> list[MatchFeature]:
    """Return every feature's part in the total, with a reason in `language`."""
    explained = []
    for name, feature in FEATURES.items():
        finding = feature.score(talent, job, similarity)
        weight = weights[name]
        explained.append(
            MatchFeature(
                name=name,
                score=round(finding.score, DECIMALS),
                weight=weight,
                contribution=_contribution(finding.score, weight),
                reason=feature.reason(finding, talent, job, language),
            )
        )
    return explained


def score(
    talent: Profile, job: Profile, similarity: float, language: Language, weights: Weights = DEFAULT
) -> tuple[float, list[MatchFeature]]:
    """Return the total and the features that add up to it."""
    features = explain(talent, job, similarity, language, weights)
    return _within(sum(f.contribution for f in features)), features


def _contribution(score: float, weight: float) -> float:
    return round(score * weight, DECIMALS)


def _within(total: float) -> float:
    """Return the rounded sum; rounded parts may exceed 1 by a few millionths."""
    return min(round(total, DECIMALS), 1.0)
