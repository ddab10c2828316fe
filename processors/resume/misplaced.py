"""Positions that stand below a heading of something else, or below one that is not known: told by what they say."""

import re
from collections.abc import Sequence

from processors.lexicon.dates import dates
from processors.lexicon.phrases import shares
from processors.lexicon.titles import title_score
from processors.resume.education import names_study
from processors.resume.roles import evidence, is_place, parts
from processors.resume.sections import Section
from processors.resume.text import Line

_MAY_HIDE = frozenset(
    (
        "top",
        "basics",
        "summary",
        "objective",
        "skills",
        "hobbies",
        "languages",
        "references",
        "certificates",
        "education",
        "other",
    )
)
_CERTIFIES = re.compile(
    r"certif|licen[cs]|zertifi|diplom|permis|patent|course|training\b|证|资格|培训|認定|資格", re.IGNORECASE
)
_LONGEST = 110
_AROUND = 2
_TITLED = 0.6
"""The share of titles from which on letters say that a text is one."""
_HEADING = 40


def with_positions(found: Sequence[Section]) -> list[Section]:
    """Return the sections with those positions in sections of their own.

    One is enough where no section has any, else there are two: a headline may have what a position has.
    """
    enough = 2 if any(s.name == "work" and any(_period(line) for line in s.lines) for s in found) else 1
    result: list[Section] = []
    for section in found:
        start = _start(section, enough) if section.name in _MAY_HIDE else None
        if start is None:
            result.append(section)
            continue
        above = section.lines[:start]
        if above and _is_unknown_heading(above[-1]):
            above = above[:-1]
        result += [Section(section.name, above), Section("work", section.lines[start:])]
    return result


def _start(section: Section, enough: int) -> int | None:
    lines = section.lines
    floor = max((n + 1 for n, line in enumerate(lines) if names_study(line.text)), default=0)
    if floor and section.name not in ("education", "top", "other"):
        return None
    heads = [n for n in range(floor, len(lines)) if _is_head(lines, n, floor)]
    if section.name in ("certificates", "education"):
        heads = [n for n in heads if not any(_CERTIFIES.search(line.text) for line in _near(lines, n, floor))]
    if len(heads) < (2 if section.name == "certificates" else enough):
        return None
    start = heads[0]
    while (
        start > floor
        and heads[0] - start < _AROUND
        and _of_head(lines[start - 1])
        and not _is_unknown_heading(lines[start - 1])
    ):
        start -= 1
    return start


def _near(lines: Sequence[Line], at: int, floor: int) -> list[Line]:
    """Return the short lines that may be of one head with a dated one, as far as no bullet or other time divides them."""
    near = [lines[at]]
    for step in (-1, 1):
        for n in range(at + step, at + step * (_AROUND + 1), step):
            if not floor <= n < len(lines) or not _of_head(lines[n]):
                break
            near.append(lines[n])
    return near


def _of_head(line: Line) -> bool:
    return (
        not line.bullet
        and len(line.text) <= _LONGEST
        and not line.text.endswith((".", "。", "；", ";"))
        and not _period(line)
    )


def _period(line: Line) -> bool:
    return len(line.text) < 300 and any(when.period for when in dates(line.text))


def _is_head(lines: Sequence[Line], at: int, floor: int) -> bool:
    """Whether a line has a period, and with its neighbours a title and somebody who may give it."""
    line = lines[at]
    when = next((d for d in dates(line.text) if d.period), None) if not line.bullet and len(line.text) < 200 else None
    if when is None or len(line.text) - (when.at[1] - when.at[0]) > _LONGEST:
        return False
    told = [part.text for near in _near(lines, at, floor) for part in parts(near.piece)]
    told = [text for text in told if not _is_time(text) and not is_place(text)]
    titles = [text for text in told if title_score(text) > 0 or shares(text).title > _TITLED]
    return bool(titles) and any(evidence(text).employer > 0 for text in told if text not in titles[:1])


def _is_time(text: str) -> bool:
    when = next(dates(text), None)
    return when is not None and when.at[1] - when.at[0] >= len(text) - 2


def _is_unknown_heading(line: Line) -> bool:
    """Whether a line may be a heading whose words are not known: short, without a mark, a time, a title or an employer."""
    text = line.text
    told = shares(text)
    return (
        not line.bullet
        and len(line.cells) == 1
        and len(text) <= _HEADING
        and not any(c.isdigit() or c in ",，|@()（）" for c in text)
        and not title_score(text)
        and told.other > max(told.title, told.organisation)
    )
