"""The highest degree."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Change, Feature, Finding, Text
from processors.matching.profile import DEGREES, Profile
from schemas.base import Language

BELOW = (1.0, 0.5, 0.2)


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score the highest degree against the one that the job demands; more than demanded is no better."""
    have, want = talent.education_rank, job.education_rank
    if want is None:
        return Finding(NOT_ASKED, "not_demanded")
    if want == 0:
        return Finding(1.0, "none_needed")
    if have is None:
        return Finding(NEUTRAL, "unknown", (want,))
    if have >= want:
        return Finding(1.0, "met", (have, want))
    below = want - have
    return Finding(BELOW[below] if below < 3 else 0.0, "below", (have, want))


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"have": DEGREES[language][facts[0]], "want": DEGREES[language][facts[-1]]}


def _changes(talent: Profile, job: Profile) -> Iterator[Change]:
    if job.education_rank is not None and (talent.education_rank or 0) < job.education_rank:
        text = Text("达到要求的学历", "the degree asked for")
        yield Change(text, replace(talent, education_rank=job.education_rank))


FEATURE = Feature(
    name="education",
    label=Text("学历", "degree"),
    weight=0.06,
    score=score,
    reasons={
        "not_demanded": Text("职位未要求学历", "The job asks for no particular education"),
        "none_needed": Text("职位无需学历", "No degree needed"),
        "unknown": Text("学历未知；要求{want}", "Education unknown; {want} asked for"),
        "met": Text("学历{have}，满足{want}要求", "{have}; {want} asked for"),
        "below": Text("学历{have}，低于{want}要求", "{have}, below the {want} asked for"),
    },
    words=_words,
    changes=_changes,
)
