"""LinkedIn: the archive of one's own data, as the tables in it, and tables of jobs (saved, posted)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.people import education, full_name, highest, origin, person_id, positions
from connectors.formats.terms import degree, work_forms
from connectors.formats.values import closed, emails, first, long, many, obj, objects, short, shorts
from connectors.plain import RefusedError

_SPOKEN = {"native": "expert", "professional": "advanced", "limited": "intermediate", "elementary": "beginner"}
_PARTS = re.compile(r"\s*,\s*|\s+[-–]\s+|\s+in\s+")
_ABBREVIATED = re.compile(r"[A-Z][A-Za-z]{0,4}\.\S*\s+(\S.*)")
TABLES = (
    "Profile.csv", "Positions.csv", "Education.csv", "Skills.csv", "Email Addresses.csv", "PhoneNumbers.csv",
    "Phone Numbers.csv", "Languages.csv",
)  # fmt: skip
"""The tables of an archive that are read; the others, messages and connections among them, are not opened."""


def items(document: Any) -> Iterator[Any]:
    """Yield the person of an archive, or the rows of a table."""
    yield from many(document)


def recognises(document: Any) -> bool:
    """Whether a document is an archive's tables, or a row of jobs."""
    one = next(items(document), None)
    return isinstance(one, dict) and (_is_archive(one) or _is_job(one))


def _is_job(one: dict[str, Any]) -> bool:
    """Whether a row is a job, not a position that somebody held."""
    return "Company Name" in one and bool({"Job Title", "Title"} & one.keys()) and "Started On" not in one


def _is_archive(one: dict[str, Any]) -> bool:
    return any(name in one for name in TABLES)


def record(one: Any, at: datetime) -> Record:
    """Return the person of an archive, or the job of a row. Raises RefusedError."""
    said = obj(one)
    return _person(said) if _is_archive(said) else _job(said, at)


def _person(said: dict[str, Any]) -> Record:
    profile = obj(said.get("Profile.csv"))
    schools = list(objects(said.get("Education.csv")))
    levels = [degree(row.get("Degree Name")) for row in schools]
    worked = positions(
        (
            row.get("Company Name"),
            row.get("Title"),
            row.get("Started On"),
            row.get("Finished On"),
            row.get("Description"),
        )
        for row in objects(said.get("Positions.csv"))
    )
    # The address that is marked as primary comes first.
    addresses = sorted(objects(said.get("Email Addresses.csv")), key=lambda row: short(row.get("Primary")) != "Yes")
    numbers = [
        row.get("Number") for name in ("PhoneNumbers.csv", "Phone Numbers.csv") for row in objects(said.get(name))
    ]
    fields = {
        "name": full_name(profile.get("First Name"), profile.get("Last Name")),
        "emails": emails([row.get("Email Address") for row in addresses]),
        "phones": shorts(numbers)[:20],
        "title": first(*(job.get("title") for job in worked[:1]), profile.get("Headline")),
        "summary": long(profile.get("Summary")),
        "skills": [
            *({"name": name} for name in shorts([row.get("Name") for row in objects(said.get("Skills.csv"))])[:450]),
            *_languages(said),
        ],
        "education_level": highest(levels),
        "education": education(
            (row.get("School Name"), level, _field(row, level), row.get("Start Date"), row.get("End Date"))
            for row, level in zip(schools, levels, strict=True)
        ),
        "employments": worked,
        **origin(profile.get("Birth Date"), profile.get("Address"), code=profile.get("Zip Code")),
        "locations": shorts(first(profile.get("Geo Location"), profile.get("Address"))),
    }
    if not any(fields[name] for name in ("name", "emails", "employments", "education", "skills")):
        raise RefusedError(
            "an archive of LinkedIn has Profile.csv, Positions.csv, Education.csv or Skills.csv with rows"
        )
    return made("talent", person_id("linkedin", fields, said), fields)


def _languages(said: dict[str, Any]) -> Iterator[dict[str, str]]:
    for row in list(objects(said.get("Languages.csv")))[:50]:
        if name := short(row.get("Name")):
            spoken = (short(row.get("Proficiency")) or "").casefold()
            level = next((level for word, level in _SPOKEN.items() if word in spoken), None)
            yield {"name": name, **({"level": level} if level else {})}


def _field(study: dict[str, Any], level: str | None) -> str | None:
    """Return what was studied, of a degree's name: `Bachelor's degree, Geology`, `M.Sc. Geology`."""
    said = short(study.get("Degree Name"))
    if said is None or level is None:
        return said
    _, *behind = _PARTS.split(said)
    if behind:
        return next((part for part in behind if not part.isupper()), None)
    found = _ABBREVIATED.fullmatch(said)
    return found[1] if found else None


def _job(said: dict[str, Any], at: datetime) -> Record:
    title = first(said.get("Job Title"), said.get("Title"))
    if title is None or not _is_job(said):
        raise RefusedError(
            "a row of LinkedIn is a job, with Job Title and Company Name; a person is read from the archive (.zip) or "
            "its folder: name the archive"
        )
    company, address = short(said.get("Company Name")), first(said.get("Job Url"), said.get("Company Apply Url"))
    fields = {
        "title": title,
        "company": company,
        "description": long(said.get("Job Description"), said.get("Description")),
        "locations": shorts(said.get("Location")),
        **work_forms(said.get("Employment Type"), said.get("Employment Status")),
        "status": "closed" if closed(said.get("Close Date"), at) else "open",
    }
    number = (address or "").split("?")[0].rstrip("/").rpartition("/")[2]
    known = number if number.isdigit() else address or f"{company}\x1f{title}"
    return made("job", identity("linkedin", known), fields)


FORMAT = Format(
    name="linkedin",
    title="LinkedIn",
    files=(".zip", "a folder", ".csv"),
    recognises=recognises,
    items=items,
    record=record,
)
