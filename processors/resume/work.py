"""Positions and projects, from the entries of their sections."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

from processors.lexicon.dates import dates, month_number
from processors.lexicon.script import fold
from processors.lexicon.seniority import seniority
from processors.lexicon.titles import title_score
from processors.resolution.organisations import company_name
from processors.resume import history, linkedin
from processors.resume.entries import SENTENCE, Entry, When, entries
from processors.resume.roles import (
    DEPARTMENT,
    KIND,
    STREET,
    Option,
    employer_and_title,
    employer_score,
    is_place,
    option,
    parts,
)
from processors.resume.schools import readable
from processors.resume.text import Line, Piece
from schemas.resume import Found, Project, Span, Work

_TEAM = re.compile(
    r"(?:带领|管理|团队)[^，。,\n]{0,8}?(\d{1,4}) ?(?:人|名)|(?:team of|led|managed|mentored|supervised) (\d{1,4}) ?(?:people|engineers|developers|staff|members|employees)?",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"[ ,]{0,2}[(\[](?:(?:band|grade|level|stufe|niveau|tier|step|rank|职级|级别)[ :：]?[\dIVX]{1,4}[ab+]?|[LPTEM] ?-?\d{1,2}[ab+]?|IC ?\d|GS-?\d{1,2}|G\d{1,2}|AfC band \d[ab]?)[)\]]$"
    r"|[（(](?:(?:职级|级别)[:：]?)?[LPTEM] ?-?\d{1,2}(?:-\d)?[+]?(?:级)?[)）]$",
    re.IGNORECASE,
)
"""A level behind a title: Staff Nurse (Band 5), Data Engineer (L5)."""
_INTERN = re.compile(r"实习|\bintern(?:ship)?\b", re.IGNORECASE)
_LONGEST_NAME = 80
_WITH_PLACE = 2.2
"""How much likelier an employer is that stands alone with a place on its line."""
_NUMBERED = re.compile(r"[（(]?[一二三四五六七八九十]{1,2}[、.）)] ?")
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
    divided = linkedin.positions(lines)
    if not divided and (timed := entries(lines, inner=_OF_PROJECT, tells=tells_of_work)):
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
    banner: _Slots | None = None
    commas = Counter(row for entry in divided for head, row in _rows(entry) if ", " in head.text)
    for slots, entry in _with_slots(divided):
        employer, title, rest = _who(entry, slots)
        if employer and title and (head := _of_title(entry, title, employer, commas if len(divided) > 1 else {})):
            rest = [part for part in rest if part.end <= title.start or part.start >= head.end]
            title = head
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
    return _without_totals(found)


def _rows(entry: Entry) -> list[tuple[Piece, int]]:
    return list(zip(entry.heads, entry.rows, strict=False))


_SPECIALTY = re.compile(r", [A-Z\u3400-\u9fff][\w&'’/. -]{1,40}")


def _of_title(entry: Entry, title: Piece, employer: Piece, commas: Mapping[int, int]) -> Piece | None:
    """Return a title with what goes on with it behind a comma: Account Executive, Mid-Market.

    Where most entries have a comma on that line, a place or a department stands behind it.
    """
    head, row = next(((h, r) for h, r in _rows(entry) if h.start == title.start and h.end > title.end), (None, 0))
    if head is None or head.start <= employer.start < head.end or commas.get(row, 0) > 1:
        return None
    behind = head.text[title.end - title.start :]
    told = behind.removeprefix(", ")
    if not _SPECIALTY.fullmatch(behind) or is_place(told) or employer_score(told) > 0 or title_score(told) > 0:
        return None
    return head


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


class _Slots(NamedTuple):
    """The parts of an entry's head with their places: the line, and which part of it, but for the places in it."""

    options: list[Option]
    places: list[tuple[int, int]]
    employer: tuple[int, int] | None = None

    def chosen(self, employer: Piece) -> "_Slots":
        return self._replace(employer=self._at(employer))

    def _at(self, piece: Piece) -> tuple[int, int] | None:
        return next(
            (place for option, place in zip(self.options, self.places, strict=True) if option.piece == piece), None
        )

    def is_team(self, employer: Piece, banner: "_Slots") -> bool:
        """Whether what seems the employer stands where a position above, below its employer's own line, has its team."""
        place = self._at(employer)
        above = banner.employer
        return (
            place is not None
            and above is not None
            and above[0] < place[0]
            and place in banner.places
            and not any(row == above[0] for row, _ in self.places)
            and employer_score(employer.text) == 0
        )


