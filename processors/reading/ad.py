"""Reads the fields that matching compares from a job ad's title and text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from processors.lexicon.currencies import DOLLARS
from processors.lexicon.markup import plain_text
from processors.lexicon.places import TOWNS, US_STATES, country_of_city, found_places, latin_cities, place_label
from processors.lexicon.script import detect_language, plain
from processors.lexicon.seniority import seniority
from processors.reading.cv import EDUCATION, LEVELS, MAX_CHARACTERS, TONGUE_LEVELS
from processors.reading.forms import forms_of_work
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
    r"|(?:are|we['’]re|is|now|currently|actively) (?:hiring|recruiting)|hiring an? |"
    r"招聘(?:岗位|职位|信息|需求|人数|启事|要求|条件|对象|标准|说明|部门|单位|公司|会|官)",
    re.IGNORECASE,
)
_COLLEAGUES = re.compile(
    r"(?:[与和跟同]|配合|协同|协助|联合)[^，。；;,\n]{0,16}\Z"
    r"|\b(?:work\w*|collaborat\w+|partner\w*|liais\w+|interfac\w+|coordinat\w+|communicat\w+)"
    r"(?: \w+ly)? (?:with|alongside)\s[^.;\n]{0,60}\Z",
    re.IGNORECASE,
)
_WITH_THEM = re.compile(
    r"[^，。；;,\n]{0,8}?(?:人员|工程师|设计师|经理|团队|部门|同事|同学|们)[^，。；;,\n]{0,10}?(?:沟通|协作|配合|对接|合作|协同|联调|协调|讨论|完成|进行|一起)"
    r"|[^，。；;,\n]{0,6}?(?:保持|进行)?[^，。；;,\n]{0,4}?(?:沟通|协作|配合|对接|联调)"
    r"|(?:[ ,/&]{1,2}(?!(?:in|on|for|to|at|using|with|within|our|the|a)\b)[\w-]{1,20}){0,4}?[ ]"
    r"(?:teams?|engineers|managers|designers|developers|departments?|colleagues|stakeholders|scientists|analysts)\b",
    re.IGNORECASE,
)
"""与后端开发保持沟通: what colleagues do."""
_NO_LONGER = re.compile(
    r"\b(?:mov(?:ed?|ing)|migrat(?:ed?|ing)|switch(?:ed|ing)?|transition(?:ed|ing)?) (?:away )?(?:from|off) "
    r"(?:our |the |old |legacy ){0,3}\Z"
    r"|\b(?:replac(?:ed|ing)|phas(?:ed|ing) out|retir(?:ed|ing)|dropp(?:ed|ing)|ditched|abandoned|used to use"
    r"|instead of|rather than|no longer (?:use|using|work with))\s(?:our |the |old |legacy ){0,3}\Z"
    r"|(?:不再(?:使用|用|需要)|弃用了?|淘汰了?|(?:已经?)?从)\s?\Z",
    re.IGNORECASE,
)
"""What an employer has given up."""
_SPECIALIST = re.compile(
    r"专员|文员|代表$|员$|\b(?:specialist|representative|clerk|cashier|operative|coordinator|associate)$", re.IGNORECASE
)
_ROLE = re.compile(r"(?:作为|诚聘|急聘|招聘|岗位(?:名称)?[:：]|职位(?:名称)?[:：])\s?(?P<role>[^，。,;；:：\n]{2,20})")
_PLACE_LABEL = re.compile(
    r"(?:工作地点|工作地址|办公地点|上班地点|上班地址|公司地址|工作城市|工作地|地点|地址|坐标|(?:岗位|职位|工作|办公)(?:在|位于)"
    r"|base[ds]?(?: in| at| out of)?|locations?|location is|office|offices? in|where|site|place of work"
    r"|(?:role|position|job|work|working|team|you will be|you'll be) (?:is )?(?:in|at|from|located in|based in)"
    r"|\b(?:in|at|from|join) (?:our|the))"
    r"[\s:：]{0,3}$",
    re.IGNORECASE,
)
_OF_OFFICE = re.compile(
    r"(?:\s(?:office|site|studio|branch|plant|factory|warehouse|hub|area|team)\b|办公室|工厂|分公司)", re.IGNORECASE
)
_OUR = re.compile(r"\b(?:in|at|from|join) (?:our|the)\s$", re.IGNORECASE)
_HEADQUARTERS = re.compile(r"(?:总部|headquarter\w*|\bhq)\W{0,3}(?:is |are )?(?:位于|设在|在|in |at )?$", re.IGNORECASE)
_AT = re.compile(r"(?:\b(?:in|at|near)\s|[|·,(（:：\-–—/]\s?)$", re.IGNORECASE)
_HEAD = 160


def ad_fields(title: str, text: str) -> dict[str, Any]:
    """Return a job's fields as far as its ad says them, in text or HTML; what it does not say is None or empty."""
    title, text = plain(plain_text(title)), plain(plain_text(text))[:MAX_CHARACTERS]
    whole = f"{title}\n{text}"
    language = detect_language(whole[:1000])
    demands = read_job_ad(whole, language)
    where = workplace(whole)
    places = _places(title, text, away=where["workplace"] == "remote")
    return {
        "skills": _skills(demands, whole, len(title), language),
        "years_experience_min": demands.years_min,
        "years_experience_max": demands.years_max,
        "education_level": EDUCATION[demands.education] if demands.education else None,
        "locations": [place_label(name, language) for name in places],
        **where,
        **forms_of_work(title, text),
        "salary": _pay(whole, places),
        "seniority": _seniority(title or _role(text), demands.years_min),
    }


