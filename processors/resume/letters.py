"""Careers told in sentences: letters and short biographies without headings or heads of entries."""

import re
from collections.abc import Iterable, Iterator, Sequence

from processors.lexicon.dates import dates
from processors.resume import schools
from processors.resume.entry import Entry, When
from processors.resume.roles import evidence
from processors.resume.text import Line, Piece
from schemas.resume import Work

_SENTENCE = re.compile(
    r"(?<=[a-zà-ÿ)\d])(?<!\bPvt)(?<!\bLtd)(?<!\bInc)(?<!\bCo)(?<!\bSt)(?<!\bDr)\. (?=[A-ZÀ-Ž])|(?<=[A-Za-z][A-Z])\. (?=[A-ZÀ-Ž])|[。；;]"
)
_STILL = re.compile(
    r"\b(?:still|today|currently|to this day|ever since|until now|since|seit|heute|depuis)\b|至今|目前|现在",
    re.IGNORECASE,
)
"""That a position with one date lasts."""
_TITLE = r"(?P<title>[^\W\d_][^,.;()]{2,60}?)"
_NAME = r"(?P<employer>[A-ZÀ-Ž][\w&'’.\-]*(?: (?:&|of|and|the|for|de|du|des|la|und|plc|inc|ltd|llc|[A-ZÀ-Ž0-9][\w&'’.\-]*))*)"
_ROLES = (
    re.compile(
        rf"\b(?:(?i:work(?:ed|ing)?|employed|served?|serving|joined|started|internship|training|interned|trained|position|role|job|been|was|am|became)\b[^.;]{{0,40}}?\b(?:(?:as |of )?(?:an?|the)|as) {_TITLE},? (?:at|with|for|in) (?:the )?{_NAME})"
    ),
    re.compile(
        rf"\b(?:with|at|for|joined) (?:the )?{_NAME},?(?: where)?(?: I)?(?: (?:work|worked|working|serving|served|was|am))? as (?:an? |the )?{_TITLE}(?=[,.;]|$| (?:from|since|until|and|where)\b)"
    ),
    re.compile(rf"\b(?:was|am|became|been) {_TITLE} (?:at|with|for) (?:the )?{_NAME}"),
    re.compile(rf"\bals {_TITLE} (?:bei|in)(?: der| dem)? {_NAME}"),
    re.compile(rf"\b(?:comme|en tant que|poste d[e’']) ?{_TITLE} (?:chez|à|au sein de|pour) {_NAME}"),
    re.compile(
        r"(?:就职于|任职于|供职于|工作于|服务于|加入|进入|(?<!现)在|于)(?P<employer>[^\s，。；,、]{2,30}?)[，,、]?(?:并)?(?:担任|出任|从事|任职|(?<!责)任|做|当)(?:了)?(?P<title>[^\s，。；,、的]{2,16})"
    ),
)
_STUDIES = (
    re.compile(
        r"\b(?:hold|holds|have|received|earned|completed|obtained|gained|graduated with|degree) (?:an? |my |the )?(?P<study>[A-Z][^.;,]{2,90}? from (?:the )?[A-ZÀ-Ž][^.;,()]{3,60})"
    ),
    re.compile(
        r"(?:毕业于|就读于|考入|进入)(?P<school>[^\s，。；,、]{2,16}?(?:大学|学院|学校|中学))(?P<field>[^\s，。；,、]{2,16}?)?(?:专业|系)?(?=[，。；,、]|$)(?:[，,、]?(?:获|取得|获得)?(?P<degree>[^\s，。；,、]{2,8}?)(?:学历|学位)?(?=[，。；,、]|$))?"
    ),
)
_SHORTEST = 24
_LONGEST = 3000


def positions(lines: Iterable[Line]) -> list[Entry]:
    """Return the positions that sentences tell of: each with a time in its sentence, a title and an employer."""
    found: list[Entry] = []
    for sentence in _sentences(lines):
        told_dates = list(dates(sentence.text))
        when = next((d for d in told_dates if d.period), None)
        if when is None and len(told_dates) == 1 and _STILL.search(sentence.text):
            when = told_dates[0]._replace(current=True)
        if when is None:
            continue
        for pattern in _ROLES:
            told = pattern.search(sentence.text)
            if told and evidence(told["title"]).title > 0:
                entry = Entry(when=When(when, sentence.start), body=[Line(sentence, False, (sentence,))])
                entry.facts["title"] = sentence.part(*told.span("title"))
                entry.facts["employer"] = sentence.part(
                    told.start("employer"), told.start("employer") + _end(told["employer"])
                )
                found.append(entry)
                break
    return found


def _end(name: str) -> int:
    """Return where an employer's name ends: before a sentence's full stop."""
    return len(name) if re.search(r"(?:Ltd|Inc|Co|Corp|e\.K|e\.V)\.$", name) else len(name.rstrip("."))


def studies(lines: Iterable[Line]) -> list[Entry]:
    """Return the courses of study that sentences tell of."""
    found: list[Entry] = []
    for sentence in _sentences(lines):
        if not schools.NAME.search(sentence.text):
            continue
        for pattern in _STUDIES:
            told = pattern.search(sentence.text)
            if told is None:
                continue
            when = next(dates(sentence.text), None)
            entry = Entry(when=When(when, sentence.start) if when else None, body=[Line(sentence, False, (sentence,))])
            for name in told.groupdict():
                if told[name] and name == "study":
                    entry.heads.append(sentence.part(*told.span(name)))
                    entry.rows.append(0)
                elif told[name]:
                    entry.facts[name] = sentence.part(*told.span(name))
            found.append(entry)
            break
    return found


def tell_all(told: Sequence[Entry], work: Sequence[Work]) -> bool:
    """Whether positions that were read as heads of entries all stand in these sentences."""
    spans = [(entry.body[0].piece.start, entry.body[0].piece.end) for entry in told]
    found = [value.spans[0] for position in work if (value := position.title or position.employer)]
    return all(any(start <= span.start < end for start, end in spans) for span in found)


def _sentences(lines: Iterable[Line]) -> Iterator[Piece]:
    for line in lines:
        if not _SHORTEST <= len(line.text) <= _LONGEST or len(line.cells) > 2:
            continue
        at = 0
        for mark in _SENTENCE.finditer(line.text):
            if part := line.piece.part(at, mark.start()):
                yield part
            at = mark.end()
        if part := line.piece.part(at, len(line.text)):
            yield part
