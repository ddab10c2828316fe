"""Reads the fields that matching compares from the plain text of a CV or of a job ad."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from ops.evaluation.reading.experience import idle_years, years_demanded, years_held
from ops.evaluation.reading.home import home
from ops.evaluation.reading.pay import expected, offered
from ops.evaluation.reading.tongues import LANGUAGE_TESTS, tongues
from processors.lexicon.places import known_places
from processors.lexicon.titles import title_score
from processors.matching.fairness import impersonal
from processors.matching.profile import LEVEL_RANKS
from processors.skills import Education, Level, Requirement, SkillMention, extract_skills, read_job_ad, summarise
from processors.skills.cues import alternatives

MAX_CHARACTERS = 40_000
_HEAD_LINES = 12

_ROLE = re.compile(
    r"\b(?:engineer|developer|programmer|architect|analyst|consultant|manager|lead|director|nurse|accountant|auditor"
    r"|teacher|instructor|trainer|lawyer|attorney|counsel|designer|scientist|specialist|administrator|tester|recruiter"
    r"|planner|forwarder|officer|executive|assistant|partner|coordinator|controller|technician|owner|head|sdr)s?\b"
    r"|工程师|开发|程序员|护士|会计|主管|经理|老师|教师|律师|设计师?|分析师|专员|顾问|总监|店长|助理|产品|销售|审计|招聘|仓储|计划|HRBP|算法",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[\n,，。;；|]|\.\s|\s[-–—]\s|[:：]\s")

_OFFER = re.compile(
    r"五险|六险|补充医疗|商业保险|带薪|年假|双休|(?:年度|定期|免费)体检|节日福利|paid leave|health insurance|dental"
    r"|pension plan"
    r"|check-up"
    r"|401\(?k",
    re.IGNORECASE,
)
_HIRING = re.compile(
    r"诚聘|急聘|我们.{0,8}招聘|公司.{0,8}招聘|现招聘|招聘.{1,16}(?:一名|若干|\d+名)"
    r"|(?:we are|we're|is|now|currently) (?:hiring|recruiting)|hiring an? |招聘(?:岗位|职位|信息)",
    re.IGNORECASE,
)
_MOVES = re.compile(
    r"willing to relocate|will(?:ing)? relocate|open to relocation|(?:move|relocate) anywhere|or relocate"
    r"|(?:relocation|moving) is (?:no|not a) problem|happy to (?:move|relocate)"
    r"|地点不限|接受外派|服从(?:调动|分配)|接受.{0,4}调动|可异地|愿意(?:迁居|异地)|接受异地",
    re.IGNORECASE,
)
_REMOTE = re.compile(
    r"(?:fully|100 ?%|partly|can be|possible to be) remote|\bremote(?:ly)?[- ](?:work\w*|position|role|job"
    r"|option|first|friendly|possible|ok)"
    r"|work(?:ing)? remotely|\bremotely?\b(?=\s*(?:[.,;:)|/\n]|$|or\b|within\b|from\b|in\b))"
    r"|work from (?:anywhere|home)|远程(?!控制|连接|桌面|支持|维护|诊断|登录|协助)",
    re.IGNORECASE,
)
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
_RANKS = {rank: name for name, rank in LEVEL_RANKS.items()}


def talent_fields(text: str, today: date | None = None) -> dict[str, Any]:
    """Return a talent's fields as far as the text of a CV says them; what it does not say is missing.

    A position still held lasts until `today` (default: the actual day).
    """
    text = impersonal(text[:MAX_CHARACTERS])
    today = today or date.today()
    degrees = [Education[str(m.lastgroup)] for m in alternatives("education").finditer(text)]
    return {
        "title": headline(text),
        "summary": text,
        "skills": _skills(extract_skills(text), frozenset(), tongues(text), _last_used(text, today)),
        "years_experience": years_held(text, today),
        "education_level": _EDUCATION[max(degrees)] if degrees else None,
        "locations": home(text),
        "relocates": bool(_MOVES.search(text)),
        "salary_expected": expected(text),
    }


def job_fields(title: str, description: str) -> dict[str, Any]:
    """Return a job's fields as far as its ad says them."""
    description = description[:MAX_CHARACTERS]
    text = f"{title}\n{description}"
    demands = read_job_ad(text)
    optional = frozenset(m.skill_id for m in demands.skills if m.requirement is Requirement.PREFERRED)
    years = years_demanded(description)
    return {
        "title": title,
        "description": description,
        "skills": _skills(_asked(demands.skills, text), optional - frozenset(demands.required), tongues(description)),
        "years_experience_min": years.low,
        "years_experience_max": years.high,
        "education_level": _EDUCATION[demands.education] if demands.education else None,
        "locations": known_places(text)[:3],
        "remote": True if _REMOTE.search(text) else None,
        "salary": offered(text),
    }


def _asked(mentions: Iterable[SkillMention], text: str) -> list[SkillMention]:
    """Return the mentions without those in clauses that offer something, or only say that somebody is hired."""
    kept = []
    for mention in mentions:
        before = [m.end() for m in _CLAUSE.finditer(text, max(mention.start - 60, 0), mention.start)]
        after = _CLAUSE.search(text, mention.end, mention.end + 60)
        start, end = before[-1] if before else max(mention.start - 60, 0), after.start() if after else mention.end + 60
        hiring = mention.skill_id == "recruiting" and _HIRING.search(text, start, end)
        benefit = _OFFER.search(text, start, end) or text[start:end].strip().casefold() in ("insurance", "保险")
        if not hiring and not benefit:
            kept.append(mention)
    return kept


def headline(text: str) -> str | None:
    """Return the first short clause near the top that names an occupation."""
    head = "\n".join(line for line in text.splitlines()[:_HEAD_LINES] if "@" not in line)[:1000]
    for clause in _CLAUSE.split(head):
        clause = " ".join(clause.split())
        if 1 < len(clause) <= 80 and (_ROLE.search(clause) or title_score(clause)):
            return clause
    return None


def _last_used(text: str, today: date) -> Callable[[int], date]:
    idle = idle_years(text, today)
    return lambda place: today - timedelta(days=round(idle(place) * 365.25))


def _skills(
    mentions: Iterable[SkillMention],
    optional: frozenset[str],
    spoken: Mapping[str, int | None],
    last_used: Callable[[int], date] | None = None,
) -> list[dict[str, Any]]:
    """Return the skills named; those that are human languages with the level that is said of them.

    `last_used` tells when what stands at a place was last done.
    """
    skills = [
        {
            "name": s.skill_id,
            "level": _LEVELS[s.level] if s.level else None,
            "years": s.years,
            "required": s.skill_id not in optional,
            "last_used": max(last_used(m.start) for m in s.mentions) if last_used else None,
        }
        for s in summarise(mentions)
        if s.mentions and s.skill_id not in spoken and s.skill_id not in LANGUAGE_TESTS
    ]
    return skills + [
        {"name": name, "level": _RANKS[level] if level else None, "required": name not in optional}
        for name, level in spoken.items()
    ]
