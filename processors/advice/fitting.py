"""Jobs that fit somebody, from given ones, with the reasons."""

from collections.abc import Iterable, Sequence

from processors.advice.demand import Target, target_role
from processors.advice.jobs import Corpus, StoredJob, shown, skill_key
from processors.advice.texts import text
from processors.matching.seniority import RANKS, seniority
from processors.skills import taxonomy
from schemas.advice import JobAdvice
from schemas.base import Language

WEIGHTS = {"role": 0.5, "skills": 0.3, "years": 0.1, "level": 0.1}
UNKNOWN = 0.5
LEAST = 0.3


def fitting_jobs(
    title: str,
    years: float | None,
    held: Iterable[str],
    corpus: Corpus,
    language: Language,
    most: int = 5,
) -> list[JobAdvice]:
    """Return the jobs that fit best, the best first. Only title, years and skills count, never who somebody is.

    Score: nearness to the title, share of the skills asked for, years and level.
    """
    known = {skill_key(name) for name in held}
    has = known | set(taxonomy().implied(known))
    rank = seniority(None, title, years)
    near = _near(target_role(title, corpus))
    found = sorted(
        ((_score(job, near.get(job.id, 0.0), years, rank, has), job) for job in corpus.jobs),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    return [_advice(score, job, title, years, rank, has, near, language) for score, job in found[:most] if score >= LEAST]


def _near(target: Target) -> dict[str, float]:
    return {job.id: nearness for job, nearness in target.jobs}


def _score(job: StoredJob, nearness: float, years: float | None, rank: str | None, has: set[str]) -> float:
    total = sum(job.skills.values())
    parts = {
        "role": nearness,
        "skills": sum(w for k, w in job.skills.items() if k in has) / total if total else UNKNOWN,
        "years": UNKNOWN if years is None or job.years_min is None else min(1.0, years / max(job.years_min, 0.5)),
        "level": 1 - _steps(rank, job.seniority) / 3 if rank and job.seniority else UNKNOWN,
    }
    return sum(WEIGHTS[name] * value for name, value in parts.items())


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
    if near.get(job.id):
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
