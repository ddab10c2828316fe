"""The score of a pair, and its explanation: both follow from what the features find, which is looked for once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from processors.matching.closeness import Closeness, measure
from processors.matching.features import FEATURES
from processors.matching.features.feature import Finding
from processors.matching.profile import Profile
from processors.matching.weights import DEFAULT, Weights
from schemas.base import Language
from schemas.messages import MatchFeature

DECIMALS = 6
"""Of every score, contribution and total: the contributions add up to the total exactly as printed."""
_scores = tuple(feature.score for feature in FEATURES.values())
_checked = TypeAdapter(list[MatchFeature]).validate_python


class Weighed(NamedTuple):
    """What the features find of a pair, what each finding contributes, and the total of that."""

    findings: Sequence[Finding]
    contributions: Sequence[float]
    total: float


def find(talent: Profile, job: Profile, close: Closeness) -> list[Finding]:
    """Return what each feature finds, in their order."""
    return [score(talent, job, close) for score in _scores]


def weigh(found: Sequence[Sequence[Finding]], weights: Weights) -> list[Weighed]:
    """Return what the findings of each pair add up to; rounded parts may exceed 1 by a few millionths."""
    if not found:
        return []
    scores = np.array([[finding[0] for finding in findings] for findings in found])
    parts = rounded(scores * weights.shares)
    totals = np.minimum(rounded(parts.sum(axis=1)), 1.0)
    return list(map(Weighed, found, parts.tolist(), totals.tolist()))


def rounded(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers from 0 to 1 as `round` does to DECIMALS: NumPy's way is another where two are equally near."""
    found = np.round(numbers, DECIMALS)
    halves = np.abs(np.abs(numbers - found) * 10**DECIMALS - 0.5) < 1e-6
    if halves.any():
        found[halves] = [round(number, DECIMALS) for number in numbers[halves].tolist()]
    return found


def explained(
    weighed: Weighed, talent: Profile, job: Profile, language: Language, weights: Weights
) -> list[MatchFeature]:
    """Return every feature's part in the total, with a reason in `language`."""
    parts = zip(FEATURES.values(), weighed.findings, weights.shares.tolist(), weighed.contributions, strict=True)
    return _checked(
        [
            {
                "name": feature.name,
                "score": round(finding.score, DECIMALS),
                "weight": weight,
                "contribution": contribution,
                "reason": feature.reason(finding, talent, job, language),
            }
            for feature, finding, weight, contribution in parts
        ]
    )


def total_score(talent: Profile, job: Profile, similarity: float, weights: Weights = DEFAULT) -> float:
    """Return the total of a pair."""
    return _weighed(talent, job, similarity, weights).total


def explain(
    talent: Profile, job: Profile, similarity: float, language: Language, weights: Weights = DEFAULT
) -> list[MatchFeature]:
    """Return the features of a pair, explained."""
    return score(talent, job, similarity, language, weights)[1]


def score(
    talent: Profile, job: Profile, similarity: float, language: Language, weights: Weights = DEFAULT
) -> tuple[float, list[MatchFeature]]:
    """Return the total of a pair and the features that add up to it."""
    weighed = _weighed(talent, job, similarity, weights)
    return weighed.total, explained(weighed, talent, job, language, weights)


def _weighed(talent: Profile, job: Profile, similarity: float, weights: Weights) -> Weighed:
    (close,) = measure([talent], [job], [similarity])
    (weighed,) = weigh([find(talent, job, close)], weights)
    return weighed
