"""The titles in meaning."""

from processors.matching.closeness import Closeness
from processors.matching.features import semantic
from processors.matching.features.feature import Feature, Finding, Text
from processors.matching.features.nearness import ramp, strength
from processors.matching.features.wording import have_want
from processors.matching.profile import Profile

TITLES = (0.20, 0.75)
ROLES = (0.15, 0.80)
"""Cosines that score 0 and 1, of texts and of titles by the encoder of titles."""


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score how close the job's title is in meaning to the talent's, or to other things the talent's record says.

    Where one has no title the whole texts stand in.
    """
    if close.title is None or not talent.title or not job.title:
        return Finding(semantic.score(talent, job, close).score, "unknown")
    near = max(ramp(close.title, *TITLES), ramp(close.role or 0.0, *ROLES))
    return Finding(near, strength(near), (talent.title or "", job.title or ""))


FEATURE = Feature(
    name="title",
    label=Text("职务", "titles in meaning"),
    weight=0.13,
    score=score,
    reasons={
        "strong": Text("职务相符：{have}与{want}", "Titles agree: {have}, {want}"),
        "fair": Text("职务相近：{have}与{want}", "Titles are akin: {have}, {want}"),
        "weak": Text("职务不同：{have}与{want}", "Titles differ: {have}, {want}"),
        "unknown": Text("无法比较职务，以整体为准", "The titles could not be compared; the whole records stand in"),
    },
    words=have_want,
)
