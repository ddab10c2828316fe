"""What a resume may say although it was not read: before an absence is claimed, its text is asked."""

import re
from collections.abc import Iterator, Sequence

from processors.lexicon.dates import dates
from processors.resume.sections import Section
from processors.skills.cues import alternatives
from processors.skills.levels import YEARS
from schemas.resume import Span

_WORK = re.compile(
    r"经验|经历|任职|就职|从业|在职|公司|集团|医院|事务所|\b(?:experience|employ(?:ed|ment|er)|worked"
    r"|working (?:as|at|for)|career|ltd|llc|inc|gmbh|plc|corp)\b",
    re.IGNORECASE,
)
_SCHOOL = re.compile(
    r"大学|学院|毕业|学校|\b(?:universit\w+|college|school of|graduated|polytechnic|hochschule|école)\b", re.IGNORECASE
)
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


def unread_education(text: str) -> list[Span]:
    """Return where a text names a degree or a school."""
    return sorted({Span(*m.span()) for rule in (alternatives("education"), _SCHOOL) for m in rule.finditer(text)})


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
