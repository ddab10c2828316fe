"""A section's entries: which lines are a position's, a study's or a project's head, and which tell of it.

Resumes write an entry's time on its first, a later or its last line; all entries of a section do it alike. So the
lines before the section's first time say how many lines belong to a head before its time.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import NamedTuple

from processors.lexicon.dates import DateSpan, dates
from processors.lexicon.headings import heading
from processors.lexicon.script import fold
from processors.lexicon.titles import title_score
from processors.resume.forms import Label, Record, label, labels, records, role_of
from processors.resume.roles import LASTING, is_place
from processors.resume.schools import NAME as SCHOOL
from processors.resume.text import BULLET, Line, Piece, cells

_LONGEST_HEAD = 110
SENTENCE = re.compile(
    r"[。；;！]$|[.](?<!\b\w\.)(?<!inc\.)(?<!ltd\.)(?<!co\.)(?<!corp\.)(?<!bros\.)(?<!şti\.)$|。.", re.IGNORECASE
)
_LONGEST_CELL = 200
_MAX_BEFORE = 3
_KIND_OF_WORK = re.compile(
    r"^(?:full-time|part-time|contract|internship|permanent|temporary|self-employed|freelance|全职|兼职|实习) ?[·,] ?",
    re.IGNORECASE,
)


class When(NamedTuple):
    """An entry's time, with where each end stands in the document."""

    span: DateSpan
    offset: int

    def piece(self, text: str, *, end: bool = False) -> Piece:
        """Return the writing of one end."""
        first, last = self.span.end_at if end else self.span.start_at
        return Piece(text[self.offset + first : self.offset + last], self.offset + first, self.offset + last)


@dataclass(slots=True)
class Entry:
    """One entry: parts of its head, facts that have a label, its time, and the lines that tell of it."""

    heads: list[Piece] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """The line of each of `heads`, counted from the one with the time: -1 stands above it."""
    facts: dict[str, Piece] = field(default_factory=dict)
    when: When | None = None
    body: list[Line] = field(default_factory=list)


class _Marked(NamedTuple):
    line: Line
    when: DateSpan | None
    head: bool
    inner: bool = False
    beside: bool = False
    """Whether the time stands in a column beside what is told of the entry."""


Tells = Callable[[str], bool]


def entries(
    lines: list[Line], *, single: bool = False, inner: re.Pattern[str] | None = None, tells: Tells | None = None
) -> list[Entry]:
    """Divide a section's lines into entries; with `single`, one date alone is a time as well.

    Lines that match `inner` belong to something inside an entry, and so does a time in them. `tells` says of a text
    whether it names what entries of the section are about: beside such a one a single date is a time.
    """
    if table := _table(lines):
        return table
    if (form := records(lines)) and not _headed(*form):
        above, told = _with_times(*form)
        own = entries(above, single=single, inner=inner, tells=tells) if above else []
        return [*own, *map(_of_record, told)]
    lines = [part for line in lines for part in by_labels(line)]
    lines = [
        line for line in lines if not (len(line.text) < 40 and LASTING.fullmatch(_KIND_OF_WORK.sub("", line.text)))
    ]
    lines = [line for line in lines if not _of_nothing(line)]
    lines, whole = _whole_times(lines)
    lines, beside = _ended_beside(lines)
    whole |= beside
    marked = [
        _Marked(line, None, head=False, inner=True)
        if inner and inner.match(line.text)
        else _Marked(line, whole[n], head=True)
        if n in whole
        else _mark(line, single, tells)
        for n, line in enumerate(lines)
    ]
    marked = _begun(_roles_in_bullets(marked, tells), tells, lasts=not single)
    first = next((n for n, m in enumerate(marked) if m.when), None)
    if first is None:
        return []
    before = 0
    while before < min(first, _MAX_BEFORE) and marked[first - before - 1].head:
        before += 1
    starts = _starts(marked, before)
    found = [_entry(marked[start:end]) for start, end in zip(starts, [*starts[1:], len(marked)], strict=True)]
    return found


