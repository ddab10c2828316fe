"""Certificates and licences, apart from who gave them, when, until when and under which number."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from processors.lexicon.dates import dates
from processors.lexicon.script import fold, is_han
from processors.resume import schools
from processors.resume.roles import employer_score, is_place, is_region
from processors.resume.text import Line, Piece
from schemas.resume import Certificate

_LONGEST = 160
_LONGEST_LINE = 400
_LABEL = re.compile(
    r"(?:证书|资格证书|职业资格|荣誉|获奖|awards?|certificates?|certifications?|licen[cs]es?|name|title|course(?: title)?|证书名称)\s*[:：]\s*",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"[；;、]|(?<=[证书照级师])/(?=[^\d/])| / (?!\d)"
    r"|(?<=[\u4e00-\u9fff]{3}[证书照级师等])[ 　](?=[\u4e00-\u9fff]{1,14}(?:证书?|师|级|[甲乙]等|照)(?:[ 　，,、；;]|$))"
)
"""Between certificates, never inside what is told of one."""
_CELLS = re.compile(r"\t+| ?[|｜] ?| {2,}|　+| [·•] ")
_COMMAS = re.compile(
    r",(?=\s*[^\s\da-zà-ÿ])|,(?=\s*(?:scrum\.org|deeplearning\.ai)\b)|,(?=\s*\d{1,3} (?:hours|hrs|std|stunden|heures)\b)|，"
)
_EXPIRES = re.compile(
    r"(?:^|[ ,;|·(\[–—-]{1,4})(?:exp(?:\.|ir(?:es?|y|ation)\b|(?=[: ]{1,2}\d))|renew(?:al|s)\b|no expir|valid (?:un)?til\b|valid (?:through|to)\b|gültig bis|valable|有效期|(?:does not|never) expire).*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:(?:^|[,;:(（\[·–—-]) ?(?:rn |pin |dea )?(?:licen[cs]e|lic|registration|reg|certificate|cert|credential|card|pin|member(?:ship)?|证书|注册|资格证)?[. ]{0,2}| )"
    r"(?:(?:ids?|nos?|nr|num(?:ber)?|#|n°|№|编号|证号|号码|号)[.:：# ]{0,4}(?=[^ ,]{0,12}\d{2})|#(?=\d{3})|(?<=[a-z] )(?=[a-z-]{0,5}\d{5,}$))[\w/.-]{2,30}[)）\]]?"
    r"|(?:^|[,;:(（\[·–—-]) ?(?:licen[cs]e|lic|registration|credential|pin|cert(?:ificate)?)\.?[:： #]{1,3}(?=[A-Z-]{0,6}\d{3})[\w/.-]{3,30}[)）\]]?"
    r"|^credential (?:id|url)\b.*",
    re.IGNORECASE,
)
_LASTED = re.compile(
    r"\d{1,3} ?(?:hours?|hrs?|h|stunden|std|heures|days?|tage|jours|学时|小时|课时|credits?|ceus?|cpd)\b\.?",
    re.IGNORECASE,
)
_LASTED_BEHIND = re.compile(rf" ?[(（](?:{_LASTED.pattern})[)）]", re.IGNORECASE)
_SAID = re.compile(
    r"(?:issue date|date (?:of issue|issued|obtained|completed)|completion date|issued|awarded|obtained|completed|earned|passed|received|achieved|granted|date|year|since|renewed|current|active|in progress|(?:see|show|view|verify) credential|"
    r"获得|取得|颁发|获证|合格|通过|取得時間|obtenu|erworben|conseguido)(?: on| in)?[:：]?",
    re.IGNORECASE,
)
"""What stands beside a date and says nothing of its own."""
_BY = re.compile(
    r"(?:(?:issued|awarded|offered|provided|granted) by|by|from|von der|von|par|bei der|issuing (?:body|authority|organi[sz]ation)|issuer|颁发(?:机构|单位)|发证(?:机构|机关|单位))[:： ]\s*",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:协会|学会|中心|委员会|考试院|部|局|厅|署|公会|颁发|签发|核发|大学|\b(?:institutes?|association|council|society|foundation|authority|academy|ambulance|federation|chamber|university|college|red cross|international|inc\.?))$"
    r"|\b(?:state|commonwealth|province|board|department|ministry|government|institute|college|association|society|council|commission|academy|university|chamber|bureau) (?:of|for|on)\b"
    r"|^(?:ihk|hwk|tüv|dekra|handwerkskammer|industrie- und handelskammer|verband|stiftung|fondation|fundaci[óo]n|institut|instituto|bundes\w+|universität|université)\b",
    re.IGNORECASE,
)
_CERTIFIES = re.compile(
    r"certif|licen[cs]|diploma|credential|accredit|associate|professional|practitioner|specialist|fundamentals|foundation$|course|nanodegree|zertifi|chartered|analyst|manager|engineer|developer"
    r"|administrator|architect|accountant|nurse|first aid|life support|safety|handler|handling|level \d|award|belt$|\bcard$|training|workshop|operator|permis|schein\b|führerschein|prüfung|证|资格|认证|执照|培训|课程|师$|级",
    re.IGNORECASE,
)
_SHORT_FORM = re.compile(r"[A-Z][A-Z0-9+/&-]{1,7}")
_GRADE = re.compile(
    r"(?:associate|professional|foundations?|expert|master|advanced|practitioner|level (?:\d|[ivx]+)|(?:nivel|niveau|stufe) \w+)",
    re.IGNORECASE,
)
"""What goes on with a certificate's name behind a comma."""
_BEHIND = re.compile(r"(?:\s[–—-]\s|\s?[(（])(?P<name>[^()（）]{2,60}?)[)）]?$")
_GIVEN_BY = re.compile(r" (?:by|from|on|via|through|with|von der|von|par) (?:the )?", re.IGNORECASE)
_SOMEBODY = re.compile(r" (?:by|from) (?:[A-ZÀ-Ž][\w.'’-]*(?: |$)){1,4}$")
_AHEAD = re.compile(r"(?P<body>[\u4e00-\u9fff]{2,14}(?:部|协会|学会|委员会|局|厅|署)) (?=\S{2})")
_TRIM = re.compile(r"^[ )）\],，\-–—年获:：]+|[ (（\[,，\-–—:：]+$")


