"""What would raise a score: the demands that are not met, with what meeting each would add."""

from dataclasses import replace
from typing import NamedTuple

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
    changes: list[tuple[str, str, Profile]] = []
    for name, want in job.skills.items():
        if talent.skills.get(name) != want:
            changes.append((f"具备技能 {want.label}", f"the skill {want.label}", replace(
                talent, skills={**talent.skills, name: want})))  # fmt: skip
    if job.locations and not set(job.locations) & set(talent.locations):
        changes.append(("愿意迁居", "willingness to move", replace(talent, relocates=True)))
    if job.years is not None and (talent.years is None or talent.years < job.years):
        changes.append((f"满 {job.years:g} 年经验", f"{job.years:g} years of work", replace(talent, years=job.years)))
    if job.education_rank is not None and (talent.education_rank or 0) < job.education_rank:
        changes.append(("达到要求的学历", "the degree asked for", replace(talent, education_rank=job.education_rank)))
    gains = [
        Advice(round(total_score(changed, job, similarity, weights) - before, 6), zh if language == "zh" else en)
        for zh, en, changed in changes
    ]
    return sorted((g for g in gains if g.gain > 0), key=lambda g: -g.gain)[:MOST]