def _pay(text: str, places: Sequence[str]) -> Mapping[str, Any] | None:
    """Return what an ad offers; a bare dollar sign, or yuan of Taiwan, is that of the place."""
    pay = offered(text)
    if pay and pay["currency"] == "CNY" and _TAIWAN & set(places) and not _YUAN.search(text):
        return {**pay, "currency": "TWD"}
    if pay is None or pay["currency"] != "USD" or _US_DOLLARS.search(text):
        return pay
    said = (code for code, words in _DOLLAR_WORDS if words.search(text))
    country = next((code for place in places if (code := country_of_city(place))), None) or next(said, "")
    return {**pay, "currency": DOLLARS.get(country, "USD")}


_DOLLAR_WORDS = (
    ("AU", re.compile(r"\b(?:NSW|VIC|QLD|TAS)\b|Australia|\bsuperannuation\b|\+ super\b")),
    ("NZ", re.compile(r"New Zealand|\bKiwiSaver\b")),
    ("CA", re.compile(r"\b(?:Canada|Ontario|Alberta|Qu[ée]bec|British Columbia)\b")),
)
_TAIWAN = frozenset(
    ("taipei", "新北", "桃园", "台中", "台南", "高雄", "新竹", "基隆", "嘉义",
     "彰化", "云林", "屏东", "宜兰", "花莲", "台东", "苗栗", "南投")
)  # fmt: skip
_YUAN = re.compile(r"人民币|rmb|cny|¥", re.IGNORECASE)
_US_DOLLARS = re.compile(r"us\s?\$|\busd\b|美元|美金", re.IGNORECASE)


def _role(text: str) -> str:
    """Return what the head of an ad without a title calls the role: `作为技术带头人带领团队`."""
    found = _ROLE.search(text, 0, _HEAD)
    return found["role"] if found else ""


def _seniority(title: str, years: float | None) -> str | None:
    """Return what the title says; the years tell apart what `资深` may mean, and say nothing by themselves here.

    Without either, a specialist is no executive.
    """
    if seniority(None, title, None):
        return seniority(None, title, years)
    return "mid" if years is None and _SPECIALIST.search(title) else None


def _skills(demands: JobDemands, whole: str, head: int, language: Language) -> list[dict[str, Any]]:
    """Return the skills that an ad asks for, each once; of alternatives the first, with the others beside it.

    Languages are those named behind the title, which ends at `head`: `English teacher` asks for more than speaking it.
    What is neither required nor preferred in so many words is required.
    """
    unneeded = _unneeded(demands)
    spoken = {
        name: level
        for name, level in tongues(whole, (m for m in demands.skills if m.start > head)).items()
        if name not in unneeded
    }
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
        if _NO_LONGER.search(text, max(mention.start - 40, 0), mention.start):
            continue
        colleagues = _COLLEAGUES.search(text, max(mention.start - 90, 0), mention.start) and _WITH_THEM.match(
            text, mention.end, mention.end + 60
        )
        if not hiring and not benefit and not colleagues:
            kept.append(mention)
    return kept


