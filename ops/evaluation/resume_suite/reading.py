"""What a profile says, in the words of the truth."""

from typing import Any, TypeVar

from connectors.documents import Document
from ops.evaluation.resume_suite.truth import Truth
from schemas.resume import Found, ResumeProfile

T = TypeVar("T")


def truth_of(profile: ResumeProfile, document: Document) -> Truth:
    """Return a profile's fields. A skill may be named as the taxonomy does or as the document does."""
    pay = _value(profile.salary_expected)
    name = _value(profile.name)
    facts: dict[str, Any] = {
        "name": name.full if name else None,
        "email": [found.value for found in profile.emails],
        "phone": [found.value for found in profile.phones],
        "link": [found.value.url for found in profile.links],
        "gender": _value(profile.gender),
        "birth": _value(profile.birth_date),
        "place": " ".join(found.value for found in profile.addresses),
        "nationality": _value(profile.nationality),
        "target": [found.value for found in profile.target_roles],
        "target_city": [found.value for found in profile.target_places],
        "salary": [pay.minimum, pay.maximum, pay.currency, pay.period] if pay else None,
    }
    projects = [*profile.projects, *(p for job in profile.work for p in job.projects)]
    evidence = [document.text[span.start : span.end] for skill in profile.skills for span in skill.evidence]
    return Truth(
        facts={field: value for field, value in facts.items() if value},
        work=[
            {
                "employer": _value(job.employer),
                "title": _value(job.title),
                "start": _value(job.start),
                "end": "present" if job.current else _value(job.end),
            }
            for job in profile.work
        ],
        education=[
            {
                "school": _value(study.school),
                "degree": study.level,
                "field": _value(study.field),
                "start": _value(study.start),
                "end": _value(study.end),
            }
            for study in profile.education
        ],
        projects=[{"name": project.name.value} for project in projects],
        skills=[skill.name for skill in profile.skills] + evidence,
        certificates=[certificate.name.value for certificate in profile.certificates],
        languages=[language.name.value for language in profile.languages],
    )


def _value(found: Found[T] | None) -> T | None:
    return found.value if found is not None else None
