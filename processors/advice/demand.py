"""Skills to add for a target: what jobs close to it ask for, less what somebody has."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from processors.advice.jobs import Corpus, StoredJob, shown, skill_key
from processors.advice.texts import text
from processors.lexicon.script import is_han
from processors.skills import Kind, taxonomy
from schemas.advice import SkillAdvice
from schemas.base import Language

LEAST_TITLE = 0.35
"""Titles less alike are of another role."""
FEEDBACK = 0.5
"""What a job counts for that asks for the same skills under another title, against one with the same title."""
LEAST_FEEDBACK = 0.35
SOFT = 0.5
"""Soft skills are asked for everywhere and shown by no list: they count half."""
FAR = 0.85
"""What a skill counts for that is related to nothing held, against one that is."""
LEAST_SCORE = 0.1
"""Less is chance: what one job among many asks for."""
_MOST_JOBS = 200
_EXAMPLES = 5


@dataclass(frozen=True)
class Target:
    """What somebody aims at: jobs and how close each is, 0 to 1, the closest first."""

    name: str
    jobs: Sequence[tuple[StoredJob, float]]
    single: bool = False


def target_job(job: StoredJob) -> Target:
    """Aim at one job."""
    return Target(job.title, [(job, 1.0)], single=True)


def target_role(role: str, corpus: Corpus) -> Target:
    """Aim at a role: the jobs with titles like it, then those that ask for the same skills as these.

    The second kind finds jobs under other names and in the other language.
    """
    titled = {job.id: corpus.titles.closeness(role, job.title) for job in corpus.jobs}
    seed = [(job, titled[job.id] ** 2) for job in corpus.jobs if titled[job.id] >= LEAST_TITLE]
    centre = _centre(seed, corpus)
    close: list[tuple[StoredJob, float]] = []
    for job in corpus.jobs:
        alike = _cosine(_vector(job.skills, corpus), centre)
        by_title = titled[job.id] ** 2 if titled[job.id] >= LEAST_TITLE else 0.0
        if nearness := max(by_title, FEEDBACK * alike if alike >= LEAST_FEEDBACK else 0.0):
            close.append((job, min(nearness, 1.0)))
    return Target(role, sorted(close, key=lambda c: (-c[1], c[0].id))[:_MOST_JOBS])


def recommend(
    held: Iterable[str], target: Target, corpus: Corpus, language: Language, most: int = 10
) -> list[SkillAdvice]:
    """Return the skills to add, the most useful first; `held` are ids or names.

    Score: share of the demand × how special it is to the target × closeness to what is held. What is held, implied by
    it, or implied by a better recommendation is left out.
    """
    known = {skill_key(name) for name in held}
    has = known | set(taxonomy().implied(known))
    total = sum(weight for _, weight in target.jobs)
    shares: dict[str, float] = {}
    asking: dict[str, list[StoredJob]] = {}
    for job, nearness in target.jobs:
        for key, want in job.skills.items():
            shares[key] = shares.get(key, 0.0) + nearness * want / total
            asking.setdefault(key, []).append(job)
    found: list[SkillAdvice] = []
    covered: set[str] = set()
    for score, key in sorted(((-_score(k, s, known, target, corpus), k) for k, s in shares.items() if k not in has)):
        if not _sayable(key, language, asking[key]):
            continue
        if key in covered or len(found) == most or -score < LEAST_SCORE:
            continue
        covered.update(taxonomy().implied([key]))
        near = tuple(sorted(k for k in known if _related(key, k)))
        count = len(asking[key])
        example = asking[key][0]
        name = shown(key, language, next((j.names[key] for j in asking[key] if key in j.names), None))
        reason = "skill_job" if target.single else "skill_role"
        close_to = text("skill_close", language, names=_join([shown(k, language) for k in near[:3]], language))
        found.append(
            SkillAdvice(
                skill=key,
                name=name,
                score=round(min(-score, 1.0), 4),
                share=round(min(shares[key], 1.0), 4),
                asking=count,
                jobs=len(target.jobs),
                job_ids=tuple(j.id for j in asking[key][:_EXAMPLES]),
                close_to=near,
                text=text(
                    reason, language, skill=name, asking=count, jobs=len(target.jobs), role=target.name,
                    example=example.title,
                ) + (close_to if near else ""),
            )
        )  # fmt: skip
    return found


def _score(key: str, share: float, known: set[str], target: Target, corpus: Corpus) -> float:
    skill = taxonomy().skills.get(key)
    special = 1.0 if target.single else share / (share + corpus.base.get(key, 0.0))
    soft = SOFT if skill and skill.kind is Kind.SOFT and not target.single else 1.0
    close = 1.0 if any(_related(key, k) for k in known) else FAR
    return share * special * soft * close


def _sayable(key: str, language: Language, asking: Sequence[StoredJob]) -> bool:
    """Return whether a skill can be named in a language; phrases that the taxonomy lacks have no translation."""
    if key in taxonomy().skills:
        return True
    written = next(j.names[key] for j in asking if key in j.names)
    return " " not in written if language == "zh" else not is_han(written)


def _related(key: str, other: str) -> bool:
    skills = taxonomy().skills
    a, b = skills.get(key), skills.get(other)
    if a is None or b is None:
        return False
    return other in a.related or key in b.related or other in a.implies


def _join(names: Sequence[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(names)


def _vector(skills: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    return {key: want * math.log1p(1 / corpus.base.get(key, 1.0)) for key, want in skills.items()}


def _centre(seed: Iterable[tuple[StoredJob, float]], corpus: Corpus) -> dict[str, float]:
    centre: dict[str, float] = {}
    for job, weight in seed:
        for key, value in _vector(job.skills, corpus).items():
            centre[key] = centre.get(key, 0.0) + weight * value
    return centre


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    both = sum(value * b[key] for key, value in a.items() if key in b)
    if not both:
        return 0.0
    return both / math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
