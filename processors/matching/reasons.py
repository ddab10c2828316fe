"""Reasons that a recruiter understands, in Chinese and in English."""

from collections.abc import Callable
from typing import Any

from processors.lexicon.places import place_label
from processors.matching.features import Finding, stand_in
from processors.matching.profile import Profile
from schemas.base import Language

LISTED_SKILLS = 6
"""Skills named in one list; more are counted."""

_DEGREES = {
    "zh": ("无学历", "高中", "大专", "本科", "硕士", "博士"),
    "en": ("no degree", "high school", "associate degree", "bachelor's degree", "master's degree", "doctorate"),
}
_LEVELS = {
    "zh": {"intern": "实习", "junior": "初级", "mid": "中级", "senior": "高级", "lead": "资深", "executive": "高管"},
    "en": {name: name for name in ("intern", "junior", "mid", "senior", "lead", "executive")},
}

_TEXTS: dict[str, tuple[str, str]] = {
    "skills.not_demanded": ("职位未列出技能要求", "The job lists no skills"),
    "skills.unknown": ("人才未填写技能", "No skills on record"),
    "semantic.strong": ("经历与职位描述高度吻合", "Background closely matches the job description"),
    "semantic.fair": ("经历与职位描述部分吻合", "Background partly matches the job description"),
    "semantic.weak": ("经历与职位描述关联较弱", "Background has little in common with the job description"),
    "semantic.unknown": ("无法比较文本", "The texts could not be compared"),
    "sections.strong": ("职位各项要求均有相近经历", "Nearly every part of the job has its like in the background"),
    "sections.fair": ("职位部分要求有相近经历", "Some parts of the job have their like in the background"),
    "sections.weak": ("职位要求少有相近经历", "Few parts of the job have their like in the background"),
    "sections.unknown": ("未逐段比较，以整体为准", "Parts are not compared; the whole records stand in"),
    "title.strong": ("职务相符：{have}与{want}", "Titles agree: {have}, {want}"),
    "title.fair": ("职务相近：{have}与{want}", "Titles are akin: {have}, {want}"),
    "title.weak": ("职务不同：{have}与{want}", "Titles differ: {have}, {want}"),
    "title.unknown": ("无法比较职务", "The titles could not be compared"),
    "location.relocates": ("人才愿意迁居{place}", "Would move to {place}"),
    "languages.not_demanded": ("职位未要求语言", "The job asks for no language"),
    "languages.unknown": ("语言能力未知", "Languages unknown"),
    "languages.compared": ("掌握要求的 {want} 种语言中的 {have} 种", "Speaks {have} of {want} languages asked for"),
    "availability.unknown": ("求职状态未知", "Availability unknown"),
    "availability.active": ("正在求职", "Looks for a job"),
    "availability.passive": ("未主动求职", "Does not look for a job at present"),
    "languages.below": (
        "掌握要求的 {want} 种语言中的 {have} 种，程度不足",
        "Speaks {have} of {want} languages asked for, not well enough",
    ),
    "availability.in_time": (
        "{have} 周内可到岗，职位需 {want} 周内到岗",
        "Can start in {have} weeks; {want} asked for",
    ),
    "availability.late": (
        "{have} 周后才能到岗，职位需 {want} 周内到岗",
        "Can start only in {have} weeks; {want} asked for",
    ),
    "industry.not_demanded": ("职位未要求行业经验", "The job asks for no particular industry"),
    "industry.unknown": ("行业经验未知", "Industry experience unknown"),
    "industry.met": ("有要求的行业经验", "Has worked in the industry asked for"),
    "industry.akin": ("有相近行业经验", "Has worked in a related industry"),
    "industry.other": ("没有要求的行业经验", "Has not worked in the industry asked for"),
    "field.not_demanded": ("职位未要求专业", "The job asks for no field of study"),
    "field.unknown": ("所学专业未知", "Field of study unknown"),
    "field.met": ("专业符合要求", "Studied the field asked for"),
    "field.akin": ("专业相近", "Studied a related field"),
    "field.other": ("专业不符", "Studied another field than asked for"),
    "management.not_demanded": ("职位不带团队", "The job leads no team"),
    "management.unknown": ("团队管理经验未知；职位需带 {want} 人", "People led unknown; a team of {want} to lead"),
    "management.known": ("带过 {have} 人团队，职位需带 {want} 人", "Has led {have} people; {want} to lead"),
    "stability.unknown": ("任职时长未知", "Time in positions unknown"),
    "stability.known": ("平均任职 {years} 年", "Stayed {years} in a position on average"),
    "experience.unknown": ("工作年限未知；要求{wanted}", "Experience unknown; {wanted} asked for"),
    "experience.met": ("{years} 年经验，符合{wanted}的要求", "{years} of experience; {wanted} asked for"),
    "experience.below": (
        "{years} 年经验，未达到{wanted}的要求",
        "{years} of experience, less than the {wanted} asked for",
    ),
    "experience.above": (
        "{years} 年经验，超出{wanted}的要求",
        "{years} of experience, more than the {wanted} asked for",
    ),
    "education.not_demanded": ("职位未要求学历", "The job asks for no particular education"),
    "education.none_needed": ("职位无需学历", "No degree needed"),
    "education.unknown": ("学历未知；要求{want}", "Education unknown; {want} asked for"),
    "education.met": ("学历{have}，满足{want}要求", "{have}; {want} asked for"),
    "education.below": ("学历{have}，低于{want}要求", "{have}, below the {want} asked for"),
    "location.same": ("同在{place}", "Both in {place}"),
    "location.remote": ("职位支持远程办公", "The job can be done remotely"),
    "location.prefers_on_site": (
        "职位可远程，但人才倾向现场办公",
        "The job is remote; the talent prefers to work on site",
    ),
    "location.different": ("人才在{have}，职位在{want}", "Talent in {have}, job in {want}"),
    "salary.not_expected": ("期望薪资未知", "Expected salary unknown"),
    "salary.not_offered": ("职位未公开薪资；期望月薪 {wanted} 元起", "No salary stated; CNY {wanted} a month expected"),
    "salary.open_ended": (
        "职位月薪 {offered} 元起，期望 {wanted} 元起",
        "Offer starts at CNY {offered} a month, CNY {wanted} expected",
    ),
    "salary.met": (
        "职位月薪可达 {offered} 元，满足期望的 {wanted} 元",
        "Offer of up to CNY {offered} a month meets the expected {wanted}",
    ),
    "salary.below": (
        "职位月薪最高 {offered} 元，比期望的 {wanted} 元低 {percent}%",
        "Offer of up to CNY {offered} a month is {percent}% below the expected {wanted}",
    ),
    "seniority.unknown": ("职级未知；要求{want}", "Seniority unknown; {want} asked for"),
    "seniority.met": ("职级匹配：{want}", "Seniority fits: {want}"),
    "seniority.below": ("职级{have}，低于要求的{want}", "{have} level, below the {want} asked for"),
    "seniority.above": ("职级{have}，高于要求的{want}", "{have} level, above the {want} asked for"),
}


