"""Advice on a resume: analysis of the experience, quality with reasons, skills to add, jobs that fit."""

from typing import Literal

from pydantic import Field

from schemas.base import EducationLevel, Language, Model, Seniority
from schemas.resume import ResumeDate, Span

AdviceCode = Literal[
    "headings_missing", "contact_missing", "work_missing", "education_missing", "skills_missing", "summary_missing",
    "dates_missing", "gap_unexplained", "order", "numbers_missing", "weak_wording", "cliches", "too_short", "too_long",
    "private_details", "work_unread", "education_unread", "contact_unread",
]  # fmt: skip


class Step(Model):
    """One position on the career path; `change` is of the seniority against the position before."""

    title: str | None = None
    employer: str | None = None
    seniority: Seniority | None = None
    start: ResumeDate | None = None
    end: ResumeDate | None = None
    months: int | None = Field(default=None, ge=0)
    internship: bool = False
    change: Literal["up", "same", "down"] | None = None


class Stability(Model):
    """How long somebody stays. Positions in a row at one employer count as one; internships do not count."""

    employers: int = Field(ge=0)
    mean_months: float | None = Field(default=None, ge=0)
    short: int = Field(default=0, ge=0, description="stays of less than a year that have ended")


class Experience(Model):
    """What the work history shows; the path begins with the earliest position."""

    path: tuple[Step, ...] = ()
    progression: Literal["rising", "level", "falling"] | None = None
    stability: Stability
    years: float | None = Field(default=None, ge=0)
    domains: dict[str, float] = Field(default_factory=dict, description="years by trade, as the titles tell it")
    months_since_work: int | None = Field(default=None, ge=0, description="0 while in work")
    stale_skills: tuple[str, ...] = Field(default=(), description="ids of skills last used more than three years ago")
    education: EducationLevel | None = None


class QualityAdvice(Model):
    """One weakness of the text: what it costs, what to do, and where it shows."""

    code: AdviceCode
    points: int = Field(ge=0, description="of 100, lost by it; 0 for what must not count")
    text: str
    evidence: tuple[Span, ...] = ()


class Quality(Model):
    """Completeness is of the parts alone; the score is 100 less the points of all advice, but not below 0."""

    completeness: int = Field(ge=0, le=100)
    score: int = Field(ge=0, le=100)
    advice: tuple[QualityAdvice, ...] = ()


class SkillAdvice(Model):
    """A skill to add. `asking` of the `jobs` closest to the target ask for it; `job_ids` are some of them."""

    skill: str = Field(description="canonical id, or the name where the taxonomy has none")
    name: str
    score: float = Field(ge=0, le=1)
    share: float = Field(ge=0, le=1, description="of the demand, nearer jobs and requirements weighing more")
    asking: int = Field(ge=0)
    jobs: int = Field(ge=0)
    job_ids: tuple[str, ...] = ()
    close_to: tuple[str, ...] = Field(default=(), description="held skills that it is related to")
    text: str


class JobAdvice(Model):
    """A job that fits, with the reasons for and against."""

    job_id: str
    title: str
    score: float = Field(ge=0, le=1)
    held: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Advice(Model):
    """All advice on one resume, in its language."""

    language: Language
    target: str | None = None
    experience: Experience
    quality: Quality
    skills: tuple[SkillAdvice, ...] = ()
    jobs: tuple[JobAdvice, ...] = ()
