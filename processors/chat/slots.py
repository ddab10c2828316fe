"""What a message says about what is looked for: each value with whether it is wanted, added, dropped or excluded."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from processors.chat.roles import Role, roles
from processors.lexicon.places import named_places
from processors.lexicon.script import fold, plain
from processors.resume.terms import pay
from processors.skills import extract_skills
from processors.skills.levels import number
from schemas.base import Language

Operation = Literal["set", "add", "remove", "negate"]
"""`set` replaces what was said of a slot, `remove` takes a value back, `negate` excludes it."""

Value = str | float | bool | Mapping[str, Any]

MANY: frozenset[str] = frozenset(("skills", "places"))
"""Slots that hold several values; of the others a new one replaces the old."""

_NOT = re.compile(
    r"(?:不要|不想(?:要|去|做|在)?|不考虑|不去|不接受|不做|别(?:给我|推|要)?|除了|排除|非|不含|不是|(?<!有)没有|拒绝"
    r"|\bnot?\b|\bexcept(?: for)?|\bwithout|\bother than|\bexcluding|\bavoid|\bdon'?t want|\banything but|\bnever|\bexclude|\bskip|\bno more)"
    r"\s*(?:in |at |on |the |any |about |those with |people in )?$",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"^\s*(?:或者?|和|or\b|and\b|plus\b)|也(?:可以|行|要|想|考虑|会)?|还(?:要|有|得|想|需要|可以)|再加|另外|以及|加上"
    r"|\balso\b|\btoo\b|\bas well\b|\bplus\b|\badd\b|\bin addition\b",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"(?:去掉|删掉|删除|取消|不用|忽略|拿掉|划掉|\b(?:drop|remove|forget|forget about|ignore|scrap|lose|ditch|cancel|leave out|take out))"
    r"\s*(?:the )?$",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s*(?:的|这边|那边|方面|那种)?[话就也都先]*\s*(?:不要|不考虑|除外|算了|不行|不去|别推|别给|不接受|免谈|不想|不可以|排除|no way\b|excluded\b|is out\b)",
    re.IGNORECASE,
)
_DROP_AFTER = re.compile(
    r"\s*(?:的|这边|那边|方面)?[话就也都先]*\s*(?:不看|别看|去掉|删掉|拿掉|不用|不算|取消|不 ?care|skip|drop|out\b|doesn'?t matter)",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"不是.{1,30}是|换成|改成|改为|\bnot\b.{1,40}\bbut\b|\binstead\b|\bi meant?\b|\bmake (?:it|that)\b|\brather\b|打错|说错|搞错|写错|口误|\bsorry\b|\boops\b",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\s*(?:和|或者?|及|与|、|/|\band\b|\bor\b|\bnor\b)\s*", re.IGNORECASE)
_ANY = re.compile(
    r"(?:(?P<places>地点|城市|哪里?儿?|\blocations?\b|\bplaces?\b|\banywhere\b)|(?P<salary>薪资|薪水|工资|待遇|\bsalary\b|\bpay\b))"
    r"[^,，。;；]{0,6}(?:都可以|都行|都成|不限|无所谓|随便|随意|没要求|\bdoesn'?t matter\b|\bis fine\b|\bworks\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,，。;；!！?？\n]|(?<!\d)\.(?!\d)|\bbut\b|但是?|而是")
_YEARS = re.compile(
    r"(?P<low>\d{1,2})\s?(?:[-~–至到]|to)\s?(?P<high>\d{1,2})\s?(?:年|years?|yrs?)"
    r"|(?P<one>\d{1,2}|[一二两三四五六七八九十]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten))\s?\+?\s?(?:年|years?\b|yrs?\b)"
    r"(?!级|前|底|初|薪|终|\s?ago|\s?old)",
    re.IGNORECASE,
)
_EDUCATION: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern, re.IGNORECASE))
    for level, pattern in (
        ("doctorate", r"博士|\bph\.?d\b|\bdoctora(?:te|l)\b"),
        ("master", r"硕士|研究生|\bmaster'?s?\b(?! data)|\bmsc\b|\bmba\b"),
        ("bachelor", r"本科|学士|\bbachelor'?s?\b|\bbsc\b|\bundergraduate\b"),
        ("associate", r"大专|专科|\bassociate degree\b"),
        ("high_school", r"高中|中专|\bhigh school\b"),
    )
)
_EMPLOYMENT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("internship", r"实习|\bintern(?:ship)?\b"),
        ("part_time", r"兼职|\bpart[- ]time\b"),
        ("contract", r"合同制|外包|\bcontract(?:or)?\b|\bfreelance\b"),
        ("full_time", r"全职|\bfull[- ]time\b|\bpermanent\b"),
    )
)
_REMOTE = re.compile(r"远程|居家|在家办公|\bremote(?:ly)?\b|\bwork from home\b|\bwfh\b", re.IGNORECASE)
_MONEY = re.compile(
    r"(?:月薪|年薪|薪资|薪水|工资|待遇|期望|底薪|日薪|时薪|\bsalary\b|\bpay(?:ing|s)?\b|\bearn\b|[$€£¥])[^,，。;；]{0,24}\d[^,，。;；]*"
    r"|(?:\d[\d,.]*\s?[kKwW千万]?\s?(?:[-~–至到]|to)\s?)?\d[\d,.]*\s?(?:[kKwW千万](?![a-zA-Z])|元|块|美元|\beur\b|\busd\b|\bcny\b|\brmb\b|\bgbp\b)[^,，。;；]*",
    re.IGNORECASE,
)
_HAN_AMOUNT = re.compile(
    r"(?P<many>[一二两三四五六七八九十百]+)(?P<unit>[万千])(?P<rest>[一二三四五六七八九](?![个年]))?"
)
_NO_SKILLS = frozenset(("campus-recruiting", "recruiting", "interviewing", "hiring", "recruitment"))
"""Of a search for candidates they are what it is about."""
_SHORT_SKILL = re.compile(r"(?<![A-Za-z\d&.'-])(?:Go|C|R)(?![A-Za-z\d&+#.'-])(?! ahead| on| to )")
_SOMEBODY = re.compile(r"[\s/]*(?:engineer|developer|dev|programmer|people|specialist|expert)s?[\s]*")
_UP_TO = re.compile(r"以内|以下|不超过|最多|\bup to\b|\bat most\b|\bno more than\b|\bunder\b|\bbelow\b", re.IGNORECASE)


_COMPANY = re.compile(
    r"(?:^|[,，。\s想问了解下说])(?!这|那|他|她|它|第|前|后|哪|什么|贵|你|我|第)([\u4e00-\u9fffA-Za-z]{2,10}?)(?:这家|这个)?(?:公司)?(?:是(?:一?家|个)(?:什么|啥|做)|这家公司)"
    r"|(?:[Ww]hat kind of (?:company|firm|business) is|[Tt]ell me about|[Ww]hat does|[Ww]orks? (?:at|for))"
    r" ((?!The |This |That )[A-Z][\w&]*(?: [A-Z][\w&]*){0,3})"
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing a message says about a slot. `text` are its own words."""

    slot: str
    operation: Operation
    value: Value | None
    text: str


