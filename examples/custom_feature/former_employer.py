"""Whether somebody has worked for the employer before."""

from collections.abc import Iterator, Mapping
from typing import Any

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Feature, Finding, Text
from processors.matching.profile import Profile
from schemas.base import Language

NAME = "former_employer"


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the talent has worked for the job's employer before; nobody is asked to have done so."""
    employer, held = job.terms.get(NAME), talent.terms.get(NAME)
    if not employer or not held:
        return Finding(NEUTRAL, "unknown")
    if employer[0].casefold() in map(str.casefold, held):
        return Finding(1.0, "known", employer)
    return Finding(NOT_ASKED, "new", employer)


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"employer": facts[0]}


def _held(fields: Mapping[str, Any]) -> Iterator[str]:
    for employment in fields.get("employments") or ():
        if company := employment.get("company"):
            yield company


def _offering(fields: Mapping[str, Any]) -> Iterator[str]:
    if company := fields.get("company"):
        yield company


FEATURE = Feature(
    name=NAME,
    label=Text("曾任职公司", "former employer"),
    weight=0.02,
    score=score,
    reasons={
        "unknown": Text("雇主或任职经历未知", "Employer or positions unknown"),
        "known": Text("曾在{employer}任职", "Has worked for {employer} before"),
        "new": Text("未曾在{employer}任职", "Has not worked for {employer} before"),
    },
    words=_words,
    reads={"talent": _held, "job": _offering},
)