_VERSIONED = re.compile(
    r"(?:windows|server|office|exchange|sharepoint|excel|word|access|project|visio|autocad|revit|solidworks|archicad|sql server|visual studio|dynamics)$",
    re.IGNORECASE,
)
"""Products whose names end in a year."""
_CLASSES = re.compile(r"[（(][甲乙丙丁A-E](?:[、,，/和与 ][甲乙丙丁A-E]){0,4}[类级]?[)）]$")
_AS_NUMBER = re.compile(r"[A-Z]{0,4}-?\d{4,12}[A-Z]?")
_REMARKS = re.compile(r"(?:实际)?驾龄.*|.*无.{0,4}事故.*|.*经验.*|持证\d.*")


class _Item(NamedTuple):
    """A part of a line: a name, or nothing but what is said of one."""

    name: Piece | None
    when: str | None
    issuer: bool = False


class _Row(NamedTuple):
    """What a line says: names, the first date, and whether the line says more of one than its name."""

    names: list[_Item]
    when: str | None
    told: bool
    given: bool
    """Whether a date or a word such as `issued` stands at the line's end or is all of it."""


def certificates(lines: Iterable[Line], listed: Iterable[Line] = ()) -> Iterator[Certificate]:
    """Yield the certificates of a section, each with the date on which it was given, and those `listed` in a row."""
    rows = [row for line in _of_columns(lines) for row in _rows(line)]
    rows += [
        row._replace(told=True) for line in listed for part in _divided(line.piece, _COMMAS) for row in _rows_of(part)
    ]
    below = _below(rows)
    found: list[_Item] = []
    for n, row in enumerate(rows):
        if n in below or not row.names:
            if found and row.when and found[-1].when is None:
                found[-1] = found[-1]._replace(when=row.when)
            continue
        found += row.names
    for item in found:
        if item.name and 1 < len(item.name.text) <= _LONGEST:
            yield Certificate(name=item.name.found(confidence=0.85), date=item.when)


def _below(rows: Sequence[_Row]) -> set[int]:
    """Return the rows that name who gave the certificate above them."""
    single = [len(row.names) == 1 for row in rows]
    found: set[int] = set()
    turns = len(rows) % 2 == 0 and all(single) and (len(rows) > 3 or (len(rows) == 2 and _is_pair(*rows)))
    turns = turns and all(not a.told and b.given for a, b in zip(rows[::2], rows[1::2], strict=True))
    for n in range(1, len(rows)):
        above, row = rows[n - 1], rows[n]
        if not single[n] or not single[n - 1] or n - 1 in found:
            continue
        if row.names[0].issuer and not (_is_both(row.names[0]) and not _names(above, row.names[0])):
            found.add(n)
        if above.told:
            continue
        name, over = row.names[0].name, above.names[0].name
        if name is None or over is None:
            continue
        told_below = n + 1 < len(rows) and not rows[n + 1].names and rows[n + 1].given
        if (
            (turns and n % 2)
            or told_below
            or (row.given and (over.text.startswith(name.text) or employer_score(name.text) > 0))
        ):
            found.add(n)
    return found


