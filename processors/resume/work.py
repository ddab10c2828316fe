"""Positions and projects, from the entries of their sections."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from processors.lexicon.dates import dates, month_number
from processors.lexicon.script import fold
from processors.lexicon.seniority import seniority
from processors.lexicon.titles import title_score
from processors.resolution.organisations import company_name
from processors.resume import history, linkedin
from processors.resume.entries import SENTENCE, entries
from processors.resume.entry import Entry, When
from processors.resume.heads import Slots, told
from processors.resume.roles import (
    DEPARTMENT,
    employer_score,
    evidence,
    is_place,
    parts,
)
from processors.resume.schools import readable
from processors.resume.text import Line, Piece
from schemas.resume import Found, Project, Span, Work

_TEAM = re.compile(
    r"(?:带领|管理|团队)[^，。,\n]{0,8}?(\d{1,4}) ?(?:人|名)|(?:team of|led|managed|mentored|supervised) (\d{1,4}) ?(?:people|engineers|developers|staff|members|employees)?",
    re.IGNORECASE,
)
_INTERN = re.compile(r"实习|\bintern(?:ship)?\b", re.IGNORECASE)
_LONGEST_NAME = 80
_RANK = re.compile(
    r"^(?:高级|资深|初级|中级|首席|senior|junior|principal|staff|lead|sr\.?|jr\.?)\s*|[（(].*?[)）]|\s*(?:[IVX]{1,3}|\d)$",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"^(?:(?:代表|主要|核心|重点|参与)?项目(?:名称|经历|经验)?[一二三四五六七八九十\d]{0,2}[:：]|(?:key |selected )?projects? ?(?:name|\d{1,2})?:)\s*",
    re.IGNORECASE,
)
"""What opens a project inside a position."""
_OF_PROJECT = re.compile(
    rf"{_INNER.pattern}|(?:(?:key |major )?projects?|assignment) ?(?:#|no\.? ?|:)? ?\d{{1,2}}\b(?!.{{0,3}}\d{{4}})|项目(?:时间|周期|角色|描述|介绍|职责|背景|成果)[:：]",
    re.IGNORECASE,
)
_PROJECT = re.compile(r"^(?:项目名称|项目[一二三四五六七八九十\d]{0,2})[:：]\s*|^project(?: name)?: *", re.IGNORECASE)


def work(lines: list[Line], text: str) -> list[Work]:
    """Return the positions of a section, in its order."""
    divided = linkedin.positions(lines)
    if not divided and (timed := entries(lines, inner=_OF_PROJECT, tells=tells_of_work, weigh=_weigh)):
        divided = [*_above(timed, lines), *timed]
    return of_entries(divided or _undated(lines), text)


def _above(timed: Sequence[Entry], lines: Sequence[Line]) -> list[Entry]:
    """Return positions without a time that stand above the first with one: a title and an employer over bullets."""
    starts = [head.start for head in timed[0].heads] + [fact.start for fact in timed[0].facts.values()]
    if not starts or timed[0].when is None:
        return []
    first = min(*starts, timed[0].when.offset)
    found = _undated([line for line in lines if line.piece.end <= first])
    return [
        entry
        for entry in found
        if len(entry.heads) == 2
        and sum(title_score(head.text) > 0 for head in entry.heads) == 1
        and entry.body
        and entry.body[0].bullet
    ]


def of_entries(divided: list[Entry], text: str) -> list[Work]:
    """Return the positions of entries, in their order."""
    found: list[Work] = []
    banner: Slots | None = None
    for slots, entry, (employer, title, rest) in told(divided):
        if employer and banner and slots.is_team(employer, banner):
            rest.append(employer)
            employer = None
        before = found[-1] if found else None
        if employer is None and title is not None and before and before.employer and len(entry.heads) <= 3:
            position = _position(entry, text, None, title, rest).model_copy(
                update={"employer": before.employer, "employer_normalised": before.employer_normalised}
            )
        else:
            position = _position(entry, text, employer, title, rest)
            banner = slots.chosen(employer) if employer else None
        if position.employer or position.title:
            found.append(position)
    return _without_totals(_titled(found))


def _titled(found: list[Work]) -> list[Work]:
    """Return the positions without titles that are the employer of another one: whom somebody worked for is no work."""
    employers = {p.employer.value for p in found if p.employer}
    return [
        p.model_copy(update={"title": None, "title_normalised": None, "seniority": None})
        if p.employer and p.title and p.title.value in employers and not title_score(p.title.value)
        else p
        for p in found
    ]


def _without_totals(found: list[Work]) -> list[Work]:
    """Return the positions without those that are an employer's whole time, above the positions it is made of."""
    return [
        p
        for p, below in zip_longest(found, found[1:])
        if p.title or below is None or not below.title or below.employer != p.employer or not _within(below, p)
    ]


