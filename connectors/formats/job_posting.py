"""schema.org JobPosting: JSON-LD, alone, in lists, in a graph, or in a page."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.terms import degree, said_salary, salary, work_forms
from connectors.formats.values import (
    closed,
    first,
    long,
    many,
    moment,
    number,
    obj,
    objects,
    short,
    shorts,
    text,
    titled,
    words,
)
from connectors.plain import RefusedError

_TYPE = "JobPosting"
_PREFIXES = ("schema:", "http://schema.org/", "https://schema.org/")
_INTO = ("@graph", "itemListElement", "item", "mainEntity", "mainEntityOfPage", "about", "hasPart")
_DEEPEST = 12
_WIDEST = 10_000
_SKILL_LENGTH = 60
_RANGE = re.compile(r"\s*(\S*\d)\s*(?:[-–—]|to)\s*(\S*\d\S*)\s*")
_EVERYWHERE = ("worldwide", "anywhere", "global", "remote")
# UN/CEFACT's codes of units, which `unitCode` holds.
_CODES = {"HUR": "hour", "DAY": "day", "WEE": "week", "MON": "month", "ANN": "year"}


def items(document: Any) -> Iterator[Any]:
    """Yield the postings of a document, wherever JSON-LD may have them."""
    left: list[tuple[Any, int]] = [(document, 0)]
    named: dict[str, dict[str, Any]] = {}
    postings: list[dict[str, Any]] = []
    while left:
        value, depth = left.pop()
        if isinstance(value, list):
            left += [(one, depth + 1) for one in reversed(value[:_WIDEST])]
        elif isinstance(value, dict):
            value = _bare(value)
            if isinstance(value.get("@id"), str) and len(value) > 1:
                named[value["@id"]] = value
            if _is_posting(value):
                postings.append(value)
            elif depth < _DEEPEST:
                left += [(value[name], depth + 1) for name in reversed(_INTO) if name in value]
    yield from (_resolved(posting, named) for posting in postings) if named else postings


def _resolved(posting: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a posting with what it only refers to, `{"@id": …}`, as it stands elsewhere in the document."""
    return {
        name: named.get(value["@id"], value)
        if isinstance(value, dict) and value.keys() == {"@id"} and isinstance(value["@id"], str)
        else value
        for name, value in posting.items()
    }


def record(posting: Any, at: datetime) -> Record:
    """Return the job of one posting; `validThrough` before `at` closes it. Raises RefusedError."""
    said = _bare(obj(posting))
    title = first(said.get("title"), said.get("name"))
    company = _name(said.get("hiringOrganization"))
    description = long(
        said.get("description"),
        titled("Responsibilities:", _listed(said.get("responsibilities"))),
        titled("Requirements:", _listed(said.get("qualifications"))),
        titled("Experience:", said.get("experienceRequirements")),
        titled("Education:", said.get("educationRequirements")),
        None if _skills(said) else titled("Skills:", _listed(said.get("skills"))),
    )
    if title is None and description is None:
        raise RefusedError("a JobPosting has a title or a description")
    remote = any("telecommute" in kind.casefold() for kind in shorts(said.get("jobLocationType")))
    fields = {
        "title": title,
        "company": company,
        "language": _language(said.get("inLanguage")),
        "description": description,
        "skills": [{"name": name} for name in _skills(said)],
        "years_experience_min": _experience(said.get("experienceRequirements")),
        "education_level": _education(said.get("educationRequirements")),
        "locations": _places(said.get("jobLocation")) or _places(said.get("applicantLocationRequirements")),
        "workplace": "remote" if remote else None,
        **work_forms(said.get("employmentType")),
        "salary": _pay(said),
        "status": "closed" if closed(said.get("validThrough"), at) else "open",
    }
    return made("job", _id(said, company, title), fields, moment(said.get("dateModified")))


def recognises(document: Any) -> bool:
    """Whether a document holds a posting."""
    return next(items(document), None) is not None


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose keys are schema.org's names, without a prefix."""
    if not any(name.startswith(_PREFIXES) for name in value):
        return value
    return {_without_prefix(name): one for name, one in value.items()}


def _without_prefix(name: str) -> str:
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def _is_posting(value: dict[str, Any]) -> bool:
    """Whether an object is a posting: it says so, or says nothing of its type and names who hires."""
    types = _types(value)
    return _TYPE in types or (not any(types) and "hiringOrganization" in value)


def _types(value: dict[str, Any]) -> list[str]:
    return [_without_prefix(kind) for kind in many(value.get("@type")) if isinstance(kind, str)]