def _is_pair(first: _Row, second: _Row) -> bool:
    """Whether the second of two rows only says who gave the first."""
    name, below = first.names[0].name, second.names[0].name
    if name is None or below is None or _SHORT_FORM.fullmatch(below.text):
        return False
    return _CERTIFIES.search(name.text) is not None and _CERTIFIES.search(below.text) is None


def _is_both(item: _Item) -> bool:
    """Whether a name is that of a certificate and of who gives it: Gas Safe."""
    return item.name is not None and fold(item.name.text) in _both()


def _names(row: _Row, item: _Item) -> bool:
    """Whether a row's name says what an item is, too: NEBOSH National General Certificate, below it NEBOSH."""
    over = row.names[0].name
    return over is not None and item.name is not None and fold(item.name.text) in fold(over.text)


def _rows(line: Line) -> Iterator[_Row]:
    """Yield what a line says; one that lists several certificates says of each its own."""
    if len(line.text) > _LONGEST_LINE:
        return
    piece = line.piece
    if mark := _LABEL.match(piece.text):
        piece = piece.part(mark.end(), len(piece.text))
    yield from _rows_of(piece)


def _rows_of(piece: Piece) -> Iterator[_Row]:
    return map(_row, _divided(piece, _LISTED))


_MEMBER = re.compile(
    r"(?:(?:graduate|associate|student|full|chartered|corporate|professional|life|honorary|registered|affiliate|senior) ){0,2}(?:members?|fellow|associate|affiliate|mitglied|membre|miembro|socio|medlem)(?: \([A-Z]{2,8}\))?"
    r"(?: of|,| –| -| in| der| des| de la?| del) (?:the )?[A-ZÀ-Ž].{0,90}|.{4,60} membership",
    re.IGNORECASE,
)
_OF_BODY = re.compile(
    r"institut|societ|associat(?!e)|council|board|order of|syndicate|chamber|college|academy|federation|union|guild|CPA|law society|kammer|verband|verein|ordre|colegio|ordine|society|gesellschaft",
    re.IGNORECASE,
)


def _membership(part: Piece) -> Piece | None:
    """Return what says that somebody is a member of a body, without its date and number: it is held as a certificate is."""
    if len(part.text) > _LONGEST:
        return None
    if mark := _NUMBER.search(part.text):
        part = part.part(0, mark.start())
    when = next((d for d in dates(part.text) if d.at[1] >= len(part.text) - 1), None)
    if when:
        part = _trimmed(part.part(0, when.at[0]))
    return part if _MEMBER.fullmatch(part.text) and _OF_BODY.search(part.text) else None


def _row(part: Piece) -> _Row:
    if member := _membership(part):
        return _Row([_Item(member, None)], None, told=True, given=False)
    cells = [_item(cell) for cell in _divided(part, _CELLS)]
    told = [cell for cell in cells if cell.name is None or cell.issuer]
    names = [cell for cell in cells if cell.name is not None and not cell.issuer]
    when = next((cell.when for cell in cells if cell.when), None)
    own = [name for name in names if name.when]
    if len(cells) > 1 and (told or own) and names and not (len(own) > 1 and names[0].when):
        whole = any(cell.issuer for cell in told) or len(names) > 1
        first = next((n for n in names if n.name and _CERTIFIES.search(n.name.text)), names[0])
        names = [first._replace(when=when)] if whole else _of_commas(first, when)
    else:
        names = [item for cell in names for item in _of_commas(cell, cell.when)]
    if not names and len(cells) == 1 and cells[0].issuer:  # an issuer alone on its line
        return _Row(cells, when, False, cells[0].when is not None)
    last = cells[-1] if cells else None
    given = when is not None and last is not None and (last.name is None or last.when is not None)
    return _Row(names, when, bool(told) or when is not None, given or bool(told and not names))