def reason(finding: Finding, talent: Profile, job: Profile, language: Language) -> str:
    """Return the reason for a finding about this pair."""
    compose = _COMPOSED.get(finding.code)
    if compose:
        return compose(finding.facts, talent, job, language)
    text = _TEXTS[finding.code][language == "en"]
    if not finding.facts:
        return text
    words = text.format(**_WORDS[finding.code.partition(".")[0]](finding.facts, language))
    return _capitalised(words) if language == "en" else words


def _capitalised(text: str) -> str:
    return text[0].upper() + text[1:]


def _skills(facts: tuple[Any, ...], talent: Profile, job: Profile, language: Language) -> str:
    sentences = [_skill_list(talent, job, required, language) for required in (True, False)]
    weak = []
    for name, want in job.skills.items():
        have = talent.skills.get(name)
        if have and (
            (want.level is not None and have.level is not None and have.level < want.level)
            or (want.years is not None and have.years is not None and have.years < want.years)
        ):
            weak.append(want.label)
    akin = []
    for name, want in job.skills.items():
        part, other = stand_in(name, talent.skills)
        if part and other and name not in talent.skills:
            akin.append(f"{want.label} ← {talent.skills[other].label}")
    if akin:
        sentences.append(("相近技能：" if language == "zh" else "in part by others: ") + _names(akin, language))
    if weak:
        start = "熟练度或年限不足：" if language == "zh" else "below the asked level or years: "
        sentences.append(start + _names(weak, language))
    if language == "zh":
        return "；".join(s for s in sentences if s)
    return _capitalised("; ".join(s for s in sentences if s))