def read_edits(text: str, language: Language, *, bare: str | None = None) -> tuple[Edit, ...]:
    """Return what a message says of slots, in its order; `bare` is the slot that the last question asked for.

    A number alone answers that question: `2万` is a salary only where one was asked for, or is written as one.
    """
    folded = _HAN_AMOUNT.sub(_amount, plain(text))
    corrects = _CORRECTS.search(folded) is not None
    edits: list[Edit] = []
    end = 0
    for start, slot, value, words in sorted(_found(folded, language, bare), key=lambda item: item[0]):
        joined = edits and edits[-1].slot == slot and _JOINS.fullmatch(folded[end:start])
        operation = _operation(folded, start, start + len(words), slot, corrects=corrects)
        if joined and edits[-1].operation in ("negate", "remove") and operation in ("set", "add"):
            operation = edits[-1].operation  # `不要北京和上海`
        edits.append(Edit(slot, operation, value, words))
        end = start + len(words)
    return tuple(_settled(edits, folded, corrects=corrects))


def _found(text: str, language: Language, bare: str | None) -> Iterator[tuple[int, str, Value, str]]:
    money = [m.span() for m in _MONEY.finditer(text)]
    for name, start, end in named_places(text):
        yield start, "places", name, text[start:end]
    skills = [(m.start, m.start + len(m.text), m.skill_id) for m in extract_skills(text, language)]
    skills += [(m.start(), m.end(), m[0].lower()) for m in _SHORT_SKILL.finditer(text)]
    named = [role for role in roles(text) if not _is_skill_alone(text, role, skills)]
    named = named[-1:]
    for role in named:
        yield role.start, "role", role.name, text[role.start : role.end]
    for start, end, skill in skills:
        if skill not in _NO_SKILLS and not any(
            start < role.end and role.start < end and role.is_known for role in named
        ):
            yield start, "skills", skill, text[start:end]
    for start, end in money or ([(0, len(text))] if bare == "salary" else []):
        amount = text[start:end]
        if asked := pay(amount, language):
            value = asked.model_dump(exclude_none=True)
            if _UP_TO.search(amount) and asked.maximum is None:
                value["maximum"] = value.pop("minimum")
            yield start, "salary", value, amount.strip()
    for match in _YEARS.finditer(text):
        if not any(start <= match.start() < end for start, end in money):
            yield match.start(), "years", number(match["low"] or match["one"]), match[0]
    if bare == "years" and not _YEARS.search(text) and (answer := re.search(r"\d{1,2}|[一二两三四五六七八九十]", text)):
        yield answer.start(), "years", number(answer[0]), answer[0]
    for slot, readings in (("education", _EDUCATION), ("employment_type", _EMPLOYMENT)):
        if read := next(((name, m) for name, pattern in readings if (m := pattern.search(text))), None):
            yield read[1].start(), slot, read[0], read[1][0]
    for company in _COMPANY.finditer(text):
        if employer := next(filter(None, company.groups()), None):
            yield company.start(), "company", employer, employer
    if remote := _REMOTE.search(text):
        yield remote.start(), "remote", True, remote[0]