def _with_slots(found: list[Entry]) -> list[tuple[_Slots, Entry]]:
    """Return the entries with the parts of their heads. All entries of a section have the same parts in the same place.

    So what a place holds in the other entries makes it likelier here, and so do a place name beside it (employers have
    one) and that the same words stand there in another entry.
    """
    slots: list[_Slots] = []
    beside: Counter[tuple[int, int]] = Counter()
    for entry in found:
        options: list[Option] = []
        places: list[tuple[int, int]] = []
        for row in dict.fromkeys(entry.rows):
            line = [p for head, r in zip(entry.heads, entry.rows, strict=True) if r == row for p in parts(head)]
            named = [
                p for p in line if not is_place(p.text) and not KIND.fullmatch(p.text) and not STREET.match(p.text)
            ]
            options += [option(p) for p in line]
            places += [(row, named.index(p) if p in named else -1) for p in line]
            if len(named) < len(line):
                beside.update((row, n) for n in range(len(named)))
            dashed = any(
                r == row and head.text.endswith((" -", " –")) for head, r in zip(entry.heads, entry.rows, strict=True)
            )
            # Alone with its place, or with a dash before one that is not told: an employer.
            if len(named) == 1 and (len(line) > 1 or dashed) and not title_score(named[0].text):
                at = len(options) - len(line) + line.index(named[0])
                options[at] = options[at]._replace(prior_employer=_WITH_PLACE)
        slots.append(_Slots(options, places))
    if len(found) < 2:
        return list(zip(slots, found, strict=True))
    sums: dict[tuple[int, int], list[float]] = {}
    texts = Counter((place, o.piece.text) for s in slots for o, place in zip(s.options, s.places, strict=True))
    for s in slots:
        for o, place in zip(s.options, s.places, strict=True):
            own = sums.setdefault(place, [0.0, 0.0, 0.0])
            own[0] += max(o.employer, 0) - 0.7 * max(o.title, 0)
            own[1] += max(o.title, 0) - 0.7 * max(o.employer, 0)
            own[2] += 1
    result: list[tuple[_Slots, Entry]] = []
    for s, entry in zip(slots, found, strict=True):
        priors: list[Option] = []
        for o, place in zip(s.options, s.places, strict=True):
            as_employer, as_title, count = sums[place]
            others = max(count - 1, 1)
            own_employer, own_title = (
                max(o.employer, 0) - 0.7 * max(o.title, 0),
                max(o.title, 0) - 0.7 * max(o.employer, 0),
            )
            share = count / len(found)
            likely = 0.3 * share + 0.1 * (beside[place] > 0) * share + 0.1 * (texts[place, o.piece.text] > 1)
            if place[1] < 0:
                likely = 0.0
            priors.append(
                o._replace(
                    prior_employer=o.prior_employer + 0.3 * share * (as_employer - own_employer) / others + likely,
                    prior_title=0.3 * share * (as_title - own_title) / others,
                )
            )
        result.append((s._replace(options=priors), entry))
    return result


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


def _who(entry: Entry, slots: _Slots) -> tuple[Piece | None, Piece | None, list[Piece]]:
    heads = [o.piece for o in slots.options]
    employer = entry.facts.get("employer") or entry.facts.get("school")
    title = entry.facts.get("title") or entry.facts.get("role")
    if employer and len(told := list(parts(employer))) > 1 and all(is_place(p.text) for p in told[1:]):
        employer = told[0]
    if employer is None and title is None:
        employer, title = employer_and_title(slots.options)
    elif employer is None:
        others = [p for p in heads if p != title and not is_place(p.text)]
        employer = max(
            others,
            key=lambda p: employer_score(p.text) - 0.7 * title_score(p.text) - 0.1 * others.index(p),
            default=None,
        )
    elif title is None:
        others = [p for p in heads if p != employer and not is_place(p.text)]
        title = max(others, key=lambda p: title_score(p.text) - 0.1 * others.index(p), default=None)
    if title is None and entry.body and (opening := _OPENING.match(entry.body[0].text)):
        title = entry.body[0].piece.part(0, opening.end()) if title_score(opening[0]) > 0 else None
    if employer is None and title and entry.body and _nested(entry):
        employer = entry.body[0].piece
    rest = [p for p in heads if p not in (employer, title)]
    if employer and (number := _NUMBERED.match(employer.text)) and number.end() < len(employer.text):
        employer = employer.part(number.end(), len(employer.text))
    if title and (level := _LEVEL.search(title.text)) and level.start():
        title = title.part(0, level.start())
    return employer, title, rest


def _nested(entry: Entry) -> bool:
    """Whether the first item below a title is the name of its employer."""
    first = entry.body[0]
    return (
        first.bullet
        and len(first.text.split()) <= 6
        and not SENTENCE.search(first.text)
        and not title_score(first.text)
        and employer_score(first.text) >= 2
        and all(
            word[0].isupper() or word in ("of", "and", "&", "de", "la", "und", "for") for word in first.text.split()
        )
    )


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
