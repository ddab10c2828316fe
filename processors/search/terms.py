"""What a query asks for: the skills, places and words that it names, and how much each of them tells."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from processors.lexicon.places import found_places, typed_cities
from processors.lexicon.script import is_han
from processors.lexicon.words import WORD, singular
from processors.search.bm25 import word_index
from processors.search.exclusions import parted
from processors.search.tokens import SKILL, is_search_word
from processors.skills.extract import default_extractor, normalise
from processors.skills.fold import fold
from processors.skills.models import Kind as SkillKind
from processors.skills.models import Skill
from processors.skills.taxonomy import taxonomy

MAX_TERMS = 200
GENERIC = 0.25
"""The weight of words that most records or queries have; of others, 1."""
TOOL = 2.0
"""Of a tool or a programming language."""
SKILLED = 1.5
"""Of another skill."""
OCCUPATION = 0.5
"""Of what a word is about says more what stands before it: a zither teacher is not just any teacher."""

_GENERIC_HAN = (
    "工程师|经理|专员|主管|总监|助理|顾问|专家|负责人?|高级|资深|初级|中级|经验|以上|以下|熟悉|熟练|精通|掌握|擅长|了解|需要|"
    "人才|候选人|人员|工作|岗位|职位|职责|要求|任职|学历|本科|优先|能力|良好|团队|公司|相关|参与|进行|使用|能够|"
    "一个|我们|帮我|谁能|会用|想要|方向|行业|必须|[招找人的会做有能懂想帮请在和与或及等把对为了是也都就年岁位名个要]"
)
_GENERIC_LATIN = frozenset(
    """
    senior junior lead principal staff chief head manager engineer developer specialist officer assistant associate
    analyst consultant director executive expert professional person people candidate talent someone somebody anyone
    who can could has have had do does will would should must need needed needs want wanted looking look find hire
    hiring seeking join help work working works worked job role position team company experience experienced year
    yrs good strong great well know knows knowledge skill skilled familiar using use used our us my me i he she they
    their them his her what where when how which some any all more most other new not no so but if into about over
    up out one two three own owns was were been there here than then also very such
    """.split()  # noqa: SIM905
)
"""What people are called, and what is said of most of them."""
_YEARS = re.compile(r"\d+(?: ?[-~到至] ?\d+)?\+? ?(?:年|years?|yrs?)(?:以上|or more)?")


@dataclass(frozen=True, slots=True)
class Term:
    """Something that a query names.

    It is covered by one of `any_of`, or by one of each of `parts`, as positions of search words; a word's parts count
    each for itself. `text` is as the query has it, `name` a place's name or a skill's id, of a word the folded text.
    """

    kind: Literal["skill", "place", "word"]
    text: str
    name: str
    weight: float
    any_of: frozenset[int] = frozenset()
    parts: tuple[frozenset[int], ...] = ()
    exact: bool = False
    """Whether nothing else will do: a tool or a programming language that is asked for by its name."""


def terms(query: str) -> tuple[Term, ...]:
    """Return what a query names and wants, in its order; none if it has no words."""
    return _terms(parted(query)[0])


def unwanted(query: str) -> tuple[Term, ...]:
    """Return what a query names and does not want."""
    return _terms(told) if (told := parted(query)[1].strip()) else ()


@lru_cache(maxsize=1_000)
def _terms(query: str) -> tuple[Term, ...]:
    folded = fold(query)
    text = _YEARS.sub(lambda found: " " * len(found[0]), folded.text)

    def said(start: int, end: int) -> str:
        return query[slice(*folded.span(start, end))]

    taken = [False] * len(text)
    found: list[tuple[int, Term]] = []
    for hit in sorted(default_extractor().hits(folded), key=lambda h: h.start - h.end):
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = [True] * (hit.end - hit.start)
            found.append((hit.start, _skill(hit.skill, text[hit.start : hit.end], said(hit.start, hit.end))))
    for name, start, end in (*found_places(text), *typed_cities(text)):
        if end <= len(text) and not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            found.append((start, Term("place", said(start, end), name, 1.0)))
    rest = "".join(" " if here else character for character, here in zip(text, taken, strict=True))
    words = [
        (start, _word(word, said(start, start + len(word)), weight))
        for word, start, weight in _words(rest)
        if not word.isdigit() and (len(word) > 1 or is_han(word))
    ]
    # A single character is what is left of a word, unless there is nothing else.
    whole = [(start, word) for start, word in words if len(word.name) > 1 or not is_han(word.name)]
    found += whole if whole or found else words
    different = {(term.kind, term.name): term for _, term in sorted(found, key=lambda f: -f[0])}
    return tuple(reversed(different.values()))[:MAX_TERMS]


def _skill(skill: Skill, spelling: str, text: str) -> Term:
    ids = frozenset(word_index(SKILL + known) for known in _telling(skill.id))
    parts = tuple(map(_part, _parts(spelling)))
    exact = skill.kind is SkillKind.TOOL or skill.category.startswith("hard/programming-language")
    return Term("skill", text, skill.id, TOOL if exact else SKILLED, ids, parts, exact)


def _part(word: str) -> frozenset[int]:
    """Return the positions of a word of a skill's name, and of the skill that it is alone: `DBA` of `Oracle DBA`."""
    skill = normalise(word) if word.isascii() else None
    ids = (word_index(SKILL + known) for known in _telling(skill)) if skill else ()
    return frozenset((word_index(word), *ids))


