"""A section's entries: which lines are a position's, a study's or a project's head, and which tell of it.

Resumes write an entry's time on its first, a later or its last line; all entries of a section do it alike. So the
lines before the section's first time say how many lines belong to a head before its time.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from processors.lexicon.dates import DateSpan, dates
from processors.lexicon.headings import heading
from processors.lexicon.titles import title_score
from processors.resume.columns import of_record, of_table
from processors.resume.entry import Entry, When, before_marks
from processors.resume.forms import Label, Record, label, labels, records, role_of
from processors.resume.rails import ended_beside, whole_times
from processors.resume.roles import LASTING, is_place
from processors.resume.schools import NAME as SCHOOL
from processors.resume.text import Line, Piece, cells

_LONGEST_HEAD = 110
SENTENCE = re.compile(
    r"[。；;！]$|[.](?<!\b\w\.)(?<!inc\.)(?<!ltd\.)(?<!co\.)(?<!corp\.)(?<!bros\.)(?<!şti\.)$|。.", re.IGNORECASE
)
_MAX_BEFORE = 3
_KIND_OF_WORK = re.compile(
    r"^(?:full-time|part-time|contract|internship|permanent|temporary|self-employed|freelance|全职|兼职|实习) ?[·,] ?",
    re.IGNORECASE,
)


class _Marked(NamedTuple):
    line: Line
    when: DateSpan | None
    head: bool
    inner: bool = False
    beside: bool = False
    """Whether the time stands in a column beside what is told of the entry."""


Tells = Callable[[str], bool]


Weigh = Callable[[Piece], tuple[float, float]]
"""How much a part of a head names each of the two that an entry has once, such as its employer and its title: 0 to 1."""


def entries(
    lines: list[Line],
    *,
    single: bool = False,
    inner: re.Pattern[str] | None = None,
    tells: Tells | None = None,
    weigh: Weigh | None = None,
) -> list[Entry]:
    """Divide a section's lines into entries; with `single`, one date alone is a time as well.

    Lines that match `inner` belong to something inside an entry, and so does a time in them. `tells` says of a text
    whether it names what entries of the section are about: beside such a one a single date is a time. With `weigh`, the
    lines are divided so that all entries have what an entry has, once.
    """
    if table := of_table(lines):
        return table
    within = _within(lines, inner) if inner else frozenset()
    if not within and (form := records(lines)) and not _headed(*form):
        above, told = _with_heads(*_with_times(*form))
        own = entries(above, single=single, inner=inner, tells=tells) if above else []
        return [*own, *map(of_record, told)]
    lines = [part for line in lines for part in ([line] if line.piece.start in within else by_labels(line))]
    lines = [
        line for line in lines if not (len(line.text) < 40 and LASTING.fullmatch(_KIND_OF_WORK.sub("", line.text)))
    ]
    lines = [line for line in lines if not _of_nothing(line)]
    lines, whole = whole_times(lines)
    lines, beside = ended_beside(lines)
    whole |= beside
    marked = [
        _Marked(line, None, head=False, inner=True)
        if line.piece.start in within or (inner and inner.match(line.text))
        else _Marked(line, whole[n], head=True)
        if n in whole
        else _mark(line, single, tells)
        for n, line in enumerate(lines)
    ]
    marked = _begun(_heads_in_bullets(_roles_in_bullets(marked, tells), tells), tells, lasts=not single)
    first = next((n for n, m in enumerate(marked) if m.when), None)
    if first is None:
        return []
    before = 0
    while before < min(first, _MAX_BEFORE) and marked[first - before - 1].head:
        before += 1
    usual = _entries_at(marked, _starts(marked, before))
    return _likeliest(marked, usual, weigh) if weigh and len(usual) > 1 else usual


def _within(lines: Sequence[Line], inner: re.Pattern[str]) -> frozenset[int]:
    """Return where the lines with labels begin that tell of a project inside an entry: `Project #2`, below it `Client: …`."""
    found: set[int] = set()
    inside = False
    for line in lines:
        opens = inner.match(line.text) is not None and len(line.text) < 40 and any(c.isdigit() for c in line.text)
        inside = opens or (inside and (label(line.text) is not None or _ANY_LABEL.match(line.text) is not None))
        if inside:
            found.add(line.piece.start)
    return frozenset(found)


def _entries_at(marked: list[_Marked], starts: Sequence[int]) -> list[Entry]:
    return [_entry(marked[start:end]) for start, end in zip(starts, [*starts[1:], len(marked)], strict=True)]


_SURELY = 0.7
"""How much more another division must explain than the one that the first entry suggests."""
_UNEXPLAINED = 0.5
"""What a division loses for a line of a head that stands above its first entry."""
_SURE = 0.5
_TWICE = 0.5
"""What an entry loses that names two employers or titles on lines of their own."""


def _likeliest(marked: list[_Marked], usual: list[Entry], weigh: Weigh) -> list[Entry]:
    """Return the division whose entries all have what an entry has, once: times first, below some lines, or last."""
    known: dict[Piece, tuple[float, float]] = {}

    def worth(entry: Entry) -> float:
        told = {head.text: known.get(head) or known.setdefault(head, weigh(head)) for head in entry.heads}
        sums = 0.0
        for kind in (0, 1):
            most = sorted((each[kind] for each in told.values()), reverse=True)[:2]
            sums += sum(most[:1]) - _TWICE * sum(each for each in most[1:] if each >= _SURE)
        return sums

    best, most = usual, sum(map(worth, usual)) + _SURELY
    last = [0, *(n + 1 for n, mark in enumerate(marked) if mark.when)][:-1]
    for starts in (*(_starts(marked, before) for before in range(_MAX_BEFORE + 1)), last):
        above = sum(mark.head for mark in marked[: starts[0]])
        if (told := sum(map(worth, found := _entries_at(marked, starts))) - _UNEXPLAINED * above) > most:
            best, most = found, told
    return best


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


def _with_heads(above: list[Line], told: list[Record]) -> tuple[list[Line], list[Record]]:
    """Return a form's parts where the title or the degree of each record stands above its labels, without one."""
    if any({"title", "role"} & r.facts.keys() for r in told) and not all("school" in r.facts for r in told):
        return above, told
    tops = [above[-1] if above else None, *(record.body[-1] if record.body else None for record in told[:-1])]
    heads = [line for line in tops if line is not None and _heads_record(line)]
    if len(heads) != len(told) or any("field" in record.facts for record in told):
        return above, told
    bodies = [*(record.body[:-1] for record in told[:-1]), told[-1].body]
    whole = [Record(r.facts, body, line.piece) for r, line, body in zip(told, heads, bodies, strict=True)]
    return above[:-1], whole


