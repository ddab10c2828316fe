"""Reads the fields that matching compares from the plain text of a CV."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from processors.lexicon.titles import title_score
from processors.reading.experience import idle_years, years_held
from processors.reading.forms import wishes
from processors.reading.home import home
from processors.reading.pay import expected
from processors.reading.tongues import LANGUAGE_TESTS, tongues
from processors.skills import Education, Level, SkillMention, extract_skills, summarise
from processors.skills.cues import alternatives
from schemas.base import EducationLevel, SkillLevel

MAX_CHARACTERS = 40_000
_HEAD_LINES, _HEAD_CHARACTERS = 12, 1000

_ROLE = re.compile(
    r"\b(?:engineer|developer|programmer|architect|analyst|consultant|manager|lead|director|nurse|accountant|auditor"
    r"|teacher|instructor|trainer|lawyer|attorney|counsel|designer|scientist|specialist|administrator|tester|recruiter"
    r"|planner|forwarder|officer|executive|assistant|partner|coordinator|controller|technician|owner|head|sdr)s?\b"
    r"|工程师|开发|程序员|护士|会计|主管|经理|老师|教师|律师|设计师?|分析师|专员|顾问|总监|店长|助理|产品|销售|审计|招聘|仓储|计划|HRBP|算法",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[\n,，。;；|]|\.\s|\s[-–—]\s|[:：]\s")

_MOVES = re.compile(
    r"willing to relocate|will(?:ing)? relocate|open to relocation|(?:move|relocate) anywhere|or relocate"
    r"|(?:relocation|moving) is (?:no|not a) problem|happy to (?:move|relocate)"
    r"|地点不限|接受外派|服从(?:调动|分配)|接受.{0,4}调动|可异地|愿意(?:迁居|异地)|接受异地",
    re.IGNORECASE,
)
EDUCATION: Mapping[Education, EducationLevel] = {
    Education.SECONDARY: "high_school", Education.ASSOCIATE: "associate", Education.BACHELOR: "bachelor",
    Education.MASTER: "master", Education.DOCTOR: "doctorate",
}  # fmt: skip
LEVELS: Mapping[Level, SkillLevel] = {
    Level.BASIC: "beginner",
    Level.FAMILIAR: "intermediate",
    Level.PROFICIENT: "advanced",
    Level.EXPERT: "expert",
}
TONGUE_LEVELS: tuple[SkillLevel, ...] = ("beginner", "intermediate", "advanced", "expert")
"""By the level that `tongues` returns, from 1."""


def cv_fields(text: str, today: date) -> dict[str, Any]:
    """Return a talent's fields as far as the text of a CV says them; what it does not say is None.

    A position still held lasts until `today`.
    """
    text = text[:MAX_CHARACTERS]
    degrees = [Education[str(m.lastgroup)] for m in alternatives("education").finditer(text)]
    return {
        "title": headline(text),
        "skills": _skills(text, today),
        "years_experience": years_held(text, today),
        "education_level": EDUCATION[max(degrees)] if degrees else None,
        "locations": home(text),
        "relocates": bool(_MOVES.search(text)),
        "salary_expected": expected(text),
        **wishes(text),
    }


def headline(text: str) -> str | None:
    """Return the first short clause near the top that names an occupation, or the first position told further below."""
    lines = [line for line in text.splitlines()[:_HEAD_LINES] if "@" not in line]
    *whole, last = _CLAUSE.split("\n".join(lines)[:_HEAD_CHARACTERS])
    clauses = [*whole, *([last] if sum(map(len, lines)) < _HEAD_CHARACTERS - len(lines) else [])]
    return next(filter(None, map(_occupation, clauses)), None) or next(
        filter(None, (_occupation(clause) for clause in _CLAUSE.split(text) if _HELD.search(clause))), None
    )


def _occupation(clause: str) -> str | None:
    clause = " ".join(clause.split())
    if _STUDIED.search(clause):
        return None
    clause = _AROUND.sub("", clause)
    return clause if 1 < len(clause) <= 80 and (_ROLE.search(clause) or title_score(clause)) else None


_STUDIED = re.compile(
    r"\b(?:bachelor|master|doctor|associate)(?:['’]?s)?(?: degree)? (?:of|in)\b"
    r"|\b(?:ph\.?d|[bm]\.?(?:sc|eng|tech|com|ed|a|s))\b\.? in\b"
    r"|\b(?:minor|major(?:ed|ing)?|degree|diploma|certificate) in\b|\bdean['’]s list\b",
    re.IGNORECASE,
)
"""A degree, which may hold the word of an occupation: Bachelor of Engineering."""
_HELD = re.compile(r"\s(?:at|@)\s.{1,60}\([^()]{0,40}\b(?:19|20)\d\d\b")
_AROUND = re.compile(
    r"^(?:(?:I am|I['’]m|as) (?:an? )?|我是(?:一?[名位个])?)"
    r"|\s(?:with|who|living|based|looking|having|seeking|at|@)\s.*$"
    r"|\s?\([^()]{0,40}\b(?:19|20)\d\d\b.*$",
    re.IGNORECASE,
)


def _last_used(text: str, today: date) -> Callable[[int], date]:
    idle = idle_years(text, today)
    return lambda place: today - timedelta(days=round(idle(place) * 365.25))


def _skills(text: str, today: date) -> list[dict[str, Any]]:
    """Return the skills named, each with when it was last used, then the human languages with what is said of them."""
    mentions = extract_skills(text)
    last_used, spoken = _last_used(text, today), tongues(text, mentions)
    skills: list[dict[str, Any]] = [
        {
            "name": s.skill_id,
            "level": LEVELS[s.level] if s.level else None,
            "years": s.years,
            "last_used": max(last_used(m.start) for m in s.mentions),
        }
        for s in summarise(_named(mentions, spoken))
        if s.mentions
    ]
    return skills + [
        {"name": name, "level": TONGUE_LEVELS[level - 1] if level else None} for name, level in spoken.items()
    ]


def _named(mentions: Iterable[SkillMention], spoken: Mapping[str, int | None]) -> list[SkillMention]:
    return [m for m in mentions if m.skill_id not in spoken and m.skill_id not in LANGUAGE_TESTS]
