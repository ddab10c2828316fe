"""Reads a record's fields into what scoring knows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from processors.fairness import impartial, impersonal, without_identity
from processors.lexicon.markup import plain_text
from processors.lexicon.places import places, says_remote
from processors.lexicon.script import detect_language
from processors.lexicon.seniority import seniority
from processors.matching.features import FEATURES
from processors.matching.profile import EDUCATION_RANKS, LEVEL_RANKS, Profile, SkillFacts
from processors.matching.reading.background import industries_demanded, industries_held, studied, study_demanded
from processors.matching.reading.terms import start_weeks, team
from processors.matching.salary import monthly_cny
from processors.matching.skills import skill_name
from processors.reading.gaps import filled
from processors.reading.years import mean_tenure, years_worked
from schemas.entities import Side

_STRUCTURE = ("skills", "years_experience_min", "years_experience_max", "education_level", "salary")
_READ = 4000
"""Characters of free text in which terms are looked for."""


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
        text=fields.get("summary") or fields.get("resume_text"),
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
    """Return a job's profile. An ad that no sync has read, as one stored by an earlier version, is read here."""
    if not any(fields.get(name) for name in _STRUCTURE):
        fields, _ = filled("job", dict(fields), {})
    low, high = fields.get("years_experience_min"), fields.get("years_experience_max")
    if low is not None and high is not None and low > high:
        low, high = high, low
    text = plain_text(fields.get("description") or "")[:_READ]
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
    jobs = "\n".join(e.get("description") or "" for e in fields.get("employments") or ())
    fields_studied = "\n".join(f"{e['field']}专业" for e in fields.get("education") or () if e.get("field"))
    told = f"{text}\n{jobs[:_READ]}"
    return {
        "industries": industries_held(impartial(told, fields)),
        "disciplines": studied(f"{text}\n{fields_studied}"),
        "team": team(told),
        "start": start_weeks(text),
    }


def _profile(
    entity: Side,
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
        remote=_remote(fields, locations),
        remote_share=_remote_share(fields),
        salary_min=low,
        salary_max=high,
        terms=_terms(entity, fields),
    )


_SHARES = {"on_site": 0.0, "hybrid": 0.5, "remote": 1.0}


def _remote(fields: Mapping[str, Any], locations: Sequence[str]) -> bool | None:
    """Return whether all of the work is, or is to be, done away from the site; None where nothing says so."""
    said: bool | None = fields.get("remote")
    if said is not None:
        return said
    share = _remote_share(fields)
    if share is not None:
        return share == 1
    return True if says_remote(locations) else None


def _remote_share(fields: Mapping[str, Any]) -> float | None:
    """Return the share of the working time away from the site; of hybrid work half, where none is said."""
    share: float | None = fields.get("remote_share")
    return _SHARES.get(fields.get("workplace") or "") if share is None else share


def _terms(side: Side, fields: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what features read of the record for themselves; none of them is shown who somebody is."""
    readers = {feature.name: feature.reads[side] for feature in FEATURES.values() if side in feature.reads}
    if not readers:
        return {}
    shown = without_identity(fields)
    found = {name: tuple(read(shown)) for name, read in readers.items()}
    return {name: terms for name, terms in found.items() if terms}


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
        others = skill.get("alternatives") or ()
        facts = SkillFacts(
            " / ".join([skill["name"], *others]),
            LEVEL_RANKS.get(skill.get("level") or ""),
            skill.get("years"),
            skill.get("required", True),
            _idle(skill.get("last_used"), today),
            tuple(dict.fromkeys(map(skill_name, others))),
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
    others = tuple(dict.fromkeys((*a.others, *b.others)))
    return SkillFacts(
        a.label, max(levels, default=None), max(years, default=None), a.required or b.required, idle, others
    )