def each_once(found: Sequence[Work]) -> list[Work]:
    """Return positions that an overview and the details tell, once: as the details have them."""
    best: dict[tuple[str, ...], Work] = {}
    for n, p in enumerate(found):
        key = (
            p.employer_normalised or "",
            p.title_normalised or "",
            p.start.value if p.start else "",
            p.end.value if p.end else "",
        )
        if not p.employer or not p.start:
            best[(*key, str(n))] = p
        elif key not in best or (p.description and not best[key].description):
            best[key] = p
    kept = {id(p) for p in best.values()}
    return [p for p in found if id(p) in kept and not any(_says_more(q, p) for q in found)]


def _says_more(position: Work, overview: Work) -> bool:
    """Whether a position is that of an overview, which has years where the details have months."""
    start, year = position.start, overview.start
    return (
        start is not None
        and year is not None
        and len(year.value) == 4 < len(start.value)
        and start.value.startswith(year.value)
        and position.employer_normalised == overview.employer_normalised
        and position.title_normalised == overview.title_normalised
    )


def _within(inner: Work, outer: Work) -> bool:
    if inner.start is None or outer.start is None or inner.start.value < outer.start.value:
        return False
    return outer.end is None or (inner.end is not None and inner.end.value <= outer.end.value)


def tells_of_work(text: str) -> bool:
    """Whether a text names a title or an employer."""
    return title_score(text) > 0 or employer_score(text) >= 2


_UNKNOWN = (0.4, 0.3)
"""How much words of which nothing is known may be an employer's, and a title."""


def _weigh(head: Piece) -> tuple[float, float]:
    """Return how much a part of a head names an employer, and a title, from 0 to 1."""
    employer = title = 0.0
    for part in parts(head):
        if is_place(part.text):
            continue
        own = evidence(part.text)
        if max(own) <= 0 and part.text[:1].islower():
            continue
        unknown = _UNKNOWN if max(own) < 1 else (0.0, 0.0)
        employer = max(employer, min((own.employer > own.title) * own.employer / 2, 1.0), unknown[0])
        title = max(title, min((own.title > own.employer) * own.title / 2, 1.0), unknown[1])
    return employer, title


def _undated(lines: list[Line]) -> list[Entry]:
    """Return the entries of a section without any time: each begins at short lines that name a title or an employer."""
    found: list[Entry] = []
    head: list[Line] = []

    def close() -> None:
        if not head:
            return
        if any(tells_of_work(part.text) for line in head for part in parts(line.piece)):
            for group in _groups(head):
                found.append(Entry(heads=[line.piece for line in group], rows=list(range(len(group)))))
        elif found:
            found[-1].body.extend(head)
        head.clear()

    for line in lines:
        short = not line.bullet and len(line.text) <= _LONGEST_NAME and not SENTENCE.search(line.text)
        if short and len(head) < 12:
            head.append(line)
            continue
        close()
        if found:
            found[-1].body.append(line)
    close()
    return found


def _groups(head: list[Line]) -> Iterator[list[Line]]:
    """Yield the heads of a run of short lines: each has one line with a title, all first or all last."""
    titled = [n for n, line in enumerate(head) if any(title_score(p.text) for p in parts(line.piece))]
    if len(titled) < 2:
        yield head
    elif titled[0] == 0:
        for start, end in pairwise([*titled, len(head)]):
            yield head[start:end]
    else:
        start = 0
        for end in titled:
            yield head[start : end + 1]
            start = end + 1


def _position(entry: Entry, text: str, employer: Piece | None, title: Piece | None, rest: Sequence[Piece]) -> Work:
    place = entry.facts.get("location") or next((p for p in rest if is_place(p.text)), None)
    department = entry.facts.get("department") or next((p for p in rest if DEPARTMENT.search(p.text)), None)
    description, achievements = body(entry.body, text)
    inner = _inner(entry.body, text)
    start, end, current = span_of(entry.when, text)
    both = bool(employer and title)
    company = company_name(employer.text) if employer else None
    about = text[entry.body[0].piece.start : entry.body[-1].piece.end] if entry.body else ""
    team = _TEAM.search(about)
    industry = entry.facts.get("industry")
    return Work(
        employer=employer.found(confidence=_sure(employer_score(employer.text), both)) if employer else None,
        employer_normalised=readable(company.core, employer.text) if company and employer else None,
        title=title.found(confidence=_sure(title_score(title.text), both)) if title else None,
        title_normalised=normal_title(title.text) if title else None,
        seniority=seniority(None, title.text, None) if title else None,  # type: ignore[arg-type]
        start=start,
        end=end,
        current=current,
        internship=bool(title and is_internship(title.text)),
        location=place.found() if place else None,
        department=department.found() if department else None,
        industry=industry.found() if industry else None,
        team_size=_team(team, entry.body[0].piece.start) if team else None,
        description=description,
        achievements=achievements,
        projects=tuple(inner),
    )


