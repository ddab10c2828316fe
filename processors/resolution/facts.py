"""What resolution looks at in a record: normalised once, then compared with many others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from processors.resolution import places
from processors.resolution.contacts import email, phone
from processors.resolution.homes import Home, home
from processors.resolution.names import ReadName, person_name
from processors.resolution.organisations import CompanyName, company_name, domain, industry, school, sectors
from processors.resolution.text import fold
from schemas.entities import Resolvable

MAX_CONTACTS, MAX_JOBS, MAX_STUDIES, MAX_NAMES = 5, 8, 4, 6
"""Values of a list that are read; records with more are unusual, and work per record stays bounded."""

_AGE_AT_DEGREE = {"high_school": 18, "associate": 21, "bachelor": 22, "master": 25, "doctorate": 29}
_YEARS = {"high_school": 3, "associate": 3, "bachelor": 4, "master": 3, "doctorate": 4}
_BIRTH = re.compile(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?=$|T)")


@dataclass(frozen=True, slots=True)
class Job:
    """A position held: the employer's core name and the months of its start and end, counted from year 0."""

    employer: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Study:
    """A course of study: the school, the degree and the year it ended, if need be reckoned from its start."""

    school: str
    degree: str | None
    end: int | None


@dataclass(frozen=True, slots=True)
class TalentFacts:
    """What identifies a person.

    `born` is estimated from degrees, `birth` the date said (ISO 8601, or empty); `begun` is the first year of work.
    """

    name: ReadName | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    jobs: tuple[Job, ...]
    studies: tuple[Study, ...]
    born: int | None
    begun: int | None
    places: frozenset[str]
    birth: str
    home: Home | None


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What identifies a company: the first of `names` is its name, the others are aliases.

    `trade` and `industry` are sectors: those that its names speak of, and those that it is said to be in.
    """

    names: tuple[CompanyName, ...]
    domain: str | None
    trade: frozenset[str]
    industry: frozenset[str]
    places: frozenset[str]
    size: str | None


Facts = TalentFacts | CompanyFacts


def facts(entity: Resolvable, fields: Mapping[str, Any]) -> Facts:
    """Return what identifies the entity that a record's fields describe. Unreadable values count as missing."""
    return _talent(fields) if entity == "talent" else _company(fields)


def _talent(fields: Mapping[str, Any]) -> TalentFacts:
    jobs = _rows(fields.get("employments"))[:MAX_JOBS]
    studies = tuple(_study(row) for row in _rows(fields.get("education"))[:MAX_STUDIES] if row.get("school"))
    starts = [start for row in jobs if (start := _month(row.get("start")))]
    ages = [
        study.end - _AGE_AT_DEGREE[study.degree] for study in studies if study.end and study.degree in _AGE_AT_DEGREE
    ]
    return TalentFacts(
        name=person_name(fields["name"]) if isinstance(fields.get("name"), str) else None,
        phones=_unique(map(phone, _texts(fields.get("phones"))))[:MAX_CONTACTS],
        emails=_unique(map(email, _texts(fields.get("emails"))))[:MAX_CONTACTS],
        jobs=tuple(
            Job(_employer(row), _month(row.get("start")), _month(row.get("end"))) for row in jobs if _employer(row)
        ),
        studies=studies,
        born=min(ages, default=None),
        begun=min(starts) // 12 if starts else None,
        places=frozenset(map(fold, _texts(fields.get("locations")))),
        birth=found[0] if (found := _BIRTH.match(_text(fields, "birth_date"))) else "",
        home=home(_text(fields, "street_address"), _text(fields, "postal_code")),
    )


def _company(fields: Mapping[str, Any]) -> CompanyFacts:
    read = _unique(map(company_name, _texts([fields.get("name"), *_texts(fields.get("aliases"))])))[:MAX_NAMES]
    # A short form of another name adds nothing, and other companies may have the same.
    names = tuple(n for n in read if n.trades or not any(m.trades and m.letters == n.letters for m in read))
    cities = {places.city(fold(p)) for p in _texts(fields.get("locations"))} | {n.place for n in names}
    return CompanyFacts(
        names=names,
        domain=domain(fields["website"]) if isinstance(fields.get("website"), str) else None,
        trade=frozenset(s for n in names for s in sectors(n.trades)),
        industry=industry(fields["industry"]) if isinstance(fields.get("industry"), str) else frozenset(),
        places=frozenset(cities - {""}),
        size=fields.get("size"),
    )


def _employer(row: Mapping[str, Any]) -> str:
    name = company_name(row["company"]) if isinstance(row.get("company"), str) else None
    return name.core if name else ""


def _study(row: Mapping[str, Any]) -> Study:
    degree = row.get("degree")
    end, start = _month(row.get("end")), _month(row.get("start"))
    year = end // 12 if end else start // 12 + _YEARS[degree] if start and degree in _YEARS else None
    return Study(school(str(row["school"])), degree, year)


def _month(value: object) -> int | None:
    """Dates come as ISO text, from JSON and MongoDB."""
    text = str(value or "")
    year, month = text[:4], text[5:7] or "1"
    return int(year) * 12 + int(month) - 1 if year.isdecimal() and month.isdecimal() else None


def _text(fields: Mapping[str, Any], name: str) -> str:
    return value if isinstance(value := fields.get(name), str) else ""


def _texts(values: object) -> list[str]:
    return [v for v in values if isinstance(v, str)] if isinstance(values, list | tuple) else []


def _rows(values: object) -> list[Mapping[str, Any]]:
    return [v for v in values if isinstance(v, Mapping)] if isinstance(values, list | tuple) else []


def _unique(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(v for v in values if v))