def _with_times(above: list[Line], told: list[Record]) -> tuple[list[Line], list[Record]]:
    """Return a form's parts where each time stands above its labels: with that of the next record, which ends the body."""
    times = [above[-1] if above else None, *(record.body[-1] if record.body else None for record in told[:-1])]
    alone = [line for line in times if line is not None and _alone(line)]
    if len(alone) != len(told) or any({"when", "start"} & record.facts.keys() for record in told):
        return above, told
    bodies = [*(record.body[:-1] for record in told[:-1]), told[-1].body]
    whole = [
        Record({**record.facts, "when": line.piece}, body)
        for record, line, body in zip(told, alone, bodies, strict=True)
    ]
    return above[:-1], whole


def _alone(line: Line) -> bool:
    when = next(dates(line.text), None) if len(line.text) < 60 else None
    return when is not None and when.period and when.at == (0, len(line.text))


def _headed(above: Sequence[Line], told: Sequence[Record]) -> bool:
    """Whether each record stands below a line without a label that names its employer or school."""
    return (
        bool(above)
        and not any(next(dates(line.text), None) for line in above)
        and not any({"employer", "school"} & record.facts.keys() for record in told)
        and all(record.body for record in told[:-1])
    )


def by_labels(line: Line) -> list[Line]:
    """Return a line as many as it has labels: 公司：… 职位：… 时间：…"""
    if len(line.text) > 200 or not label(line.text):
        return [line]
    inner = [mark.start for mark in labels(line.text) if mark.start]
    if not inner:
        return [line]
    pieces = [line.piece.part(*span) for span in pairwise([0, *inner, len(line.text)])]
    return [Line(piece, line.bullet and not n, tuple(cells(piece))) for n, piece in enumerate(pieces) if piece]


def _of_nothing(line: Line) -> bool:
    """Whether a line says of a position what a profile has no field for; it often stands between the lines of a head."""
    told = label(line.text)
    return told is not None and told.role == "other" and told.end < len(line.text) <= 120


def _begun(marked: list[_Marked], tells: Tells | None, *, lasts: bool) -> list[_Marked]:
    """Take a date alone for a time where the section's periods stand alike, or where it has no other time.

    What an export knows no end of `lasts`: `Mar 2021` above `Jul 2018 – Feb 2021`.
    """
    if tells is None:
        return marked
    shapes = {_shape(mark.line, mark.when) for mark in marked if mark.when and mark.when.period}
    found = list(marked)
    for n, mark in enumerate(marked):
        if mark.when or mark.inner or mark.line.bullet or len(mark.line.text) - mark.line.gaps > _LONGEST_HEAD:
            continue
        span = next(dates(mark.line.text), None)
        if span is None or span.period or (shape := _shape(mark.line, span)) is None:
            continue
        if shape not in shapes and (shapes or shape != (False, False)):
            continue
        beside = [m.line.text for m in marked[max(n - 2, 0) : n + 3] if m.head or m is mark]
        if any(map(tells, beside)):
            found[n] = mark._replace(when=span, head=True)
    timed = [n for n, mark in enumerate(found) if mark.when]
    if lasts and len(timed) > 1 and (first := found[timed[0]].when) and not first.period:
        others = [when for n in timed[1:] if (when := found[n].when)]
        if any(when.period for when in others) and first.start >= max(when.end or when.start for when in others):
            found[timed[0]] = found[timed[0]]._replace(when=first._replace(current=True))
    return found


def _shape(line: Line, span: DateSpan) -> tuple[bool, bool] | None:
    """Return whether text stands before and behind a time; None: inside a sentence."""
    before, behind = line.text[: span.at[0]].rstrip(" "), line.text[span.at[1] :].lstrip(" ")
    if before and not before.endswith(_APART) and not is_place(before):
        return None
    if behind and not behind.startswith(_APART) and not is_place(behind):
        return None
    return bool(before), bool(behind)


_APART = ("\t", "(", ")", "（", "）", "|", "·", "•", "–", "—", ",", "   ")


def _roles_in_bullets(marked: list[_Marked], tells: Tells | None) -> list[_Marked]:
    """Take a bullet for a head where it is the first below a time that stands alone, and names what entries do."""
    if tells is None:
        return marked
    found = list(marked)
    for n, (before, mark) in enumerate(pairwise(marked), 1):
        alone = before.when and before.when.at[1] - before.when.at[0] >= len(before.line.text) - 2
        above = marked[n - 2] if n > 1 and marked[n - 2].head and not marked[n - 2].when else None
        text = mark.line.text
        if not (alone and mark.line.bullet and len(text) <= 80 and not SENTENCE.search(text) and tells(text)):
            continue
        # Where the time is an item of the list itself, the list is the head's, not what was done.
        if above is None or (before.line.bullet and _says_other(text, above.line.text)):
            found[n] = mark._replace(line=mark.line._replace(bullet=False), head=True)
    return found


