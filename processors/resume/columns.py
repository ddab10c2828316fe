"""Entries of tables and forms: columns whose names say what is in them, records whose facts have labels."""

import re
from collections.abc import Sequence
from itertools import combinations

from processors.lexicon.dates import DateSpan, dates
from processors.lexicon.script import fold
from processors.lexicon.titles import title_score
from processors.resume.entry import Entry, When, before_marks
from processors.resume.forms import Record, role_of
from processors.resume.text import Line, Piece

_LONGEST_CELL = 200
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


def of_table(lines: list[Line]) -> list[Entry] | None:
    """Return the entries of a table, whose first line names its columns; None if it is none."""
    roles = table_roles(lines[0]) if lines else None
    if roles is None:
        return None
    found: list[Entry] = []
    for line in lines[1:]:
        if len(line.cells) > 1 and role_of(line.cells[0].text) == "other":  # a form's next row: 紧急联系人
            break
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


def is_time(text: str) -> bool:
    """Whether a cell is a date, or says that something lasts."""
    return next(dates(text), None) is not None or _lasts(text)


def _lasts(text: str) -> bool:
    """Whether a text says that something goes on: present, heute, 至今."""
    when = next(dates(f"2000 - {text}"), None)
    return when is not None and when.current


def _roles_of_row(roles: Sequence[str | None], row: Sequence[Piece]) -> list[str | None]:
    """Return what the cells of a row are where some are empty: those whose columns fit best. Nothing if it is no row."""
    if len(row) < 2:
        return []
    kinds = [len(cell.text) < 40 and is_time(cell.text) for cell in row]
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


def of_record(record: Record) -> Entry:
    """Return the entry of a form's record. A time without a label stands on a line of its own."""
    facts = dict(record.facts)
    entry = Entry(body=record.body)
    if record.head is not None:
        entry.heads.append(record.head)
        entry.rows.append(-1)
    if when := facts.pop("when", None):
        span = next(dates(when.text), None)
        entry.when = When(span, when.start) if span else None
    for role in ("employer", "title") if entry.when is None else ():  # Client: Meridian Health⇥Jan 2021 – Present
        fact = facts.get(role)
        span = next((d for d in dates(fact.text) if d.period), None) if fact else None
        if fact and span and span.at[0] and span.at[1] >= len(fact.text) - 1:
            entry.when = When(span, fact.start)
            facts[role] = fact.part(0, before_marks(fact.text, span.at[0]))
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
        lasts = _lasts(last.text)
        return When(start._replace(current=lasts, end_at=at if lasts else start.end_at), first.start)
    return When(start._replace(end=end.end or end.start, end_at=(ahead + end.at[0], ahead + end.at[1])), first.start)
