"""How complete and how good a resume's text is: a score of which every lost point has a reason and a place."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from processors.advice import wording
from processors.advice.texts import text as sentence
from processors.advice.unread import is_headed, tells_of, unread_contact, unread_education, unread_work
from processors.lexicon.dates import dates, month_number
from processors.lexicon.titles import title_score
from processors.resume import roles
from processors.resume.history import interval
from processors.resume.sections import Section, sections
from schemas.advice import AdviceCode, Quality, QualityAdvice
from schemas.resume import Period, ResumeProfile, Span, Study, Work

POINTS: dict[AdviceCode, int] = {
    "work_missing": 25, "headings_missing": 20, "contact_missing": 15, "numbers_missing": 15, "too_short": 15,
    "dates_missing": 10, "education_missing": 10, "skills_missing": 10, "too_long": 10, "weak_wording": 10,
    "cliches": 5, "gap_unexplained": 5, "order": 5, "summary_missing": 5, "private_details": 0,
    "work_unread": 0, "education_unread": 0, "contact_unread": 0,
}  # fmt: skip
_CODES: dict[str, tuple[AdviceCode, AdviceCode]] = {
    "contact": ("contact_missing", "contact_unread"),
    "work": ("work_missing", "work_unread"),
    "education": ("education_missing", "education_unread"),
}
"""Of a part: what is said where it is missing, and where the text speaks of it and it was not read."""
_PARTS = {"contact": 25, "work": 35, "education": 15, "skills": 15, "summary": 10}
_GAP_MONTHS = 6
_FEW_NUMBERS = 0.25
_WEAK_SHARE, _MANY_WEAK = 0.3, 4
_SHORT = {"zh": 180, "en": 80}
_LONG = {"zh": 4000, "en": 1800}
"""Characters or words; three full pages are about 3,600 and 1,600."""
_EVIDENCE = 5
_LONGEST_HEAD = 80
_SURE = 3.0
_WORD = re.compile(r"[\u3400-\u9fff]|[a-z0-9\u00c0-\u024f'’+#.-]+", re.IGNORECASE)


def assess(profile: ResumeProfile, text: str, today: date) -> Quality:
    """Return completeness, score and advice, the weightiest first.

    The text is the one that the profile was parsed from. Private details are pointed out whatever they say, and cost
    nothing: two resumes that differ only in them have the same score.
    """
    parts = sections(text)
    found = sorted(_advice(profile, text, parts, today), key=lambda a: -a.points)
    said = {advice.code for advice in found}
    there = {
        "contact": bool(profile.emails or profile.phones) or "contact_unread" in said,
        "work": bool(profile.work or profile.projects) or "work_unread" in said,
        "education": bool(profile.education) or "education_unread" in said,
        "skills": any(section.name == "skills" for section in parts),
        "summary": bool(profile.summary),
    }
    return Quality(
        completeness=sum(points for part, points in _PARTS.items() if there[part]),
        score=max(0, 100 - sum(a.points for a in found)),
        advice=tuple(found),
    )


def _advice(p: ResumeProfile, text: str, parts: Sequence[Section], today: date) -> Iterator[QualityAdvice]:
    def say(code: AdviceCode, *evidence: Span, **facts: Any) -> QualityAdvice:
        told = sentence(code, p.language, **facts)
        return QualityAdvice(code=code, points=POINTS[code], text=told, evidence=evidence[:_EVIDENCE])

    names = {section.name for section in parts}
    size = len(_WORD.findall(text))
    readable = len(names) > 1 or size < _SHORT[p.language]
    if not readable:  # nothing can be said of its parts then
        yield say("headings_missing")
    if not p.emails and not p.phones:
        yield _absent("contact", unread_contact(text), say)
    if readable and not p.work and not p.projects:
        yield _absent("work", unread_work(text, parts), say)
    if readable and not p.education:
        yield _absent("education", unread_education(text, parts), say)
    if readable and "skills" not in names and not is_headed("skills", text):
        yield say("skills_missing")
    if not p.summary and not is_headed("summary", text):
        yield say("summary_missing")
    entries: list[Work | Study] = [*p.work, *p.education]
    undated = [*_where([e for e in entries if not e.start and not e.end]), *_untimed(parts, p)]
    if undated:
        yield say("dates_missing", *undated, count=len(undated))
    for gap in p.gaps:
        if (
            (gap.months or 0) >= _GAP_MONTHS
            and not _studied(gap, p, today)
            and not wording.explains(text)
            and not tells_of(gap, text)
        ):
            yield say("gap_unexplained", *_beside(gap, p), start=gap.start, end=gap.end, months=gap.months)
            break
    if out_of_order(p, today):
        yield say("order", *_where(p.work[:1]))
    said = wording.statements(p, text)
    plain = [Span(s.start, s.end) for s in said if not wording.has_number(s.text)]
    numbered = len(said) - len(plain)
    if len(said) >= 2 and numbered < _FEW_NUMBERS * len(said):
        yield say("numbers_missing", *plain, count=len(said), with_numbers=numbered)
    weak = [Span(s.start, s.end) for s in said if wording.is_weak(s.text)]
    if len(weak) >= min(_MANY_WEAK, max(2, _WEAK_SHARE * len(said))):
        yield say("weak_wording", *weak, count=len(weak))
    claims = wording.cliches(text)
    words = list(dict.fromkeys(text[s.start : s.end].lower() for s in claims))
    if len(words) >= 2:
        yield say("cliches", *claims, words=("、" if p.language == "zh" else ", ").join(words[:_EVIDENCE]))
    if size < _SHORT[p.language]:
        yield say("too_short", size=size)
    elif size > _LONG[p.language]:
        yield say("too_long", size=size)
    private = [*wording.private(text), *(s for f in (p.gender, p.birth_date) if f for s in f.spans)]
    if private:
        yield say("private_details", *sorted(set(private)))


def _absent(part: str, places: Sequence[Span], say: Callable[..., QualityAdvice]) -> QualityAdvice:
    """Return the advice that a part is missing, or, where the text speaks of it, that it could not be read."""
    missing, unread = _CODES[part]
    return say(unread, *places) if places else say(missing)


def out_of_order(profile: ResumeProfile, today: date) -> bool:
    """Return whether a position stands above a later one; positions at the same time stand as they like."""
    times = [i for p in profile.work if (i := interval(p, today))]
    return any(below[0] >= above[1] - 1 and below[0] > above[0] for above, below in pairwise(times))


def _untimed(parts: Sequence[Section], profile: ResumeProfile) -> Iterator[Span]:
    """Yield lines of the work section that name an employer and a title, but no time, and are no known position's."""
    known = {span for w in profile.work for f in (w.employer, w.title) if f for span in f.spans}
    for line in (line for section in parts if section.name == "work" for line in section.lines):
        own = line.piece
        if line.bullet or len(own.text) > _LONGEST_HEAD or any(dates(own.text)):
            continue
        if any(own.start <= span.start < own.end for span in known):
            continue
        words = list(roles.parts(own))
        employers = [w for w in words if roles.employer_score(w.text) >= _SURE]
        if employers and any(title_score(w.text) for w in words if w not in employers):
            yield Span(own.start, own.end)


def _where(entries: Iterable[Work | Study]) -> Iterator[Span]:
    for entry in entries:
        named = (entry.employer or entry.title) if isinstance(entry, Work) else (entry.school or entry.degree)
        yield from named.spans[:1] if named else ()


def _studied(gap: Period, profile: ResumeProfile, today: date) -> bool:
    """Return whether a course of study fills half of a gap."""
    first, last = month_number(gap.start or ""), month_number(gap.end or "")
    for study in profile.education:
        if study.start:
            start = month_number(study.start.value)
            end = month_number(study.end.value, end=True) if study.end else today.year * 12 + today.month - 1
            if 2 * (min(end, last) - max(start, first)) >= last - first:
                return True
    return False


def _beside(gap: Period, profile: ResumeProfile) -> Iterator[Span]:
    """Yield the dates on either side of a gap."""
    for work in profile.work:
        if work.end and gap.start and month_number(gap.start) - month_number(work.end.value, end=True) == 1:
            yield from work.end.spans
        if work.start and gap.end and month_number(work.start.value) - month_number(gap.end) == 1:
            yield from work.start.spans
