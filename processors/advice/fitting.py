"""Jobs that fit somebody, from given ones, with the reasons."""

from collections.abc import Iterable, Sequence

from processors.advice.demand import LEAST_TITLE, target_role
from processors.advice.jobs import Corpus, StoredJob, shown, skill_key
from processors.advice.texts import text
from processors.lexicon.seniority import RANKS, seniority
from processors.skills import taxonomy
from schemas.advice import JobAdvice
from schemas.base import Language

ROLE, SKILLS = 0.6, 0.4
LEAST_FOR_TERMS = 0.7
"""What a job counts for whose years and level are as far off as can be."""
UNKNOWN = 0.5
LEAST = 0.25


def fitting_jobs(
    title: str,
    years: float | None,
    held: Iterable[str],
    corpus: Corpus,
    language: Language,
    most: int = 5,
) -> list[JobAdvice]:
    """Return the jobs that fit best, the best first. Only title, years and skills count, never who somebody is.

    Score: closeness to the title and share of the skills asked for, times how years and level fit.
    """
    known = {skill_key(name) for name in held}
    has = known | set(taxonomy().implied(known))
    rank = seniority(None, title, years)
    near = {job.id: corpus.titles.closeness(title, job.title) for job in corpus.jobs}
    for job, nearness in target_role(title, corpus).jobs:
        near[job.id] = max(near[job.id], nearness)
    found = sorted(
        ((_score(job, near[job.id], years, rank, has), job) for job in corpus.jobs),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    best = [pair for pair in found[:most] if pair[0] >= LEAST]
    return [_advice(score, job, title, years, rank, has, near, language) for score, job in best]


def _score(job: StoredJob, nearness: float, years: float | None, rank: str | None, has: set[str]) -> float:
    total = sum(job.skills.values())
    skills = sum(w for k, w in job.skills.items() if k in has) / total if total else nearness
    enough = UNKNOWN if years is None or job.years_min is None else min(1.0, years / max(job.years_min, 0.5))
    level = 1 - _steps(rank, job.seniority) / 3 if rank and job.seniority else UNKNOWN
    return (ROLE * nearness + SKILLS * skills) * (LEAST_FOR_TERMS + (1 - LEAST_FOR_TERMS) * (enough + level) / 2)


def _steps(one: str, other: str) -> int:
    return min(abs(RANKS[one] - RANKS[other]), 3)


def _advice(
    score: float,
    job: StoredJob,
    title: str,
    years: float | None,
    rank: str | None,
    has: set[str],
    near: dict[str, float],
    language: Language,
) -> JobAdvice:
    def names(keys: Sequence[str]) -> str:
        return ("、" if language == "zh" else ", ").join(shown(k, language, job.names.get(k)) for k in keys)

    held = [k for k in job.skills if k in has]
    missing = sorted((k for k in job.skills if k not in has), key=lambda k: -job.skills[k])
    reasons = []
    if near[job.id] >= LEAST_TITLE:
        reasons.append(text("fit_title", language, title=title))
    if held:
        reasons.append(text("fit_skills", language, held=len(held), total=len(job.skills), names=names(held)))
    if missing:
        reasons.append(text("fit_missing", language, names=names(missing[:5])))
    if years is not None and job.years_min is not None:
        reasons.append(text("fit_years", language, want=job.years_min, have=years))
    if rank and rank == job.seniority:
        reasons.append(text("fit_level", language))
    return JobAdvice(
        job_id=job.id,
        title=job.title,
        score=round(score, 4),
        held=tuple(held),
        missing=tuple(missing),
        reasons=tuple(reasons),
    )