def _says_other(text: str, above: str) -> bool:
    """Whether a text names the title or the school that the line above does not."""
    return any(names(text) and not names(above) for names in (_names_title, _names_school))


def _names_title(text: str) -> bool:
    return title_score(text) > 0


def _names_school(text: str) -> bool:
    return SCHOOL.search(text) is not None


def _mark(line: Line, single: bool, tells: Tells | None = None) -> _Marked:
    told = label(line.text)
    when = None
    beside = next(dates(line.cells[1].text), None) if line.bullet and len(line.cells) == 2 else None
    if beside and beside.period and beside.at == (0, len(line.cells[1].text)):
        return _Marked(line, beside, head=False, beside=True)
    for span in dates(line.text) if len(line.text) < 300 else ():
        rest = len(line.text) - (span.at[1] - span.at[0])
        alone = (
            span.period
            or (single and (rest < 80 or (tells is not None and tells(line.text))))
            or (tells is not None and _stands_alone(line, span, tells))
        )
        # A time inside a sentence is no entry's time.
        edge = span.at[0] <= 2 or span.at[1] >= len(line.text) - 3 or len(line.cells) > 1 or rest < 60
        edge = edge or _divided(line.text, span.at)
        if (
            alone
            and edge
            and rest - line.gaps <= _LONGEST_HEAD
            and not (
                line.bullet
                and (SENTENCE.search(line.text) or rest > 70)
                and not _opens_position(line.text, span, tells)
                and not (single and tells is not None and span.at[1] >= len(line.text) - 2 and tells(line.text))
            )
        ):
            when = span
            break
        if len(line.cells) > 2 and alone:
            when = span
            break
    if when and not line.bullet and line.text.endswith(".") and _inside_sentence(line.text, when.at):
        when = None
    behind = line.text[when.at[1] :].strip(" \t") if when else ""
    if when and behind.startswith(("：", ":")) and len(line.text) > 60 and not (tells and tells(behind)):
        when = None
    head = bool(when) or (
        (not line.bullet or (told is not None and told.role in ("employer", "title", "school")))
        and len(line.text) - line.gaps <= _LONGEST_HEAD
        and not SENTENCE.search(line.text)
        and (told.role if told else role_of(line.text) if len(line.text) < 60 else None) != "body"
        and not (len(line.text) < 40 and heading(line.text))
    )
    return _Marked(line, when, head)


def _inside_sentence(text: str, at: tuple[int, int]) -> bool:
    """Whether a time ends a sentence: `Head of department since 2020.`"""
    before = text[: at[0]].rstrip(" ")
    return at[1] >= len(text) - 1 and before.count(" ") > 1 and not before.endswith(_APART)


def _opens_position(text: str, span: DateSpan, tells: Tells | None) -> bool:
    """Whether a bullet begins with a time, a colon and the words of a position: 2019–2022: Nurse, Tidewater Clinic."""
    behind = text[span.at[1] :].lstrip()
    return tells is not None and span.at[0] == 0 and behind[:1] in (":", "：") and tells(behind[:60])


def _divided(text: str, at: tuple[int, int]) -> bool:
    """Whether a time in the middle of a line stands apart: in brackets, between commas or bars."""
    before, after = text[: at[0]].rstrip(" "), text[at[1] :].lstrip(" ")
    return before.endswith(("(", "（", "[", ",", "|", "·", "–", "—")) and after.startswith(
        (")", "）", "]", ",", "|", "·", "–", "—")
    )


def labelled_fact(line: Line) -> tuple[str, Piece] | None:
    """Return what a line with a label says of its entry: 公司：…, School: …"""
    return _fact(line, label(line.text))


def _fact(line: Line, told: Label | None) -> tuple[str, Piece] | None:
    if told is None or told.role == "body":
        return None
    other = _OTHER_LABEL.search(line.text, told.end)
    value = line.piece.part(told.end, other.start() if other else len(line.text))
    return (told.role, value) if value and len(value.text) < 120 else None


