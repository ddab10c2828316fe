"""What a template shows of a person: each thing that is asked for here is a part of the resume's truth."""

import random
from collections.abc import Sequence

from ops.evaluation.layout_suite.people import TODAY, Job, Month, Person, Study
from ops.evaluation.layout_suite.writing import known, lasted, month
from ops.evaluation.resume_suite.truth import Truth


class Seen:
    """A person, and what has been shown of them."""

    def __init__(self, rng: random.Random, person: Person) -> None:
        self.rng = rng
        self.person = person
        self.truth = Truth()

    @property
    def name(self) -> str:
        """The whole name."""
        self.truth.facts["name"] = self.person.name
        return self.person.name

    @property
    def email(self) -> str:
        """The mailbox."""
        self.truth.facts["email"] = [self.person.email]
        return self.person.email

    @property
    def phone(self) -> str:
        """The number as it is written in the country."""
        self.truth.facts["phone"] = [self.person.e164]
        return self.person.phone

    @property
    def place(self) -> str:
        """Where the person lives."""
        self.truth.facts["place"] = self.person.city
        return self.person.place

    def jobs(self, style: str) -> list[Job]:
        """Return the positions, with months in this style."""
        self.truth.work = [
            {
                "employer": job.employer,
                "title": job.title,
                "start": known(job.start, style),
                "end": known(job.end, style) if job.end else "present",
            }
            for job in self.person.jobs
        ]
        return self.person.jobs

    def studies(self, style: str, *, starts: bool = True, fields: bool = True) -> list[Study]:
        """Return the studies; without `starts` only the year or month of their ends is shown."""
        self.truth.education = [
            {
                "school": study.school,
                "degree": study.level,
                "field": study.field if fields else None,
                "start": known(study.start, style) if starts else None,
                "end": known(study.end, style) if starts else None,
            }
            for study in self.person.studies
        ]
        if not starts:
            for entry, study in zip(self.truth.education, self.person.studies, strict=True):
                entry["end"] = known(study.end, style)
        return self.person.studies

    @property
    def skills(self) -> list[str]:
        """The skills of a list."""
        self.truth.skills = list(self.person.skills)
        return self.person.skills

    @property
    def certificates(self) -> list[str]:
        """The certificates."""
        self.truth.certificates = list(self.person.certificates)
        return self.person.certificates

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The languages with their levels."""
        self.truth.languages = [name for name, _ in self.person.languages]
        return self.person.languages

    def link(self, address: str) -> str:
        """Return an address of the person's, as shown."""
        self.truth.facts.setdefault("link", []).append(f"https://{address.removeprefix('https://')}")
        return address

    def pay(self, low: int, high: int | None, currency: str, period: str) -> None:
        """Note what the person asks for."""
        self.truth.facts["salary"] = [low, high, currency, period]


def period(job: Job | Study, style: str, now: str, between: str = " – ") -> str:
    """Return the time of a position or study."""
    return f"{month(job.start, style)}{between}{month(job.end, style) if job.end else now}"


def duration(job: Job, words: str) -> str:
    """Return how long a position has lasted."""
    return lasted(job.start, job.end or TODAY, words)


def end(job: Job) -> Month:
    """Return the end of a position, or today."""
    return job.end or TODAY


def level(spoken: str, words: Sequence[str]) -> str:
    """Return a language's level in words of a resume: native, fluent, good, basic."""
    order: dict[str, int] = {"native": 0, "C2": 1, "C1": 1, "B2": 2, "B1": 2, "A2": 3, "A1": 3}
    return words[order.get(spoken, 2)]
