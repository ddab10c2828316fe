"""Draws the hidden attributes: ads of which most are near misses of another one, and people who nearly fit an ad."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from ops.evaluation.graded.attributes import Person, Position, Vacancy
from ops.evaluation.graded.material import CITIES, PROFESSIONS, Profession

ANCHORS, JOBS, PEOPLE = 8, 20, 12
"""Of a profession: ads drawn freely, all ads, and CVs."""
YEARS = ((0, 1), (2, 4), (5, 7), (7, 11), (10, 18))
"""Of work, by level: the least and the most."""
STALE = 60
"""Months after which a skill not used counts half."""
_LANGUAGES = ("english", "english", "english", "japanese", "german")


def draw(name: str, rng: Random) -> tuple[list[Person], list[Vacancy]]:
    """Return the people and the vacancies of a profession; each person was made to fit one of them, nearly."""
    profession = PROFESSIONS[name]
    cities = rng.sample(range(len(CITIES)), 4)
    specialties = list(profession.titles)
    jobs = [_vacancy(name, specialties[i % len(specialties)], cities, rng) for i in range(ANCHORS)]
    for i in range(JOBS - ANCHORS):
        near = jobs[i % ANCHORS]
        for change in rng.sample(_NEAR_MISSES, rng.choice((1, 2, 2, 3))):
            near = change(near, cities, rng)
        jobs.append(near)
    wanted = rng.sample(jobs, PEOPLE)
    return [_person(job, cities, rng) for job in wanted], jobs


def _vacancy(name: str, specialty: str, cities: list[int], rng: Random) -> Vacancy:
    profession = PROFESSIONS[name]
    level = rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))
    must = rng.sample(list(profession.skills[specialty]), rng.choice((2, 3, 3)))
    rest = [s for s in (*profession.skills[specialty], *profession.skills["shared"]) if s not in must]
    must.append(rng.choice(rest))
    nice = rng.sample([s for s in rest if s not in must], rng.choice((1, 2)))
    low = YEARS[level][0]
    return Vacancy(
        profession=name,
        specialty=specialty,
        level=level,
        years=(low, low + rng.choice((2, 3)) if 0 < level < 3 and rng.random() < 0.4 else None),
        must=tuple(must),
        nice=tuple(nice),
        industry=rng.choice(list(profession.industries)) if rng.random() < 0.5 else None,
        city=rng.choice(cities),
        remote=rng.random() < 0.08,
        salary=_offer(profession, level, rng) if rng.random() < 0.7 else None,
        degree=rng.choice((1, 2, 2, 2, 3)) if rng.random() < 0.7 else None,
        field=rng.random() < 0.25,
        language=(rng.choice(_LANGUAGES), rng.choice((2, 2, 3))) if rng.random() < 0.3 else None,
        urgent=rng.random() < 0.2,
        leads=rng.choice((4, 6, 10)) if level > 2 and rng.random() < 0.7 else 0,
    )


def _offer(profession: Profession, level: int, rng: Random) -> tuple[int, int]:
    middle = profession.pay[level] * rng.choice((0.9, 1.0, 1.1))
    return max(round(0.85 * middle), 4), max(round(1.15 * middle), 5)


Change = Callable[[Vacancy, list[int], Random], Vacancy]


def _other_skill(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    """Swap a must-have for another skill of the specialty."""
    pool = [s for s in PROFESSIONS[job.profession].skills[job.specialty] if s not in (*job.must, *job.nice)]
    if not pool:
        return job
    must = list(job.must)
    must[rng.randrange(len(must))] = rng.choice(pool)
    return replace(job, must=tuple(must))


def _other_level(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    """Move one or two levels, and years, pay and team with it."""
    level = min(max(job.level + rng.choice((-2, -1, 1, 2)), 0), 4)
    salary = _offer(PROFESSIONS[job.profession], level, rng) if job.salary else None
    leads = job.leads or (5 if level > 2 and rng.random() < 0.5 else 0)
    return replace(job, level=level, years=(YEARS[level][0], None), salary=salary, leads=leads if level > 2 else 0)


def _other_specialty(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    """Keep the circumstances, ask for another specialty's skills."""
    profession = PROFESSIONS[job.profession]
    specialty = rng.choice([s for s in profession.titles if s != job.specialty])
    must = rng.sample(list(profession.skills[specialty]), 3)
    return replace(job, specialty=specialty, must=tuple(must), nice=(rng.choice(list(profession.skills["shared"])),))


