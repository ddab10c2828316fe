"""What scoring knows of a talent or a job: normalised professional facts, no names and no contact data."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from dataclasses import fields as fields_of
from operator import itemgetter
from typing import Any, NamedTuple

from schemas.base import Language
from schemas.entities import Side

EDUCATION_RANKS: dict[str, int] = {
    "none": 0, "high_school": 1, "associate": 2, "bachelor": 3, "master": 4, "doctorate": 5,
}  # fmt: skip
DEGREES: dict[Language, tuple[str, ...]] = {
    "zh": ("无学历", "高中", "大专", "本科", "硕士", "博士"),
    "en": ("no degree", "high school", "associate degree", "bachelor's degree", "master's degree", "doctorate"),
}
"""What people call them, by rank."""
LEVEL_RANKS: dict[str, int] = {"beginner": 1, "intermediate": 2, "advanced": 3, "expert": 4}
VECTORS = ("title_vector", "section_vectors", "role_vectors")
"""The fields that are packed vectors; the section ones take more room than all other fields."""
_LISTS = ("locations", "industries", "disciplines")


class SkillFacts(NamedTuple):
    """A skill held or demanded: as the record writes it, level 1 to 4, years, and whether a job insists on it.

    `idle` are the years since it was last used, as far as that is known. Any of the `others`, by normalised name, does
    as well where a job demands it.
    """

    label: str
    level: int | None
    years: float | None
    required: bool
    idle: float | None = None
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Sequence[Any]) -> "SkillFacts":
        """Read what a payload has of a skill."""
        return cls(*said[:5], *map(tuple, said[5:]))

    def said(self) -> list[Any]:
        """Return what a payload has of the skill: alternatives where there are any."""
        return [*self[:-1], list(self.others)] if self.others else list(self[:-1])


@dataclass(frozen=True, slots=True)
class Profile:
    """One side of a match. `skills` are by normalised name; salaries are monthly CNY.

    For a talent `years` is the experience held, for a job the least demanded; `years_max` is a job's only. `available`,
    `relocates` and `tenure` (mean years in a position that ended) are a talent's. `industries` and `disciplines` are
    those known or demanded, `team` the people led or to be led, `start` the weeks in which work can, or must, begin.
    `remote_share` is the part of the time away from the site that is offered, or wished.
    Vectors are packed (`meaning.pack`); `role_vectors` is the title's among titles, behind the tag of its encoder.
    `terms` are what single features read of the record, by their names.
    """

    entity: Side
    id: str
    revision: int
    language: Language
    status: str
    title: str | None
    seniority: str | None
    skills: Mapping[str, SkillFacts]
    years: float | None
    years_max: float | None
    education_rank: int | None
    locations: tuple[str, ...]
    remote: bool | None
    salary_min: int | None
    salary_max: int | None
    relocates: bool = False
    available: bool | None = None
    tenure: float | None = None
    industries: tuple[str, ...] = ()
    disciplines: tuple[str, ...] = ()
    team: int | None = None
    start: int | None = None
    remote_share: float | None = None
    title_vector: bytes = b""
    section_vectors: bytes = b""
    role_vectors: bytes = b""
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_payload(self) -> dict[str, Any]:
        """Return a JSON-able dict with flat keys to filter by; `skill_facts` runs parallel to `skills`."""
        payload = {name: getattr(self, name) for name in self.__slots__}
        if not self.terms:
            del payload["terms"]
        if self.remote_share is None:
            del payload["remote_share"]
        for name in _LISTS:
            payload[name] = list(payload[name])
        for name in VECTORS:
            payload[name] = b64encode(payload[name]).decode()
        if not self.role_vectors:
            del payload["role_vectors"]
        payload["skills"] = list(self.skills)
        payload["skill_facts"] = [facts.said() for facts in self.skills.values()]
        return payload

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Profile":
        """Read what `to_payload` returned; other keys are ignored. What an older version did not know has its default.

        Raises KeyError for a missing key without one.
        """
        values = {**_DEFAULTS, **payload}
        skills = zip(payload["skills"], payload["skill_facts"], strict=True)
        values["skills"] = {name: SkillFacts.of(facts) for name, facts in skills}
        values["terms"] = {name: tuple(found) for name, found in payload.get("terms", {}).items()}
        for name in _LISTS:
            values[name] = tuple(values[name] or ())
        for name in VECTORS:
            values[name] = b64decode(values[name])
        return cls(*_values_of(values))


_DEFAULTS = {f.name: f.default for f in fields_of(Profile) if f.default is not MISSING}
_values_of = itemgetter(*(f.name for f in fields_of(Profile)))
