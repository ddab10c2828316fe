"""What a message says about what is looked for: each value with whether it is wanted, added, dropped or excluded."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from processors.lexicon.places import found_places
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
    r"(?:不要|不想(?:要|去|做|在)?|不考虑|不去|不接受|不做|别(?:给我|推|要)?|除了|排除|非|不含|不是|没有|拒绝"
    r"|\bnot?\b|\bexcept(?: for)?|\bwithout|\bother than|\bexcluding|\bavoid|\bdon'?t want|\banything but|\bnever)"
    r"\s*(?:in |at |on |the |any |about )?$",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"也(?:可以|行|要|想|考虑|会)?|还(?:要|有|得|想|需要|可以)|再加|另外|以及|加上"
    r"|\balso\b|\btoo\b|\bas well\b|\bplus\b|\badd\b|\bin addition\b",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"(?:去掉|删掉|删除|取消|不用|忽略|\bdrop\b|\bremove\b|\bforget about\b|\bignore\b)\s*(?:the )?$", re.IGNORECASE
)
_CORRECTS = re.compile(
    r"不是.{1,30}是|换成|改成|改为|\bnot\b.{1,40}\bbut\b|\binstead\b|\bi meant?\b|\bmake it\b|\brather\b", re.IGNORECASE
)
_JOINS = re.compile(r"\s*(?:和|或者?|及|与|、|/|\band\b|\bor\b|\bnor\b)\s*", re.IGNORECASE)
_ANY = re.compile(
    r"(?P<places>地点|城市|哪里|\blocations?\b|\bplaces?\b)?(?P<salary>薪资|薪水|工资|待遇|\bsalary\b|\bpay\b)?"
    r"(?:都可以|都行|不限|无所谓|随便|没要求|\bdoesn'?t matter\b|\bany(?:where)? is fine\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,，。;；!！?？\n]|(?<!\d)\.(?!\d)|\bbut\b|但是?|而是")
_YEARS = re.compile(
    r"(?P<low>\d{1,2})\s?(?:[-~–至到]|to)\s?(?P<high>\d{1,2})\s?(?:年|years?|yrs?)"
    r"|(?P<one>\d{1,2}|[一二两三四五六七八九十])\s?\+?\s?(?:年|years?\b|yrs?\b)(?!级|前|底|初|\s?ago|\s?old)",
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
        ("full_time", r"全职|\bfull[- ]time\b"),
    )
)
_REMOTE = re.compile(r"远程|居家|在家办公|\bremote(?:ly)?\b|\bwork from home\b|\bwfh\b", re.IGNORECASE)
_MONEY = re.compile(
    r"(?:月薪|年薪|薪资|薪水|工资|待遇|期望|底薪|日薪|时薪|\bsalary\b|\bpay(?:ing|s)?\b|\bearn\b|[$€£¥])[^,，。;；]{0,24}\d[^,，。;；]*"
    r"|(?:\d[\d,.]*\s?[kKwW千万]?\s?(?:[-~–至到]|to)\s?)?\d[\d,.]*\s?(?:[kKwW千万](?![a-zA-Z])|元|块|美元|\beur\b|\busd\b|\bcny\b|\brmb\b|\bgbp\b)[^,，。;；]*",
    re.IGNORECASE,
)
_HAN_AMOUNT = re.compile(r"[一二两三四五六七八九](?=[万千])")
_UP_TO = re.compile(r"以内|以下|不超过|最多|\bup to\b|\bat most\b|\bno more than\b|\bunder\b|\bbelow\b", re.IGNORECASE)


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
    folded = _HAN_AMOUNT.sub(lambda m: f"{number(m[0]):g}", plain(text))
    corrects = _CORRECTS.search(folded) is not None
    edits: list[Edit] = []
    end = 0
    for start, slot, value, words in sorted(_found(folded, language, bare), key=lambda item: item[0]):
        joined = edits and edits[-1].slot == slot and _JOINS.fullmatch(folded[end:start])
        operation = _operation(folded, start, slot, corrects=corrects)
        if joined and edits[-1].operation in ("negate", "remove") and operation in ("set", "add"):
            operation = edits[-1].operation  # `不要北京和上海`
        edits.append(Edit(slot, operation, value, words))
        end = start + len(words)
    return tuple(_settled(edits, folded, corrects=corrects))


def _found(text: str, language: Language, bare: str | None) -> Iterator[tuple[int, str, Value, str]]:
    money = [m.span() for m in _MONEY.finditer(text)]
    for name, start, end in found_places(text):
        yield start, "places", name, text[start:end]
    for mention in extract_skills(text, language):
        yield mention.start, "skills", mention.skill_id, mention.text
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
    if bare == "years" and not _YEARS.search(text) and (answer := re.search(r"\d{1,2}", text)):
        yield answer.start(), "years", float(answer[0]), answer[0]
    for slot, readings in (("education", _EDUCATION), ("employment_type", _EMPLOYMENT)):
        if named := next(((name, m) for name, pattern in readings if (m := pattern.search(text))), None):
            yield named[1].start(), slot, named[0], named[1][0]
    if remote := _REMOTE.search(text):
        yield remote.start(), "remote", True, remote[0]


def _operation(text: str, start: int, slot: str, *, corrects: bool) -> Operation:
    """Return what the words around a value do with it: those of its own clause that stand before it."""
    marks = [m.end() for m in _CLAUSE.finditer(text, 0, start)]
    before = text[marks[-1] if marks else 0 : start]
    if _DROP.search(before):
        return "remove"
    if _NOT.search(before):
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
        if edit.operation == "negate" and corrects and edit.slot in replaced:
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
