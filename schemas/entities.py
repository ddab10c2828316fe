"""The entities that are synced, and the catalogue of them. Topics, collections, stages and commands follow from it.

An event names only the fields it changes; an explicit null deletes a field.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, TypeGuard, get_args, get_type_hints

from pydantic import Field, StringConstraints

from schemas.base import (
    ContractType,
    Education,
    EducationLevel,
    Employment,
    EmploymentType,
    EntityId,
    Language,
    LongText,
    Model,
    PartialDate,
    PostalCode,
    Salary,
    Seniority,
    Share,
    ShortText,
    Skill,
    Workplace,
    personal,
)

Entity = Literal["talent", "job", "company"]
Side = Literal["talent", "job"]
"""What is matched: records of one side with those of the other."""
Resolvable = Literal["talent", "company"]
"""Whose records may be several of one person or company."""

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


class Talent(Model):
    """A person who may be hired. Fields with `personal` in their schema are masked without the scope `pii:read`."""

    name: ShortText | None = Field(default=None, json_schema_extra=personal("name"))
    emails: list[Email] | None = Field(default=None, max_length=20, json_schema_extra=personal())
    phones: list[ShortText] | None = Field(default=None, max_length=20, json_schema_extra=personal())
    birth_date: PartialDate | None = Field(
        default=None, json_schema_extra=personal(), description="tells namesakes apart; no part of matching"
    )
    street_address: ShortText | None = Field(
        default=None, json_schema_extra=personal(), description="street and number; the town is among the locations"
    )
    postal_code: PostalCode | None = Field(default=None, json_schema_extra=personal())
    language: Language | None = None
    title: ShortText | None = None
    seniority: Seniority | None = None
    summary: LongText | None = Field(default=None, json_schema_extra=personal("text"))
    skills: list[Skill] | None = Field(default=None, max_length=500)
    years_experience: float | None = Field(default=None, ge=0, le=70)
    education_level: EducationLevel | None = None
    education: list[Education] | None = Field(default=None, max_length=50)
    employments: list[Employment] | None = Field(default=None, max_length=100)
    locations: list[ShortText] | None = Field(default=None, max_length=50)
    remote: bool | None = None
    workplace: Workplace | None = Field(default=None, description="where they wish to work")
    remote_share: Share | None = Field(default=None, description="of the working time, the least wished away from site")
    relocates: bool | None = Field(default=None, description="would move for a job")
    employment_types: list[EmploymentType] | None = Field(default=None, max_length=6, description="any they accept")
    contracts: list[ContractType] | None = Field(default=None, max_length=4, description="any they accept")
    salary_expected: Salary | None = None
    status: Literal["active", "passive", "hired", "unavailable"] | None = None
    resume_text: LongText | None = Field(default=None, json_schema_extra=personal())


RESUME = "resume_text"
"""The field of a talent that is searched as a resume."""


class Job(Model):
    """A position to fill."""

    title: ShortText | None = None
    company: ShortText | None = None
    company_id: EntityId | None = None
    language: Language | None = None
    seniority: Seniority | None = None
    description: LongText | None = None
    skills: list[Skill] | None = Field(default=None, max_length=500)
    years_experience_min: float | None = Field(default=None, ge=0, le=60)
    years_experience_max: float | None = Field(default=None, ge=0, le=60)
    education_level: EducationLevel | None = None
    locations: list[ShortText] | None = Field(default=None, max_length=50)
    remote: bool | None = None
    workplace: Workplace | None = None
    remote_share: Share | None = Field(default=None, description="of the working time, the most away from site")
    employment_types: list[EmploymentType] | None = Field(default=None, max_length=6, description="any that is offered")
    contracts: list[ContractType] | None = Field(default=None, max_length=4, description="any that is offered")
    salary: Salary | None = None
    status: Literal["open", "paused", "closed"] | None = None


class Company(Model):
    """An employer."""

    name: ShortText | None = None
    aliases: list[ShortText] | None = Field(default=None, max_length=100)
    industry: ShortText | None = None
    size: Literal["1-49", "50-199", "200-999", "1000-9999", "10000+"] | None = None
    locations: list[ShortText] | None = Field(default=None, max_length=100)
    website: ShortText | None = None
    description: LongText | None = None


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """One entity. `plural` names its collections, `version` is that of its events today (schemas/versions.py).

    `person` is the field by which a record names the talent that it speaks of, or `id` where it is her own: forgetting
    her erases it. Such a field is required, so that each event tells by itself whose it is.
    """

    name: Entity
    plural: str
    model: type[Model]
    version: int = 1
    person: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a person's field that an event may leave out."""
        if self.person not in (None, "id") and self.person not in self.required:
            raise ValueError(f"{self.name}: {self.person} names a person, so it must be a required field")

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that every event repeats."""
        return tuple(name for name, field in self.model.model_fields.items() if field.is_required())


CATALOGUE: tuple[EntitySpec, ...] = (
    EntitySpec("talent", "talents", Talent, version=4, person="id"),
    EntitySpec("job", "jobs", Job, version=3),
    EntitySpec("company", "companies", Company),
)
SPEC: Mapping[Entity, EntitySpec] = {spec.name: spec for spec in CATALOGUE}
ENTITIES: tuple[Entity, ...] = tuple(SPEC)
MODELS: Mapping[Entity, type[Model]] = {spec.name: spec.model for spec in CATALOGUE}
SIDES: tuple[Side, ...] = get_args(Side)
RESOLVABLE: tuple[Resolvable, ...] = get_args(Resolvable)
PERSONAL: tuple[Entity, ...] = tuple(spec.name for spec in CATALOGUE if spec.person)
"""Whose records speak of a person each."""


@cache
def fields_of(entity: Entity, kind: Hashable) -> frozenset[str]:
    """Return an entity's fields of a type."""
    hints = get_type_hints(MODELS[entity], include_extras=True)
    return frozenset(n for n in MODELS[entity].model_fields if hints[n] == kind or kind in get_args(hints[n]))


def is_side(entity: Entity) -> TypeGuard[Side]:
    """Whether its records are matched."""
    return entity in SIDES


def is_resolvable(entity: Entity) -> TypeGuard[Resolvable]:
    """Whether its records are resolved."""
    return entity in RESOLVABLE
