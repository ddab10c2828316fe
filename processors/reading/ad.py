"""Reads the fields that matching compares from a job ad's title and text."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from processors.lexicon.markup import plain_text
from processors.lexicon.places import found_places, place_label
from processors.lexicon.script import detect_language
from processors.lexicon.seniority import seniority
from processors.reading.cues import patterns
from processors.reading.cv import EDUCATION, LEVELS, MAX_CHARACTERS, TONGUE_LEVELS
from processors.reading.pay import offered
from processors.reading.tongues import LANGUAGE_TESTS, tongues
from processors.reading.workplace import workplace
from processors.skills import JobDemands, Kind, Requirement, SkillMention, normalise, read_job_ad, summarise, taxonomy
from schemas.base import Language

MAX_PLACES = 3
_CLAUSE = re.compile(r"[\n,，。;；|、]|\.\s|\s[-–—]\s|[:：]\s")
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
_PATTERNS = {name: patterns(name) for name in ("employment_types", "contracts")}
_INTERN = re.compile(r"实习生?|\bintern(?:ship)?s?\b|\bworking student\b", re.IGNORECASE)
_NOT = re.compile(r"(?:\bno|\bnot|\bnon|isn['’]t|非|不招|不是|无|勿扰)[\s-]{0,2}(?:an? |招|接受)?$", re.IGNORECASE)
_PLACE_LABEL = re.compile(
    r"(?:工作地点|工作地址|办公地点|上班地点|上班地址|公司地址|工作城市|地点|地址|坐标"
    r"|base[ds]?(?: in| at)?|locations?|office|where|site"
    r"|(?:role|position|job|work|working|team|you will be|you'll be) (?:is )?(?:in|at|located in|based in))"
    r"[\s:：]{0,3}$",
    re.IGNORECASE,
)
_HEAD = 160


def ad_fields(title: str, text: str) -> dict[str, Any]:
    """Return a job's fields as far as its ad says them, in text or HTML; what it does not say is None or empty."""
    text = plain_text(text)[:MAX_CHARACTERS]
    whole = f"{title}\n{text}"
    language = detect_language(whole[:1000])
    demands = read_job_ad(whole, language)
    return {
        "skills": _skills(demands, whole, text, language),
        "years_experience_min": demands.years_min,
        "years_experience_max": demands.years_max,
        "education_level": EDUCATION[demands.education] if demands.education else None,
        "locations": [place_label(name, language) for name in _places(title, text)],
        **workplace(whole),
        "employment_types": _said("employment_types", title, text),
        "contracts": _said("contracts", title, text),
        "salary": offered(whole),
        "seniority": seniority(None, title, None),
    }


def _skills(demands: JobDemands, whole: str, text: str, language: Language) -> list[dict[str, Any]]:
    """Return the skills that an ad asks for, each once; of alternatives the first, with the others beside it.

    What is neither required nor preferred in so many words is required.
    """
    unneeded = _unneeded(demands)
    spoken = {name: level for name, level in tongues(text).items() if name not in unneeded}
    known = taxonomy().skills
    names = {m.skill_id: m.name if normalise(m.name) == m.skill_id else m.skill_id for m in demands.skills}
    others: dict[str, list[str]] = {}
    stands_in: set[str] = set()
    for first, *rest in demands.alternatives:
        if first not in stands_in and known[first].kind is not Kind.SOFT:
            others.setdefault(first, []).extend(o for o in rest if o not in others)
            stands_in.update(o for o in rest if o not in others)
    skills: list[dict[str, Any]] = []
    for s in summarise(_asked(demands.skills, whole)):
        if not s.mentions or s.skill_id in stands_in or s.skill_id in LANGUAGE_TESTS or s.skill_id in spoken:
            continue
        skill: dict[str, Any] = {
            "name": names[s.skill_id],
            "level": LEVELS[s.level] if s.level else None,
            "years": s.years,
            "required": s.skill_id not in demands.preferred,
        }
        if s.skill_id in others:
            skill["alternatives"] = [names[other] for other in dict.fromkeys(others[s.skill_id])][:20]
        skills.append(skill)
    return skills + [
        {
            "name": known[name].name(language),
            "level": TONGUE_LEVELS[level - 1] if level else None,
            "required": name not in demands.preferred,
        }
        for name, level in spoken.items()
    ]


def _unneeded(demands: JobDemands) -> frozenset[str]:
    """Return the skills that an ad says are not needed, and nowhere that they are."""
    wanted = {m.skill_id for m in demands.skills if m.requirement is not Requirement.NOT_NEEDED}
    return frozenset(m.skill_id for m in demands.skills) - wanted


def _asked(mentions: Iterable[SkillMention], text: str) -> list[SkillMention]:
    """Return the mentions without those that offer something, are not needed, or only say that somebody is hired."""
    kept = []
    for mention in mentions:
        if mention.requirement is Requirement.NOT_NEEDED:
            continue
        before = [m.end() for m in _CLAUSE.finditer(text, max(mention.start - 60, 0), mention.start)]
        after = _CLAUSE.search(text, mention.end, mention.end + 60)
        start, end = before[-1] if before else max(mention.start - 60, 0), after.start() if after else mention.end + 60
        hiring = mention.skill_id == "recruiting" and _HIRING.search(text, start, end)
        benefit = _OFFER.search(text, start, end) or text[start:end].strip().casefold() in ("insurance", "保险")
        if not hiring and not benefit:
            kept.append(mention)
    return kept


def _said(field: str, title: str, text: str) -> list[str]:
    """Return the kinds of employment, or of contract, that an ad names; the title alone decides if it names one."""
    for part in (title, text):
        found = [kind for kind, pattern in _PATTERNS[field].items() if any(_affirmed(pattern, part))]
        if part is title and field == "employment_types" and _INTERN.search(title):
            found = list(dict.fromkeys(["internship", *found]))
        if found:
            return found
    return []


def _affirmed(pattern: re.Pattern[str], text: str) -> Iterator[bool]:
    for match in pattern.finditer(text):
        yield not _NOT.search(text[max(match.start() - 12, 0) : match.start()])


def _places(title: str, text: str) -> list[str]:
    """Return where the work is: places with a label, else those of the title or of the head of the text, else the few
    that it names at all: of many, most are where clients and other offices are.
    """
    found = found_places(text)
    labelled = [name for name, start, _ in found if _PLACE_LABEL.search(text[max(start - 24, 0) : start])]
    if labelled:
        first = next(start for name, start, _ in found if name == labelled[0])
        end = text.find("\n", first)
        line = [name for name, start, _ in found if first <= start < (end if end >= 0 else len(text))]
        return list(dict.fromkeys([*labelled, *line]))[:MAX_PLACES]
    for names in (
        [name for name, _, _ in found_places(title)],
        [name for name, start, _ in found if start < _HEAD],
    ):
        if names:
            return list(dict.fromkeys(names))[:MAX_PLACES]
    rest = list(dict.fromkeys(name for name, _, _ in found))
    return rest if len(rest) <= MAX_PLACES else []