_OTHER_LABEL = re.compile(r"(?:\t| {3})\s{0,8}(?=[^\W\d_][^:：\t]{1,30}[:：])")
"""Where another fact begins, whose label may be unknown: `Major: Physics   Credits earned: 124`."""


def _stands_alone(line: Line, span: DateSpan, tells: Tells) -> bool:
    """Whether a single date is a cell of its own, or the end in brackets or behind a comma, of a line that tells."""
    if line.bullet or len(line.text) > 100:
        return False
    first, last = span.at
    left, right = line.text[:first].rstrip(" "), line.text[last:].strip(" ")
    apart = (left.endswith(("\t", "(", "（", ",", "，", "|", "–", "—", "   ")) and right in ("", ")", "）")) or (
        not left and right.startswith(("\t", "|", "–", "—", ":", "："))
    )
    return apart and tells(left.strip(" \t(（,，|–—") or right.strip(" \t|–—:："))


def _starts(marked: list[_Marked], before: int) -> list[int]:
    starts: list[int] = []
    floor = 0
    for n, mark in enumerate(marked):
        if not mark.when:
            continue
        start = n
        while start > floor and n - start < before and marked[start - 1].head:
            start -= 1
        starts.append(start)
        floor = n + 1
    return starts


def _entry(marked: list[_Marked]) -> Entry:
    entry = Entry()
    timed = False
    open_head = True
    after = 0
    dated = next((n for n, mark in enumerate(marked) if mark.when), 0)
    for row, (line, when, head, inner, beside) in enumerate(marked, -dated):
        if inner:
            open_head = False
            entry.body.append(line)
            continue
        if when and beside and not timed:
            timed, open_head = True, False
            entry.when = When(when, line.cells[1].start)
            entry.body.append(Line(line.cells[0], True, line.cells[:1]))
            continue
        told = label(line.text)
        if when and not timed:
            timed = True
            entry.when = When(when, line.piece.start)
            if told and told.role not in ("when", "body"):
                until = when.at[0] if when.at[0] > told.end else len(line.text)
                entry.facts[told.role] = line.piece.part(told.end, until)
                if until < len(line.text) and (rest := line.piece.part(_close(line.text, when.at[1]), len(line.text))):
                    entry.heads.append(rest)
                    entry.rows.append(row)
            else:
                begin = told.end if told and told.end <= when.at[0] else 0
                for part in (
                    line.piece.part(begin, _open(line.text, when.at[0])),
                    line.piece.part(_close(line.text, when.at[1]), len(line.text)),
                ):
                    if part and not LASTING.fullmatch(part.text):
                        entry.heads.append(part)
                        entry.rows.append(row)
        elif fact := _fact(line, told):
            entry.facts.setdefault(*fact)
        elif told and told.end >= len(line.text):
            open_head = False
        elif head and open_head and after < 3:
            entry.heads.append(line.piece)
            entry.rows.append(row)
            after += timed
            if after and len(line.text) - line.gaps > 60:
                open_head = False
        else:
            open_head = False
            entry.body.append(line)
    return entry


def _open(text: str, at: int) -> int:
    while at > 0 and text[at - 1] in "（([【 \t|,，-–—:：":
        at -= 1
    return at


def _close(text: str, at: int) -> int:
    while at < len(text) and text[at] in "）)]】 \t|,，-–—:：":
        at += 1
    return at