def _skill_list(talent: Profile, job: Profile, required: bool, language: Language) -> str:
    held: list[str] = []
    missing: list[str] = []
    for name, want in job.skills.items():
        if want.required is required:
            (held if name in talent.skills else missing).append(want.label)
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


def _location_unknown(facts: tuple[Any, ...], talent: Profile, job: Profile, language: Language) -> str:
    if not talent.locations and not job.locations:
        return "双方地点未知" if language == "zh" else "Locations unknown"
    if talent.locations:
        where = _places(talent.locations, language)
        return f"职位地点未知；人才在{where}" if language == "zh" else f"Job location unknown; talent in {where}"
    where = _places(job.locations, language)
    return f"人才所在地未知；职位在{where}" if language == "zh" else f"Talent location unknown; job in {where}"


def _experience_not_demanded(facts: tuple[Any, ...], talent: Profile, job: Profile, language: Language) -> str:
    text = "职位未要求工作年限" if language == "zh" else "The job asks for no particular experience"
    if talent.years is None:
        return text
    had = _years(talent.years, language)
    return f"{text}；人才有 {had} 年经验" if language == "zh" else f"{text}; the talent has {had}"


def _seniority_not_demanded(facts: tuple[Any, ...], talent: Profile, job: Profile, language: Language) -> str:
    text = "职位未说明职级" if language == "zh" else "The job states no seniority"
    if talent.seniority is None:
        return text
    level = _LEVELS[language][talent.seniority]
    return f"{text}；人才为{level}" if language == "zh" else f"{text}; the talent is {level} level"


def _experience(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    *years, low, high = facts
    return {"years": _years(years[0], language) if years else "", "wanted": _range(low, high, language)}


def _education(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"have": _DEGREES[language][facts[0]], "want": _DEGREES[language][facts[-1]]}


def _location(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    if len(facts) == 1:
        where = facts[0]
        return {"place": place_label(where, language) if isinstance(where, str) else _places(where, language)}
    return {"have": _places(facts[0], language), "want": _places(facts[1], language)}


def _salary(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    words = {"wanted": f"{facts[0]:,}"}
    if len(facts) > 1:
        words["offered"] = f"{facts[1]:,}"
    if len(facts) > 2:
        words["percent"] = f"{max(facts[2] * 100, 1):.0f}"
    return words


def _seniority(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"have": _LEVELS[language][facts[0]], "want": _LEVELS[language][facts[-1]]}


def _two(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"have": str(facts[0]), "want": str(facts[-1])}


def _stability(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"years": _years(facts[0], language)}


def _years(years: float, language: Language) -> str:
    return f"{years:g}" if language == "zh" else f"{years:g} year{'' if years == 1 else 's'}"


def _range(low: float | None, high: float | None, language: Language) -> str:
    unit = " 年" if language == "zh" else " years"
    if high is None or (low is not None and low == high):
        number = low if low is not None else high
        assert number is not None
        if language == "zh":
            return f" {number:g} 年" if high is not None else f" {number:g} 年以上"
        return f"{number:g}{'' if high is not None else '+'}{unit}"
    if low is None or low == 0:
        return f" {high:g} 年以内" if language == "zh" else f"up to {high:g}{unit}"
    return f" {low:g}-{high:g} 年" if language == "zh" else f"{low:g}-{high:g}{unit}"


def _places(names: tuple[str, ...], language: Language) -> str:
    labels = [place_label(name, language) for name in names[:3]]
    more = len(names) - len(labels)
    if language == "zh":
        return "、".join(labels) + (f"等 {len(names)} 地" if more else "")
    return ", ".join(labels) + (f" and {more} more" if more else "")


_COMPOSED: dict[str, Callable[[tuple[Any, ...], Profile, Profile, Language], str]] = {
    "skills.compared": _skills,
    "location.unknown": _location_unknown,
    "experience.not_demanded": _experience_not_demanded,
    "seniority.not_demanded": _seniority_not_demanded,
}
_WORDS: dict[str, Callable[[tuple[Any, ...], Language], dict[str, str]]] = {
    "experience": _experience,
    "education": _education,
    "location": _location,
    "salary": _salary,
    "seniority": _seniority,
    "title": _two,
    "languages": _two,
    "availability": _two,
    "management": _two,
    "stability": _stability,
}
