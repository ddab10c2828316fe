"""The match score: a weighted sum of features, and its explanation."""

from processors.matching.features import FEATURES, WEIGHTS
from processors.matching.profile import Profile
from processors.matching.reasons import REASONS
from schemas.base import Language
from schemas.messages import MatchFeature

_DIGITS = 6


def _scores(talent: Profile, job: Profile, similarity: float) -> dict[str, float]:
    return {name: round(feature(talent, job, similarity), _DIGITS) for name, feature in FEATURES.items()}


def total_score(talent: Profile, job: Profile, similarity: float) -> float:
    """Return the score in [0, 1]; `similarity` is the cosine of the two vectors."""
    scores = _scores(talent, job, similarity)
    return round(sum(round(WEIGHTS[name] * score, _DIGITS) for name, score in scores.items()), _DIGITS)


def explain(talent: Profile, job: Profile, similarity: float, language: Language) -> list[MatchFeature]:
    """Return every feature with its reason; the contributions add up to `total_score`."""
    return [
        MatchFeature(
            name=name,
            score=score,
            weight=WEIGHTS[name],
            contribution=round(WEIGHTS[name] * score, _DIGITS),
            reason=REASONS[name](talent, job, score, language),
        )
        for name, score in _scores(talent, job, similarity).items()
    ]
