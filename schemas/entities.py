"""The three synced entities. An event names only the fields it changes; an explicit null deletes a field."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import (
    Education,
    EducationLevel,
    Employment,
    EntityId,
    Language,
    LongText,
    Model,
    Salary,
    Seniority,
    ShortText,
    Skill,
)

Entity = Literal["talent", "job", "company"]
ENTITIES: tuple[Entity, ...] = ("talent", "job", "company")

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


class Talent(Model):
    """A person who may be hired. Personal data: name, emails, phones."""

    name: ShortText | None = None
    emails: list[Email] | None = Field(default=None, max_length=20)
    phones: list[ShortText] | None = Field(default=None, max_length=20)
    language: Language | None = None
    title: ShortText | None = None
    seniority: Seniority | None = None
    summary: LongText | None = None
    skills: list[Skill] | None = Field(default=None, max_length=500)
    years_experience: float | None = Field(default=None, ge=0, le=70)
    education_level: EducationLevel | None = None
    education: list[Education] | None = Field(default=None, max_length=50)
    employments: list[Employment] | None = Field(default=None, max_length=100)
    locations: list[ShortText] | None = Field(default=None, max_length=50)
    remote: bool | None = None
    relocates: bool | None = Field(default=None, description="would move for a job")
    salary_expected: Salary | None = None
    status: Literal["active", "passive", "hired", "unavailable"] | None = None
    resume_text: LongText | None = None


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


MODELS: dict[Entity, type[Talent] | type[Job] | type[Company]] = {
    "talent": Talent,
    "job": Job,
    "company": Company,
}
