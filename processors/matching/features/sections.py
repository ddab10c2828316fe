"""Each demand of the job against the nearest item of the talent, in meaning."""

from processors.matching.closeness import Closeness
from processors.matching.features import semantic
from processors.matching.features.feature import Feature, Finding, Text
from processors.matching.features.nearness import ramp, strength
from processors.matching.profile import Profile

SECTIONS = (0.2, 0.8)
"""Cosines of a part of a job with the nearest one of a talent that score 0 and 1."""


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score how near the closest part of the talent's record comes to each part of the job.

    Where the parts are not embedded the whole texts stand in.
    """
    if not close.parts:
        return Finding(semantic.score(talent, job, close).score, "unknown")
    near = sum([ramp(each, *SECTIONS) for each in close.parts]) / len(close.parts)
    return Finding(near, strength(near))


FEATURE = Feature(
    name="sections",
    label=Text("逐段语义", "each demand in meaning"),
    weight=0.16,
    score=score,
    reasons={
        "strong": Text("职位各项要求均有相近经历", "Nearly every part of the job has its like in the background"),
        "fair": Text("职位部分要求有相近经历", "Some parts of the job have their like in the background"),
        "weak": Text("职位要求少有相近经历", "Few parts of the job have their like in the background"),
        "unknown": Text("未逐段比较，以整体为准", "Parts are not compared; the whole records stand in"),
    },
)
