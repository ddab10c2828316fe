"""From a profile to the fields of a talent, for the sync (source `resume`)."""

from datetime import date
from typing import get_args

from processors.lexicon.addresses import Address, address, birth_date
from processors.unicode import whole
from schemas.base import Education, EducationLevel, Employment, Skill
from schemas.entities import Talent
from schemas.resume import Found, ResumeProfile

_SHORT = 300
_LONG = 100_000
_LEVELS = get_args(EducationLevel)
_CERTAIN = 0.9
"""Confidence from which a date of birth is kept: a wrong one makes one person two."""


def talent(profile: ResumeProfile, text: str = "") -> Talent:
    """Return the talent that a profile tells of; what it does not say is left unset, so that a merge keeps what is known.

    A position without a title or an employer stays. Dates without a month or day begin in January and on the first.
    Skills that are only implied are left out.
    """
    p = profile
    levels = [s.level for s in p.education if s.level]
    places = [*p.target_places, *p.addresses]
    home = _home(p, text)
    values = {
        "name": _short(p.name.value.full) if p.name else None,
        "emails": [e.value for e in p.emails[:20]],
        "phones": [n.value for n in p.phones[:20]],
        "birth_date": birth_date(p.birth_date.value) if p.birth_date and p.birth_date.confidence >= _CERTAIN else None,
        "street_address": home.street,
        "postal_code": home.code,
        "language": p.language,
        "title": _said((p.work[0].title if p.work else None) or p.headline),
        "seniority": p.work[0].seniority if p.work else None,
        "summary": p.summary.value[:_LONG] if p.summary else None,
        "skills": [
            Skill(
                name=_short(s.name),
                level=s.level,
                years=min(round(s.months / 12, 1), 60) if s.months else None,
                last_used=_day(s.last_used) if s.last_used else None,
            )
            for s in p.skills
            if not s.implied
        ][:500],
        "years_experience": min(p.years_total.value, 70.0) if p.years_total else None,
        "education_level": max(levels, key=_LEVELS.index, default=None),
        "education": [
            Education(
                school=_short(s.school.value),
                degree=s.level,
                field=_said(s.field),
                start=_date(s.start),
                end=_date(s.end),
            )
            for s in p.education
            if s.school
        ][:50],
        "employments": [
            Employment(
                company=_said(w.employer),
                title=_said(w.title),
                start=_date(w.start),
                end=_date(w.end),
                description=w.description.value[:_LONG] if w.description else None,
            )
            for w in p.work
            if w.employer or w.title
        ][:100],
        "locations": list(dict.fromkeys(_short(a.value) for a in places))[:50],
        "salary_expected": p.salary_expected.value if p.salary_expected else None,
        "resume_text": whole(text[:_LONG]) or None,
    }
    return Talent.model_validate({name: value for name, value in values.items() if value not in (None, [])})


def _home(profile: ResumeProfile, text: str) -> Address:
    """Return the postal address: of what is read as one, or of the line around it if a code in it says that it is one."""
    for found in profile.addresses:
        told = address(found.value)
        if found.spans and not told.street:
            begin = text.rfind("\n", 0, found.spans[0].start) + 1
            around = address(text[begin : begin + _SHORT].partition("\n")[0])
            told = around if around.code else told
        if told.street or told.code:
            return told
    return Address(None, None)


def _short(text: str) -> str:
    return text[:_SHORT]


def _said(found: Found[str] | None) -> str | None:
    return _short(found.value) if found else None


def _date(found: Found[str] | None) -> date | None:
    return _day(found.value) if found else None


def _day(said: str) -> date:
    """Return the first day of what a resume says; it may be as precise as a year."""
    year, month, day = (*map(int, said.split("-")), 1, 1)[:3]
    try:
        return date(year, month, day)
    except ValueError:  # 31 June
        return date(year, month, 1)
