"""What all systems say of people: names, positions, studies."""

import json
from collections.abc import Iterable
from typing import Any

from connectors.formats.base import digest
from connectors.formats.values import day, long, short
from processors.lexicon.addresses import address, birth_date, is_postal_code
from processors.lexicon.script import all_han
from schemas.base import EducationLevel

_POSITIONS = 100
_STUDIES = 50
_LEVELS: tuple[EducationLevel, ...] = ("none", "high_school", "associate", "bachelor", "master", "doctorate")

Position = tuple[Any, Any, Any, Any, Any]
"""Company, title, start, end, description."""
Study = tuple[Any, EducationLevel | None, Any, Any, Any]
"""School, level, field, start, end."""


def full_name(given: Any, family: Any) -> str | None:
    """Return a name in the order of its script."""
    parts = [part for part in (short(given), short(family)) if part]
    if len(parts) == 2 and all(all_han(part) for part in parts):
        return parts[1] + parts[0]
    return short(" ".join(parts))


def origin(birth: Any = None, written: Any = None, street: Any = None, code: Any = None) -> dict[str, str | None]:
    """Return the date of birth, the street and the postal code: those given apart, else of an address as `written`."""
    told = address(short(written) or "")
    given = short(code) or ""
    return {
        "birth_date": birth_date(short(birth) or ""),
        "street_address": short(street) or told.street,
        "postal_code": given if is_postal_code(given) else told.code,
    }


def positions(said: Iterable[Position]) -> list[dict[str, Any]]:
    """Return a work history. A position without a title or a company stays; one with neither says nothing."""
    found = []
    for company, title, start, end, description in said:
        position = {
            "company": short(company),
            "title": short(title),
            "start": day(start),
            "end": day(end),
            "description": long(description),
        }
        if position["company"] or position["title"]:
            found.append(_said(position))
    return found[:_POSITIONS]


def education(said: Iterable[Study]) -> list[dict[str, Any]]:
    """Return the studies whose school is known."""
    found = []
    for school, level, field, start, end in said:
        study = {"school": short(school), "degree": level, "field": short(field), "start": day(start), "end": day(end)}
        if study["school"]:
            found.append(_said(study))
    return found[:_STUDIES]


def highest(levels: Iterable[EducationLevel | None]) -> EducationLevel | None:
    """Return the highest of some levels."""
    return max((one for one in levels if one), key=_LEVELS.index, default=None)


def person_id(prefix: str, fields: dict[str, Any], document: Any) -> str:
    """Return the id of somebody whose document has none: of the e-mail address, else of name and phone.

    Without these it is of the whole document, for many people share a name.
    """
    if mails := fields.get("emails"):
        return f"{prefix}:{digest(str(mails[0]).casefold())}"
    if fields.get("name") and (phones := fields.get("phones")):
        return f"{prefix}:{digest(str(fields['name']), str(phones[0]))}"
    return f"{prefix}:{digest(json.dumps(document, sort_keys=True))}"


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
