"""What would raise a score: the changes that features know of, with what each would add."""

from typing import NamedTuple

from processors.matching.features import FEATURES
from processors.matching.profile import Profile
from processors.matching.score import total_score
from processors.matching.weights import DEFAULT, Weights
from schemas.base import Language

MOST = 5


class Advice(NamedTuple):
    """A change of the talent's record, in words, and what it would add to the score."""

    gain: float
    text: str


def advice(
    talent: Profile, job: Profile, similarity: float, language: Language, weights: Weights = DEFAULT
) -> list[Advice]:
    """Return the changes that would raise the score most, at most `MOST`: a missing skill, a place, years, a degree.

    The gain is the difference of two scores, so it holds for one change at a time.
    """
    before = total_score(talent, job, similarity, weights)
    gains = [
        Advice(round(total_score(changed, job, similarity, weights) - before, 6), text.of(language))
        for feature in FEATURES.values()
        for text, changed in feature.changes(talent, job)
    ]
    return sorted((g for g in gains if g.gain > 0), key=lambda g: -g.gain)[:MOST]