def _name(value: Any) -> str | None:
    """Return the name of something that is a text or an object, or of the first of several."""
    one = next(iter(many(value)), None)
    return first(_bare(one).get("name"), one.get("legalName"), one) if isinstance(one, dict) else short(one)


def _id(said: dict[str, Any], company: str | None, title: str | None) -> str:
    known = next(iter(many(said.get("identifier"))), None)
    owner = company
    if isinstance(known, dict):
        owner = short(known.get("name")) or company
        known = known.get("value", known.get("propertyID"))
    if short(known) or type(known) is int:
        return identity("schema-org", known, within=owner)
    address = first(said.get("@id"), said.get("url"), said.get("sameAs"))
    return identity("schema-org", address or f"{company}\x1f{title}\x1f{_places(said.get('jobLocation'))}")


def _listed(value: Any) -> str | None:
    """Return a list of texts or terms as lines, a text as it stands."""
    if isinstance(value, list):
        return "\n".join(said for one in value[:100] if (said := _name(one))) or None
    return text(value) or (_name(value) if isinstance(value, dict) else None)


def _skills(said: dict[str, Any]) -> list[str]:
    """Return the skills if they are a list of names; sentences are a part of the description."""
    value = said.get("skills")
    names = [name for one in many(value) if (name := _name(one))]
    split = words(names)
    return split[:500] if all(len(name) <= _SKILL_LENGTH for name in split) else []


def _language(value: Any) -> str | None:
    code = (first(value, obj(value).get("alternateName"), obj(value).get("name")) or "").casefold()
    return "zh" if code.startswith(("zh", "chinese")) else "en" if code.startswith("en") else None


def _experience(value: Any) -> float | None:
    months = number(obj(value).get("monthsOfExperience"))
    return round(months / 12, 1) if months is not None and months <= 720 else None


def _education(value: Any) -> str | None:
    """Return the least of the levels that are asked for."""
    order = ("high_school", "associate", "bachelor", "master", "doctorate")
    named = [degree(_credential(one)) for one in many(value)]
    return min((one for one in named if one in order), key=order.index, default=None)


def _credential(value: Any) -> Any:
    if not isinstance(value, dict):
        return value if isinstance(value, str) and len(value) <= _SKILL_LENGTH else None
    return first(value.get("credentialCategory"), _name(value.get("credentialCategory")), value.get("name"))


def _places(value: Any) -> list[str]:
    """Return the towns of places; of one without a town its region or country. Everywhere is no place."""
    named = (said for one in many(value) if (said := _place(one)))
    return list(dict.fromkeys(said for said in named if said.casefold() not in _EVERYWHERE))[:50]


def _place(value: Any) -> str | None:
    if not isinstance(value, dict):
        return short(value)
    place = _bare(value)
    address = place.get("address", place)
    if not isinstance(address, dict):
        return first(address, place.get("name"))
    address = _bare(address)
    named = [_name(address.get(part)) for part in ("addressLocality", "addressRegion", "addressCountry")]
    return next((one for one in named if one), None) or _name(place)


def _pay(said: dict[str, Any]) -> dict[str, Any] | None:
    """Return the base salary, else the estimated one, in any of the forms that are met."""
    for name in ("baseSalary", "estimatedSalary", "salary"):
        for one in many(said.get(name)):
            if found := _amount(one, said.get("salaryCurrency"), name):
                return found
    return None


def _amount(value: Any, currency: Any, where: str) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        alone = number(value)
        return salary(alone, None, currency, None, where) if alone is not None else said_salary(value)
    amount = _bare(value)
    inner = amount.get("value", amount.get("price"))
    parts = [_bare(one) for one in objects(inner)] or [amount]
    part = parts[0]
    unit, code = (first(part.get(name), amount.get(name)) for name in ("unitText", "unitCode"))
    low = next(
        (part[name] for name in ("minValue", "minPrice", "percentile10", "value", "price") if name in part), inner
    )
    high = next((part[name] for name in ("maxValue", "maxPrice", "percentile90") if name in part), None)
    if not isinstance(inner, dict | list) and number(low) is None and isinstance(inner, str):
        return said_salary(inner)
    if high is None and isinstance(low, str) and (both := _RANGE.fullmatch(low)):
        low, high = both.groups()
    money = first(amount.get("currency"), amount.get("priceCurrency"), part.get("currency"), currency)
    unit = unit or _CODES.get(code or "", code) or short(amount.get("duration"))
    return salary(low, high, money, unit, f"{where}'s unitText")


FORMAT = Format(
    name="schema-org",
    title="schema.org JobPosting",
    files=(".json", ".jsonl", ".html"),
    recognises=recognises,
    items=items,
    record=record,
)
