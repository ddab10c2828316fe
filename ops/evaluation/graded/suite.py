"""The large set as texts and grades: 144 CVs and 240 ads of 12 professions, Chinese and English."""

from dataclasses import dataclass
from functools import cache
from random import Random

from ops.evaluation.graded.attributes import Person, Vacancy, grade
from ops.evaluation.graded.drawing import draw
from ops.evaluation.graded.material import PROFESSIONS
from ops.evaluation.graded.wording import ad, cv
from schemas.base import Language

SEED = "looma graded set 1"
_LANGUAGES: tuple[Language, Language] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class LargeSet:
    """People and jobs, their texts and languages; CVs at even positions are for tuning, at odd ones for the test."""

    people: tuple[Person, ...]
    jobs: tuple[Vacancy, ...]
    cvs: tuple[str, ...]
    ads: tuple[tuple[str, str], ...]
    grades: tuple[tuple[int, ...], ...]


@cache
def large_set() -> LargeSet:
    """Return the set, the same on every machine."""
    people: list[Person] = []
    jobs: list[Vacancy] = []
    cvs: list[str] = []
    ads: list[tuple[str, str]] = []
    for name in PROFESSIONS:
        rng = Random(f"{SEED} {name}")
        some, wanted = draw(name, rng)
        cvs += [cv(person, _LANGUAGES[i // 2 % 2], i % 2, rng) for i, person in enumerate(some)]
        ads += [ad(job, rng.choice(_LANGUAGES), rng) for job in wanted]
        people += some
        jobs += wanted
    grades = tuple(tuple(grade(person, job) for job in jobs) for person in people)
    return LargeSet(tuple(people), tuple(jobs), tuple(cvs), tuple(ads), grades)