# What a column is about, by the words of its name: `Name and address of employer`, `Date started`, `Post held`.
_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(rf"(?:{pattern})", re.IGNORECASE))
    for role, pattern in (
        ("other", r"\b(?:reason|salary|pay|wage|supervisor|manager|superior|referee|telephone|phone|tel|hours|notice|grades?|results?|gpa|marks?)\b|原因|证明人|薪|待遇|电话|备注|直属|主管|上级|序号|出生|籍贯|姓名|性别|规模|性质|行业|地点|^(?:s\.? ?no\.?|no\.|#)$"),
        ("start", r"^(?:dates? )?(?:from|start(?:ed|ing)?|began|commenced|joined|joining|of joining|entered)(?: date)?$|^(?:起始|开始|入职|到职|入学)(?:时间|日期|年月)?$"),
        ("end", r"^(?:dates? )?(?:to|until|end(?:ed|ing)?|finish(?:ed)?|left|leaving|of leaving|ceased|completed|graduated)(?: date)?$|^(?:结束|终止|离职|离开|毕业)(?:时间|日期|年月)?$"),
        ("when", r"^(?:dates?|period|duration|years?|time|tenure|term|timeline)\b|^(?:from|start)(?: date)? ?[-–—/&] ?(?:to|end|finish)|起止|起讫|起迄|(?<!出生)年月|期间|时间$|日期"),
        ("school", r"\b(?:schools?|colleges?|universit(?:y|ies)|institut(?:e|ion)s?|place of study|establishments?|academy)\b|学校|院校"),
        ("employer", r"\b(?:employers?|compan(?:y|ies)|organi[sz]ations?|firms?|business|agency|workplace)\b|单位|公司|机构|雇主"),
        ("title", r"\b(?:titles?|positions?|posts?|roles?|designations?|occupations?|jobs?|rank|appointments?)\b|职务|职位|岗位|职称"),
        ("degree", r"\b(?:qualifications?|degrees?|awards?|certificates?|diplomas?|exams?|examinations?|level)\b|学历|学位"),
        ("field", r"\b(?:subjects?|courses?|majors?|field|speciali[sz]ation|discipline|stream|branch|programme|program)\b|专业|系所|科系"),
        ("body", r"\b(?:duties|responsibilit(?:y|ies)|description|tasks|details)\b|职责|内容"),
    )
)  # fmt: skip
_FORMAT = re.compile(
    r" ?[(（](?:m{1,2}|d{1,2}|month|e\.g)[^()（）]*[)）]|['’]s\b|^(?:your|previous|main|most recent|last) ",
    re.IGNORECASE,
)


def _column_role(name: str) -> str | None:
    """Return what a column of this name is about."""
    bare = _FORMAT.sub("", fold(name)).strip()
    known = role_of(bare)
    if known or len(bare) > 45 or any(c.isdigit() for c in bare) or len(bare.split()) > 7:
        return known
    found = [role for role, pattern in _COLUMNS if pattern.search(bare)]
    if found[:2] == ["employer", "title"]:
        return "head"
    return found[0] if found else None


def table_roles(line: Line) -> list[str | None] | None:
    """Return what the columns of a table are about, if a line is the row of their names."""
    if not 2 <= len(line.cells) <= 10 or len(line.text) > 120 or any(c.isdigit() for c in line.text):
        return None  # a row with digits has values: 出生年月 1985.07 现任职务 科长
    roles = [_column_role(cell.text) for cell in line.cells]
    if not {"name", "title"} & set(roles):
        roles = ["title" if role == "role" else role for role in roles]
    if "title" in roles and roles.count(None) == 1 and not {"employer", "school", "head", "vessel"} & set(roles):
        roles[roles.index(None)] = "employer"  # Venue, Client, Where
    known = sum(role is not None for role in roles)
    if known < 2 or known < 0.6 * len(roles) or not {"when", "start", "end"} & set(roles):
        return None
    return roles if {"employer", "title", "school", "name", "head"} & set(roles) else None


def _table(lines: list[Line]) -> list[Entry] | None:
    roles = table_roles(lines[0]) if lines else None
    if roles is None:
        return None
    found: list[Entry] = []
    for line in lines[1:]:
        shown = roles if len(line.cells) >= len(roles) else _roles_of_row(roles, line.cells)
        if not shown:
            if found:
                found[-1].body.append(line)
            continue
        entry = Entry()
        ends: dict[str, Piece] = {}
        for role, cell in zip(shown, line.cells, strict=False):
            if role == "when":
                span = next(dates(cell.text), None)
                entry.when = When(span, cell.start) if span else None
            elif role in ("start", "end"):
                ends[role] = cell
            elif role == "head":
                entry.heads.append(cell)
                entry.rows.append(0)
            elif role == "body" or role is None or len(cell.text) > _LONGEST_CELL:
                entry.body.append(Line(cell, False, (cell,)))
            else:
                entry.facts.setdefault(role, cell)  # the school stands before its board
        if ends and entry.when is None:
            entry.when = _between(ends.get("start"), ends.get("end"))
        found.append(entry)
    return found


def _is_time(text: str) -> bool:
    """Whether a cell is a date, or says that something lasts."""
    if next(dates(text), None):
        return True
    lasting = next(dates(f"2000 - {text}"), None)
    return lasting is not None and lasting.current


