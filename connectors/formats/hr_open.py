"""HR Open (JSON) and HR-XML (2.x, 3.x): candidates and position openings, found by the names of their parts.

The versions nest the same parts in other ways. An XML element is read as an object under its local name, first letter
small, which is how the JSON names it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.people import education, full_name, highest, origin, person_id, positions
from connectors.formats.terms import degree, salary, work_forms
from connectors.formats.values import closed, emails, first, long, many, number, obj, short, shorts, titled
from connectors.plain import RefusedError

_CANDIDATES = ("candidate", "candidates", "resume", "structuredXMLResume")
_OPENINGS = ("positionOpening", "positionOpenings")
_WITHIN = ("processCandidate", "processPositionOpening", "notifyPositionOpening", "dataArea", "jobPositionPostings")
_PERSON = ("person", "candidatePerson", "personalData", "contactInfo", "personalInformation")
_PROFILES = ("profiles", "candidateProfile", "structuredXMLResume")
_OPENING = ("positionProfile", "positionProfiles", "positionTitle", "positionFormattedDescriptions")
_EMPLOYERS = ("employerOrg", "employerHistory", "employment", "employers")
_HISTORIES = ("positionHistory", "positionHistories")
_SCHOOLS = ("schoolOrInstitution", "educationOrganizationAttendance", "education", "educationHistory")
_CONTACT = ("communication", "contactMethod", "contactMethods")
_CAPITALS = frozenset(("Resume", "Candidate", "StructuredXMLResume", "PositionOpening"))
_MOST = 200


def items(document: Any) -> Iterator[Any]:
    """Yield the candidates and openings of a document."""
    for one in many(document):
        if isinstance(one, dict) and not _CAPITALS.isdisjoint(one):
            one = _lowered(one)
        held = list(_holders(one))
        yield from held or [one]


def _lowered(value: Any) -> Any:
    """Return HR-XML that was written as JSON, `{"Resume": {"@id": …}}`, under the names that its XML is read by."""
    if isinstance(value, list):
        return [_lowered(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {_local(name): _lowered(one) for name, one in value.items()}


def _local(name: str) -> str:
    bare = name.removeprefix("@").rpartition(":")[2]
    return bare.lower() if bare.isupper() else bare[:1].lower() + bare[1:]


def _holders(value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, dict) and depth < 6:
        for name in (*_CANDIDATES, *_OPENINGS):
            for one in many(value.get(name)):
                yield from [one] if _is_whole(one) else list(_holders(one, depth + 1)) or [one]
        for name in _WITHIN:
            for one in many(value.get(name)):
                yield from _holders(one, depth + 1)


def recognises(document: Any) -> bool:
    """Whether a document is of HR Open."""
    return _is_whole(next(items(document), None))


def _is_whole(one: Any) -> bool:
    return isinstance(one, dict) and (_is_opening(one) or _is_candidate(one))


def _is_opening(one: dict[str, Any]) -> bool:
    return any(name in one for name in _OPENING)


def _is_candidate(one: dict[str, Any]) -> bool:
    return any(name in one for name in (*_PERSON, *_PROFILES)) or {"employmentHistory", "contactInfo"} <= one.keys()


def record(one: Any, at: datetime) -> Record:
    """Return what a candidate or an opening says. Raises RefusedError."""
    said = obj(one)
    if _is_opening(said):
        return _opening(said, at)
    if _is_candidate(said):
        return _candidate(said)
    raise RefusedError(
        "a document of HR Open has a candidate (person, profiles) or a positionOpening (positionProfile)"
    )


def find(value: Any, *names: str) -> list[Any]:
    """Return what stands below a value under one of some names, in order, the outermost; a list counts by its parts."""
    found: list[Any] = []
    left = [value]
    while left and len(found) < _MOST:
        one = left.pop()
        if isinstance(one, list):
            left += reversed(one[:_MOST])
        elif isinstance(one, dict):
            below = []
            for name, inner in one.items():
                if name in names:
                    found += many(inner)[:_MOST]
                else:
                    below.append(inner)
            left += reversed(below)
    return found[:_MOST]


def word(value: Any, *names: str) -> str | None:
    """Return the first text below a value under one of some names; names that come first are preferred."""
    for name in names:
        for one in find(value, name):
            if said := first(
                one, *(one.get(key) for key in ("value", "name", "content")) if isinstance(one, dict) else ()
            ):
                return said
    return None


def _when(value: Any, *names: str) -> str | None:
    """Return a date, which both standards wrap: `<StartDate><AnyDate>`, `{"formattedDateTime": …}`."""
    for one in find(value, *names):
        if isinstance(one, dict):
            if found := word(one, "anyDate", "yearMonth", "year", "formattedDateTime", "dateTime", "value"):
                return found
        elif said := short(one):
            return said
    return None


def _candidate(said: dict[str, Any]) -> Record:
    person = next(iter(find(said, *_PERSON)), said)
    named = next((obj(one) for one in find(person, "personName", "name") if isinstance(one, dict)), {})
    name = first(named.get("formattedName"), named.get("formatted")) or full_name(
        word(named, "givenName", "given"), word(named, "familyName", "family")
    )
    contact = find(person, *_CONTACT) or [person]
    mails = [
        *find(contact, "internetEmailAddress"),
        *find(find(contact, "email"), "address"),
        *find(contact, "uri", "email"),
    ]
    numbers = [*find(contact, "formattedNumber"), *find(contact, "dialNumber"), *find(contact, "subscriberNumber")]
    places = find(contact, "address", "postalAddress")
    studied = [one for one in find(said, *_SCHOOLS) if isinstance(one, dict)]
    studied = [one for study in studied for one in (find(study, *_SCHOOLS) or [study]) if isinstance(one, dict)]
    levels = [degree(_degree(one)) for one in studied]
    worked = positions(_positions(said))
    fields = {
        "name": name,
        "emails": emails([one if isinstance(one, str) else obj(one).get("address") for one in mails]),
        "phones": shorts(numbers)[:20],
        "title": first(*(one.get("title") for one in worked[:1]), word(said, "positionTitles")),
        "summary": long(word(said, "executiveSummary"), word(said, "objective")),
        "skills": [{"name": skill} for skill in _competencies(said)],
        "education_level": highest(levels),
        "education": education(
            (_school(one), level, _major(one), _when(one, "startDate", "start"), _when(one, "endDate", "end"))
            for one, level in zip(studied, levels, strict=True)
        ),
        "employments": worked,
        **_origin([person, *find(said, "personDescriptors")], places),
        "locations": shorts([_town(place) for place in places])[:50],
    }
    if not any(fields[part] for part in ("name", "emails", "employments", "education", "skills")):
        raise RefusedError("a candidate of HR Open says nothing of a person: no name, e-mail, employment, education")
    known = word({n: said.get(n) for n in ("id", "candidateId", "documentId", "documentID")}, "idValue", "value", *_IDS)
    return made("talent", identity("hr-open", known) if known else person_id("hr-open", fields, said), fields)


def _origin(person: list[Any], places: list[Any]) -> dict[str, str | None]:
    """Return date of birth, street and postal code; a street's number may stand apart from its name."""
    lines = shorts(find(places, "addressLine", "line", "lineOne", "addressLine1"))
    street = " ".join(filter(None, (word(places, "buildingNumber"), word(places, "streetName")))) or None
    return origin(
        _when(person, "birthDate", "dateOfBirth"),
        word(places, "formattedAddress"),
        street or first(*lines),
        word(places, "postalCode", "postalcode"),
    )


