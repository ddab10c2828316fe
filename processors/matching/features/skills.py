"""The demanded skills that are held."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from processors.matching.closeness import Closeness
from processors.matching.features.feature import Change, Feature, Finding, Text, capitalised
from processors.matching.profile import Profile, SkillFacts
from processors.matching.skills import IMPLIED, stand_ins, weight_of
from schemas.base import Language

REQUIRED_WEIGHT = 3.0
NICE_WEIGHT = 1.0
NOT_COMPARED = 0.5
"""Where a job lists no skills."""
LEVEL_STEP = 0.2
"""What each level below the demanded one costs of a skill's credit."""
UNKNOWN_LEVEL = 0.85
UNKNOWN_YEARS = 0.9
LEAST_YEARS_FACTOR = 0.5
FRESH = 2.0
"""A skill used in so many years past is as good as one in use; after that it loses a step a year."""
STALE_STEP = 0.15
STALE_LEAST = 0.5
LISTED_SKILLS = 6
"""Skills named in one list; more are counted."""


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score how many of the job's skills the talent has, required ones counting three times as much as others.

    A talent without any skill scores 0, or else adding a first skill could lower the score.
    """
    demanded = job.skills
    if not demanded:
        return Finding(NOT_COMPARED, "not_demanded")
    held = talent.skills
    if not held:
        return Finding(0.0, "unknown")
    earned = possible = 0.0
    for name, want in demanded.items():
        weight = (REQUIRED_WEIGHT if want[3] else NICE_WEIGHT) * weight_of(name)
        possible += weight
        have = _held(name, want, held)
        part = 0.0 if have is None else _credit(have, want)
        if part < IMPLIED:  # others earn no more
            part = max(part, _stand_in(name, held)[0])
        earned += weight * part
    return Finding(min(earned / possible, 1.0), "compared")


def _held(name: str, want: SkillFacts, held: Mapping[str, SkillFacts]) -> SkillFacts | None:
    """Return what is held of a skill, or of one that does as well."""
    have = held.get(name)
    if have is None and want.others:
        return next((held[other] for other in want.others if other in held), None)
    return have


def _stand_in(name: str, held: Mapping[str, SkillFacts]) -> tuple[float, str | None]:
    """Return the best partial credit for a skill that is not held, and the held skill that earns it."""
    others = stand_ins(name)
    if others.keys().isdisjoint(held):
        return 0.0, None
    return max((others[other], other) for other in others.keys() & held.keys())


def _credit(have: SkillFacts, want: SkillFacts) -> float:
    credit = 1.0
    _, level, years, *_ = want
    if level is not None:
        if have[1] is None:
            credit = UNKNOWN_LEVEL
        elif have[1] < level:
            credit -= LEVEL_STEP * (level - have[1])
    if years:
        if have[2] is None:
            credit *= UNKNOWN_YEARS
        elif have[2] < years:
            credit *= LEAST_YEARS_FACTOR + (1 - LEAST_YEARS_FACTOR) * have[2] / years
    if have.idle is not None and have.idle > FRESH:
        credit *= max(STALE_LEAST, 1 - STALE_STEP * (have.idle - FRESH))
    return credit


def _compared(talent: Profile, job: Profile, language: Language) -> str:
    held: dict[bool, list[str]] = {True: [], False: []}
    missing: dict[bool, list[str]] = {True: [], False: []}
    weak, akin = [], []
    for name, want in job.skills.items():
        have = _held(name, want, talent.skills)
        if have is None:
            missing[want.required].append(want.label)
            _, other = _stand_in(name, talent.skills)
            if other:
                akin.append(f"{want.label} ← {talent.skills[other].label}")
            continue
        held[want.required].append(want.label)
        if (want.level is not None and have.level is not None and have.level < want.level) or (
            want.years is not None and have.years is not None and have.years < want.years
        ):
            weak.append(want.label)
    sentences = [_skill_list(held[required], missing[required], required, language) for required in (True, False)]
    if akin:
        sentences.append(("相近技能：" if language == "zh" else "in part by others: ") + _names(akin, language))
    if weak:
        start = "熟练度或年限不足：" if language == "zh" else "below the asked level or years: "
        sentences.append(start + _names(weak, language))
    if language == "zh":
        return "；".join(s for s in sentences if s)
    return capitalised("; ".join(s for s in sentences if s))


def _skill_list(held: list[str], missing: list[str], required: bool, language: Language) -> str:
    count = len(held) + len(missing)
    if not count:
        return ""
    # Of nice-to-have skills only those held are named: what is missing there decides nothing.
    lacking = f"{'：' if language == 'zh' else ': '}{_names(missing, language)}" if required else ""
    if language == "zh":
        kind = "必备" if required else "加分"
        if not held:
            return f"缺少全部 {count} 项{kind}技能{lacking}"
        if not missing:
            return f"具备全部 {count} 项{kind}技能：{_names(held, language)}"
        text = f"具备 {count} 项{kind}技能中的 {len(held)} 项：{_names(held, language)}"
        return f"{text}；缺少{lacking}" if required else text
    kind = "required" if required else "nice-to-have"
    skills = f"the {kind} skill" if count == 1 else f"{'both' if count == 2 else f'all {count}'} {kind} skills"
    if not held:
        return f"lacks {skills}{lacking}"
    if not missing:
        return f"has {skills}: {_names(held, language)}"
    text = f"has {len(held)} of {count} {kind} skills: {_names(held, language)}"
    return f"{text}; missing{lacking}" if required else text


def _names(labels: list[str], language: Language) -> str:
    comma = "、" if language == "zh" else ", "
    listed = comma.join(labels[:LISTED_SKILLS])
    more = len(labels) - LISTED_SKILLS
    if more <= 0:
        return listed
    return f"{listed}等 {len(labels)} 项" if language == "zh" else f"{listed} and {more} more"


def _changes(talent: Profile, job: Profile) -> Iterator[Change]:
    for name, want in job.skills.items():
        if talent.skills.get(name) != want:
            text = Text(f"具备技能 {want.label}", f"the skill {want.label}")
            yield Change(text, replace(talent, skills={**talent.skills, name: want}))


FEATURE = Feature(
    name="skills",
    label=Text("技能", "skills"),
    weight=0.10,
    score=score,
    reasons={
        "not_demanded": Text("职位未列出技能要求", "The job lists no skills"),
        "unknown": Text("人才未填写技能", "No skills on record"),
        "compared": _compared,
    },
    changes=_changes,
)
