"""What scoring knows of a talent or a job: normalised professional facts, no names and no contact data."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, replace
from dataclasses import fields as fields_of
from datetime import date
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from processors.lexicon.places import places, says_remote
from processors.lexicon.script import detect_language
from processors.lexicon.seniority import seniority
from processors.matching.fairness import impersonal
from processors.matching.reading.background import industries_demanded, industries_held, studied, study_demanded
from processors.matching.reading.terms import start_weeks, team
from processors.matching.salary import monthly_cny
from processors.matching.skills import skill_name
from processors.matching.years import mean_tenure, years_worked
from schemas.base import Language

EDUCATION_RANKS: dict[str, int] = {
    "none": 0, "high_school": 1, "associate": 2, "bachelor": 3, "master": 4, "doctorate": 5,
}  # fmt: skip
LEVEL_RANKS: dict[str, int] = {"beginner": 1, "intermediate": 2, "advanced": 3, "expert": 4}
VECTORS = ("title_vector", "section_vectors")
"""The fields that are packed vectors; the section ones take more room than all other fields."""
_LISTS = ("locations", "industries", "disciplines")
_READ = 4000
"""Characters of free text in which terms are looked for."""


class SkillFacts(NamedTuple):
    """A skill held or demanded: as the record writes it, level 1 to 4, years, and whether a job insists on it.

    `idle` are the years since it was last used, as far as that is known.
    """

    label: str
    level: int | None
    years: float | None
    required: bool
    idle: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One side of a match. `skills` are by normalised name; salaries are monthly CNY.

    For a talent `years` is the experience held, for a job the least demanded; `years_max` is a job's only. `available`,
    `relocates` and `tenure` (mean years in a position that ended) are a talent's. `industries` and `disciplines` are
    those known or demanded, `team` the people led or to be led, `start` the weeks in which work can, or must, begin.
    Vectors are packed (`meaning.pack`).
    """

    entity: Literal["talent", "job"]
    id: str
    revision: int
    language: Language
    status: str
    title: str | None
    seniority: str | None
    skills: Mapping[str, SkillFacts]
    years: float | None
    years_max: float | None
    education_rank: int | None
    locations: tuple[str, ...]
    remote: bool | None
    salary_min: int | None
    salary_max: int | None
    relocates: bool = False
    available: bool | None = None
    tenure: float | None = None
    industries: tuple[str, ...] = ()
    disciplines: tuple[str, ...] = ()
    team: int | None = None
    start: int | None = None
    title_vector: bytes = b""
    section_vectors: bytes = b""

    def to_payload(self) -> dict[str, Any]:
        """Return a JSON-able dict with flat keys to filter by; `skill_facts` runs parallel to `skills`."""
        payload = {name: getattr(self, name) for name in self.__slots__}
        for name in _LISTS:
            payload[name] = list(payload[name])
        for name in VECTORS:
            payload[name] = b64encode(payload[name]).decode()
        payload["skills"] = list(self.skills)
        payload["skill_facts"] = [list(facts) for facts in self.skills.values()]
        return payload

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Profile":
        """Read what `to_payload` returned; other keys are ignored. What an older version did not know has its default.

        Raises KeyError for a missing key without one.
        """
        values = {**_DEFAULTS, **payload}
        skills = zip(payload["skills"], payload["skill_facts"], strict=True)
        values["skills"] = {name: SkillFacts(*facts) for name, facts in skills}
        for name in _LISTS:
            values[name] = tuple(values[name] or ())
        for name in VECTORS:
            values[name] = b64decode(values[name])
        return cls(*_values_of(values))


_DEFAULTS = {f.name: f.default for f in fields_of(Profile) if f.default is not MISSING}
_values_of = itemgetter(*(f.name for f in fields_of(Profile)))


def talent_profile(id: str, revision: int, fields: Mapping[str, Any], *, today: date | None = None) -> Profile:
    """Return a talent's profile; a position without an end lasts until `today` (default: the actual day)."""
    today = today or date.today()
    years = fields.get("years_experience")
    employments = fields.get("employments") or ()
    if years is None:
        years = years_worked(employments, today)
    status = fields.get("status")
    profile = _profile(
        "talent",
        id,
        revision,
        fields,
        today=today,
        text=fields.get("summary"),
        status=status or "active",
        years=years,
        years_max=None,
        education_rank=_education(fields),
        salary=fields.get("salary_expected"),
    )
    return replace(
        profile,
        relocates=bool(fields.get("relocates")),
        available=None if status is None else status == "active",
        tenure=mean_tenure(employments),
        **_talent_terms(fields),
    )


