"""The strict base of every model and the bounded field types they share."""

from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from schemas.problems import refusal

EntityId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
"""Identifier of an entity: ASCII, at most 128 characters; also the Kafka message key."""

Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""Counts the changes of a record; every reader of JSON and every store can hold it."""

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LongText = Annotated[str, StringConstraints(max_length=100_000)]
Language = Literal["zh", "en"]
Band = Literal["strong", "partial", "near"]
"""How well something fits, for people."""
EducationLevel = Literal["none", "high_school", "associate", "bachelor", "master", "doctorate"]
Seniority = Literal["intern", "junior", "mid", "senior", "lead", "executive"]
SkillLevel = Literal["beginner", "intermediate", "advanced", "expert"]
EmploymentType = Literal["full_time", "part_time", "casual", "internship", "apprenticeship", "volunteer"]
"""The form of the work; `casual` is by the hour or day, as needed."""
ContractType = Literal["permanent", "fixed_term", "agency", "freelance"]
"""Between whom and until when; `agency` is employment by another who lends staff (劳务派遣, temp work)."""
Workplace = Literal["on_site", "hybrid", "remote"]
Share = Annotated[float, Field(ge=0, le=1)]
PartialDate = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
"""A year, month or day as ISO 8601 writes it: `1990`, `1990-05`, `1990-05-17`."""

PostalCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$")]


Mask = Literal["hidden", "name", "text"]
"""What is shown of personal data without the right to see it: nothing, a name's initials, a text without contacts."""


def personal(mask: Mask = "hidden") -> dict[str, JsonValue]:
    """Mark a field as personal data (GDPR art. 4, PIPL art. 4); in JSON Schema it has `personal` and its `mask`."""
    return {"personal": True, "mask": mask}


class Model(BaseModel):
    """Immutable, and strict about names: an unknown field is an error, never silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Data = TypeVar("Data", bound=Model)


def read_data(model: type[Data], value: bytes | None) -> Data:
    """Return what a message's value says. Raises BadMessageError, which names the place and no value."""
    try:
        return model.model_validate_json(value or b"")
    except ValidationError as error:
        raise refusal(model, error) from None


class Salary(Model):
    """A salary range in units of `currency` per `period`: by the hour or day as well as by the month or year.

    `months` of a monthly salary are paid a year: 14 for `14薪`; 12 where it is not said.
    """

    minimum: float | None = Field(default=None, ge=0, le=1e9)
    maximum: float | None = Field(default=None, ge=0, le=1e9)
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    period: Literal["hour", "day", "week", "month", "year"] = "month"
    months: int | None = Field(default=None, ge=12, le=36)


class Skill(Model):
    """A skill with the level held or demanded.

    `required` and `alternatives`, any of which does as well, matter on jobs only, `last_used` on talents only.
    """

    name: ShortText
    level: SkillLevel | None = None
    years: float | None = Field(default=None, ge=0, le=60)
    required: bool = True
    last_used: date | None = None
    alternatives: list[ShortText] | None = Field(default=None, max_length=20)


class Employment(Model):
    """One position in a work history. Employer or title may be unknown, not both: half of a position is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"company": {"type": "string"}}, "required": ["company"]},
                {"properties": {"title": {"type": "string"}}, "required": ["title"]},
            ]
        }
    )

    company: ShortText | None = None
    company_id: EntityId | None = None
    title: ShortText | None = None
    start: date | None = None
    end: date | None = None
    description: LongText | None = Field(default=None, json_schema_extra=personal("text"))

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.company is None and self.title is None:
            raise PydanticCustomError("company_or_title_missing", "a position has a company or a title")
        return self


class Education(Model):
    """One degree or course of study."""

    school: ShortText
    degree: EducationLevel | None = None
    field: ShortText | None = None
    start: date | None = None
    end: date | None = None
