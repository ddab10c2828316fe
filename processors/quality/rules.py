"""The rules: each yields where a record is incomplete, contradicts itself, or is hard to believe.

They look at fields as an event says them, in plain JSON values, that the schema has accepted. None looks at what people
are, only at what is said and whether it can be.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.base import Language
from schemas.entities import Entity
from schemas.quality import Part

Fields = Mapping[str, Any]


class Code(NamedTuple):
    """What a code means. `cost` is the share of its part's score that each finding takes."""

    part: Part
    zh: str
    en: str
    cost: float = 0.25

    def text(self) -> dict[Language, str]:
        """Return what is said of it."""
        return {"zh": self.zh, "en": self.en}


CODES: Mapping[str, Code] = {
    "missing": Code("completeness", "缺少该信息", "is missing", 0),
    "period_reversed": Code("consistency", "结束早于开始", "ends before it begins"),
    "range_reversed": Code("consistency", "下限大于上限", "its lower bound is above its upper one"),
    "years_disagree": Code("consistency", "工作年限与经历不符", "is more than the positions account for"),
    "skill_years_disagree": Code("consistency", "技能年限超过工作年限", "is longer than the working life", 0.1),
    "degree_disagrees": Code("consistency", "低于教育经历中的学历", "is below a degree that the education lists"),
    "workplace_disagrees": Code("consistency", "与办公方式相矛盾", "contradicts the workplace"),
    "language_disagrees": Code("consistency", "与文本的语言不符", "is not the language of the texts", 0.1),
    "repeated": Code("consistency", "重复出现", "is there twice", 0.1),
    "in_future": Code("plausibility", "日期在未来", "lies in the future"),
    "too_early": Code("plausibility", "日期过早", "is too early to be true"),
    "years_unlikely": Code("plausibility", "年限不合常理", "is longer than a working life"),
    "salary_unlikely": Code("plausibility", "薪资不合常理", "is no likely pay for its period and currency"),
    "phone_unlikely": Code("plausibility", "不像电话号码", "does not look like a telephone number"),
    "email_unlikely": Code("plausibility", "不像真实邮箱", "does not look like anybody's address"),
    "name_unlikely": Code("plausibility", "不像姓名或名称", "does not look like a name", 0.5),
    "placeholder": Code("plausibility", "是占位文字", "is a placeholder"),
    "garbled": Code("plausibility", "有乱码", "has characters of a wrong encoding", 0.5),
    "stale": Code("freshness", "很久没有更新", "has not been heard of for long", 0),
}
"""What can be found, and what is said of it."""

WORTH: Mapping[Entity, Mapping[tuple[str, ...], float]] = {
    "talent": {
        ("name",): 2, ("emails", "phones"): 2, ("title",): 2, ("skills",): 2, ("employments", "years_experience"): 2,
        ("education", "education_level"): 1, ("locations", "remote", "workplace"): 1, ("summary", "resume_text"): 1,
        ("salary_expected",): 0.5, ("seniority",): 0.5,
    },
    "job": {
        ("title",): 3, ("description",): 3, ("skills",): 2, ("locations", "remote", "workplace"): 2,
        ("company", "company_id"): 2, ("salary",): 1, ("years_experience_min", "seniority"): 1,
        ("education_level",): 0.5, ("employment_types", "contracts"): 0.5,
    },
    "company": {
        ("name",): 3, ("industry",): 1, ("size",): 1, ("locations",): 1, ("website",): 1, ("description",): 1,
    },
}  # fmt: skip
"""What each field, or any of several, is worth for completeness."""

_FIRST_YEAR = "1950"
_MOST_YEARS = 55
_SLACK_YEARS = 5
_DEGREES = ("none", "high_school", "associate", "bachelor", "master", "doctorate")
_A_YEAR = {"hour": 2000, "day": 250, "week": 52, "month": 12, "year": 1}
_LIKELY_PAY = {
    "CNY": (6_000, 20_000_000), "USD": (2_000, 10_000_000), "EUR": (2_000, 10_000_000), "GBP": (2_000, 10_000_000),
}  # fmt: skip
"""What is paid a year, from least to most; currencies that are not here are not judged."""

_SUSPECT = re.compile("[\ufffdÃâ锟烫屯ï\u0000-\u0008\u000e-\u001f]")
"""Without any of these a text holds nothing of `_GARBLED`, which takes ten times as long to look for."""
_GARBLED = re.compile(r"\ufffd|Ã[\x80-\xbf©¨¤¶¼]|â€|锟斤拷|烫烫|屯屯|ï»¿|[\u0000-\u0008\u000e-\u001f]")
_PLACEHOLDER = re.compile(
    r"\s*(?:test(?:ing)?|tbd|todo|n/?a|none|null|unknown|undefined|xxx+|asdf\w*|lorem ipsum.*|测试\w{0,4}"
    r"|暂无|待补充|待定|未知|无)\s*[.。]?\s*",
    re.IGNORECASE | re.DOTALL,
)
_NAME = re.compile(r"[\d@]|https?:|.*(?:简历|应聘|求职|resume|curriculum)", re.IGNORECASE)
_EMAIL = re.compile(
    r"(?:no-?reply|test|none|null|xxx+|a|asdf\w*|unknown)@|[^@]*@(?:test|none|localhost|null|xxx)(?:\.|$)|[^@]*@[^.]*$",
    re.IGNORECASE,
)
_HAN = re.compile("[\u3400-\u9fff]")
_PHONE_DIGITS = range(5, 16)


class Found(NamedTuple):
    """A finding as the rules yield it."""

    code: str
    path: str