def job_profile(id: str, revision: int, fields: Mapping[str, Any]) -> Profile:
    """Return a job's profile."""
    low, high = fields.get("years_experience_min"), fields.get("years_experience_max")
    if low is not None and high is not None and low > high:
        low, high = high, low
    text = (fields.get("description") or "")[:_READ]
    profile = _profile(
        "job",
        id,
        revision,
        fields,
        text=fields.get("description"),
        status=fields.get("status") or "open",
        years=low,
        years_max=high,
        education_rank=EDUCATION_RANKS.get(fields.get("education_level") or ""),
        salary=fields.get("salary"),
    )
    return replace(
        profile,
        industries=industries_demanded(text),
        disciplines=study_demanded(text),
        team=team(text),
        start=start_weeks(text),
    )


def _talent_terms(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a talent's words say of industries, studies, people led and start."""
    text = impersonal((fields.get("summary") or fields.get("resume_text") or "")[:_READ])
    jobs = "\n".join(f"{e.get('company') or ''}\n{e.get('description') or ''}" for e in fields.get("employments") or ())
    fields_studied = "\n".join(f"{e['field']}专业" for e in fields.get("education") or () if e.get("field"))
    told = f"{text}\n{jobs[:_READ]}"
    return {
        "industries": industries_held(told),
        "disciplines": studied(f"{text}\n{fields_studied}"),
        "team": team(told),
        "start": start_weeks(text),
    }


def _profile(
    entity: Literal["talent", "job"],
    id: str,
    revision: int,
    fields: Mapping[str, Any],
    *,
    text: str | None,
    status: str,
    years: float | None,
    years_max: float | None,
    education_rank: int | None,
    salary: Mapping[str, Any] | None,
    today: date | None = None,
) -> Profile:
    title = fields.get("title")
    locations = fields.get("locations") or ()
    remote = fields.get("remote")
    low, high = monthly_cny(salary)
    return Profile(
        entity=entity,
        id=id,
        revision=revision,
        language=fields.get("language") or detect_language(f"{title or ''} {(text or '')[:1000]}"),
        status=status,
        title=title,
        seniority=seniority(fields.get("seniority"), title, years),
        skills=_skills(fields.get("skills") or (), today),
        years=years,
        years_max=years_max,
        education_rank=education_rank,
        locations=places(locations),
        remote=True if remote is None and says_remote(locations) else remote,
        salary_min=low,
        salary_max=high,
    )


def _education(fields: Mapping[str, Any]) -> int | None:
    given = EDUCATION_RANKS.get(fields.get("education_level") or "")
    if given is not None:
        return given
    degrees = (EDUCATION_RANKS.get(e.get("degree") or "") for e in fields.get("education") or ())
    return max((rank for rank in degrees if rank is not None), default=None)


def _skills(skills: Any, today: date | None) -> dict[str, SkillFacts]:
    """Return the skills by normalised name, sorted; of two spellings of one, the stronger facts count.

    A talent's have been idle from when they were last used until `today`.
    """
    merged: dict[str, SkillFacts] = {}
    for skill in sorted(skills, key=lambda s: str(s["name"])):
        facts = SkillFacts(
            skill["name"],
            LEVEL_RANKS.get(skill.get("level") or ""),
            skill.get("years"),
            skill.get("required", True),
            _idle(skill.get("last_used"), today),
        )
        name = skill_name(skill["name"])
        known = merged.get(name)
        merged[name] = facts if known is None else _stronger(known, facts)
    return dict(sorted(merged.items()))


def _idle(last_used: date | str | None, today: date | None) -> float | None:
    """Return the years since a skill was last used."""
    if last_used is None or today is None:
        return None
    last = date.fromisoformat(last_used) if isinstance(last_used, str) else last_used
    return max(0.0, round((today - last).days / 365.25, 2))


def _stronger(a: SkillFacts, b: SkillFacts) -> SkillFacts:
    levels = [level for level in (a.level, b.level) if level is not None]
    years = [y for y in (a.years, b.years) if y is not None]
    idle = min(a.idle, b.idle) if a.idle is not None and b.idle is not None else None
    return SkillFacts(a.label, max(levels, default=None), max(years, default=None), a.required or b.required, idle)
