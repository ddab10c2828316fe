"""Years of experience."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Change, Feature, Finding, Text
from processors.matching.features.wording import years as in_years
from processors.matching.profile import Profile
from schemas.base import Language

OVERQUALIFIED_STEP = 0.025
OVERQUALIFIED_LEAST = 0.8


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score years of experience against the range that the job demands."""
    years, low, high = talent.years, job.years, job.years_max
    if low is None and high is None:
        return Finding(NOT_ASKED, "not_demanded")
    if years is None:
        return Finding(NEUTRAL, "unknown", (low, high))
    if low is not None and years < low:
        return Finding(years / low, "below", (years, low, high))
    if high is not None and years > high:
        above = max(OVERQUALIFIED_LEAST, 1 - OVERQUALIFIED_STEP * (years - high))
        return Finding(above, "above", (years, low, high))
    return Finding(1.0, "met", (years, low, high))


def _not_demanded(talent: Profile, job: Profile, language: Language) -> str:
    text = "职位未要求工作年限" if language == "zh" else "The job asks for no particular experience"
    if talent.years is None:
        return text
    had = in_years(talent.years, language)
    return f"{text}；人才有 {had} 年经验" if language == "zh" else f"{text}; the talent has {had}"


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    *years, low, high = facts
    return {"years": in_years(years[0], language) if years else "", "wanted": _range(low, high, language)}


def _range(low: float | None, high: float | None, language: Language) -> str:
    unit = " 年" if language == "zh" else " years"
    if high is None or (low is not None and low == high):
        number = low if low is not None else high
        assert number is not None
        if language == "zh":
            return f" {number:g} 年" if high is not None else f" {number:g} 年以上"
        return f"{number:g}{'' if high is not None else '+'}{unit}"
    if low is None or low == 0:
        return f" {high:g} 年以内" if language == "zh" else f"up to {high:g}{unit}"
    return f" {low:g}-{high:g} 年" if language == "zh" else f"{low:g}-{high:g}{unit}"


def _changes(talent: Profile, job: Profile) -> Iterator[Change]:
    if job.years is not None and (talent.years is None or talent.years < job.years):
        text = Text(f"满 {job.years:g} 年经验", f"{job.years:g} years of work")
        if talent.years is None:  # perhaps they are there, and were not read
            text = Text(f"写明工作年限（要求 {job.years:g} 年）", f"years of work on record ({job.years:g} asked for)")
        yield Change(text, replace(talent, years=job.years))


FEATURE = Feature(
    name="experience",
    label=Text("工作年限", "years of experience"),
    weight=0.09,
    score=score,
    reasons={
        "not_demanded": _not_demanded,
        "unknown": Text("工作年限未知；要求{wanted}", "Experience unknown; {wanted} asked for"),
        "met": Text("{years} 年经验，符合{wanted}的要求", "{years} of experience; {wanted} asked for"),
        "below": Text(
            "{years} 年经验，未达到{wanted}的要求", "{years} of experience, less than the {wanted} asked for"
        ),
        "above": Text("{years} 年经验，超出{wanted}的要求", "{years} of experience, more than the {wanted} asked for"),
    },
    words=_words,
    changes=_changes,
)
