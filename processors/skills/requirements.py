"""Reads what a job ad demands: required and preferred skills, years of experience, education."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from processors.skills.clauses import Sentences, sentences
from processors.skills.cues import alternatives, patterns
from processors.skills.levels import YEARS, number
from processors.skills.matches import Matches
from processors.skills.models import Requirement, SkillMention

_CUE = patterns("requirement")
# A heading is a line of its own, or opens a run-on Chinese ad; what follows belongs to it until the next one.
_HEADING = re.compile(
    r"(?:^|\n|(?<=[。；;.\s】\]]))[\s\d一二三四五六七八九十、.【\[（(#*·•-]{0,6}"
    rf"(?:{alternatives('heading').pattern})[】\])）*\s]{{0,4}}(?:[:：]|(?=\n|$))",
    re.IGNORECASE,
)
_SECTIONS = {"preferred": Requirement.PREFERRED, "required": Requirement.REQUIRED}


class Education(IntEnum):
    """Degrees in order; comparable."""

    SECONDARY = 1
    ASSOCIATE = 2
    BACHELOR = 3
    MASTER = 4
    DOCTOR = 5


_DEGREES = alternatives("education")
_TOTAL_YEARS = re.compile(r"经验|经历|工作|从业|experience|work|industry|professional", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class JobDemands:
    """What a job ad asks of a person, as far as it says so."""

    required: tuple[str, ...]
    preferred: tuple[str, ...]
    mentioned: tuple[str, ...]
    years_min: float | None
    years_max: float | None
    education: Education | None
    education_preferred: Education | None
    skills: tuple[SkillMention, ...]


class Sections:
    """The headings of a text and what they say of the skills below them."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []
        self._kinds: list[Requirement | None] = []
        self._offers: list[bool] = []
        for match in _HEADING.finditer(text):
            self._starts.append(match.end())
            self._kinds.append(_SECTIONS.get(str(match.lastgroup)))
            self._offers.append(match.lastgroup == "offered")

    def offered(self, position: int) -> bool:
        """Return whether a position is below a heading of what the employer offers: no skills are named there."""
        index = bisect_right(self._starts, position)
        return bool(index) and self._offers[index - 1]

    def at(self, position: int) -> Requirement | None:
        """Return what the last heading before a position says."""
        index = bisect_right(self._starts, position)
        return self._kinds[index - 1] if index else None


class Requirements:
    """What a text says of how much it wants the skills in it."""

    def __init__(self, text: str, parts: Sentences, sections: Sections) -> None:
        self._text, self._parts, self._sections = text, parts, sections
        self._preferred, self._required = Matches(_CUE["preferred"], text), Matches(_CUE["required"], text)

    def at(self, start: int, end: int) -> Requirement | None:
        """Return how much the list of skills at `text[start:end]` is wanted: by its clause, else by its section."""
        low, high = self._parts.clause(start, end)
        limit = self._parts.around(end - 1)[1]
        tail = self._text[min(high + 1, len(self._text)) : min(high + 40, limit)]
        opening = _CUE["trailing"].match(tail)
        if self._preferred.first(low, high) or (opening and _CUE["preferred"].match(tail, opening.end())):
            return Requirement.PREFERRED
        section = self._sections.at(start)
        if section is Requirement.PREFERRED or section is Requirement.REQUIRED:
            return section
        return Requirement.REQUIRED if self._required.first(low, high) else None


def demands(text: str, mentions: Sequence[SkillMention]) -> JobDemands:
    """Return what a job ad demands, given the skills found in it.

    A skill that is both required and preferred somewhere is required. The years are those that are said of experience
    in general, else the greatest demanded for a skill; the education is the least that is enough.
    """
    required = _ids(mentions, Requirement.REQUIRED)
    preferred = [i for i in _ids(mentions, Requirement.PREFERRED) if i not in required]
    others = [i for i in _ids(mentions, None) if i not in required and i not in preferred]
    low, high = _years(text, mentions)
    least, liked = _education(text)
    return JobDemands(tuple(required), tuple(preferred), tuple(others), low, high, least, liked, tuple(mentions))


def _ids(mentions: Sequence[SkillMention], requirement: Requirement | None) -> list[str]:
    return list(dict.fromkeys(m.skill_id for m in mentions if m.requirement is requirement))


def _years(text: str, mentions: Sequence[SkillMention]) -> tuple[float | None, float | None]:
    parts = sentences(text)
    general, preferred = Matches(_TOTAL_YEARS, text), Matches(_CUE["preferred"], text)
    starts = sorted(m.start for m in mentions if m.kind in ("hard", "tool", "language"))
    most: float | None = None
    for match in YEARS.finditer(text):
        low, high = parts.clause(match.start(), match.end())
        if not general.first(low, high) or preferred.first(low, high):
            continue
        if bisect_left(starts, low) == bisect_left(starts, high):
            return number(match["low"]), number(match["high"]) if match["high"] else None
        most = max(most or 0.0, number(match["low"]))
    return most, None


def _education(text: str) -> tuple[Education | None, Education | None]:
    parts, preferred = sentences(text), Matches(_CUE["preferred"], text)
    least: Education | None = None
    liked: Education | None = None
    for match in _DEGREES.finditer(text):
        degree = Education[str(match.lastgroup)]
        low, high = parts.clause(match.start(), match.end())
        if preferred.first(low, high):
            liked = min(liked or degree, degree)
        else:
            least = min(least or degree, degree)
    return least, liked
