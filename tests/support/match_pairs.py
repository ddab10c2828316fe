"""Pairs of profiles of which every score is pinned: the sample's, and some drawn so that every feature says all it can."""

import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from processors.matching.meaning import pack
from processors.matching.profile import Profile, SkillFacts
from processors.matching.reading.record import job_profile, talent_profile

FOLDER = Path(__file__).parents[2] / "ops" / "local" / "sample_data"
TODAY = date(2026, 1, 5)
DRAWN = 600
_JOBS_EACH = 2
_SKILLS = ("python", "sql", "java", "spring-boot", "english", "german", "japanese", "react", "vue", "communication")
_PLACES = ("beijing", "shanghai", "london", "berlin", "somewhere else")
_LEVELS = ("intern", "junior", "mid", "senior", "lead", "executive")
_INDUSTRIES = ("ecommerce", "internet", "retail", "health_care")
_DISCIPLINES = ("computing", "mathematics", "law", "finance")


class Pair(NamedTuple):
    """Two profiles and the similarity of their texts."""

    name: str
    talent: Profile
    job: Profile
    similarity: float


def sample_profiles() -> tuple[list[Profile], list[Profile]]:
    """Return the sample's talents and jobs as their first events make them."""
    talents, jobs = (
        [json.loads(line) for line in (FOLDER / f"{side}s.jsonl").read_text("utf-8").splitlines()]
        for side in ("talent", "job")
    )
    return (
        [talent_profile(line["id"], n, line["fields"], today=TODAY) for n, line in enumerate(talents, 1)],
        [job_profile(line["id"], n, line["fields"]) for n, line in enumerate(jobs, 1)],
    )


def pairs() -> Iterator[Pair]:
    """Yield them all, always the same."""
    chance = random.Random(7)
    talents, jobs = sample_profiles()
    for number, talent in enumerate(talents):
        for each in range(_JOBS_EACH):
            job = jobs[(number + each * 41) % len(jobs)]
            yield Pair(f"{talent.id} {job.id}", talent, job, round(chance.uniform(0, 0.9), 3))
    for number in range(DRAWN):
        yield _drawn(number)


def _drawn(number: int) -> Pair:
    chance = random.Random(number)
    similarity = chance.choice((round(chance.uniform(-1, 1), 3), float("nan")))
    return Pair(f"drawn {number}", _profile("talent", chance), _profile("job", chance), similarity)


def _profile(entity: str, chance: random.Random) -> Profile:
    def some(values: tuple[str, ...], most: int = 3) -> tuple[str, ...]:
        return tuple(chance.sample(values, chance.choice((0, *range(1, most + 1)))))

    def perhaps(low: float, high: float) -> float | None:
        return chance.choice((None, low, high, round(chance.uniform(low, high), 1)))

    def whole(low: int, high: int) -> int | None:
        return chance.choice((None, chance.randint(low, high)))

    is_job = entity == "job"
    salary = sorted(chance.randint(5_000, 90_000) for _ in range(2))
    return Profile(
        entity="job" if is_job else "talent",
        id=entity[0],
        revision=1,
        language=chance.choice(("zh", "en")),
        status="open" if is_job else "active",
        title=chance.choice((None, "护士", "Data Engineer")),
        seniority=chance.choice((None, *_LEVELS)),
        skills={
            name: SkillFacts(
                name.title(), whole(1, 4), perhaps(0, 12), chance.random() < 0.6, None if is_job else perhaps(0, 9)
            )
            for name in sorted(some(_SKILLS, 9))
        },
        years=perhaps(0, 20),
        years_max=perhaps(3, 25) if is_job else None,
        education_rank=whole(0, 5),
        locations=some(_PLACES, 4),
        remote=chance.choice((None, True, False)),
        salary_min=chance.choice((None, salary[0])),
        salary_max=chance.choice((None, salary[1])),
        relocates=not is_job and chance.random() < 0.5,
        available=None if is_job else chance.choice((None, True, False)),
        tenure=None if is_job else perhaps(0.1, 6),
        industries=some(_INDUSTRIES),
        disciplines=some(_DISCIPLINES),
        team=whole(0, 60),
        start=whole(0, 20),
        title_vector=_vectors(chance, chance.randint(0, 1)),
        section_vectors=_vectors(chance, chance.randint(0, 4)),
    )


def _vectors(chance: random.Random, count: int) -> bytes:
    """Return rows whose cosines are exact, on any machine: sixteen numbers of one size."""
    toward = [[chance.choice((1.0, 1.0, 1.0, -1.0)) for _ in range(16)] for _ in range(count)]
    return pack(np.array(toward, dtype=np.float32).reshape(count, 16))