def _inner(lines: Sequence[Line], text: str) -> list[Project]:
    """Return the projects that a position's lines name: each begins at its label and lasts until the next one."""
    starts = [n for n, line in enumerate(lines) if _INNER.match(line.text) and len(line.text) <= _LONGEST_NAME]
    found: list[Project] = []
    for start, end in pairwise([*starts, len(lines)]):
        head, rest = lines[start].piece, list(lines[start + 1 : end])
        mark = _INNER.match(head.text)
        name = head.part(mark.end() if mark else 0, len(head.text))
        if not name and rest and len(rest[0].text) <= _LONGEST_NAME:  # the name stands below `项目：`
            name = rest.pop(0).piece
        when = next(dates(name.text), None)
        when_at = When(when, name.start) if when else None
        if when:
            left, right = name.part(0, when.at[0]), name.part(when.at[1], len(name.text))
            name = left if len(left.text) >= len(right.text) else right
        name = name.part(0, len(name.text.rstrip("(（[【")))
        if not name:
            continue
        first, last, _ = ends(when_at, text)
        description, achievements = body(rest, text)
        found.append(
            Project(
                name=name.found(confidence=0.8),
                start=first,
                end=last,
                description=description,
                achievements=achievements,
            )
        )
    return found


def _team(match: re.Match[str], offset: int) -> Found[int]:
    first, last = match.span()
    return Found(value=int(match[1] or match[2]), confidence=0.7, spans=(Span(offset + first, offset + last),))


def _sure(score: float, both: bool) -> float:
    return 0.95 if score >= 2.5 and both else 0.9 if score >= 2 else 0.7 if both else 0.5


def is_internship(title: str) -> bool:
    """Whether a title is that of an internship."""
    return _INTERN.search(title) is not None


def normal_title(title: str) -> str:
    """Return a title without rank and remarks: `高级Java开发工程师（北京）` is `java开发工程师`."""
    bare = fold(title)
    for _ in range(2):
        bare = _RANK.sub("", bare).strip()
    return bare or fold(title)


_THREE_MONTHS = re.compile(
    r"spring|summer|fall|autumn|winter|[春夏秋冬]|frühling|frühjahr|sommer|herbst|printemps|été|automne|hiver|[qt][1-4]|quarter|quartal|trimestre|季度",
    re.IGNORECASE,
)


def span_of(when: When | None, text: str) -> tuple[Found[str] | None, Found[str] | None, bool]:
    """Return start, end and whether it lasts, of a position's time: one date alone is both, a season its months."""
    start, end, current = ends(when, text)
    if start is None and end is not None:
        start = end
        if len(end.value) == 7 and when and _THREE_MONTHS.search(when.piece(text).text):
            last = month_number(end.value) + 2
            end = end.model_copy(update={"value": history.iso(last)})
    return start, end, current


def ends(when: When | None, text: str) -> tuple[Found[str] | None, Found[str] | None, bool]:
    """Return start, end and whether it lasts, of an entry's time, to the month. One date alone is an end."""
    if when is None:
        return None, None, False
    span = when.span
    first = when.piece(text).found(span.start[:7], 0.97)
    if span.current:
        return first, None, True
    if span.end is None:
        return None, first, False
    return first, when.piece(text, end=True).found(span.end[:7], 0.97), False


def body(lines: list[Line], text: str) -> tuple[Found[str] | None, tuple[Found[str], ...]]:
    """Return an entry's text and its bullets."""
    if not lines:
        return None, ()
    start, end = lines[0].piece.start, lines[-1].piece.end
    whole = Piece(text[start:end], start, end).found()
    return whole, tuple(line.piece.found() for line in lines if line.bullet)


def projects(lines: list[Line], text: str) -> list[Project]:
    """Return the projects of a section; those without a time begin at a short line that is no bullet."""
    found = entries(lines, single=True)
    if not found:
        found = _untimed(lines)
    result: list[Project] = []
    for entry in found:
        heads = [part for head in entry.heads for part in parts(head)]
        role = entry.facts.get("role") or entry.facts.get("title")
        name = entry.facts.get("name") or next((p for p in heads if p.text != (role.text if role else None)), None)
        if name is None:
            continue
        if mark := _PROJECT.match(name.text):
            name = name.part(mark.end(), len(name.text))
        role = role or next((p for p in heads if p != name and title_score(p.text)), None)
        start, end, _ = ends(entry.when, text)
        description, achievements = body(entry.body, text)
        result.append(
            Project(
                name=name.found(confidence=0.85),
                role=role.found() if role else None,
                start=start,
                end=end,
                description=description,
                achievements=achievements,
            )
        )
    return result


def _untimed(lines: list[Line]) -> list[Entry]:
    found: list[Entry] = []
    fresh = True
    for line in lines:
        mark = _PROJECT.match(line.text)
        short = not line.bullet and len(line.text) <= 60 and not re.search(r"[。；;]$|\.$", line.text)
        if mark or (short and fresh and not re.match(r".{1,12}[:：]", line.text)) or not found:
            found.append(Entry(heads=[line.piece]))
            fresh = False
        else:
            found[-1].body.append(line)
            fresh = True
    return found