def _other_industry(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    names = [i for i in PROFESSIONS[job.profession].industries if i != job.industry]
    return replace(job, industry=rng.choice(names))


def _other_city(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    return replace(job, city=rng.choice([c for c in cities if c != job.city]))


def _other_pay(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    low, high = job.salary or _offer(PROFESSIONS[job.profession], job.level, rng)
    return replace(job, salary=(max(round(low * 0.7), 4), max(round(high * 0.7), 5)))


def _other_degree(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    return replace(job, degree=3 if job.degree in (None, 1, 2) else 1, field=rng.random() < 0.5)


def _other_language(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    return replace(job, language=None if job.language else (rng.choice(_LANGUAGES), rng.choice((2, 3))))


def _more_pressing(job: Vacancy, cities: list[int], rng: Random) -> Vacancy:
    """Have it filled at once, with somebody who leads, where the level is of that kind."""
    return replace(job, urgent=not job.urgent, leads=5 if job.level > 2 else 0)


_NEAR_MISSES: tuple[Change, ...] = (
    _other_skill, _other_skill, _other_level, _other_level, _other_specialty, _other_industry, _other_city, _other_pay,
    _other_degree, _other_language, _more_pressing,
)  # fmt: skip


def _person(job: Vacancy, cities: list[int], rng: Random) -> Person:
    """Return somebody who fits the job but for up to three of the things that can be amiss."""
    flaws = set(rng.sample(range(10), rng.choice((0, 1, 1, 2, 2, 3))))
    profession = PROFESSIONS[job.profession]
    level = min(max(job.level + (rng.choice((-1, -1, 1)) if 0 in flaws else 0), 0), 4)
    low, high = YEARS[level]
    years = rng.randint(low, high)
    city = rng.choice([c for c in cities if c != job.city]) if 1 in flaws else job.city
    other = rng.choice([i for i in profession.industries if i != job.industry])
    industry = other if 2 in flaws else job.industry or rng.choice(list(profession.industries))
    positions = _positions(years, level, industry, city, job, rng)
    held = list(job.must)
    if 3 in flaws:
        held.remove(rng.choice(held))
    pool = [s for s in (*profession.skills[job.specialty], *profession.skills["shared"]) if s not in (*job.must, *held)]
    held += rng.sample(pool, rng.choice((1, 2, 2)))
    siblings = [s for name in profession.titles if name != job.specialty for s in profession.skills[name]]
    held += rng.sample(siblings, rng.choice((0, 1, 1)))
    apt = len(positions) > 1 and positions[0].began >= STALE
    old = held.pop(rng.randrange(len(held))) if apt and rng.random() < 0.4 else ""
    pay = profession.pay[level] * rng.uniform(0.85, 1.1)
    salary = round(
        job.salary[1] * 1.35 if 4 in flaws and job.salary else min(pay, job.salary[1] if job.salary else pay)
    )
    languages = {"english": rng.choice((1, 1, 2, 2, 3))} if rng.random() < 0.75 else {}
    if job.language:
        name, least = job.language
        languages[name] = rng.randint(least, 3)
        if 5 in flaws:
            languages[name] = least - 1
    start = rng.choice((0, 4, 4, None, None))
    return Person(
        profession=job.profession,
        specialty=job.specialty,
        level=level,
        years=years,
        skills={**dict.fromkeys(rng.sample(held, len(held)), True), **({old: False} if old else {})},
        positions=positions,
        city=city,
        moves=rng.random() < 0.12,
        salary=salary if rng.random() < 0.75 or 4 in flaws else None,
        degree=max(max(job.degree or 0, rng.choice((1, 2, 2, 2, 3))) - (6 in flaws), 0),
        field=7 not in flaws,
        languages=languages,
        start=12 if 8 in flaws else start,
        led=0 if 9 in flaws or level < 2 else rng.choice((3, 5, 8, 12)) if job.leads or level > 2 else 0,
    )


def _positions(years: int, level: int, industry: str, city: int, job: Vacancy, rng: Random) -> tuple[Position, ...]:
    """Return the position held and, after five years, one before it, often in another town or industry."""
    months = max(12 * years + rng.randint(0, 5), 3)
    if years < 5:
        return (Position(months, 0, industry, city, level),)
    recent = max(months // 2 // 12, 2) * 12 if years < 10 else rng.choice((60, 72, 84))
    before = rng.choice(list(PROFESSIONS[job.profession].industries))
    town = rng.randrange(len(CITIES))
    return (Position(recent, 0, industry, city, level), Position(months, recent, before, town, max(level - 1, 0)))
