"""What found talents or jobs must be like, whatever the query says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from processors.lexicon.places import places
from processors.matching.profile import EDUCATION_RANKS
from schemas.entities import Side

Kind = Side | Literal["resume"]
"""What is searched; a resume has the id of its talent."""

Mode = Literal["hybrid", "semantic", "keyword"]
FACETS = {"place": "locations", "skill": "skills", "status": "status", "language": "language",
          "seniority": "seniority", "education": "education_rank"}  # fmt: skip
"""What can be counted, and the payload's key of it."""

MAX_WINDOW = 10_000
"""Of `offset + limit`: every search fetches that many candidates."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """All must hold; what is None or empty demands nothing. Salaries are monthly, in CNY.

    `years` and `salary` are ranges that a record's own must overlap: of a talent years held, of a job years demanded.
    `education_rank` is the least of a talent, and the most that a job may demand. A record that does not say what is
    asked for does not satisfy it. `remote` asks for work away from the site. `employment` are forms of work and
    contracts, of which a record must name one; one that names none is full time.
    """

    places: tuple[str, ...] = ()
    years: tuple[float | None, float | None] = (None, None)
    salary: tuple[float | None, float | None] = (None, None)
    education_rank: int | None = None
    language: str | None = None
    statuses: tuple[str, ...] = ()
    updated_since: datetime | None = None
    remote: bool = False
    employment: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        place: Iterable[str] = (),
        years: tuple[float | None, float | None] = (None, None),
        salary: tuple[float | None, float | None] = (None, None),
        education: str | None = None,
        language: str | None = None,
        statuses: Iterable[str] = (),
        updated_since: datetime | None = None,
    ) -> "Criteria":
        """Read places in any spelling and education by its name."""
        rank = EDUCATION_RANKS[education] if education else None
        return cls(places(place), years, salary, rank, language, tuple(statuses), updated_since)

    def relaxed(self) -> "Iterator[tuple[tuple[str, ...], Criteria]]":
        """Yield what to look for instead where nothing is found: without the place, then without everything said.

        Each with the names of what is dropped; who is not available stays left out.
        """
        said = tuple(name for name, value in self._said() if value)
        if self.places:
            yield ("place",), replace(self, places=())
        if said and said != ("place",):
            yield said, Criteria(statuses=self.statuses)

    def _said(self) -> Iterator[tuple[str, bool]]:
        yield "place", bool(self.places)
        yield "years", self.years != (None, None)
        yield "salary", self.salary != (None, None)
        yield "education", self.education_rank is not None
        yield "language", self.language is not None
        yield "updated", self.updated_since is not None
        yield "remote", self.remote
        yield "employment", bool(self.employment)


def parse_range(text: str) -> tuple[float | None, float | None]:
    """Read `3-8`, `3-`, `-8`, `3`, `20k-30k` or `2万-3万`. Raises ValueError.

    One number alone is the least: `3` is `3-`.
    """
    low, dash, high = text.replace("–", "-").replace("~", "-").partition("-")
    bounds = _number(low), _number(high) if dash else None
    if bounds == (None, None) or (None not in bounds and bounds[0] > bounds[1]):  # type: ignore[operator]
        raise ValueError(f"no range: {text}")
    return bounds


def _number(text: str) -> float | None:
    text = text.strip().lower()
    if not text:
        return None
    factor = {"k": 1000.0, "万": 10_000.0, "w": 10_000.0}.get(text[-1])
    value = float(text[:-1]) * factor if factor else float(text)
    if not 0 <= value <= 1e9:
        raise ValueError(f"out of range: {text}")
    return value
