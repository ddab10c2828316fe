"""What a resume may say although it was not read: before an absence is claimed, its text is asked."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from processors.lexicon.dates import dates
from processors.resume.sections import Section
from processors.skills.cues import alternatives
from processors.skills.levels import YEARS
from schemas.resume import Period, Span

_WORK = re.compile(
    r"经验|经历|任职|就职|从业|在职|公司|集团|医院|事务所|\b(?:experience|employ(?:ed|ment|er)|worked"
    r"|working (?:as|at|for)|career|ltd|llc|inc|gmbh|plc|corp)\b",
    re.IGNORECASE,
)
_SCHOOL = re.compile(
    r"大学|学院|毕业|学校|\b(?:universit\w+|college|school of|graduated|polytechnic|hochschule|école)\b", re.IGNORECASE
)
_HEADED = {
    "skills": re.compile(r"skill|competenc|expertise|technolog|技能|技术栈|专长|特长", re.IGNORECASE),
    "summary": re.compile(
        r"summary|profile|objective|about me|简介|自我评价|个人优势|个人总结|求职目标", re.IGNORECASE
    ),
}
_HEADING = 30
_REACHED = re.compile(r"@|\bat\b.{1,30}\bdot\b|(?:\d[\s().\-·]{0,2}){8,}|微信|wechat|linkedin", re.IGNORECASE)


def unread_work(text: str, parts: Sequence[Section]) -> list[Span]:
    """Return where a text speaks of work: periods, years of experience, a section of work."""
    studies = [(line.piece.start, line.piece.end) for p in parts if p.name == "education" for line in p.lines]
    found = [span for span in _periods(text) if not any(a <= span.start < b for a, b in studies)]
    found += [
        Span(*m.span()) for m in YEARS.finditer(text) if _WORK.search(text[max(m.start() - 40, 0) : m.end() + 40])
    ]
    found += [
        Span(line.piece.start, line.piece.end)
        for section in parts
        if section.name == "work"
        for line in section.lines[:1]
    ]
    return sorted(set(found))


def unread_education(text: str, parts: Sequence[Section]) -> list[Span]:
    """Return where a text names a degree or a school, or has a section of education."""
    found = {Span(*m.span()) for rule in (alternatives("education"), _SCHOOL) for m in rule.finditer(text)}
    found |= {Span(s.lines[0].piece.start, s.lines[0].piece.end) for s in parts if s.name == "education" and s.lines}
    return sorted(found)


def is_headed(part: Literal["skills", "summary"], text: str) -> bool:
    """Whether a short line of a text may be the heading of a part."""
    return any(len(line) <= _HEADING and _HEADED[part].search(line) for line in map(str.strip, text.splitlines()))


def tells_of(gap: Period, text: str) -> bool:
    """Whether a text has a period within a gap: what was done then was perhaps not read."""
    return any(
        span.period and (span.start or "") < (gap.end or "9999") and (gap.start or "") < (span.end or "9999")
        for line in text.splitlines()
        for span in dates(line[:300])
        if not _SCHOOL.search(line)
    )


def unread_contact(text: str) -> list[Span]:
    """Return where a text has what may be an address or a number."""
    return [Span(*m.span()) for m in _REACHED.finditer(text)]


def _periods(text: str) -> Iterator[Span]:
    """Yield the lines that hold a period, but for those of a school."""
    at = 0
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        near = line + (lines[number + 1] if number + 1 < len(lines) else "")
        if any(span.period for span in dates(line[:300])) and not _SCHOOL.search(near):
            yield Span(at, at + len(line.rstrip()))
        at += len(line)
