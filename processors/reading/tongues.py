"""Human languages with their levels, 1 (basic) to 4 (fluent), as people and tests say them."""

import re
from collections.abc import Iterable, Iterator

from processors.skills import Kind, SkillMention, taxonomy

BASIC, INTERMEDIATE, WORKING, FLUENT = 1, 2, 3, 4
LANGUAGE_TESTS = frozenset(("cet-4", "cet-6", "tem-4", "tem-8", "jlpt"))
"""Skill ids of tests that only tell the level of a language; those that are taught as well (IELTS) are skills."""
_TESTS = (
    ("english", FLUENT, r"(?<![法德日俄韩]语)专业八级|专八|TEM-?8|雅思\s?[:：]?\s?[78]"
                        r"|IELTS\W{0,3}(?:band\W?)?[789]|托福\s?1[01]\d"
                        r"|TOEFL\W{0,3}1[01]\d|BEC\s?(?:高级|Higher)"),
    ("english", WORKING, r"CET-?\s?6|六级|(?<![法德日俄韩]语)专业四级|专四|TEM-?4|雅思\s?[:：]?\s?6"
                         r"|IELTS\W{0,3}6|托福\s?[89]\d"
                         r"|TOEFL\W{0,3}[89]\d|BEC\s?(?:中级|Vantage)"),
    ("english", BASIC, r"CET-?\s?4|(?:英语|大学)四级"),
    ("japanese", FLUENT, r"(?:JLPT|日语|日本语|Japanese)\D{0,8}N1"),
    ("japanese", WORKING, r"(?:JLPT|日语|日本语|Japanese)\D{0,8}N2|日语二级"),
    ("japanese", INTERMEDIATE, r"(?:JLPT|日语|日本语|Japanese)\D{0,8}N3"),
    ("japanese", BASIC, r"(?:JLPT|日语|日本语|Japanese)\D{0,8}N[45]"),
    ("german", WORKING, r"德福\s?4|TestDaF\W{0,3}4"),
)  # fmt: skip
_TEST = [(name, level, re.compile(pattern, re.IGNORECASE)) for name, level, pattern in _TESTS]
_LEVELS = (
    (FLUENT, r"母语|精通|流利|流畅|工作语言|\bC[12]\b|fluent|fluency|native|mother tongue|bilingual|business level"
             r"|full professional|excellent|working language|advanced|proficien"),
    (WORKING, r"熟练|良好|书面|沟通|会谈|商务|\bB2\b|working|good|professional|upper[- ]intermediate|business|strong"),
    (INTERMEDIATE, r"一般|中级|日常|\bB1\b|intermediate|conversational|limited working"),
    (BASIC, r"基础|入门|初级|简单|\bA[12]\b|basic|elementary|beginner|some\b"),
)  # fmt: skip
_LEVEL = [(level, re.compile(pattern, re.IGNORECASE)) for level, pattern in _LEVELS]
_STOP = re.compile(r"[\n。；;]|\.\s|[,，、](?=.{0,12}(?:[语文]|ese\b|ish\b|man\b))")


def tongues(text: str, mentions: Iterable[SkillMention]) -> dict[str, int | None]:
    """Return the languages among the skills that a text names, by id, each with the highest level said of it.

    The level is None where none is said.
    """
    found: dict[str, int | None] = {}
    for name, level in _said(text, mentions):
        before = found.get(name)
        found[name] = level if before is None else max(before, level or 0)
    return found


def _said(text: str, mentions: Iterable[SkillMention]) -> Iterator[tuple[str, int | None]]:
    for name, level, pattern in _TEST:
        if pattern.search(text):
            yield name, level
    known = taxonomy().skills
    for mention in mentions:
        skill = known.get(mention.skill_id)
        if skill is None or skill.kind is not Kind.LANGUAGE or any(p.search(mention.text) for _, _, p in _TEST):
            continue
        before = text[max(mention.start - 20, 0) : mention.start]
        before = before[max((m.end() for m in _STOP.finditer(before)), default=0) :]
        stop = _STOP.search(text, mention.end, mention.end + 30)
        near = before + "|" + text[mention.end : stop.start() if stop else mention.end + 30]
        yield mention.skill_id, next((level for level, pattern in _LEVEL if pattern.search(near)), None)