def missing(entity: Entity, fields: Fields) -> Iterator[tuple[Found, float]]:
    """Yield what a record lacks, and what that is worth."""
    for names, worth in WORTH.get(entity, {}).items():
        for name in names:
            value = fields.get(name)
            if value or value is False or value == 0:
                break
        else:
            yield Found("missing", names[0]), worth


def contradictions(entity: Entity, fields: Fields) -> Iterator[Found]:
    """Yield where a record disagrees with itself."""
    for name in ("employments", "education"):
        entries = _listed(fields, name)
        for at, entry in enumerate(entries):
            if entry.get("start") and entry.get("end") and entry["start"] > entry["end"]:
                yield Found("period_reversed", f"{name}.{at}")
        yield from _repeated(name, entries)
    skills = _listed(fields, "skills")
    yield from _repeated("skills", skills)
    for name in ("salary", "salary_expected"):
        salary = fields.get(name) or {}
        if _above(salary.get("minimum"), salary.get("maximum")):
            yield Found("range_reversed", name)
    if _above(fields.get("years_experience_min"), fields.get("years_experience_max")):
        yield Found("range_reversed", "years_experience_min")
    years = fields.get("years_experience")
    if years is not None:
        covered = _covered(_listed(fields, "employments"))
        if covered is not None and years > covered + _SLACK_YEARS:
            yield Found("years_disagree", "years_experience")
        for at, skill in enumerate(skills):
            if _above(skill.get("years"), years + 2):
                yield Found("skill_years_disagree", f"skills.{at}.years")
    level = fields.get("education_level")
    if entity == "talent" and level:
        held = [e["degree"] for e in _listed(fields, "education") if e.get("degree") and e.get("end")]
        if held and max(map(_DEGREES.index, held)) > _DEGREES.index(level):
            yield Found("degree_disagrees", "education_level")
    remote, workplace = fields.get("remote"), fields.get("workplace")
    if (remote is True and workplace == "on_site") or (remote is False and workplace == "remote"):
        yield Found("workplace_disagrees", "remote")
    if fields.get("language") == "zh":
        texts = [t for n in ("title", "summary", "description", "resume_text") if (t := fields.get(n))]
        if texts and not any(map(_HAN.search, texts)):
            yield Found("language_disagrees", "language")


def doubts(entity: Entity, fields: Fields, today: str) -> Iterator[Found]:
    """Yield what is hard to believe; `today` is an ISO date."""
    for name in ("employments", "education"):
        for at, entry in enumerate(_listed(fields, name)):
            start, end = entry.get("start"), entry.get("end")
            if start and start > today:
                yield Found("in_future", f"{name}.{at}.start")
            if end and name == "employments" and end > today:
                yield Found("in_future", f"{name}.{at}.end")
            if (start or end or today) < _FIRST_YEAR:
                yield Found("too_early", f"{name}.{at}")
    if _above(fields.get("years_experience"), _MOST_YEARS):
        yield Found("years_unlikely", "years_experience")
    for name in ("salary", "salary_expected"):
        if (salary := fields.get(name)) and not _is_likely_pay(salary):
            yield Found("salary_unlikely", name)
    for at, phone in enumerate(fields.get("phones") or ()):
        digits = "".join(filter(str.isdigit, phone))
        if len(digits) not in _PHONE_DIGITS or (len(set(digits)) < 3 and "*" not in phone):
            yield Found("phone_unlikely", f"phones.{at}")
    for at, email in enumerate(fields.get("emails") or ()):
        if _EMAIL.match(email):
            yield Found("email_unlikely", f"emails.{at}")
    called = fields.get("name")
    if called and ((entity == "talent" and _NAME.match(called)) or _PLACEHOLDER.fullmatch(called)):
        yield Found("name_unlikely", "name")
    for field in ("name", "title", "company", "summary", "description"):
        text: str | None = fields.get(field)
        if not text:
            continue
        if _SUSPECT.search(text) and _GARBLED.search(text):
            yield Found("garbled", field)
        elif field != "name" and len(text) < 200 and _PLACEHOLDER.fullmatch(text):
            yield Found("placeholder", field)


def _listed(fields: Fields, name: str) -> Sequence[Mapping[str, Any]]:
    return fields.get(name) or ()


def _above(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low > high


def _repeated(name: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    key: Callable[[Mapping[str, Any]], Any]
    if name == "skills":
        key = _skill
    elif name == "employments":
        key = _position
    else:
        key = _study
    seen: set[Any] = set()
    for at, entry in enumerate(entries):
        found = key(entry)
        if found in seen:
            yield Found("repeated", f"{name}.{at}")
        seen.add(found)


def _skill(entry: Mapping[str, Any]) -> str:
    return str(entry["name"]).casefold()


def _position(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return entry.get("company"), entry.get("title"), entry.get("start"), entry.get("end")


def _study(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return entry.get("school"), entry.get("degree"), entry.get("field"), entry.get("start")


def _covered(entries: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the years from the first start to the last end; None if a position does not tell its time."""
    if not entries or not all(entry.get("start") for entry in entries):
        return None
    ends = [entry.get("end") for entry in entries]
    if not all(ends):
        return None  # one lasts: until when, the record does not say
    return int(max(map(str, ends))[:4]) - int(min(entry["start"] for entry in entries)[:4]) + 1


def _is_likely_pay(salary: Mapping[str, Any]) -> bool:
    least, most = _LIKELY_PAY.get(salary.get("currency", "CNY"), (0, float("inf")))
    period = salary.get("period", "month")
    times = (salary.get("months") or 12) if period == "month" else _A_YEAR[period]
    given = [value for name in ("minimum", "maximum") if (value := salary.get(name))]
    return all(least <= value * times <= most for value in given)
