"""What a job asks for: its skills by canonical id, years and title, from a stored record or an ad's text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from processors.advice.titles import TitleIndex, tools
from processors.lexicon.seniority import seniority
from processors.skills import JobDemands, normalise, read_job_ad, taxonomy
from processors.skills.fold import fold_name

REQUIRED, MENTIONED, PREFERRED = 1.0, 0.8, 0.6
_FEW = 3
"""A record that lists fewer skills is read as an ad too."""
_LONGEST_AD = 20_000


@dataclass(frozen=True)
class StoredJob:
    """One job; `skills` maps keys (see `skill_key`) to how much it wants them, `names` to how it writes them."""

    id: str
    title: str
    skills: Mapping[str, float]
    names: Mapping[str, str] = field(default_factory=dict)
    years_min: float | None = None
    seniority: str | None = None


def skill_key(name: str) -> str:
    """Return the canonical id of a skill, or else its folded name."""
    return normalise(name) or fold_name(name)


def shown(key: str, language: str, written: str | None = None) -> str:
    """Return a skill's name in a language; one that the taxonomy lacks as it was written."""
    skill = taxonomy().skills.get(key)
    return skill.name(language) if skill else written or key


def stored_job(id: str, fields: Mapping[str, Any]) -> StoredJob:
    """Return what a stored record asks for; its description is read where it lists hardly any skill."""
    title = str(fields.get("title") or "")
    skills: dict[str, float] = {}
    names: dict[str, str] = {}
    for skill in fields.get("skills") or ():
        key = skill_key(skill["name"])
        skills[key] = max(skills.get(key, 0.0), REQUIRED if skill.get("required", True) else PREFERRED)
        names.setdefault(key, skill["name"])
    years = fields.get("years_experience_min")
    if len(skills) < _FEW:
        demands = read_job_ad(str(fields.get("description") or "")[:_LONGEST_AD])
        skills = {**_wanted(demands), **dict.fromkeys(tools(title), REQUIRED), **skills}
        years = demands.years_min if years is None else years
    return StoredJob(id, title, skills, names, years, seniority(fields.get("seniority"), title, years))


def ad_job(id: str, title: str, text: str) -> StoredJob:
    """Return what an ad's text asks for."""
    return stored_job(id, {"title": title, "description": text})


def _wanted(demands: JobDemands) -> dict[str, float]:
    return {
        **dict.fromkeys(demands.preferred, PREFERRED),
        **dict.fromkeys(demands.mentioned, MENTIONED),
        **dict.fromkeys(demands.required, REQUIRED),
    }


@dataclass(frozen=True)
class Corpus:
    """The jobs that demand is counted in."""

    jobs: tuple[StoredJob, ...]

    @classmethod
    def of(cls, jobs: Iterable[StoredJob]) -> "Corpus":
        """Take jobs in."""
        return cls(tuple(jobs))

    @cached_property
    def titles(self) -> TitleIndex:
        """Their titles, to compare others with."""
        return TitleIndex.of(job.title for job in self.jobs)

    @cached_property
    def base(self) -> Mapping[str, float]:
        """How much the mean job wants each skill."""
        totals: dict[str, float] = {}
        for job in self.jobs:
            for key, weight in job.skills.items():
                totals[key] = totals.get(key, 0.0) + weight
        return {key: total / len(self.jobs) for key, total in totals.items()}
