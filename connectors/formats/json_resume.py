"""JSON Resume (jsonresume.org), of any version and as it is found, by way of the profile that resumes become."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from connectors.formats.base import Format, Record, made
from connectors.formats.people import person_id
from connectors.formats.values import long, many, moment, obj
from connectors.plain import RefusedError
from processors.resume.import_json_resume import profile_of_json_resume
from processors.resume.talent import talent
from schemas.envelope import MAX_VALUE_BYTES
from schemas.resume import Work

_PARTS = frozenset(
    (
        *("basics", "bio", "work", "volunteer", "education", "awards", "certificates", "publications", "skills"),
        *("languages", "interests", "references", "projects", "meta", "$schema"),
    )
)


def items(document: Any) -> Iterator[Any]:
    """Yield the resumes of a list, or the one."""
    yield from many(document)


def recognises(document: Any) -> bool:
    """Whether a document is a resume: it has the basics, or says so, or is two of the other parts and no more."""
    one = next(items(document), None)
    if not isinstance(one, dict):
        return False
    if isinstance(one.get("basics", one.get("bio")), dict) or "jsonresume" in str(one.get("$schema")):
        return True
    return one.keys() <= _PARTS and len(one) > 1


def record(one: Any, at: datetime) -> Record:
    """Return the talent of one resume. Raises RefusedError."""
    said = obj(one)
    text = json.dumps(said, ensure_ascii=False)
    if len(text) > MAX_VALUE_BYTES:  # no event could hold it, and reading it takes its time
        raise RefusedError(f"a resume has at most {MAX_VALUE_BYTES} characters")
    profile = profile_of_json_resume(text, at.astimezone(UTC).date())
    if profile is None or not (profile.name or profile.emails or profile.work or profile.education or profile.skills):
        raise RefusedError("a JSON Resume has basics, work, education or skills; this one says nothing of a person")
    fields = talent(profile).model_dump(mode="json", exclude_defaults=True)
    # Achievements are parts of their own in a profile; in a record they are what is told of the position.
    for position, work in zip(fields.get("employments", ()), _kept(profile.work), strict=True):
        if told := long(work.description and work.description.value, _bullets(work)):
            position["description"] = told
    return made(
        "talent", person_id("json-resume", fields, said), fields, moment(obj(said.get("meta")).get("lastModified"))
    )


def _kept(work: tuple[Work, ...]) -> list[Work]:
    return [one for one in work if one.employer or one.title][:100]


def _bullets(work: Work) -> str | None:
    return "\n".join(f"• {one.value}" for one in work.achievements) or None


FORMAT = Format(
    name="json-resume",
    title="JSON Resume",
    files=(".json", ".jsonl"),
    recognises=recognises,
    items=items,
    record=record,
)
