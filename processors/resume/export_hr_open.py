"""A profile with the names of HR Open Standards' Candidate (4.x JSON), as far as they fit."""

from typing import Any

from processors.resume.export_json_resume import clean, value_of
from schemas.resume import ResumeProfile


def hr_open(profile: ResumeProfile) -> dict[str, Any]:
    """Return the profile as a HR Open candidate: person, and one profile of employment, education and competencies."""
    p = profile
    name = p.name.value if p.name else None
    candidate = {
        "person": {
            "name": {"formattedName": name.full, "given": name.given, "family": name.family} if name else None,
            "birthDate": value_of(p.birth_date),
            "gender": value_of(p.gender),
            "citizenship": [p.nationality.value] if p.nationality else [],
            "communication": {
                "email": [{"address": e.value} for e in p.emails],
                "phone": [{"formattedNumber": n.value} for n in p.phones],
                "address": [{"formattedAddress": a.value} for a in p.addresses],
                "web": [{"url": k.value.url} for k in p.links],
            },
        },
        "profiles": [
            {
                "languageCode": p.language,
                "executiveSummary": value_of(p.summary),
                "positionPreferences": [{"positionTitles": [r.value for r in p.target_roles]}]
                if p.target_roles
                else [],
                "employment": [
                    {
                        "organization": {"name": value_of(w.employer)},
                        "positionHistories": [
                            {
                                "title": value_of(w.title),
                                "start": value_of(w.start),
                                "end": value_of(w.end),
                                "current": w.current or None,
                                "descriptions": [value_of(w.description)],
                            }
                        ],
                    }
                    for w in p.work
                ],
                "education": [
                    {
                        "institution": {"name": value_of(s.school)},
                        "educationLevelCodes": [{"name": s.level}] if s.level else [],
                        "educationDegrees": [
                            {"name": value_of(s.degree), "specializations": [{"name": value_of(s.field)}]}
                        ],
                        "start": value_of(s.start),
                        "end": value_of(s.end),
                    }
                    for s in p.education
                ],
                "certifications": [{"name": c.name.value} for c in p.certificates],
                "qualifications": [{"competencyName": s.name} for s in p.skills if not s.implied],
            }
        ],
    }
    found: dict[str, Any] = clean({"candidate": candidate})
    return found