_IDS = ("id", "candidateId", "documentId", "documentID")


def _positions(said: Any) -> Iterator[tuple[Any, Any, Any, Any, Any]]:
    for employer in find(said, *_EMPLOYERS):
        if not isinstance(employer, dict):
            continue
        company = first(obj(employer.get("organization")).get("name")) or word(
            employer, "employerOrgName", "organizationName", "employerName"
        )
        for held in [one for one in find(employer, *_HISTORIES) if isinstance(one, dict)] or [employer]:
            told = [*find(held, "description"), *find(held, "descriptions")]
            yield (
                company or word(held, "organizationName", "orgName"),
                word(held, "positionTitle", "title"),
                _when(held, "startDate", "start"),
                _when(held, "endDate", "end"),
                long(*(text for one in told for text in many(one))),
            )


def _competencies(said: Any) -> list[str]:
    names = [*find(said, "competencyName"), *(obj(one).get("name") for one in find(said, "competency"))]
    return shorts(names)[:500]


def _school(one: dict[str, Any]) -> str | None:
    return first(obj(one.get("institution")).get("name"), one.get("school")) or word(
        one, "schoolName", "organizationName", "institutionName"
    )


def _degree(one: dict[str, Any]) -> str | None:
    return word(one, "degreeName", "educationLevelCodes", "educationLevelCode") or first(
        *(obj(each).get("name") for each in find(one, "educationDegrees", "degree", "educationDegree")),
        *(obj(each).get("degreeType") for each in find(one, "degree")),
    )


def _major(one: dict[str, Any]) -> str | None:
    return first(
        *(
            named
            for each in find(one, "specializations", "degreeMajor", "degreeConcentration")
            for named in shorts(obj(each).get("name"))
        )
    ) or word(one, "programName", "degreeMajor")


