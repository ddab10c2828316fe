"""Values of slots that a message names, with where they stand; what it does with them is read elsewhere."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import zip_longest

from processors.chat.conditions import (
    BARE_FORM,
    BARE_NUMBER,
    BETTER,
    EDUCATION,
    EMPLOYMENT,
    NAMED_YEARS,
    REMOTE,
    YEARS,
    count,
)
from processors.chat.days import days
from processors.chat.employers import COMPANY, OF_THEIRS, USED, WORKS_AT
from processors.chat.mention import Mention
from processors.chat.occupations import roles_and_skills
from processors.chat.wages import MONEY, RAISED, SUM, in_thousands, is_money, salary
from processors.lexicon.places import PROVINCES, named_places, with_city
from processors.lexicon.regions import REGIONS
from processors.skills import extract_skills
from schemas.base import Language

_ANSWER = re.compile(
    r"\s*(?:我?(?:想|要)?(?:做|找|当|是|会|学)?|(?:a|an|as an?|i'?m an?|maybe|mainly) )?(?P<what>(?!不|没|都|随便|什么|哪|好|是|有|看|可以|any|no|yes|not|i |don)(?:[\u4e00-\u9fff]{2,8}|[A-Za-z][A-Za-z\d+#. -]{1,30}))"
    r"(?:吧|的|类|方面|方向|岗位?|工作|这块|之类)*[\s.。!！]*",
    re.IGNORECASE,
)
"""What somebody says who is asked for a role, a skill or a company, and nothing else."""
_GIVES_WAY = re.compile(r"改|换|变成|不是|->|→|instead|\bnot\b|\bto\b")
_LIVES_IN = re.compile(
    r"(?:(?:现在?|目前|人|我|一直|原来|之前)在|从|\b(?:currently|now|living|based|live|i'?m) in|\bfrom) ?$",
    re.IGNORECASE,
)
_OF_THE_LIST = re.compile(r"(?:那边)?的?[那这][几个家些位份两间所]")
"""Behind a place: those of the list that are there."""
_FAR = re.compile(r"有?(?:多?远|近|不远|很近|比较近)")
_MOVES = re.compile(
    r"想?[回去到]|[换搬]到|\b(?:mov(?:e|ing)|relocat(?:e|ing)|back) (?:\w+ )?to\b|\b(?:looking|search(?:ing)?|(?:want|hoping|planning|like) to (?:work|be|live)) in\b",
    re.IGNORECASE,
)


def mentions(
    text: str, language: Language, bare: str | None, today: date | None, held: Iterable[Mention] = ()
) -> list[Mention]:
    """Return what a text names; a number or words alone are of the slot `bare`. Days are read from `today` on.

    What is `held` is read again by the words that it has come with, for no list may have them.
    """
    held = list(held)
    found = [in_thousands(m, held) for m in _mentions(text, language, bare, today)]
    lower = text.lower()
    for slot, value, words in {(m.slot, str(m.value), m.words): m for m in held if m.slot in _IN_WORDS}:
        start = lower.find(words.lower()) if len(words) > 1 else -1
        end = start + len(words)
        found = [m for m in found if m.slot not in _IN_WORDS or (m.start, m.end, m.slot == slot) != (start, end, False)]
        if start >= 0 and not any(m.start < end and start < m.end for m in found):
            found.append(Mention(start, slot, value, text[start:end]))
    if bare in _IN_WORDS and not found and (answer := _ANSWER.fullmatch(text)):
        said = answer["what"].strip()
        found.append(Mention(answer.start("what"), bare, said if bare == "company" else said.lower(), said))
    return found


_IN_WORDS = ("role", "skills", "company")
"""Slots of which an answer may be words that no list has."""


def _mentions(text: str, language: Language, bare: str | None, today: date | None) -> Iterator[Mention]:
    money = [m.span() for m in MONEY.finditer(text) if is_money(m)]
    named = _places(text, language)
    moves = len(named) > 1 and _MOVES.search(text) is not None
    for name, start, end in named:
        if _OF_THE_LIST.match(text, end) or (text[start - 1 : start] == "离" and _FAR.match(text, end)):
            continue
        if not (moves and _LIVES_IN.search(text, max(0, start - 20), start)):
            yield Mention(start, "places", name, text[start:end])
    occupations = list(roles_and_skills(text, language, named))
    skilled = {m.start for m in occupations if m.slot == "skills"}
    yield from occupations
    if not money and SUM.fullmatch(text):
        money, bare = [(0, len(text))], None
    for start, end in money or ([(0, len(text))] if bare == "salary" else []):
        start = max((m.end() for m in RAISED.finditer(text, start, end)), default=start)
        if asked := salary(text[start:end], language, is_asked=not money):
            yield Mention(start, "salary", asked, text[start:end].strip())
    found = [m for m in YEARS.finditer(text) if not any(start <= m.start() < end for start, end in money)]
    if len(found) > 1 and not _GIVES_WAY.search(text):  # `Java 三年，Go 两年`: who has the most has the rest in it
        found = [max(found, key=lambda m: count(m["low"] or m["one"] or "one"))]
    for match in found:
        yield Mention(match.start(), "years", count(match["low"] or match["one"] or "one"), match[0])
    if not found and (named_years := NAMED_YEARS.search(text)):
        said = named_years["han"] or named_years["latin"]
        yield Mention(named_years.end() - len(said), "years", float(said), said)
    elif bare == "years" and not found and (answer := BARE_NUMBER.search(text)):
        yield Mention(answer.start(), "years", count(answer[0]), answer[0])
    degrees = [Mention(m.start(), "education", name, m[0]) for name, p in EDUCATION if (m := p.search(text))]
    if len(degrees) > 1:  # `本科可以，硕士更好` asks for the first
        degrees = [m for m in degrees if BETTER.match(text, m.end) is None] or degrees
    yield from sorted(degrees) if _GIVES_WAY.search(text) else degrees[:1]
    for name, pattern in EMPLOYMENT:
        if form := pattern.search(text):
            yield Mention(form.start(), "employment_type", name, form[0])
    if bare == "employment_type" and (answer := BARE_FORM.match(text)):
        yield Mention(answer.start(1), "employment_type", f"{answer[1].lower()}_time", answer[1])
    for company in COMPANY.finditer(text):
        employer = next(filter(None, company.groups()), None)
        if employer and USED.match(text, company.end()):
            continue
        start = company.start(company.lastindex or 0)
        if start in skilled and not OF_THEIRS.search(text[:start]):
            continue  # `Oracle` alone is what somebody can
        if employer and not WORKS_AT.search(text, max(0, company.start() - 8), company.start(company.lastindex or 0)):
            yield Mention(company.start(company.lastindex or 0), "company", employer, employer)
    if remote := REMOTE.search(text):
        yield Mention(remote.start(), "remote", True, remote[0])
    if today:
        for day in days(text, today):
            yield Mention(day.start, "date", day.value, text[day.start : day.end])


def _places(text: str, language: Language) -> list[tuple[str, int, int]]:
    """Return the places that a text names, without those whose names are a skill's there: `Spring Cloud`, `Cypress`."""
    named = list(_nearest(text, named_places(text)))
    if not any(text[start].isascii() for _, start, _ in named):
        return named
    skills = [(m.start, m.start + len(m.text)) for m in extract_skills(text, language)]
    return [
        (name, start, end)
        for name, start, end in named
        if not (text[start].isascii() and any(a <= start and end <= b for a, b in skills))
    ]


def _nearest(text: str, named: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield places without those that another one says too: a district beside its city, a region before a city in it."""
    names = {name for name, _, _ in named}
    for place, following in zip_longest(named, named[1:]):
        name, _, end = place
        if with_city(name) != name and with_city(name) in names:
            continue
        is_wide = name in REGIONS or name in PROVINCES
        if (
            is_wide
            and following
            and following[0] not in (*REGIONS, *PROVINCES)
            and _INSIDE.fullmatch(text, end, following[1])
        ):
            continue
        yield place


_INSIDE = re.compile(r"省?(?:这边|那边|地区|区域|一带)?[的,，]?\s*(?:先看看?|先|主要|最好|尤其|比如)?")