def _roles_of_row(roles: Sequence[str | None], row: Sequence[Piece]) -> list[str | None]:
    """Return what the cells of a row are where some are empty: those whose columns fit best. Nothing if it is no row."""
    if len(row) < 2:
        return []
    kinds = [len(cell.text) < 40 and _is_time(cell.text) for cell in row]
    if len(row) < len(roles) - 1 and not any(kinds):
        return []

    def fits(columns: tuple[int, ...]) -> float:
        told = [(roles[column], cell, dated) for column, cell, dated in zip(columns, row, kinds, strict=True)]
        return sum(
            2.0 * ((role in ("when", "start", "end")) == dated)
            + (role == "title" and title_score(cell.text) > 0)
            + (role == "body" and len(cell.text) > 40)
            + 0.1 * (role in ("employer", "title", "school", "when", "start"))
            for role, cell, dated in told
        )

    best = max(combinations(range(len(roles)), len(row)), key=fits)
    return [roles[column] for column in best]


def _of_record(record: Record) -> Entry:
    """Return the entry of a form's record. A time without a label stands on a line of its own."""
    facts = dict(record.facts)
    entry = Entry(body=record.body)
    if when := facts.pop("when", None):
        span = next(dates(when.text), None)
        entry.when = When(span, when.start) if span else None
    for role in ("employer", "title") if entry.when is None else ():  # Client: Meridian Health⇥Jan 2021 – Present
        fact = facts.get(role)
        span = next((d for d in dates(fact.text) if d.period), None) if fact else None
        if fact and span and span.at[0] and span.at[1] >= len(fact.text) - 1:
            entry.when = When(span, fact.start)
            facts[role] = fact.part(0, _open(fact.text, span.at[0]))
    ends = (facts.pop("start", None), facts.pop("end", None))
    entry.when = entry.when or _between(*ends)
    if entry.when is None:
        alone = ((line, next(dates(line.text), None)) for line in record.body)
        timed = next(((line, span) for line, span in alone if span and span.at == (0, len(line.text))), None)
        if timed:
            entry.when = When(timed[1], timed[0].piece.start)
            entry.body = [line for line in record.body if line is not timed[0]]
    if "vessel" in facts:
        facts.setdefault("employer", facts.pop("vessel"))
    entry.facts = {role: value for role, value in facts.items() if role != "other"}
    return entry


def _between(first: Piece | None, last: Piece | None) -> When | None:
    """Return the time between two cells, of which one may be missing."""
    start = next(dates(first.text), None) if first else None
    end = next(dates(last.text), None) if last else None
    if first and last and start is None and (both := next(dates(f"{first.text} - {last.text}"), None)) and both.end:
        ahead = last.start - first.start  # 98年9月 is a date only beside another
        spans = (0, len(first.text)), (ahead, ahead + len(last.text))
        return When(DateSpan(both.start, both.end, False, spans[0], *spans), first.start)
    if first is None or start is None:
        return When(end, last.start) if last and end else None
    if last is None:  # a form asks for both
        return When(start._replace(current=True), first.start)
    ahead = last.start - first.start
    at = (ahead, ahead + len(last.text))
    if end is None:
        current = next(dates(f"2000 - {last.text}"), None)
        lasts = current is not None and current.current
        return When(start._replace(current=lasts, end_at=at if lasts else start.end_at), first.start)
    return When(start._replace(end=end.end or end.start, end_at=(ahead + end.at[0], ahead + end.at[1])), first.start)


def _whole_times(lines: list[Line]) -> tuple[list[Line], dict[int, DateSpan]]:
    """Return lines, and by their number the times that a narrow column has broken: they are no part of the next line.

    `May 2022 –⇥Electrician` above `May 2026⇥Juniper Hill Power`: the first cells of both are one time.
    """
    kept: list[Line] = []
    whole: dict[int, DateSpan] = {}
    for line in lines:
        before = kept[-1] if kept else None
        time = _broken_time(before, line) if before and len(kept) - 1 not in whole else None
        first = len(kept) - 1
        if time is None and len(kept) > 1 and kept[-1].bullet and first - 1 not in whole:
            time, first = _ended_beside_bullet(kept[-2], line), first - 1
        if time is None:
            kept.append(line)
            continue
        whole[first] = time
        if len(line.cells) > 1:
            first, last = line.cells[1].start, line.piece.end
            rest = line.piece.part(first - line.piece.start, last - line.piece.start)
            if mark := BULLET.match(rest.text):
                rest = rest.part(mark.end(), len(rest.text))
            kept.append(Line(rest, mark is not None, tuple(cells(rest))))
    return kept, whole