def _telling(skill_id: str) -> set[str]:
    """Return the skill and those that imply it: who knows Spring Boot knows Java."""
    found, left = {skill_id}, [skill_id]
    while left:
        new = set(_implied_by().get(left.pop(), ())) - found
        found |= new
        left += new
    return found


@lru_cache(maxsize=1)
def _implied_by() -> dict[str, list[str]]:
    found = dict[str, list[str]]()
    for skill in taxonomy().skills.values():
        for implied in skill.implies:
            found.setdefault(implied, []).append(skill.id)
    return found


def _words(text: str) -> Iterator[tuple[str, int, float]]:
    for run in WORD.finditer(text):
        if not is_han(run[0]):
            if is_search_word(run[0]):
                generic = run[0] in _GENERIC_LATIN or singular(run[0]) in _GENERIC_LATIN
                yield run[0], run.start(), GENERIC if generic else 1.0
            continue
        at = run.start()
        for known in [*_known_han().finditer(text, *run.span()), None]:
            end = known.start() if known else run.end()
            if end > at:
                yield text[at:end], at, 1.0
            if known:
                yield known[0], known.start(), GENERIC if known["generic"] else OCCUPATION
                at = known.end()


@lru_cache(maxsize=1)
def _known_han() -> re.Pattern[str]:
    return re.compile(f"(?P<generic>{_GENERIC_HAN})|{'|'.join(sorted(occupations(), key=len, reverse=True))}")


def _word(name: str, text: str, weight: float) -> Term:
    elsewhere = frozenset(word_index(word) for word in _in_other_language().get(singular(name), ()))
    return Term("word", text, name, weight, elsewhere, tuple(frozenset((word_index(word),)) for word in _parts(name)))


@lru_cache(maxsize=1)
def occupations() -> dict[str, str]:
    """Return Chinese words of occupations, and what they are in English."""
    text = (files("processors.search") / "data" / "occupations.txt").read_text("utf-8")
    return dict(line.split("|") for line in text.splitlines())


@lru_cache(maxsize=1)
def _in_other_language() -> dict[str, list[str]]:
    """Return the translations of search words that are search words themselves."""
    found: dict[str, list[str]] = {}
    for chinese, english in occupations().items():
        if len(chinese) == 2 and " " not in english:
            found.setdefault(chinese, []).append(singular(english))
            found.setdefault(singular(english), []).append(chinese)
        elif " " not in english:
            found.setdefault(chinese, []).append(singular(english))
    return found


def _parts(text: str) -> Iterable[str]:
    for run in WORD.findall(text):
        if not is_han(run):
            yield singular(run)
        elif len(run) == 1:
            yield run
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))
