"""The human languages that a job demands."""

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Feature, Finding, Text
from processors.matching.features.wording import have_want
from processors.matching.profile import Profile
from processors.matching.skills import is_language

STEP = 0.5
"""What each level below the one asked for costs of a language's credit."""
UNKNOWN_LEVEL = 0.85


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score the human languages that the job demands: known to be spoken, and at the level asked for."""
    wanted = [name for name in job.skills if is_language(name)]
    if not wanted:
        return Finding(NOT_ASKED, "not_demanded")
    spoken = [name for name in wanted if name in talent.skills]
    if not spoken and not any(map(is_language, talent.skills)):
        return Finding(NEUTRAL, "unknown")
    earned = sum(_fluency(talent.skills[name].level, job.skills[name].level) for name in spoken)
    code = "compared" if earned == len(spoken) else "below"
    return Finding(earned / len(wanted), code, (len(spoken), len(wanted)))


def _fluency(have: int | None, want: int | None) -> float:
    """Return what a level is worth beside the one asked for; one that is not said is believed, nearly."""
    if want is None or (have is not None and have >= want):
        return 1.0
    return UNKNOWN_LEVEL if have is None else max(1 - STEP * (want - have), 0.0)


FEATURE = Feature(
    name="languages",
    label=Text("语言", "languages"),
    weight=0.03,
    score=score,
    reasons={
        "not_demanded": Text("职位未要求语言", "The job asks for no language"),
        "unknown": Text("语言能力未知", "Languages unknown"),
        "compared": Text("掌握要求的 {want} 种语言中的 {have} 种", "Speaks {have} of {want} languages asked for"),
        "below": Text(
            "掌握要求的 {want} 种语言中的 {have} 种，程度不足",
            "Speaks {have} of {want} languages asked for, not well enough",
        ),
    },
    words=have_want,
)