def _town(place: Any) -> str | None:
    said = obj(place)
    return (
        word(said, "city", "cityName", "municipality", "locationName")
        or first(said.get("formattedAddress"))
        or word(said, "region", "countrySubdivisionCode", "countryCode")
    )


def _opening(said: dict[str, Any], at: datetime) -> Record:
    profile = next((one for one in find(said, "positionProfile", "positionProfiles") if isinstance(one, dict)), said)
    title = word(profile, "positionTitle", "positionTitles", "title")
    description = long(*_descriptions(profile))
    if title is None and description is None:
        raise RefusedError("a positionOpening of HR Open has a positionTitle or a description")
    organisation = find(
        profile, "positionOrganizations", "positionOrganization", "organization", "company", "hiringOrg"
    )
    organisation = [one for one in organisation if obj(one).get("responsibilityCode") != "Department"]
    company = first(*(obj(one).get("name") for one in organisation)) or word(
        organisation, "organizationName", "hiringOrgName", "name"
    )
    places = find(profile, "positionLocation", "positionLocations", "physicalLocation")
    known = word(said, "idValue") or word(
        {n: said.get(n) for n in ("id", "documentId", "documentID")}, "value", "id", *_IDS
    )
    until = word(said, "validTo", "positionOpeningExpirationDate", "applicationCloseDate", "endDate")
    state = (word(said, "statusCode", "positionStatus", "positionOpeningStatusCode") or "").casefold()
    fields = {
        "title": title,
        "company": company,
        "description": description,
        "skills": [{"name": skill} for skill in _competencies(profile)],
        "locations": shorts([_town(place) for place in places])[:50],
        "years_experience_min": _years(profile),
        "salary": _pay(profile),
        **work_forms(
            *find(profile, "positionScheduleTypeCodes", "positionScheduleTypeCode", "positionSchedule"),
            *find(profile, "positionOfferingTypeCodes", "positionOfferingTypeCode", "positionClassification"),
        ),
        "status": "closed" if "close" in state or "fill" in state or closed(until, at) else "open",
    }
    return made("job", identity("hr-open", known or f"{company}\x1f{title}", within=company if known else None), fields)


def _years(profile: dict[str, Any]) -> float | None:
    """Return the years of the first measure of experience, which states its unit."""
    for measure in find(find(profile, "experienceSummary", "experienceCategory"), "measure"):
        amount, unit = number(obj(measure).get("value")), (word(measure, "unitCode") or "").casefold()
        if amount and unit.startswith(("mon", "year", "ann")):
            return round(amount / 12, 1) if unit.startswith("mon") else amount
    return None


def _descriptions(profile: dict[str, Any]) -> Iterator[str | None]:
    for one in find(
        profile, "positionFormattedDescriptions", "formattedPositionDescription", "positionFormattedDescription"
    ):
        if not isinstance(one, dict):
            yield one if isinstance(one, str) else None
            continue
        told = next((one[name] for name in ("content", "value", "shortDescription") if name in one), None)
        label = first(one.get("name"), one.get("descriptionId"))
        # Settings of a portal stand among the texts, a word each.
        if isinstance(told, str) and (len(told.split()) > 3 or len(told) > 20):
            yield long(told) if label is None or "description" in label.casefold() else titled(f"{label}:", told)
    yield from (one for one in find(profile, "jobDescription", "positionDescription") if isinstance(one, str))


def _pay(profile: dict[str, Any]) -> dict[str, Any] | None:
    for package in find(profile, "offeredRemunerationPackage", "remunerationPackage", "basePay"):
        low = find(package, "minimumAmount", "remunerationMinimumAmount", "basePayAmountMin", "minimumSalary")
        high = find(package, "maximumAmount", "remunerationMaximumAmount", "basePayAmountMax", "maximumSalary")
        for bound in find(package, "ranges"):  # a range for each bound, as JazzHR writes them
            kind = (short(obj(bound).get("typeCode")) or "").casefold()
            low += find(bound, "referenceAmount") if kind.startswith("min") else []
            high += find(bound, "referenceAmount") if kind.startswith("max") else []
        amounts = [number(one.get("value") if isinstance(one, dict) else one) for one in (*low[:1], *high[:1])]
        if not amounts:
            continue
        code = word([*low, *high], "currency", "currencyID", "currencyCode") or word(
            package, "currency", "currencyCode"
        )
        unit = word(
            package,
            "intervalCode",
            "remunerationIntervalCode",
            "baseInterval",
            "payingIntervalCode",
            "basePayAmountUnit",
        )
        if found := salary(amounts[0] if low else None, amounts[-1] if high else None, code, unit, "intervalCode"):
            return found
    return None


FORMAT = Format(
    name="hr-open",
    title="HR Open / HR-XML",
    files=(".json", ".jsonl", ".xml"),
    recognises=recognises,
    items=items,
    record=record,
)
