"""The people led."""

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Feature, Finding, Text
from processors.matching.features.wording import have_want
from processors.matching.profile import Profile


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the talent has led people where the job leads some; a team half as large is enough."""
    if not job.team:
        return Finding(NOT_ASKED, "not_demanded")
    if talent.team is None:
        return Finding(NEUTRAL, "unknown", (job.team,))
    return Finding(min(2 * talent.team / job.team, 1.0), "known", (talent.team, job.team))


FEATURE = Feature(
    name="management",
    label=Text("团队管理", "people led"),
    weight=0.01,
    score=score,
    reasons={
        "not_demanded": Text("职位不带团队", "The job leads no team"),
        "unknown": Text("团队管理经验未知；职位需带 {want} 人", "People led unknown; a team of {want} to lead"),
        "known": Text("带过 {have} 人团队，职位需带 {want} 人", "Has led {have} people; {want} to lead"),
    },
    words=have_want,
)
