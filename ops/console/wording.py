"""What a page says of matches beyond what is stored: reasons in the reader's language, and what would raise the score.

Both follow from what matching knows of the two sides, beside their vectors. A stored match has its reasons in the
language of the record that was matched last. Where a feature finds the same score again, it is the same finding, and
its reason is put into the reader's words; else the stored words stay.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from loguru import logger
from qdrant_client.http.exceptions import ApiException

from processors.matching.advice import Advice, advice
from processors.matching.score import score
from processors.matching.weights import Weights, WeightsError
from schemas.base import Language
from schemas.messages import Match, MatchFeature
from sinks.qdrant import Point, VectorStore, cosine

CLOSE = 0.0005
"""Scores that differ less are of one finding: similarities differ in their last digits."""
WORTH = 0.001
"""What a change adds to a score at least, to be shown."""


class Told(NamedTuple):
    """A match in the reader's words, and what would raise it, the most first; nothing where that cannot be said."""

    match: Match
    raises: Sequence[Advice] = ()


class Wording:
    """Words matches anew. `store` returns the vectors of the active generation."""

    def __init__(self, store: Callable[[], VectorStore]) -> None:
        self._store = store

    async def told(self, matches: Sequence[Match], language: Language) -> list[Told]:
        """Return matches in a language with what would raise them, as far as they can be; Qdrant may be away."""
        try:
            store = self._store()
            talents, jobs = await asyncio.gather(
                store.get("talent", {m.talent_id for m in matches}), store.get("job", {m.job_id for m in matches})
            )
        except (ApiException, OSError) as error:
            logger.info("matches are shown as they are stored: {}", type(error).__name__)
            return [Told(m) for m in matches]
        return await asyncio.to_thread(lambda: [told(m, talents, jobs, language) for m in matches])


def told(match: Match, talents: Mapping[str, Point], jobs: Mapping[str, Point], language: Language) -> Told:
    """Return a match in a language, each feature that finds what it found then, and what would raise it."""
    talent, job = talents.get(match.talent_id), jobs.get(match.job_id)
    if talent is None or job is None:
        return Told(match)
    sides = talent.candidate.profile, job.candidate.profile
    similarity = cosine(talent.vector, job.vector)
    raises: list[Advice] = []
    try:
        weights = Weights(**{feature.name: feature.weight for feature in match.features})
        raises = [each for each in advice(*sides, similarity, language, weights) if each.gain >= WORTH]
    except WeightsError:  # of features that are no more
        pass
    if match.language != language:
        _, features = score(*sides, similarity, language)
        found = {feature.name: feature for feature in features}
        words = [_in_words(feature, found.get(feature.name)) for feature in match.features]
        match = match.model_copy(update={"features": words})
    return Told(match, raises)


def _in_words(stored: MatchFeature, found: MatchFeature | None) -> MatchFeature:
    if found is None or abs(found.score - stored.score) > CLOSE:
        return stored
    return MatchFeature(stored.name, stored.score, stored.weight, stored.contribution, found.reason)