def _of_commas(cell: _Item, when: str | None) -> list[_Item]:
    """Return the certificates between the commas of a cell, or the one before what is said of it."""
    if (name := cell.name) is None:
        return []
    items = [_item(part) for part in _divided(name, _COMMAS)]
    if len(items) > 2 and not any(item.when for item in items):  # CSCS, Gas Safe, IPAF
        items = [item._replace(issuer=item.issuer and not _is_both(item)) for item in items]
    names = [item for item in items if item.name and not item.issuer]
    if not names:
        return [_Item(name, when)] if len(items) > 1 or not items else items
    dated = [item for item in names if item.when]
    when = when or next((item.when for item in items if item.when), None)
    if len(dated) > 1 and names[0].when:
        return names
    told = when is not None or len(names) < len(items)
    first = names[0].name
    if len(names) == 2 and first and (second := names[1].name):
        if _GRADE.fullmatch(second.text):
            return [_Item(name.part(first.start - name.start, second.end - name.start), when)]
        lists = _CERTIFIES.search(second.text) or all(_SHORT_FORM.fullmatch(p.text) for p in (first, second))
        if not lists and (told or employer_score(second.text) > 0):
            return [_Item(first, when)]
    return [item._replace(when=item.when or when) for item in names]


def _item(part: Piece) -> _Item:
    """Return the name that a part of a line is, without all that is said of it, or what else it is."""
    if mark := _EXPIRES.search(part.text):
        part = part.part(0, mark.start())
    if mark := _NUMBER.search(part.text):
        left, right = part.part(0, mark.start()), part.part(mark.end(), len(part.text))
        part = left if len(left.text) >= len(right.text) else right
    if mark := _LASTED_BEHIND.search(part.text):
        part = part.part(0, mark.start())
    when = None
    for span in dates(part.text):
        first, last = span.at
        before, after = part.text[:first].rstrip(), part.text[last:].lstrip()
        if not after and _VERSIONED.search(before) and span.at[1] - span.at[0] == 4:  # Windows Server 2019
            continue
        if not before or not after or (before[-1] in "(（[,，:：-–—" and after[0] in ")）],，-–—"):
            when = span.start
            left, right = _trimmed(part.part(0, first)), _trimmed(part.part(last, len(part.text)))
            part = left if len(left.text) >= len(right.text) else right
            break
    if re.match(r"(?:full |associate |student )?(?:member|mitglied|membre)\b(?! card)", part.text, re.IGNORECASE):
        part = part.part(0, 0)
    if _LASTED.fullmatch(part.text) or _SAID.fullmatch(part.text) or is_place(part.text) or is_region(part.text):
        part = part.part(0, 0)
    if _AS_NUMBER.fullmatch(part.text) or _REMARKS.fullmatch(part.text):
        part = part.part(0, 0)
    if classes := _CLASSES.search(part.text):
        part = part.part(0, classes.start())
    if mark := re.match(r"(?:取得|获得|考取|通过)(?=.{3})", part.text):
        part = part.part(mark.end(), len(part.text))
    if mark := re.search(r"(?<=\S) ?(?:取得|合格|修了|获得|obtained|passed)$", part.text):
        part = part.part(0, mark.start())
    if not part:
        return _Item(None, when)
    if by := _BY.match(part.text):
        return _Item(part.part(by.end(), len(part.text)), when, issuer=True)
    name = _without_issuer(part)
    if name == part and _gives(part.text) and not _COMMAS.search(part.text):
        return _Item(part, when, issuer=True)
    return _Item(name, when)


def _gives(text: str) -> bool:
    """Whether a text is one that gives certificates, and no certificate."""
    if _issuers().fullmatch(fold(text)):
        return True
    if _BODY.search(text) and re.match(r"the ", text, re.IGNORECASE):
        return True
    return _BODY.search(text) is not None and not _CERTIFIES.search(text.partition(" of ")[0])


def _without_issuer(part: Piece) -> Piece:
    """Return a certificate without who gave it: ahead, behind a dash, in brackets, or after `issued by`."""
    if (ahead := _AHEAD.match(part.text)) is not None:
        part = part.part(ahead.end(), len(part.text))
    if mark := re.search(r"[,，]?\s(?:issued|awarded|provided|offered|granted) by\s", part.text, re.IGNORECASE):
        return part.part(0, mark.start())
    given = (mark for mark in _GIVEN_BY.finditer(part.text) if _named_giver(part.text[mark.end() :]))
    if mark := next(given, None) or _SOMEBODY.search(part.text):
        part = part.part(0, mark.start())
    behind = _BEHIND.search(part.text)
    if behind and behind.start() and (_gives(behind["name"]) or _is_school(behind["name"])):
        part = part.part(0, behind.start())
    dashed = re.search(r" — (?P<name>[A-ZÀ-Ž][^\d—]{2,40})$", part.text)
    if dashed and _CERTIFIES.search(part.text[: dashed.start()]) and not _names_more(dashed["name"]):
        part = part.part(0, dashed.start())
    apart = re.search(r"\s(?P<name>[\u4e00-\u9fff]{3,16})$", part.text)
    if apart and apart.start() and _BODY.search(apart["name"]):
        part = part.part(0, apart.start())
    return part


