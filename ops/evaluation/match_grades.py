"""The rubric by which the pairs of the in-house relevance set are graded, from attributes that no ranker sees.

Texts and attributes were written by hand, first; grades follow from the attributes alone. 3: hire on paper; 2: worth an
interview; 1: related work; 0: no match. The text says the attributes in its own words, or leaves them to be understood.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SIBLINGS = frozenset(
    frozenset(pair)
    for pair in (
        ("accountant/gl", "accountant/cost"), ("accountant/gl", "accountant/audit"), ("pm/consumer", "pm/b2b"),
        ("backend/java", "backend/go"), ("backend/java", "backend/dotnet"), ("data/nlp", "data/vision"),
        ("hr/bp", "hr/recruiting"), ("logistics/warehouse", "logistics/planning"),
        ("mechanical/design", "mechanical/process"),
    )
)  # fmt: skip
"""Specialties of one profession between which people move; a pair starts at 2."""
NEIGHBOURS = frozenset(
    frozenset(pair)
    for pair in (
        ("backend/python", "data/engineering"), ("backend/java", "data/engineering"), ("designer/ui", "pm/consumer"),
        ("pm/ai", "data/nlp"), ("mechanical/design", "designer/industrial"), ("hr/bp", "lawyer/labour"),
        ("sales/software", "pm/b2b"), ("data/analytics", "pm/consumer"), ("accountant/cost", "logistics/planning"),
    )
)  # fmt: skip
"""Specialties of two professions with work in common: 1 if the levels are at most one apart."""
SALARY_SLACK = 1.1


@dataclass(frozen=True, slots=True)
class Side:
    """One text of the set and what was decided about it before it was written.

    `level` is 0 (entry) to 4 (leads the function); `place` a city, `any` (would move) or `remote`; `salary` in thousand
    CNY a month, a job's best offer or what the talent wants, where the text says so.
    """

    id: str
    language: str
    title: str | None
    text: str
    specialty: str
    level: int
    place: str
    skills: frozenset[str]
    salary: float | None

    @property
    def profession(self) -> str:
        """The part of the specialty before the slash."""
        return self.specialty.partition("/")[0]


def grade(talent: Side, job: Side) -> int:
    """Return 0 to 3. Of one profession: 3 (same specialty), 2 (sibling) or 1, less one for each of the flaws.

    Flaws: fewer than half of the must-haves; a level too low (two levels count twice) or two too high; a place out of
    reach; more money wanted than offered. The same specialty is never less than 1.
    """
    pair = frozenset((talent.specialty, job.specialty))
    gap = talent.level - job.level
    if talent.profession != job.profession:
        return int(pair in NEIGHBOURS and abs(gap) <= 1)
    same = len(pair) == 1
    start = 3 if same else 2 if pair in SIBLINGS else 1
    flaws = int(2 * len(talent.skills & job.skills) < len(job.skills))
    flaws += min(-gap, 2) if gap < 0 else gap >= 2
    flaws += not (talent.place in (job.place, "any") or job.place == "remote")
    flaws += bool(talent.salary and job.salary and talent.salary > SALARY_SLACK * job.salary)
    return max(start - flaws, int(same))


@cache
def relevance_set() -> tuple[tuple[Side, ...], tuple[Side, ...]]:
    """Return the talents and the jobs. Talents at even positions are for tuning, those at odd ones for the test."""
    return _sides("talents.jsonl"), _sides("jobs.jsonl")


def _sides(name: str) -> tuple[Side, ...]:
    content = (files("ops.evaluation") / "data" / "match" / name).read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = [json.loads(line) for line in content.splitlines()]
    return tuple(Side(**{**row, "skills": frozenset(row["skills"])}) for row in rows)
