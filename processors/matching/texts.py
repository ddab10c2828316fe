"""Reads the fields that matching compares from the plain text of a CV or of a job ad."""

import re
from collections.abc import Iterable
from typing import Any

from processors.matching.fairness import impersonal
from processors.matching.places import known_places
from processors.skills import Education, Level, Requirement, SkillMention, extract_skills, read_job_ad, summarise
from processors.skills.cues import alternatives
from processors.skills.levels import YEARS, number

MAX_CHARACTERS = 40_000
_MOST_YEARS = 45
_HEAD_LINES = 12
_LONGEST_PART = 400
_ROLE = re.compile(
    r"\b(?:engineer|developer|programmer|architect|analyst|consultant|manager|lead|director|nurse|accountant|auditor"
    r"|teacher|instructor|trainer|lawyer|attorney|counsel|designer|scientist|specialist|administrator|tester|recruiter"
    r"|planner|forwarder|officer|executive|assistant|partner|coordinator|controller|technician|owner|head|sdr)s?\b"
    r"|工程师|开发|程序员|护士|会计|主管|经理|老师|教师|律师|设计师?|分析师|专员|顾问|总监|店长|助理|产品|销售|审计|招聘|仓储|计划|HRBP|算法",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[\n,，。;；|]|\.\s|\s[-–—]\s|[:：]\s")
_PARTS = re.compile(r"[\n。；;]|(?<=[.!?])\s+")
_BULLET = " \t•-*·|●▪➢✓"
_DIGITS = "零一二三四五六七八九"
_TEENS = re.compile(rf"十([{_DIGITS[1:]}])(?=多?年)")
_MOVES = re.compile(
    r"willing to relocate|will(?:ing)? relocate|open to relocation|(?:move|relocate) anywhere|or relocate"
    r"|地点不限|接受外派|服从调动|可异地",
    re.IGNORECASE,
)
_REMOTE = re.compile(r"\bremote(?:ly)?\b|work from (?:anywhere|home)|远程", re.IGNORECASE)
_PAY = re.compile(
    r"(?:月薪|底薪|薪资|薪水|CNY|RMB|¥)\D{0,4}(?P<low>\d+(?:\.\d)?)(?:\s?[-–~至到]\s?(?P<high>\d+(?:\.\d)?))?\s?(?P<unit>k|万|千)",
    re.IGNORECASE,
)
_UNITS = {"k": 1_000, "千": 1_000, "万": 10_000}
_EDUCATION = {
    Education.SECONDARY: "high_school", Education.ASSOCIATE: "associate", Education.BACHELOR: "bachelor",
    Education.MASTER: "master", Education.DOCTOR: "doctorate",
}  # fmt: skip
_LEVELS = {
    Level.BASIC: "beginner",
    Level.FAMILIAR: "intermediate",
    Level.PROFICIENT: "advanced",
    Level.EXPERT: "expert",
}


def talent_fields(text: str) -> dict[str, Any]:
    """Return a talent's fields as far as the text of a CV says them; what it does not say is missing."""
    text = impersonal(text[:MAX_CHARACTERS])
    degrees = [Education[str(m.lastgroup)] for m in alternatives("education").finditer(text)]
    return {
        "title": headline(text),
        "summary": text,
        "skills": _skills(extract_skills(text), frozenset()),
        "years_experience": years_said(text),
        "education_level": _EDUCATION[max(degrees)] if degrees else None,
        "locations": known_places(text)[:3],
        "relocates": bool(_MOVES.search(text)),
        "salary_expected": _pay(text),
    }


def job_fields(title: str, description: str) -> dict[str, Any]:
    """Return a job's fields as far as its ad says them."""
    description = description[:MAX_CHARACTERS]
    text = f"{title}\n{description}"
    demands = read_job_ad(text)
    optional = frozenset(m.skill_id for m in demands.skills if m.requirement is Requirement.PREFERRED)
    return {
        "title": title,
        "description": description,
        "skills": _skills(demands.skills, optional - frozenset(demands.required)),
        "years_experience_min": demands.years_min if demands.years_min is not None else years_said(description),
        "education_level": _EDUCATION[demands.education] if demands.education else None,
        "locations": known_places(text)[:3],
        "remote": True if _REMOTE.search(text) else None,
        "salary": _pay(text),
    }


def headline(text: str) -> str | None:
    """Return the first short clause near the top that names an occupation."""
    head = "\n".join(line for line in text.splitlines()[:_HEAD_LINES] if "@" not in line)[:1000]
    for clause in _CLAUSE.split(head):
        clause = " ".join(clause.split())
        if 1 < len(clause) <= 80 and _ROLE.search(clause):
            return clause
    return None


def years_said(text: str) -> float | None:
    """Return the most years of work that a text speaks of, in figures or in words."""
    found = [number(m["low"]) for m in YEARS.finditer(_TEENS.sub(lambda m: str(10 + _DIGITS.index(m[1])), text))]
    return max((years for years in found if 0 < years <= _MOST_YEARS), default=None)


def parts(text: str, most: int = 40) -> list[str]:
    """Return the sentences and lines of a text; in a long one neighbours share a part, so that `most` cover it all."""
    pieces = [" ".join(piece.strip(_BULLET).split()) for piece in _PARTS.split(text)]
    least = max(12, sum(map(len, pieces)) // most)
    found: list[str] = []
    for piece in pieces:
        if piece and found and len(found[-1]) < least:
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return [part[:_LONGEST_PART] for part in found[:most]]


def _skills(mentions: Iterable[SkillMention], optional: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": s.skill_id,
            "level": _LEVELS[s.level] if s.level else None,
            "years": s.years,
            "required": s.skill_id not in optional,
        }
        for s in summarise(mentions)
        if s.mentions
    ]


def _pay(text: str) -> dict[str, Any] | None:
    match = _PAY.search(text)
    if not match:
        return None
    unit = _UNITS[match["unit"].lower()]
    low = float(match["low"]) * unit
    return {"minimum": low, "maximum": float(match["high"]) * unit if match["high"] else None}