def _amount(match: re.Match[str]) -> str:
    """Return an amount in digits: `一万五` is 1.5万."""
    many = 0
    for part in match["many"].split("百"):
        tens, ten, ones = part.rpartition("十")
        many = many * 100 + (int(number(tens)) if tens else 1) * 10 * bool(ten) + (int(number(ones)) if ones else 0)
    rest = f".{number(match['rest']):g}" if match["rest"] else ""
    return f"{many}{rest}{match['unit']}"


def _is_skill_alone(text: str, role: Role, skills: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a role is somebody with a skill and no more: `Java devs`."""
    if role.is_known:
        return False
    rest = text[role.start : role.end].lower()
    for start, end, _ in skills:
        if role.start <= start and end <= role.end:
            rest = rest.replace(text[start:end].lower(), "")
    return _SOMEBODY.fullmatch(rest) is not None


def _operation(text: str, start: int, end: int, slot: str, *, corrects: bool) -> Operation:
    """Return what the words around a value do with it: those of its own clause that stand before it, or right behind."""
    marks = [m.end() for m in _CLAUSE.finditer(text, 0, start)]
    before = text[marks[-1] if marks else 0 : start]
    if _DROP.search(before) or _DROP_AFTER.match(text, end):
        return "remove"
    if _NOT.search(before) or _NOT_AFTER.match(text, end):
        return "negate"
    if corrects:
        return "set"
    if slot in MANY and (slot == "skills" or _ALSO.search(text)):
        return "add"
    return "set"


def _settled(edits: list[Edit], text: str, *, corrects: bool) -> Iterator[Edit]:
    """`不是上海，是杭州` takes 上海 back rather than excluding it for good, since 杭州 stands in its place."""
    replaced = {e.slot for e in edits if e.operation in ("set", "add")}
    seen: set[str] = set()
    for edit in edits:
        if edit.operation == "negate" and edit.slot in replaced and (corrects or edit.slot not in MANY):
            yield Edit(edit.slot, "remove", edit.value, edit.text)
        elif edit.operation == "set" and edit.slot in MANY and edit.slot in seen:
            yield Edit(edit.slot, "add", edit.value, edit.text)
        else:
            yield edit
        if edit.operation == "set":
            seen.add(edit.slot)
    if match := _ANY.search(fold(text)):
        for slot in ("places", "salary"):
            if match[slot]:
                yield Edit(slot, "remove", None, match[0])
