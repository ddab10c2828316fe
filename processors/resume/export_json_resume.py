"""A profile in JSON Resume's schema 1.0.0 (jsonresume.org/schema)."""

from typing import Any

from schemas.resume import Found, ResumeProfile


def json_resume(profile: ResumeProfile) -> dict[str, Any]:
    """Return the profile as JSON Resume; what its schema has no field for is left out."""
    p = profile
    found: dict[str, Any] = clean(
        {
            "$schema": "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json",
            "basics": {
                "name": p.name.value.full if p.name else None,
                "label": value_of(p.headline),
                "email": value_of(p.emails[0]) if p.emails else None,
                "phone": value_of(p.phones[0]) if p.phones else None,
                "url": p.links[0].value.url if p.links else None,
                "summary": value_of(p.summary),
                "location": {"address": value_of(p.addresses[0])} if p.addresses else None,
                "profiles": [{"network": k.value.kind, "url": k.value.url} for k in p.links if k.value.kind != "other"],
            },
            "work": [
                {
                    "name": value_of(w.employer),
                    "position": value_of(w.title),
                    "location": value_of(w.location),
                    "startDate": value_of(w.start),
                    "endDate": value_of(w.end),
                    "summary": value_of(w.description),
                    "highlights": [a.value for a in w.achievements],
                }
                for w in p.work
            ],
            "education": [
                {
                    "institution": value_of(s.school),
                    "area": value_of(s.field),
                    "studyType": value_of(s.degree),
                    "startDate": value_of(s.start),
                    "endDate": value_of(s.end),
                    "score": value_of(s.grade),
                }
                for s in p.education
            ],
            "projects": [
                {
                    "name": j.name.value,
                    "startDate": value_of(j.start),
                    "endDate": value_of(j.end),
                    "description": value_of(j.description),
                    "highlights": [a.value for a in j.achievements],
                    "roles": [j.role.value] if j.role else [],
                }
                for j in p.projects
            ],
            "skills": [{"name": s.name, "level": s.level} for s in p.skills if not s.implied],
            "languages": [{"language": s.name.value, "fluency": s.evidence or s.level} for s in p.languages],
            "certificates": [{"name": c.name.value, "date": c.date} for c in p.certificates],
            "awards": [{"title": a.title.value, "date": a.date} for a in p.awards],
            "publications": [{"name": a.title.value, "releaseDate": a.date} for a in p.publications],
        }
    )
    return found


def value_of(found: Found[Any] | None) -> Any:
    """Return what was found, if anything."""
    return found.value if found else None


def clean(value: Any) -> Any:
    """Return a value without what is empty."""
    if isinstance(value, dict):
        return {k: c for k, v in value.items() if (c := clean(v)) not in (None, {}, [])}
    return [c for v in value if (c := clean(v)) not in (None, {}, [])] if isinstance(value, list) else value
