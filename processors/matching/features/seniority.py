"""The level."""

from typing import Any

from processors.lexicon.seniority import RANKS
from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Feature, Finding, Text
from processors.matching.profile import Profile
from schemas.base import Language

BELOW = (1.0, 0.6, 0.2, 0.0)
ABOVE = (1.0, 0.9, 0.7, 0.5)
"""Scores by how many levels too high: hardly a lack, for such pairs suit as often as others on sets of other people."""
_LEVELS = {
    "zh": {"intern": "实习", "junior": "初级", "mid": "中级", "senior": "高级", "lead": "资深", "executive": "高管"},
    "en": {name: name for name in ("intern", "junior", "mid", "senior", "lead", "executive")},
}


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score the distance of the levels; a level too low weighs more than one too high."""
    have, want = talent.seniority, job.seniority
    if want is None:
        return Finding(NOT_ASKED, "not_demanded")
    if have is None:
        return Finding(NEUTRAL, "unknown", (want,))
    distance = RANKS[have] - RANKS[want]
    if distance == 0:
        return Finding(1.0, "met", (have, want))
    scale, code = (ABOVE, "above") if distance > 0 else (BELOW, "below")
    return Finding(scale[min(abs(distance), len(scale) - 1)], code, (have, want))


def _not_demanded(talent: Profile, job: Profile, language: Language) -> str:
    text = "职位未说明职级" if language == "zh" else "The job states no seniority"
    if talent.seniority is None:
        return text
    level = _LEVELS[language][talent.seniority]
    return f"{text}；人才为{level}" if language == "zh" else f"{text}; the talent is {level} level"


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"have": _LEVELS[language][facts[0]], "want": _LEVELS[language][facts[-1]]}


FEATURE = Feature(
    name="seniority",
    label=Text("职级", "level"),
    weight=0.065,
    score=score,
    reasons={
        "not_demanded": _not_demanded,
        "unknown": Text("职级未知；要求{want}", "Seniority unknown; {want} asked for"),
        "met": Text("职级匹配：{want}", "Seniority fits: {want}"),
        "below": Text("职级{have}，低于要求的{want}", "{have} level, below the {want} asked for"),
        "above": Text("职级{have}，高于要求的{want}", "{have} level, above the {want} asked for"),
    },
    words=_words,
)
