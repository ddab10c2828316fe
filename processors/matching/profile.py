"""What matching knows of a talent or a job: normalised, comparable, and free of names and contacts."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, cast

from processors.matching import vocabulary as words
from schemas.base import Language

Side = Literal["talent", "job"]
_CJK = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class SkillFact:
    """A skill held or demanded. `label` is as written, for reasons."""

    label: str
    level: int | None
    years: float | None
    required: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """One side of a match; None means unknown. Salaries are CNY a month, ranks count up from 0."""

    entity: Side
    id: str
    revision: int
    language: Language
    status: str
    skills: Mapping[str, SkillFact]
    years: float | None
    years_max: float | None
    education: int | None
    seniority: int | None
    locations: tuple[str, ...]
    remote: bool
    salary_min: float | None
    salary_max: float | None

    def to_payload(self) -> dict[str, Any]:
        """Return the profile as JSON values, for a vector's payload."""
        return {**asdict(self), "locations": list(self.locations)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Profile":
        """Read `to_payload`'s result; other keys are passed over."""
        values = {name: payload[name] for name in cls.__slots__}
        values["skills"] = {name: SkillFact(**fact) for name, fact in values["skills"].items()}
        values["locations"] = tuple(values["locations"])
        return cls(**values)


def normal_skill(name: str) -> str:
    """Return the name that all spellings of a skill share."""
    plain = " ".join(name.casefold().split())
    return words.SKILL_ALIASES.get(plain, plain)


def normal_city(name: str) -> str:
    """Return the English name of a known city, else the name without 市, in lower case."""
    plain = " ".join(name.casefold().replace("市", "").split(",")[0].split())
    return words.CITY_ALIASES.get(plain, plain)


def detect_language(fields: Mapping[str, Any]) -> Language:
    """Return the stated language, else zh if the title or the text has a fair share of Chinese characters."""
    if fields.get("language"):
        return cast(Language, fields["language"])
    text = " ".join(str(fields.get(k) or "") for k in ("title", "summary", "description"))[:500]
    return "zh" if len(_CJK.findall(text)) * 5 > len(text) else "en"


def _skills(fields: Mapping[str, Any]) -> dict[str, SkillFact]:
    levels = {"beginner": 1, "intermediate": 2, "advanced": 3, "expert": 4}
    return {
        normal_skill(s["name"]): SkillFact(
            s["name"], levels.get(s.get("level") or ""), s.get("years"), s.get("required", True)
        )
        for s in reversed(fields.get("skills") or ())
    }


def _seniority(fields: Mapping[str, Any], years: float | None) -> int | None:
    if fields.get("seniority"):
        return words.SENIORITY_RANKS[fields["seniority"]]
    title = (fields.get("title") or "").casefold()
    for word, rank in words.SENIORITY_WORDS:
        if re.search(rf"\b{word}\b", title) if word.isascii() else word in title:
            return rank
    if years is None:
        return None
    return 1 if years < 2 else 2 if years < 5 else 3 if years < 10 else 4


def _monthly(salary: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    rate = words.CNY_PER_UNIT.get((salary or {}).get("currency", "CNY"))
    if not salary or rate is None:
        return None, None
    factor = rate / (12 if salary.get("period") == "year" else 1)
    low, high = salary.get("minimum"), salary.get("maximum")
    return (None if low is None else low * factor), (None if high is None else high * factor)


def worked_years(employments: list[Mapping[str, Any]], today: date) -> float | None:
    """Return the years covered by employments, overlaps counted once; None if no dates are known."""
    spans = sorted(
        (date.fromisoformat(e["start"]), date.fromisoformat(e["end"]) if e.get("end") else today)
        for e in employments
        if e.get("start")
    )
    if not spans:
        return None
    days, reached = 0, date.min
    for start, end in spans:
        start = max(start, reached)
        if end > start:
            days += (end - start).days
            reached = end
    return round(days / 365.25, 1)


def talent_profile(entity_id: str, revision: int, fields: Mapping[str, Any], today: date | None = None) -> Profile:
    """Return a talent's profile. `today` ends employments that go on; pass it to be independent of the clock."""
    years = fields.get("years_experience")
    if years is None:
        years = worked_years(fields.get("employments") or [], today or date.today())
    degrees = [fields.get("education_level"), *(e.get("degree") for e in fields.get("education") or ())]
    ranks = [words.EDUCATION_RANKS[d] for d in degrees if d]
    low, high = _monthly(fields.get("salary_expected"))
    return Profile(
        entity="talent",
        id=entity_id,
        revision=revision,
        language=detect_language(fields),
        status=fields.get("status") or "active",
        skills=_skills(fields),
        years=years,
        years_max=None,
        education=max(ranks, default=None),
        seniority=_seniority(fields, years),
        locations=tuple(normal_city(c) for c in fields.get("locations") or ()),
        remote=bool(fields.get("remote")),
        salary_min=low,
        salary_max=high,
    )


def job_profile(entity_id: str, revision: int, fields: Mapping[str, Any]) -> Profile:
    """Return a job's profile: `years` is the minimum demanded, `education` the level demanded."""
    level = fields.get("education_level")
    low, high = _monthly(fields.get("salary"))
    return Profile(
        entity="job",
        id=entity_id,
        revision=revision,
        language=detect_language(fields),
        status=fields.get("status") or "open",
        skills=_skills(fields),
        years=fields.get("years_experience_min"),
        years_max=fields.get("years_experience_max"),
        education=words.EDUCATION_RANKS[level] if level else None,
        seniority=_seniority(fields, fields.get("years_experience_min")),
        locations=tuple(normal_city(c) for c in fields.get("locations") or ()),
        remote=bool(fields.get("remote")),
        salary_min=low,
        salary_max=high,
    )
