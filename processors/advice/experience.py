"""What a work history shows: career path, progression, stability, years by trade, recency, education."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Literal

from processors.advice.titles import domains
from processors.lexicon.dates import month_number
from processors.lexicon.seniority import RANKS
from processors.matching.profile import EDUCATION_RANKS
from processors.resume.history import Interval, interval, months
from schemas.advice import Experience, Stability, Step
from schemas.base import EducationLevel
from schemas.resume import ResumeProfile, Work

_SHORT_MONTHS = 12
_STALE_MONTHS = 36


def analyse(profile: ResumeProfile, today: date) -> Experience:
    """Return what the positions show; what lasts ends `today`. Nothing but work, skills and education is looked at."""
    dated = sorted(((i, p) for p in profile.work if (i := interval(p, today))), key=lambda pair: pair[0])
    real = [(i, p) for i, p in dated if not p.internship]
    undated = [p for p in reversed(profile.work) if not interval(p, today)]
    path = _path([*((None, p) for p in undated), *dated])
    ranks = [RANKS[s.seniority] for s in path if s.seniority and not s.internship]
    now = today.year * 12 + today.month - 1
    return Experience(
        path=path,
        progression=_progression(ranks),
        stability=_stability(real, now),
        years=profile.years_total.value if profile.years_total else None,
        domains=_domains(real),
        months_since_work=max(0, now + 1 - max(last for (_, last), _ in dated)) if dated else None,
        stale_skills=tuple(
            s.id
            for s in profile.skills
            if s.id and not s.implied and s.last_used and now - month_number(s.last_used) > _STALE_MONTHS
        ),
        education=_education(profile),
    )


def _path(positions: Sequence[tuple[Interval | None, Work]]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for span, p in positions:
        before = next((s.seniority for s in reversed(steps) if s.seniority), None)
        rank = p.seniority or ("intern" if p.internship else None)
        steps.append(
            Step(
                title=p.title.value if p.title else None,
                employer=p.employer.value if p.employer else None,
                seniority=rank,
                start=p.start.value if p.start else None,
                end=p.end.value if p.end else None,
                months=span[1] - span[0] if span else None,
                internship=p.internship,
                change=_change(RANKS[rank] - RANKS[before]) if rank and before else None,
            )
        )
    return tuple(steps)


def _change(difference: int) -> Literal["up", "same", "down"]:
    return "up" if difference > 0 else "down" if difference < 0 else "same"


def _progression(ranks: Sequence[int]) -> Literal["rising", "level", "falling"] | None:
    if len(ranks) < 2:
        return None
    ups = sum((b > a) - (b < a) for a, b in pairwise(ranks))
    return "rising" if ups > 0 else "falling" if ups < 0 else "level"


def _stability(real: Sequence[tuple[Interval, Work]], now: int) -> Stability:
    """Positions that follow each other at one employer are one stay."""
    stays: list[tuple[str | None, list[Interval]]] = []
    for span, p in real:
        if stays and p.employer_normalised and stays[-1][0] == p.employer_normalised:
            stays[-1][1].append(span)
        else:
            stays.append((p.employer_normalised, [span]))
    lengths = [(months(spans), max(last for _, last in spans)) for _, spans in stays]
    return Stability(
        employers=len({name or number for number, (name, _) in enumerate(stays)}),
        mean_months=round(sum(length for length, _ in lengths) / len(lengths), 1) if lengths else None,
        short=sum(length < _SHORT_MONTHS and last <= now for length, last in lengths),
    )


def _domains(real: Sequence[tuple[Interval, Work]]) -> dict[str, float]:
    spans: dict[str, list[Interval]] = {}
    for span, p in real:
        for domain in domains(p.title.value) if p.title else ():
            spans.setdefault(domain, []).append(span)
    years = {domain: round(months(found) / 12, 1) for domain, found in spans.items()}
    return dict(sorted(years.items(), key=lambda d: (-d[1], d[0])))


def _education(profile: ResumeProfile) -> EducationLevel | None:
    levels = [study.level for study in profile.education if study.level]
    return max(levels, key=lambda level: EDUCATION_RANKS[level], default=None)
