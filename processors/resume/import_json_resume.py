"""A profile from a JSON Resume document (jsonresume.org/schema): its fields are taken as they are, not read from text."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from processors.lexicon.dates import dates
from processors.lexicon.script import detect_language, fold
from processors.lexicon.seniority import seniority
from processors.resolution.organisations import company_name
from processors.resume import extras, history, schools, skills
from processors.resume.contacts import emails, phones, regions, web_link
from processors.resume.degrees import level
from processors.resume.name_parts import parts
from processors.resume.text import lines as read_lines
from processors.resume.text import piece
from processors.resume.work import is_internship, normal_title
from processors.skills import extract_skills, normalise
from processors.unicode import loads
from schemas.resume import (
    Certificate,
    Found,
    HeldSkill,
    Listed,
    PersonName,
    Project,
    ResumeProfile,
    Span,
    SpokenLanguage,
    Study,
    WebLink,
    Work,
)

_MOST = 100
"""Entries read of a list."""
_LONGEST = 10_000
"""Characters read of a text."""
_REACH = 200_000
"""Characters in which a value is looked for."""
_DATE = re.compile(r"([12]\d{3})(?:[-/.](0?[1-9]|1[0-2])(?:[-/.](0?[1-9]|[12]\d|3[01]))?)?(?![\d年]|[-/.]\d)")
_LASTS = re.compile(r"present|current|now|today|ongoing|heute|至今|现在|目前", re.IGNORECASE)
# Before version 0.0.16 and in many hands: what the schema calls otherwise.
_BEFORE = {"label": "title", "url": "website", "name": "fullName"}
_WORK = ("work", "experience", "workExperience", "employment")
_STARTS, _ENDS = ("startDate", "start", "from"), ("endDate", "end", "to")
_BIRTHS = "birthDate", "dateOfBirth", "birthday", "dob", "birth"
"""Not in the schema, and found all the same."""
_WRAPPERS = ("resume", "data", "cv")
_ADDRESS = re.compile(r"(?:https?://|(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?:[/?#]|$))\S*")
_NETWORKS = {"github": "github.com/", "linkedin": "linkedin.com/in/", "gitlab": "gitlab.com/", "gitee": "gitee.com/"}
"""Where a profile of which only the user's name is told stands."""
_LINES = re.compile(r"\n")
_BETWEEN = re.compile(r"[,;\n，；、]")


def profile_of_json_resume(text: str, today: date | None = None) -> ResumeProfile | None:
    """Return the profile that a document gives; None if it is no JSON object.

    Older versions and what people make of the schema are read, too: `bio`, `company`, skills as bare texts, dates in
    words. What has another type is left out. A value stands where the text first writes it behind
    the values before it, if it writes it as it is (not escaped).
    """
    try:
        root = loads(text)
    except (ValueError, RecursionError):
        return None
    return _Reader(text, today or date.today()).profile(root) if isinstance(root, dict) else None