def _places(title: str, text: str, *, away: bool) -> list[str]:
    """Return where the work is: places with a label, else those of the title or of the head of the text, else the few
    that it names at all: of many, most are where clients and other offices are. Work that is done `away` from any
    office is where a label says.
    """
    found = _cities(text)
    labelled = [name for name, start, end in found if _is_labelled(text, start, end)]
    if labelled:
        first = next(start for name, start, _ in found if name == labelled[0])
        end = text.find("\n", first)
        line = [name for name, start, _ in found if first <= start < (end if end >= 0 else len(text))]
        return list(dict.fromkeys([*labelled, *line]))[:MAX_PLACES]
    if away:
        return []
    others = [(name, start) for name, start, _ in found if not _HEADQUARTERS.search(text[max(start - 24, 0) : start])]
    for names in (
        [name for name, _, _ in _cities(title)],
        [name for name, start in others if start < _HEAD],
        [name for name, _ in others],
    ):
        if names:
            places = list(dict.fromkeys(names))
            return places if len(places) <= MAX_PLACES else []
    return []


_TOWN = re.compile(
    rf"(?:{'|'.join(town.removesuffix('市') for town in TOWNS)})"
    r"(?:市|(?![\u4e00-\u9fff])|(?=(?:公司|办公|工作|招聘|地区|本地|分公司)))"
    r"|(?<=[:：])[ \t]?(?:[\u4e00-\u9fff]{2,3}省)?(?P<county>[\u4e00-\u9fff]{2,4}[市县])(?![\u4e00-\u9fff]{0,3}场)"
)
_TOWN_AND_STATE = re.compile(
    r"(?<![\w.])(?P<town>[A-ZÀ-Ž][a-zà-ÿ'’.-]*[a-zà-ÿ](?: [A-ZÀ-Ž][a-zà-ÿ'’.-]*[a-zà-ÿ]){0,2}), ?"
    rf"(?:{US_STATES}|NSW|VIC|QLD|TAS|ACT|ON|BC|AB|QC|UK|U\.K\.|USA"
    r"|England|Scotland|Wales|Ireland|Australia|Canada|New Zealand|NZ|Philippines)(?!\w)"
)
"""Towns that no list has to know."""
_LABELLED_TOWN = re.compile(
    r"(?:location|place of work|work(?:place|site)?|office|town|city|based in|located in|site)"
    r"(?: is| in)?[ ]?(?:[:：]|(?<=in))[ ]?"
    r"(?P<town>[A-ZÀ-Ž][a-zà-ÿ'’.-]*[a-zà-ÿ](?: [A-ZÀ-Ž][a-zà-ÿ'’.-]*[a-zà-ÿ]){0,2})(?=[ ]?(?:$|[\n,;|/(.·]))",
    re.MULTILINE | re.IGNORECASE,
)
_NO_TOWN = re.compile(
    r"remote|hybrid|on-?site|home|anywhere|flexible|various|multiple|office|head|nationwide|worldwide|global|tbc|tbd|us|usa|uk|europe|emea|apac",
    re.IGNORECASE,
)


def _cities(text: str) -> list[tuple[str, int, int]]:
    """Return the cities of a text, with where they stand; those that may be names of people, where a place would be."""
    found = found_places(text)
    latin = list(latin_cities(text))
    ends = {end for _, _, end in (*found, *latin)}
    found += [
        (name.casefold(), start, end)
        for name, start, end in latin
        if (_AT.search(text[max(start - 8, 0) : start]) or _is_labelled(text, start, end))
        # Behind a slash only after another city: Elixir/Phoenix is none.
        and not (text[start - 1 : start] == "/" and start - 1 not in ends)
    ]
    for match in _TOWN.finditer(text):
        name = match["county"] or match[0]
        start = match.end() - len(name)
        if match["county"] is None or _is_labelled(text, start, match.end()):
            found.append((name.removesuffix("市"), start, match.end()))
    for pattern in (_TOWN_AND_STATE, _LABELLED_TOWN):
        for match in pattern.finditer(text):
            if match["town"][0].isupper() and not _NO_TOWN.match(match["town"]):
                found.append((match["town"].casefold(), *match.span("town")))
    kept: list[tuple[str, int, int]] = []
    for place in sorted(found, key=lambda place: place[1]):
        if not kept or place[1] >= kept[-1][2]:
            kept.append(place)
    return kept


def _is_labelled(text: str, start: int, end: int) -> bool:
    before = text[max(start - 24, 0) : start]
    return _PLACE_LABEL.search(before) is not None and (
        not _OUR.search(before) or _OF_OFFICE.match(text, end) is not None
    )