def _ended_beside_bullet(line: Line, following: Line) -> DateSpan | None:
    """Return a time over three lines of a narrow column, a dash on the second: `May 2022⇥Nurse`, `–⇥– …`, `May 2026⇥– …`."""
    if len(line.cells) < 2 or len(following.cells) < 2 or not BULLET.match(following.cells[1].text):
        return None
    return _ended_below(line, line.cells[0], following.cells[0])


def _ended_beside(lines: list[Line]) -> tuple[list[Line], dict[int, DateSpan]]:
    """Return lines without the ends of times that stand in a narrow column on the right, and those times by line.

    `Nurse⇥August 2016`, below it a dash, below it `Cared for forty patients.⇥June 2020`.
    """
    kept = list(lines)
    whole: dict[int, DateSpan] = {}
    gone: set[int] = set()
    for n, line in enumerate(lines[:-1]):
        if len(line.cells) < 2 or n in gone:
            continue
        above, following = line.cells[-1], lines[n + 1]
        below = following.cells[-1] if following.cells else following.piece
        dash = following.piece.start - line.piece.end  # a line of nothing but a dash is none, and a dash like a bullet
        if not (dash == _BY_DASH or (following.bullet and len(following.cells) == 1 and len(following.text) < 20)):
            continue
        if time := _ended_below(Line(above, False, (above,)), above, below):
            ahead = above.start - line.piece.start
            whole[n] = time._replace(
                at=(ahead, ahead + len(above.text)),
                start_at=(ahead + time.start_at[0], ahead + time.start_at[1]),
                end_at=(ahead + time.end_at[0], ahead + time.end_at[1]),
            )
            if len(following.cells) < 2:
                gone.add(n + 1)
            else:
                rest = following.piece.part(0, following.cells[-2].end - following.piece.start)
                kept[n + 1] = Line(rest, following.bullet, following.cells[:-1])
    numbers = {old: new for new, old in enumerate(n for n in range(len(lines)) if n not in gone)}
    return [line for n, line in enumerate(kept) if n not in gone], {numbers[n]: time for n, time in whole.items()}


_BY_DASH = 3
"""Characters between two lines with one of a single dash between them."""


def _ended_below(line: Line, above: Piece, below: Piece) -> DateSpan | None:
    start, end = next(dates(above.text), None), next(dates(below.text), None)
    if start is None or start.period or start.at != (0, len(above.text)):
        return None
    ahead = below.start - line.piece.start
    end_at = (ahead, ahead + len(below.text))
    if end is not None:
        if end.period or end.at != (0, len(below.text)) or end.start < start.start:
            return None
        return DateSpan(start.start, end.start, False, (0, len(above.text)), start.start_at, end_at)
    lasts = _is_time(below.text)
    return DateSpan(start.start, None, True, (0, len(above.text)), start.start_at, end_at) if lasts else None


def _broken_time(line: Line, following: Line) -> DateSpan | None:
    if line.bullet or not line.cells or not following.cells:
        return None
    above, below = line.cells[0], following.cells[0]
    if following.bullet:  # the dash stands before the end: `Mar 2019⇥Nurse` above `– Jun 2022⇥Tidewater Clinic`
        return _ended_below(line, above, below) if len(line.cells) > 1 and len(following.cells) > 1 else None
    if (
        len(above.text) > 24
        or len(below.text) > 20
        or not above.text.rstrip().endswith(("–", "-", "—", "~", "至", "～"))
    ):
        return None
    start = next(dates(above.text), None)
    if start is None or start.at[0] or start.end:
        return None
    ahead = below.start - line.piece.start
    end_at = (ahead, ahead + len(below.text))
    end = next(dates(below.text), None)
    if end and end.at == (0, len(below.text)) and not end.period and end.start[: len(start.start)] >= start.start[:4]:
        return DateSpan(start.start, end.start, False, (0, len(above.text)), start.start_at, end_at)
    lasting = next(dates(f"2000 - {below.text}"), None)
    if lasting and lasting.current and lasting.at[1] == len(below.text) + 7:
        return DateSpan(start.start, None, True, (0, len(above.text)), start.start_at, end_at)
    return None