class _Reader:
    """Takes values out of the document; remembers how far in the text it is."""

    def __init__(self, text: str, today: date) -> None:
        self._text, self._today = text, today
        self._entry = self._furthest = 0

    def profile(self, root: dict[str, Any]) -> ResumeProfile:
        root = _unwrapped(root)
        basics = _basics(root)
        said = {name: self._found(basics, name) for name in ("name", "label", "email", "phone", "url", "summary")}
        name = said["name"]
        full = name.model_copy(update={"value": parts(name.value[:200])}) if name else None
        location = self._found(basics, "location") or self._location(_object(basics.get("location")))
        links = [said["url"], *(self._profile(one) for one in self._each(basics.get("profiles"), "url"))]
        work = [self._work(p) for one in self._each(_first_of(root, _WORK)) for p in _positions(one)]
        education = tuple(s for one in self._each(root.get("education")) if (s := self._study(one)))
        listed = tuple(skill for one in self._each(root.get("skills"), "name") for skill in self._skills(one))
        projects = tuple(p for one in self._each(root.get("projects")) if (p := self._project(one)))
        tongue = detect_language(" ".join(_texts(root)))
        known = [p for p in work if p]
        return ResumeProfile(
            language=tongue,
            name=cast(Found[PersonName] | None, full),
            headline=said["label"],
            emails=_contact(said["email"], emails),
            phones=_contact(said["phone"], lambda text: phones(text, regions(text, tongue))),
            addresses=(location,) if location else (),
            birth_date=self._when(basics, _BIRTHS),
            links=tuple(_link(one) for one in links if one and _ADDRESS.fullmatch(one.value)),
            summary=said["summary"],
            work=tuple(known),
            gaps=history.gaps(known, self._today),
            overlaps=history.overlaps(known, self._today),
            projects=projects,
            education=education,
            skills=_held(listed, known, projects, self._today, tongue),
            languages=tuple(t for one in self._each(root.get("languages"), "language") if (t := self._spoken(one))),
            certificates=tuple(
                Certificate(name=n, date=_date(one.get("date")))
                for one in self._each(_first_of(root, ("certificates", "certifications")), "name")
                if (n := self._first(one, "name", "title"))
            ),
            awards=self._listed(root.get("awards"), "title", "date"),
            publications=self._listed(root.get("publications"), "name", "releaseDate"),
            years_total=history.years(known, self._today),
        )

    def _found(self, entry: dict[str, Any], name: str) -> Found[str] | None:
        value = entry.get(name)
        if not isinstance(value, str) or not value.strip():
            return None
        return self._told(value.strip()[:_LONGEST])

    def _told(self, value: str) -> Found[str]:
        quoted = json.dumps(value, ensure_ascii=False)
        at = self._text.find(quoted, self._entry, self._entry + _REACH)
        at = at if at >= 0 else self._text.find(quoted, 0, min(self._entry + len(quoted), _REACH))
        if at < 0 or len(quoted) > len(value) + 2:
            return Found(value=value)
        self._furthest = max(self._furthest, at + len(quoted))
        return Found(value=value, spans=(Span(at + 1, at + 1 + len(value)),))

    def _first(self, entry: dict[str, Any], *names: str) -> Found[str] | None:
        return next((found for name in names if (found := self._found(entry, name))), None)

    def _each(self, value: Any, bare: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield a list's objects; the values of one are looked for behind those of the one before.

        A text where an object is due is taken for its `bare` part.
        """
        for one in _list(value, _BETWEEN if bare else None):
            self._entry = self._furthest
            if isinstance(one, dict):
                yield one
            elif bare and _said(one):
                yield {bare: one}

    def _when(self, entry: dict[str, Any], names: Sequence[str]) -> Found[str] | None:
        return self._told(value) if (value := _date(_first_of(entry, names))) else None

    def _profile(self, entry: dict[str, Any]) -> Found[str] | None:
        """Return a profile's address, or that which its network gives to the user's name."""
        if url := self._found(entry, "url"):
            return url
        network, user = entry.get("network"), self._found(entry, "username")
        home = _NETWORKS.get(network.strip().casefold()) if isinstance(network, str) else None
        return user.model_copy(update={"value": f"{home}{user.value.lstrip('@')}"}) if home and user else None

    def _location(self, where: dict[str, Any]) -> Found[str] | None:
        parts_ = [
            v for n in ("address", "postalCode", "city", "region", "countryCode") if isinstance(v := where.get(n), str)
        ]
        shown = ", ".join(p.strip() for p in parts_ if p.strip())
        return Found(value=shown[:_LONGEST]) if shown else None

    def _highlights(self, entry: dict[str, Any]) -> tuple[Found[str], ...]:
        told = (
            next((v[n] for n in ("text", "summary", "description", "name") if _said(v.get(n))), None)
            if isinstance(v, dict)
            else v
            for v in _list(entry.get("highlights"), _LINES)
        )
        return tuple(self._told(v.strip()[:_LONGEST]) for v in told if isinstance(v, str) and _said(v))

    def _work(self, entry: dict[str, Any]) -> Work | None:
        employer = self._first(entry, "name", "company", "organization", "employer")  # `company` before version 1.0.0
        title, place = self._first(entry, "position", "title", "jobTitle"), self._found(entry, "location")
        if employer is None and title is None:
            return None
        start, end = self._when(entry, _STARTS), self._when(entry, _ENDS)
        description, achievements = self._first(entry, "summary", "description"), self._highlights(entry)
        company = company_name(employer.value) if employer else None
        return Work(
            employer=employer,
            employer_normalised=schools.readable(company.core, employer.value) if company and employer else None,
            title=title,
            title_normalised=normal_title(title.value) if title else None,
            seniority=seniority(None, title.value, None) if title else None,  # type: ignore[arg-type]
            start=start,
            end=end,
            current=bool(start) and _lasts(_first_of(entry, _ENDS)),
            internship=bool(title and is_internship(title.value)),
            location=place,
            description=description,
            achievements=achievements,
            skills=_ids(f.value for f in (title, description, *achievements) if f),
        )

    def _study(self, entry: dict[str, Any]) -> Study | None:
        school, degree = self._first(entry, "institution", "school"), self._first(entry, "studyType", "degree")
        field = self._first(entry, "area", "major")
        if school is None and degree is None:
            return None
        start, end = self._when(entry, _STARTS), self._when(entry, _ENDS)
        return Study(
            school=school,
            school_normalised=schools.normal(school.value) if school else None,
            degree=degree,
            level=level(degree.value[:200]) if degree else None,
            field=field,
            start=start,
            end=end,
            current=bool(start) and _lasts(_first_of(entry, _ENDS)),
            grade=self._found(entry, "score") or self._found(entry, "gpa"),
            marks=schools.marks(school.value) if school else (),
        )

    def _project(self, entry: dict[str, Any]) -> Project | None:
        name = self._found(entry, "name")
        if name is None:
            return None
        description, achievements = self._found(entry, "description"), self._highlights(entry)
        role = next((self._told(v.strip()[:_LONGEST]) for v in _list(entry.get("roles")) if _said(v)), None)
        said = [f.value for f in (name, description, *achievements) if f]
        return Project(
            name=name,
            role=role,
            start=self._when(entry, _STARTS),
            end=self._when(entry, _ENDS),
            description=description,
            achievements=achievements,
            skills=_ids([*said, *(v for v in _list(entry.get("keywords"), _BETWEEN) if _said(v))]),
        )

    def _skills(self, entry: dict[str, Any]) -> Iterator[tuple[Found[str], Any]]:
        """A skill with keywords is a group of those: `{"name": "Web", "keywords": ["HTML", "CSS"]}`."""
        name, said = self._first(entry, "name", "skill"), entry.get("level")
        listed = _list(_first_of(entry, ("keywords", "items")), _BETWEEN)
        keywords = [self._told(v.strip()[:200]) for v in listed if _said(v)]
        for one in keywords or ([name] if name else []):
            yield one, said
        if keywords and name and normalise(name.value):
            yield name, said

    def _spoken(self, entry: dict[str, Any]) -> SpokenLanguage | None:
        name, fluency = self._found(entry, "language"), self._found(entry, "fluency")
        if name is None:
            return None
        line = f"{name.value[:100]} {fluency.value[:100] if fluency else ''}".replace("\n", " ")
        known = next(extras.languages(read_lines(line)), None)
        return SpokenLanguage(
            name=name,
            code=known.code if known else None,
            level=known.level if known else None,
            evidence=fluency.value if fluency else None,
        )

    def _listed(self, value: Any, name: str, when: str) -> tuple[Listed, ...]:
        return tuple(
            Listed(title=title, date=_date(one.get(when)))
            for one in _objects(value)
            if (title := self._found(one, name))
        )


def _held(
    listed: Sequence[tuple[Found[str], Any]],
    work: Sequence[Work],
    projects: Sequence[Project],
    today: date,
    tongue: str,
) -> tuple[HeldSkill, ...]:
    """Return the listed skills as the parser would, were they its text, and those that positions and projects name."""
    text, found, spans = "", [], []
    for name, said in listed[: 5 * _MOST]:
        shown = re.sub(r"\s+", " ", name.value[:200])
        found.append(piece(text + shown, len(text), len(text) + len(shown)))
        spans.append(name.spans)
        # The comma keeps two that are listed from being read as one.
        text += f"{shown} ({said[:40]}),\n" if _said(said) else f"{shown},\n"
    listed_end = len(text)
    text += "\n".join(f.value for p in work for f in (p.title, p.description, *p.achievements) if f) + "\n"
    text += "\n".join(f.value for p in projects for f in (p.name, p.description, *p.achievements) if f)
    mentions = extract_skills(text[: skills.LONGEST_TEXT], tongue)
    held = skills.held(mentions, list(read_lines(text[:listed_end])), work, today)
    starts = {p.start: s for p, s in zip(found, spans, strict=True)}
    return tuple(
        s.model_copy(update={"evidence": tuple(e for a, _ in s.evidence for e in starts.get(a, ()))}) for s in held
    )


def _contact(said: Found[str] | None, read: Callable[[str], Iterator[Found[str]]]) -> tuple[Found[str], ...]:
    """Return a contact in its normal form; what has none is no contact."""
    normal = next(read(said.value[:200]), None) if said else None
    return (said.model_copy(update={"value": normal.value}),) if said and normal else ()


def _link(said: Found[str]) -> Found[WebLink]:
    return Found(value=web_link(said.value[:2000]), confidence=said.confidence, spans=said.spans)


def _ids(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.skill_id for m in extract_skills("\n".join(said)[: skills.LONGEST_TEXT])))


def _date(value: Any) -> str | None:
    """Return a date as precise as it is written: ISO 8601, a year, or words."""
    if isinstance(value, dict):  # {"year": 2019, "month": 3}
        said = [value.get(part) for part in ("year", "month")]
        value = "-".join(str(part) for part in said[: 2 if said[1] else 1])
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        return None
    if match := _DATE.match(value.strip()[:10]):
        year, *rest = (part for part in match.groups() if part)
        return "-".join((year, *(f"{int(part):02}" for part in rest)))
    span = next(dates(fold(value[:60])), None)
    return span.start if span else None


def _lasts(end: Any) -> bool:
    """Whether what has this end goes on: there is none, or a word for it."""
    return not end or (isinstance(end, str) and (not end.strip() or _LASTS.search(end[:60]) is not None))


def _basics(root: dict[str, Any]) -> dict[str, Any]:
    """Return the basics under the names of today; some write them beside the sections."""
    basics = _object(next(iter(_list(root.get("basics"))), None)) or _object(root.get("bio")) or root
    older = {name: basics[before] for name, before in _BEFORE.items() if not basics.get(name) and before in basics}
    if not basics.get("name") and "name" not in older:
        parts_ = [basics.get(part) for part in ("firstName", "lastName")]
        older["name"] = " ".join(part.strip() for part in parts_ if isinstance(part, str) and part.strip())
    for name in ("email", "phone"):
        if not isinstance(basics.get(name), str):  # by kind, `{"work": …, "personal": …}`, or several
            values = basics.get(name, basics.get(f"{name}s"))
            every = values.values() if isinstance(values, dict) else _list(values)
            older[name] = next((value for value in every if _said(value)), None)
    return {**basics, **older}


def _said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list(value: Any, between: re.Pattern[str] | None = None) -> list[Any]:
    """Return a list; one object where a list is due is its only entry, a text what stands in it `between` marks."""
    if isinstance(value, dict):
        return [value]
    if isinstance(value, str) and between:
        return between.split(value[:_LONGEST])[:_MOST]
    return value[:_MOST] if isinstance(value, list) else []


def _first_of(entry: dict[str, Any], names: Sequence[str]) -> Any:
    """Return the first of an entry's values under these names that says something."""
    return next((value for name in names if (value := entry.get(name))), None)


def _unwrapped(root: dict[str, Any]) -> dict[str, Any]:
    """Return the document inside one that holds it under a name, as services answer with it."""
    inner = next((root[name] for name in _WRAPPERS if isinstance(root.get(name), dict)), None)
    return inner if inner and "basics" in inner and "basics" not in root else root


def _positions(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the positions of an entry; one of an employer may hold several: `positions`."""
    inner = [one for one in _list(entry.get("positions")) if isinstance(one, dict)]
    yield from ({**entry, **one} for one in inner) if inner else (entry,)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in _list(value) if isinstance(one, dict))


def _texts(root: dict[str, Any]) -> Iterator[str]:
    for part in (root.get("basics"), *_list(root.get("work")), *_list(root.get("education"))):
        yield from (v[:500] for v in _object(part).values() if isinstance(v, str) and "//" not in v)
