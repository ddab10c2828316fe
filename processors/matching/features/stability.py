"""How long positions lasted."""

from typing import Any

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, Feature, Finding, Text
from processors.matching.features.wording import years
from processors.matching.profile import Profile
from schemas.base import Language

STABLE_YEARS = 2.0


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score how long positions lasted that ended: two years on average are enough."""
    if talent.tenure is None:
        return Finding(NEUTRAL, "unknown")
    return Finding(min(talent.tenure / STABLE_YEARS, 1.0), "known", (talent.tenure,))


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"years": years(facts[0], language)}


FEATURE = Feature(
    name="stability",
    label=Text("稳定性", "stability"),
    weight=0.01,
    score=score,
    reasons={
        "unknown": Text("任职时长未知", "Time in positions unknown"),
        "known": Text("平均任职 {years} 年", "Stayed {years} in a position on average"),
    },
    words=_words,
)