def _names_more(text: str) -> bool:
    """Whether what stands behind a dash goes on with a certificate's name."""
    return _CERTIFIES.search(text) is not None or _GRADE.search(text) is not None


def _named_giver(text: str) -> bool:
    head = re.split(r",| (?:with|in|on|through|via) ", text, maxsplit=1)[0]
    return _gives(head) or _is_school(head)


def _is_school(text: str) -> bool:
    return not is_han(text) and schools.NAME.search(text) is not None


@cache
def _known() -> dict[str, frozenset[str]]:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "issuers.toml").read_text("utf-8"))
    return {kind: frozenset(n.strip() for n in block.split("|") if n.strip()) for kind, block in data.items()}


def _both() -> frozenset[str]:
    return _known()["both"]


@cache
def _issuers() -> re.Pattern[str]:
    names = sorted(frozenset().union(*_known().values()), key=len, reverse=True)
    known = "|".join(map(re.escape, names))
    return re.compile(rf"(?:the )?(?:{known})(?:,? (?:inc\.?|institute|certified))?(?: ?[(（](?:{known})[)）])?")


def _trimmed(part: Piece) -> Piece:
    start = mark.end() if (mark := re.match(r"[ )）\],，\-–—年获:：]*", part.text)) else 0
    end = mark.start() if (mark := re.search(r"[ (（\[,，\-–—:：]+$", part.text)) else len(part.text)
    return part.part(start, max(start, end))


def _divided(part: Piece, marks: re.Pattern[str]) -> Iterator[Piece]:
    """Yield the parts of a text between marks that stand in no brackets."""
    at, depth = 0, 0
    seen = 0
    for mark in marks.finditer(part.text):
        between = part.text[seen : mark.start()]
        seen = mark.start()
        depth += sum(between.count(c) for c in "(（") - sum(between.count(c) for c in ")）")
        if depth > 0:
            continue
        if found := part.part(at, mark.start()):
            yield found
        at = mark.end()
    if found := part.part(at, len(part.text)):
        yield found


_NAMED = re.compile(
    r"(?:name of )?(?:course|training|certificate|certification|qualification|licen[cs]e|document|title|name)(?: title| name)?|证书名称|证书|名称|培训(?:内容|名称|项目)|资格(?:名称)?",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:date|year|date obtained|obtained|completed|issued|issue date|date of issue|date issued|issued on)|(?:获得|取得|发证|培训|颁发)?(?:时间|日期|年份|年月)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(r"(?:语言|外语|软件|技能|languages?|skills?|software)[ \t]?[:：]", re.IGNORECASE)


def is_head(line: Line, *, below: bool = False) -> bool:
    """Whether a line is the row of column names above certificates; `below`: it stands below a heading for them."""
    named = any("证" in c.text or "certif" in c.text.casefold() for c in line.cells)
    return (named or below) and _columns(line) is not None


def _columns(line: Line) -> tuple[int, int] | None:
    """Return the columns of name and date, of the row of column names."""
    names = [n for n, cell in enumerate(line.cells) if _NAMED.fullmatch(cell.text)]
    times = [n for n, cell in enumerate(line.cells) if _DATED.fullmatch(cell.text)]
    return (names[0], times[0]) if len(line.cells) > 1 and names and times else None


def _of_columns(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines; of a table's rows only the columns of name and date, and nothing that a label gives to others."""
    columns: tuple[int, int] | None = None
    for line in lines:
        if head := _columns(line):
            columns = head
        elif columns and len(line.cells) > max(columns):
            name, time = (line.cells[n] for n in columns)
            shown = Piece(f"{name.text}\t{' ' * (time.start - name.end - 1)}{time.text}", name.start, time.end)
            yield Line(shown if time.start > name.end else name, False, (name, time))
        elif not _OF_OTHERS.match(line.text):
            yield line
