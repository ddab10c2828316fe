"""Reasons in the reader's language: found anew from what matching knows of both sides, where that is unchanged.

A stored match has its reasons in the language of the record that was matched last. What a feature finds follows from
the two profiles beside the vectors; where it finds the same score as the stored match has, it is the same finding, and
its reason is put into the reader's words. Else the stored words stay.
"""

from collections.abc import Callable, Mapping, Sequence

from loguru import logger
from qdrant_client.http.exceptions import ApiException

from processors.matching.score import score
from schemas.base import Language
from schemas.messages import Match, MatchFeature
from sinks.qdrant import Point, VectorStore, cosine

CLOSE = 0.0005
"""Scores that differ less are of one finding: similarities differ in their last digits."""


class Wording:
    """Words matches anew. `store` returns the vectors of the active generation."""

    def __init__(self, store: Callable[[], VectorStore]) -> None:
        self._store = store

    async def in_language(self, matches: Sequence[Match], language: Language) -> list[Match]:
        """Return matches with their reasons in a language, as far as they can be; Qdrant may be away."""
        others = [m for m in matches if m.language != language]
        if not others:
            return list(matches)
        try:
            store = self._store()
            talents = await store.get("talent", {m.talent_id for m in others})
            jobs = await store.get("job", {m.job_id for m in others})
        except (ApiException, OSError) as error:
            logger.info("reasons stay in the language of the match: {}", type(error).__name__)
            return list(matches)
        return [reworded(m, talents, jobs, language) if m.language != language else m for m in matches]


def reworded(match: Match, talents: Mapping[str, Point], jobs: Mapping[str, Point], language: Language) -> Match:
    """Return a match with the reasons in a language, of each feature that finds what it found then."""
    talent, job = talents.get(match.talent_id), jobs.get(match.job_id)
    if talent is None or job is None:
        return match
    similarity = cosine(talent.vector, job.vector)
    _, features = score(talent.candidate.profile, job.candidate.profile, similarity, language)
    found = {feature.name: feature for feature in features}
    words = [_in_words(feature, found.get(feature.name)) for feature in match.features]
    return match.model_copy(update={"features": words})


def _in_words(stored: MatchFeature, found: MatchFeature | None) -> MatchFeature:
    if found is None or abs(found.score - stored.score) > CLOSE:
        return stored
    return MatchFeature(stored.name, stored.score, stored.weight, stored.contribution, found.reason)
