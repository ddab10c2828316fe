"""What scoring knows of a talent or a job: normalised professional facts, no names and no contact data."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from schemas.base import Language

Side = Literal["talent", "job"]

EDUCATION_RANKS: dict[str, int] = {
    "none": 0, "high_school": 1, "associate": 2, "bachelor": 3, "master": 4, "doctorate": 5,
}  # fmt: skip
LEVEL_RANKS: dict[str, int] = {"beginner": 1, "intermediate": 2, "advanced": 3, "expert": 4}
VECTORS = ("title_vector", "section_vectors")
"""The fields that are packed vectors; the section ones take more room than all other fields."""
_LISTS = ("locations", "industries", "disciplines")


class SkillFacts(NamedTuple):
    """A skill held or demanded: as the record writes it, level 1 to 4, years, and whether a job insists on it.

    `idle` are the years since it was last used, as far as that is known.
    """

    label: str
    level: int | None
    years: float | None
    required: bool
    idle: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One side of a match. `skills` are by normalised name; salaries are monthly CNY.

    For a talent `years` is the experience held, for a job the least demanded; `years_max` is a job's only. `available`,
    `relocates` and `tenure` (mean years in a position that ended) are a talent's. `industries` and `disciplines` are
    those known or demanded, `team` the people led or to be led, `start` the weeks in which work can, or must, begin.
    Vectors are packed (`meaning.pack`). `terms` are what single features read of the record, by their names.
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
    title_vector: bytes = b""
    section_vectors: bytes = b""
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_payload(self) -> dict[str, Any]:
        """Return a JSON-able dict with flat keys to filter by; `skill_facts` runs parallel to `skills`."""
        payload = {name: getattr(self, name) for name in self.__slots__}
        if not self.terms:
            del payload["terms"]
        for name in _LISTS:
            payload[name] = list(payload[name])
        for name in VECTORS:
            payload[name] = b64encode(payload[name]).decode()
        payload["skills"] = list(self.skills)
        payload["skill_facts"] = [list(facts) for facts in self.skills.values()]
        return payload

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Profile":
        """Read what `to_payload` returned; other keys are ignored. Raises KeyError for a missing one."""
        names, facts = payload["skills"], payload["skill_facts"]
        return cls(
            entity=payload["entity"],
            id=payload["id"],
            revision=payload["revision"],
            language=payload["language"],
            status=payload["status"],
            title=payload["title"],
            seniority=payload["seniority"],
            skills={name: SkillFacts(*fact) for name, fact in zip(names, facts, strict=True)},
            years=payload["years"],
            years_max=payload["years_max"],
            education_rank=payload["education_rank"],
            locations=tuple(payload["locations"]),
            remote=payload["remote"],
            salary_min=payload["salary_min"],
            salary_max=payload["salary_max"],
            relocates=payload.get("relocates", False),
            available=payload.get("available"),
            tenure=payload.get("tenure"),
            industries=tuple(payload.get("industries") or ()),
            disciplines=tuple(payload.get("disciplines") or ()),
            team=payload.get("team"),
            start=payload.get("start"),
            title_vector=b64decode(payload.get("title_vector", "")),
            section_vectors=b64decode(payload.get("section_vectors", "")),
            terms={name: tuple(found) for name, found in payload["terms"].items()} if "terms" in payload else {},
        )
