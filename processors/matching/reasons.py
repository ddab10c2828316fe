"""Why each feature scored as it did, in words a recruiter uses, in Chinese or English."""

from collections.abc import Callable, Mapping

from processors.matching.features import skill_credit
from processors.matching.profile import Profile
from processors.matching.vocabulary import CITY_NAMES
from schemas.base import Language

_EDUCATION = {
    "zh": ("无学历要求", "高中", "大专", "本科", "硕士", "博士"),
    "en": ("none", "high school", "associate", "bachelor", "master", "doctorate"),
}
_SENIORITY = {
    "zh": ("实习", "初级", "中级", "高级", "负责人", "高管"),
    "en": ("intern", "junior", "mid-level", "senior", "lead", "executive"),
}
_LISTED = 6

Reason = Callable[[Profile, Profile, float, Language], str]


def _say(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def _join(names: list[str], language: Language) -> str:
    more = len(names) - _LISTED
    text = ("、" if language == "zh" else ", ").join(names[:_LISTED])
    return text + (_say(language, f" 等 {len(names)} 项", f" and {more} more") if more > 0 else "")


def _skills(talent: Profile, job: Profile, score: float, language: Language) -> str:
    if not job.skills:
        return _say(language, "职位未列出技能", "The job lists no skills")
    required = {n: s for n, s in sorted(job.skills.items()) if s.required}
    wanted = required or dict(sorted(job.skills.items()))
    held = [s.label for n, s in wanted.items() if n in talent.skills]
    missing = [s.label for n, s in wanted.items() if n not in talent.skills]
    short = [s.label for n, s in wanted.items() if n in talent.skills and skill_credit(talent.skills[n], s) < 1]
    kind = _say(language, "必备" if required else "加分", "required" if required else "nice-to-have")
    parts = [
        _say(
            language,
            f"具备 {len(wanted)} 项{kind}技能中的 {len(held)} 项" + (f"：{_join(held, language)}" if held else ""),
            f"Has {len(held)} of {len(wanted)} {kind} skills" + (f": {_join(held, language)}" if held else ""),
        )
    ]
    if missing:
        parts.append(_say(language, f"缺少：{_join(missing, language)}", f"missing: {_join(missing, language)}"))
    if short:
        text = _join(short, language)
        parts.append(_say(language, f"熟练度或年限不足：{text}", f"level or years below the demand: {text}"))
    return _say(language, "；", "; ").join(parts)


def _semantic(talent: Profile, job: Profile, score: float, language: Language) -> str:
    grade = 2 if score >= 0.7 else 1 if score >= 0.4 else 0
    zh = ("履历与职位描述关联较弱", "履历与职位描述部分相关", "履历与职位描述高度相关")[grade]
    en = ("Background is weakly related", "Background is partly related", "Background is closely related")[grade]
    return _say(language, zh, f"{en} to the job's description")


def _experience(talent: Profile, job: Profile, score: float, language: Language) -> str:
    if talent.years is None:
        return _say(language, "工作年限未知", "Years of experience are unknown")
    if job.years is None and job.years_max is None:
        return _say(
            language, f"职位未要求年限（{talent.years:g} 年经验）", f"The job asks for no years (has {talent.years:g})"
        )
    top = "" if job.years_max is None else f"{job.years_max:g}"
    asked = f"{job.years or 0:g}-{top}" if top else f"{job.years or 0:g}+"
    return _say(
        language, f"{talent.years:g} 年经验，要求 {asked} 年", f"{talent.years:g} years of experience, {asked} asked"
    )


def _education(talent: Profile, job: Profile, score: float, language: Language) -> str:
    names = _EDUCATION[language]
    if job.education is None:
        return _say(language, "职位未要求学历", "The job asks for no degree")
    if talent.education is None:
        return _say(language, f"学历未知，要求{names[job.education]}", f"Degree unknown, {names[job.education]} asked")
    return _say(
        language,
        f"{names[talent.education]}，要求{names[job.education]}",
        f"Degree: {names[talent.education]}, {names[job.education]} asked",
    )


def _location(talent: Profile, job: Profile, score: float, language: Language) -> str:
    if job.remote:
        return _say(language, "职位可远程", "The job is remote")
    if not talent.locations or not job.locations:
        return _say(language, "地点信息不全", "A location is unknown")
    here, there = _cities(talent.locations, language), _cities(job.locations, language)
    common = _cities(tuple(c for c in talent.locations if c in job.locations), language)
    if common:
        return _say(language, f"同在{common}", f"Both in {common}")
    return _say(language, f"人在{here}，职位在{there}", f"Lives in {here}, the job is in {there}")


def _cities(cities: tuple[str, ...], language: Language) -> str:
    if language == "zh":
        return "、".join(CITY_NAMES.get(city, city) for city in cities[:3])
    return ", ".join(city.title() for city in cities[:3])


def _salary(talent: Profile, job: Profile, score: float, language: Language) -> str:
    asked = talent.salary_min if talent.salary_min is not None else talent.salary_max
    paid = job.salary_max if job.salary_max is not None else job.salary_min
    if asked is None or paid is None:
        return _say(language, "薪资信息不全", "A salary is unknown")
    return _say(
        language,
        f"期望 {asked / 1000:.0f}K 起，职位最高 {paid / 1000:.0f}K（人民币/月）",
        f"Asks for {asked / 1000:.0f}K or more, the job pays up to {paid / 1000:.0f}K (CNY a month)",
    )


def _seniority(talent: Profile, job: Profile, score: float, language: Language) -> str:
    if talent.seniority is None or job.seniority is None:
        return _say(language, "职级未知", "Seniority is unknown")
    names = _SENIORITY[language]
    own, asked = names[talent.seniority], names[job.seniority]
    if talent.seniority == job.seniority:
        return _say(language, f"职级相符：{own}", f"Same seniority: {own}")
    return _say(language, f"职级为{own}，职位为{asked}", f"Seniority is {own}, the job's is {asked}")


REASONS: Mapping[str, Reason] = {
    "skills": _skills,
    "semantic": _semantic,
    "experience": _experience,
    "education": _education,
    "location": _location,
    "salary": _salary,
    "seniority": _seniority,
}