def _heads_record(line: Line) -> bool:
    text = line.text
    return not line.bullet and len(text) <= 60 and not SENTENCE.search(text) and ":" not in text and not _alone(line)


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
    marks = labels(line.text)
    inner = [mark.start for mark in marks if mark.start]
    if not inner or [mark.role for mark in marks] == ["start", "end"]:
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


def _heads_in_bullets(marked: list[_Marked], tells: Tells | None) -> list[_Marked]:
    """Take bullets for heads where each time has one above it that names what entries do: `• Cashier`, below it the rest."""
    timed = [n for n, mark in enumerate(marked) if mark.when]
    if tells is None or len(timed) < 2:
        return marked
    heads: list[int] = []
    for n in timed:
        above = [k for k in range(n - 1, max(n - 3, -1), -1) if marked[k].line.bullet][:1]
        if not above or any(marked[k].line.bullet for k in range(above[0] + 1, n)):
            return marked
        text = marked[above[0]].line.text
        if marked[n].line.bullet or len(text) > 60 or len(text.split()) > 6 or SENTENCE.search(text) or not tells(text):
            return marked
        heads += above
    found = list(marked)
    for k in heads:
        found[k] = found[k]._replace(line=found[k].line._replace(bullet=False), head=True)
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
    if when and behind.startswith(("：", ":")) and len(behind) > 70 and not (tells and tells(behind)):
        when = None
    head = bool(when) or (
        (not line.bullet or (told is not None and told.role in ("employer", "title", "school")))
        and len(line.text) - line.gaps <= _LONGEST_HEAD
        and not SENTENCE.search(line.text)
        and (told.role if told else role_of(line.text) if len(line.text) < 60 else None) != "body"
        and not (len(line.text) < 40 and heading(line.text))
        and not (told is None and when is None and _labelled_otherwise(line.text, tells))
    )
    return _Marked(line, when, head)


_ANY_LABEL = re.compile(r"(?P<label>[^\W\d_][^:：\t,，|·•]{1,30})[:：] (?=\S)")


def _labelled_otherwise(text: str, tells: Tells | None) -> bool:
    """Whether a line has a label that is not known: what it says is no part of a head."""
    found = _ANY_LABEL.match(text)
    return found is not None and not (tells and tells(found["label"]))


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
        (")", "）", "]", ",", ".", "|", "·", "–", "—")
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
                    line.piece.part(begin, before_marks(line.text, when.at[0])),
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


def _close(text: str, at: int) -> int:
    while at < len(text) and text[at] in "）)]】 \t|,，-–—:：":
        at += 1
    return at
