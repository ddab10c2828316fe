"""The two records in meaning, each as a whole."""

from processors.matching.closeness import Closeness
from processors.matching.features.feature import Feature, Finding, Text
from processors.matching.features.nearness import ramp, strength
from processors.matching.profile import Profile

UNRELATED = 0.20
SAME_ROLE = 0.75
"""Measured cosines of talents and jobs, USE multilingual v3: median 0.25 for different professions (95 % below 0.43),
0.70 for the same role (95 % above 0.52). Up to UNRELATED scores 0, from SAME_ROLE on 1, linear between."""
UNCOMPARED = 0.5


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score how close the texts of both are in meaning."""
    if not -1.01 <= close.whole <= 1.01:  # also catches NaN
        return Finding(UNCOMPARED, "unknown")
    near = ramp(close.whole, UNRELATED, SAME_ROLE)
    return Finding(near, strength(near))


FEATURE = Feature(
    name="semantic",
    label=Text("整体语义", "the whole records in meaning"),
    weight=0.13,
    score=score,
    reasons={
        "strong": Text("经历与职位描述高度吻合", "Background closely matches the job description"),
        "fair": Text("经历与职位描述部分吻合", "Background partly matches the job description"),
        "weak": Text("经历与职位描述关联较弱", "Background has little in common with the job description"),
        "unknown": Text("无法比较文本", "The texts could not be compared"),
    },
)
