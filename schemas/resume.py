"""The structured profile that comes out of a resume: every value with confidence and its place in the document."""

from collections.abc import Iterator
from typing import Annotated, Generic, Literal, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, Field

from schemas.base import EducationLevel, Language, Model, Salary, Seniority, SkillLevel, personal

T = TypeVar("T")

ResumeDate = Annotated[str, Field(pattern=r"^\d{4}(?:-\d{2}(?:-\d{2})?)?$")]
"""ISO 8601, as precise as it was written: `2019`, `2019-03` or `2019-03-15`. A season is its first month."""

Mark = Literal["985", "211", "double_first_class"]


class Span(NamedTuple):
    """`text[start:end]` of the document."""

    start: int
    end: int


class PageBox(NamedTuple):
    """Where on which page (from 1), in points from the top left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class Found(Model, Generic[T]):
    """A value, how sure it is (0 to 1), and where the document says it; derived values have no span."""

    value: T
    confidence: float = Field(default=1.0, ge=0, le=1)
    spans: tuple[Span, ...] = ()
    places: tuple[PageBox, ...] = Field(default=(), description="known for PDF and images")


class PersonName(Model):
    """A name as written, and its parts where the writing tells them."""

    full: str
    family: str | None = None
    given: str | None = None
    order: Literal["family_first", "given_first"] | None = None


class WebLink(Model):
    """An address of the web, absolute."""

    url: str
    kind: Literal["linkedin", "github", "portfolio", "other"] = "other"


class Availability(Model):
    """When somebody can start: days from now, or a date; as written in `text`."""

    text: str
    days: int | None = Field(default=None, ge=0, description="0: at once")
    date: ResumeDate | None = None
    employed: bool | None = None


class Period(Model):
    """A time between two dates; without an end it lasts until the day of parsing."""

    start: ResumeDate | None = None
    end: ResumeDate | None = None
    months: int | None = Field(default=None, ge=0)


class Project(Model):
    """A project, of its own section or inside a position."""

    name: Found[str]
    role: Found[str] | None = None
    start: Found[ResumeDate] | None = None
    end: Found[ResumeDate] | None = None
    description: Found[str] | None = None
    achievements: tuple[Found[str], ...] = ()
    skills: tuple[str, ...] = Field(default=(), description="canonical ids")


class Work(Model):
    """One position."""

    employer: Found[str] | None = None
    employer_normalised: str | None = Field(default=None, description="what spellings of one employer share")
    title: Found[str] | None = None
    title_normalised: str | None = Field(default=None, description="without rank, place and remarks, lower case")
    seniority: Seniority | None = None
    start: Found[ResumeDate] | None = None
    end: Found[ResumeDate] | None = None
    current: bool = False
    internship: bool = False
    location: Found[str] | None = None
    industry: Found[str] | None = None
    department: Found[str] | None = None
    team_size: Found[int] | None = None
    description: Found[str] | None = None
    achievements: tuple[Found[str], ...] = ()
    skills: tuple[str, ...] = Field(default=(), description="canonical ids")
    projects: tuple[Project, ...] = ()


class Study(Model):
    """One course of study."""

    school: Found[str] | None = None
    school_normalised: str | None = None
    degree: Found[str] | None = Field(default=None, description="as written")
    level: EducationLevel | None = None
    field: Found[str] | None = None
    start: Found[ResumeDate] | None = None
    end: Found[ResumeDate] | None = None
    current: bool = False
    grade: Found[str] | None = None
    marks: tuple[Mark, ...] = Field(default=(), description="of the school, in China's programmes")


class Certificate(Model):
    """A certificate or licence."""

    name: Found[str]
    date: ResumeDate | None = None


class SpokenLanguage(Model):
    """A human language; `code` is ISO 639-1, `level` of the Common European Framework or `native`."""

    name: Found[str]
    code: str | None = None
    level: Literal["A1", "A2", "B1", "B2", "C1", "C2", "native"] | None = None
    evidence: str | None = Field(default=None, description="as written: `CET-6`, `流利`")


class Listed(Model):
    """A publication, patent or award: its line, and the date in it."""

    title: Found[str]
    date: ResumeDate | None = None


class HeldSkill(Model):
    """A skill, with what the whole resume says of it; `id` is None for one that the taxonomy lacks."""

    id: str | None
    name: str
    category: str | None = None
    level: SkillLevel | None = None
    months: int | None = Field(default=None, ge=0, description="union of the positions that name it, or as stated")
    last_used: ResumeDate | None = Field(default=None, description="end of the last such position")
    confidence: float = Field(default=1.0, ge=0, le=1)
    evidence: tuple[Span, ...] = ()
    implied: bool = Field(default=False, description="not named, but what is named implies it")


class ResumeProfile(Model):
    """All that a resume says of a person. Fields with `personal` in their schema are personal data."""

    language: Language = "zh"
    name: Found[PersonName] | None = Field(default=None, json_schema_extra=personal())
    headline: Found[str] | None = None
    emails: tuple[Found[str], ...] = Field(default=(), json_schema_extra=personal())
    phones: tuple[Found[str], ...] = Field(default=(), description="E.164", json_schema_extra=personal())
    addresses: tuple[Found[str], ...] = Field(default=(), json_schema_extra=personal())
    links: tuple[Found[WebLink], ...] = Field(default=(), json_schema_extra=personal())
    gender: Found[Literal["male", "female"]] | None = Field(default=None, json_schema_extra=personal())
    birth_date: Found[ResumeDate] | None = Field(default=None, json_schema_extra=personal())
    nationality: Found[str] | None = Field(default=None, json_schema_extra=personal())
    right_to_work: Found[str] | None = Field(default=None, json_schema_extra=personal())
    availability: Found[Availability] | None = None
    salary_current: Found[Salary] | None = Field(default=None, json_schema_extra=personal())
    salary_expected: Found[Salary] | None = Field(default=None, json_schema_extra=personal())
    target_roles: tuple[Found[str], ...] = ()
    target_places: tuple[Found[str], ...] = ()
    summary: Found[str] | None = None
    work: tuple[Work, ...] = ()
    gaps: tuple[Period, ...] = Field(default=(), description="of three months or more between positions")
    overlaps: tuple[Period, ...] = Field(default=(), description="of two months or more of two positions")
    projects: tuple[Project, ...] = ()
    education: tuple[Study, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    languages: tuple[SpokenLanguage, ...] = ()
    publications: tuple[Listed, ...] = ()
    patents: tuple[Listed, ...] = ()
    awards: tuple[Listed, ...] = ()
    skills: tuple[HeldSkill, ...] = ()
    years_total: Found[float] | None = Field(default=None, description="union of the positions, without internships")
    years_relevant: Found[float] | None = Field(default=None, description="of positions like the one sought or held")


def personal_fields(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of a model's fields that are personal data."""
    for name, field in model.model_fields.items():
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("personal"):
            yield name


MARKS: tuple[Mark, ...] = get_args(Mark)
