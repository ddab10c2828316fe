"""Positions and projects, from the entries of their sections."""

import re
from collections.abc import Sequence
from itertools import pairwise

from processors.lexicon.dates import dates
from processors.lexicon.script import fold
from processors.lexicon.seniority import seniority
from processors.lexicon.titles import title_score
from processors.resolution.organisations import company_name
from processors.resume.entries import Entry, When, entries
from processors.resume.roles import DEPARTMENT, employer_and_title, employer_score, is_place, parts
from processors.resume.schools import readable
from processors.resume.text import Line, Piece
from schemas.resume import Found, Project, Span, Work

_TEAM = re.compile(
    r"(?:带领|管理|团队)[^，。,\n]{0,8}?(\d{1,4}) ?(?:人|名)|(?:team of|led|managed|mentored|supervised) (\d{1,4}) ?(?:people|engineers|developers|staff|members|employees)?",
    re.IGNORECASE,
)
_INTERN = re.compile(r"实习|\bintern(?:ship)?\b", re.IGNORECASE)
_LONGEST_NAME = 80
_OPENING = re.compile(r"[^。，；,;:：\n]{2,20}(?=[。，；])")
"""`前端实习生。使用 React …`: a position's title may open what is told of it."""
_RANK = re.compile(
    r"^(?:高级|资深|初级|中级|首席|senior|junior|principal|staff|lead|sr\.?|jr\.?)\s*|[（(].*?[)）]|\s*(?:[IVX]{1,3}|\d)$",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"^(?:(?:代表|主要|核心|重点|参与)?项目(?:名称|经历|经验)?[一二三四五六七八九十\d]{0,2}[:：]|(?:key |selected )?projects? ?(?:name|\d{1,2})?:)\s*",
    re.IGNORECASE,
)
"""What opens a project inside a position."""
_OF_PROJECT = re.compile(rf"{_INNER.pattern}|项目(?:时间|周期|角色|描述|介绍|职责|背景|成果)[:：]", re.IGNORECASE)
_PROJECT = re.compile(r"^(?:项目名称|项目[一二三四五六七八九十\d]{0,2})[:：]\s*|^project(?: name)?: *", re.IGNORECASE)


def work(lines: list[Line], text: str) -> list[Work]:
    """Return the positions of a section, in its order."""
    found: list[Work] = []
    for entry in entries(lines, inner=_OF_PROJECT):
        employer, title, rest = _who(entry)
        if employer is None and title is not None and found and found[-1].employer and len(entry.heads) <= 2:
            before = found[-1].employer
            position = _position(entry, text, None, title, rest).model_copy(
                update={"employer": before, "employer_normalised": found[-1].employer_normalised}
            )
        else:
            position = _position(entry, text, employer, title, rest)
        if position.employer or position.title:
            found.append(position)
    return found


def _who(entry: Entry) -> tuple[Piece | None, Piece | None, list[Piece]]:
    heads = [part for head in entry.heads for part in parts(head)]
    employer, title = entry.facts.get("employer"), entry.facts.get("title")
    if employer is None and title is None:
        employer, title = employer_and_title(heads)
    elif employer is None:
        others = [p for p in heads if p != title and not is_place(p.text)]
        employer = max(others, key=lambda p: employer_score(p.text) - 0.1 * others.index(p), default=None)
    elif title is None:
        others = [p for p in heads if p != employer and not is_place(p.text)]
        title = max(others, key=lambda p: title_score(p.text) - 0.1 * others.index(p), default=None)
    if title is None and entry.body and (opening := _OPENING.match(entry.body[0].text)):
        title = entry.body[0].piece.part(0, opening.end()) if title_score(opening[0]) > 0 else None
    return employer, title, [p for p in heads if p not in (employer, title)]


def _position(entry: Entry, text: str, employer: Piece | None, title: Piece | None, rest: Sequence[Piece]) -> Work:
    place = entry.facts.get("location") or next((p for p in rest if is_place(p.text)), None)
    department = entry.facts.get("department") or next((p for p in rest if DEPARTMENT.search(p.text)), None)
    description, achievements = body(entry.body, text)
    inner = _inner(entry.body, text)
    start, end, current = ends(entry.when, text)
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


def ends(when: When | None, text: str) -> tuple[Found[str] | None, Found[str] | None, bool]:
    """Return start, end and whether it lasts, of an entry's time. One date alone is an end."""
    if when is None:
        return None, None, False
    span = when.span
    first = when.piece(text).found(span.start, 0.97)
    if span.current:
        return first, None, True
    if span.end is None:
        return None, first, False
    return first, when.piece(text, end=True).found(span.end, 0.97), False


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
