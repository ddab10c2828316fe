"""The hidden attributes of the CVs and ads of the large set, and the rubric that grades a pair by them."""

from collections.abc import Mapping
from dataclasses import dataclass

SALARY_SLACK = 1.1
"""Wanting this much more than the best offer does no harm."""


@dataclass(frozen=True, slots=True)
class Position:
    """A job held: months before the day of the set when it began and ended (0: still held)."""

    began: int
    ended: int
    industry: str
    city: int
    level: int


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind a CV. `skills` tell whether each was used in the last five years; `salary` is what is wanted.

    Levels go from 0 (entry) to 4 (head), degrees from 0 (secondary) to 3 (master), those of languages from 1 (basic) to
    3 (fluent); salaries are in thousand CNY a month; `start` in weeks from now; None: the CV does not say. Positions
    stand latest first.
    """

    profession: str
    specialty: str
    level: int
    years: int
    skills: Mapping[str, bool]
    positions: tuple[Position, ...]
    city: int
    moves: bool
    salary: int | None
    degree: int
    field: bool
    languages: Mapping[str, int]
    start: int | None
    led: int

    @property
    def industries(self) -> frozenset[str]:
        """Where somebody has worked."""
        return frozenset(position.industry for position in self.positions)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """What is behind an ad; None and False: it does not ask. `years` and `salary` are (least, most)."""

    profession: str
    specialty: str
    level: int
    years: tuple[int, int | None]
    must: tuple[str, ...]
    nice: tuple[str, ...]
    industry: str | None
    city: int
    remote: bool
    salary: tuple[int, int] | None
    degree: int | None
    field: bool
    language: tuple[str, int] | None
    urgent: bool
    leads: int


def grade(person: Person, job: Vacancy) -> int:
    """Return 3 (hire on paper), 2 (worth an interview), 1 (related) or 0.

    Another profession is 0. Within one, 3 if what is amiss adds up to 0.5 at most, 2 up to 1.5, 1 up to 3:

    - must-have skills: 2.5 times the share that is missing; one not used for five years counts half;
    - another specialty: 0.5, beyond the skills that it lacks;
    - level: 0.75 for each one below, and for each beyond one above;
    - years: the share of those demanded that is missing;
    - place out of reach 1; more money wanted than offered 1;
    - a language unknown 1, a level of it too low 0.5;
    - 0.5 each: the industry asked for; each degree below; another field of study; a later start than an urgent job
      allows (4 weeks); nobody led where a team is to be led.
    """
    deducted = amiss(person, job)
    return 3 if deducted <= 0.5 else 2 if deducted <= 1.5 else 1 if deducted <= 3 else 0


def amiss(person: Person, job: Vacancy) -> float:
    """Return the sum of what is amiss."""
    if person.profession != job.profession:
        return 9
    held = sum((1.0 if person.skills[s] else 0.5) for s in job.must if s in person.skills)
    total = 2.5 * (1 - held / len(job.must))
    total += 0.5 * (person.specialty != job.specialty)
    gap = person.level - job.level
    total += 0.75 * (-gap if gap < 0 else max(gap - 1, 0))
    total += max(1 - person.years / job.years[0], 0) if job.years[0] else 0
    total += not (job.remote or person.moves or person.city == job.city)
    total += bool(person.salary and job.salary and person.salary > SALARY_SLACK * job.salary[1])
    if job.language:
        spoken = person.languages.get(job.language[0], 0)
        total += 1 if not spoken else 0.5 * (spoken < job.language[1])
    total += 0.5 * (job.industry is not None and job.industry not in person.industries)
    total += 0.5 * max((job.degree or 0) - person.degree, 0)
    total += 0.5 * (job.field and not person.field)
    total += 0.5 * (job.urgent and (person.start or 0) > 4)
    total += 0.5 * (job.leads > 0 and person.led == 0)
    return total
