"""LinkedIn's export of a profile, in any of its languages: a side column, then the person, then positions by employer.

An employer stands above its positions, once; with several of them the time they lasted together stands below it. Since
every position says how long it lasted too, it can be told where an employer's positions end.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from processors.lexicon.accents import without_accents
from processors.lexicon.dates import DateSpan, dates
from processors.lexicon.titles import title_score
from processors.resume.entry import Entry, When
from processors.resume.roles import LASTING, employer_score
from processors.resume.sections import Section
from processors.resume.text import Line

_ADDRESS = re.compile(r"linkedin\.com/in/([\w%\-]{2,100})", re.IGNORECASE)
_MAIL = re.compile(r"([\w.+\-]{2,64})@([\w\-]{0,64})")
_NUMBERS = re.compile(r"(\d{1,2}|\ban?\b) ?(?P<unit>y|j|a(?:n|ñ)|年|m|个月)", re.IGNORECASE)
_SIDE = frozenset(
    (
        "basics",
        "skills",
        "languages",
        "certificates",
        "awards",
        "publications",
        "patents",
        "other",
        "campus",
        "projects",
        "hobbies",
        "objective",
    )
)
_BODY = frozenset(("summary", "work", "education"))
_MOST_ABOUT = 8
_AT = re.compile(r" (?:at|bei|chez|en|presso) (?=[A-ZÀ-Ž\d])")
_SENTENCE = re.compile(r"(?<!\be\.K)(?<!\be\.V)(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bS\.A)(?<!\bCorp)[.。!;；:：]$")


def arranged(found: list[Section]) -> list[Section]:
    """Return the sections of a document that begins with its side column, as exports do, with the person apart.

    The person stands below the side column's last section, where the profile's address or a mailbox spells the name, or
    in an export above the headline. Others are as they were.
    """
    body = next((n for n, s in enumerate(found) if s.name in _BODY), None)
    if body is None or body < 2 or found[0].lines or any(s.name not in _SIDE for s in found[1:body]):
        return found
    address = next((m for s in found[:body] for line in s.lines if (m := _ADDRESS.search(line.text))), None)
    side = found[body - 1]
    if side.name == "basics":
        return found
    mails = [h for s in found[:body] for line in s.lines if (m := _MAIL.search(line.text)) for h in (m[1], m[0] + m[2])]
    start = _person(side.lines, [address[1], *mails] if address else mails, export=address is not None)
    if start is None:
        return found
    return [
        Section("top", side.lines[start:]),
        *found[1 : body - 1],
        Section(side.name, side.lines[:start]),
        *found[body:],
    ]


def _person(lines: Sequence[Line], handles: Sequence[str], *, export: bool) -> int | None:
    """Return where the name stands: the line that the profile's address or a mailbox spells, else above the headline."""
    first = max(len(lines) - _MOST_ABOUT, 0)
    spelled = ["".join(c for c in _bare(unquote(handle)) if c.isalpha()) for handle in handles]
    for n in range(len(lines) - 1, first - 1, -1):
        words = re.findall(r"[^\W\d_]+", _bare(lines[n].text))
        if 1 < len(words) <= 5 and any(
            sum(map(len, words)) <= len(s) + 1 and all(w in s for w in words) for s in spelled
        ):
            return n
    for n in range(len(lines) - 1, first - 1, -1) if export else ():
        told = re.split(r" [-–—|·@] ", lines[n].text)
        headline = any(map(title_score, told)) or re.search(r" (?:at|bei|chez|en|em|presso|@|\|) ", lines[n].text)
        if headline and n > 0 and not title_score(lines[n - 1].text):
            return n - 1
    return None


def _bare(text: str) -> str:
    """Return a text in small letters without accents, as addresses have it."""
    return without_accents(text.casefold())


def positions(lines: Sequence[Line]) -> list[Entry]:
    """Return the positions of an export's section; none if not every position says how long it lasted."""
    dated = [(n, when) for n, line in enumerate(lines) if (when := _lasted(line))]
    others = [line for n, line in enumerate(lines) if _period(line) and n not in {d for d, _ in dated}]
    if not dated or others:
        return []
    found: list[Entry] = []
    starts: list[int] = []
    employer: Line | None = None
    left = 0  # months of the employer's positions that are still to come
    for at, when in dated:
        title = lines[at - 1] if at else None
        above = lines[at - 2] if at > 1 else None
        start = at - 1
        if title is None or title.bullet or (employer_score(title.text) > 2 and not title_score(title.text)):
            return []
        if above is not None and at > 2 and LASTING.fullmatch(above.text):
            employer, left, start = lines[at - 3], _months(above.text), at - 3
        elif (left < 2 or employer is None) and above is not None and _may_be_employer(above):
            employer, start, left = above, at - 2, 0
        entry = Entry(when=When(when, lines[at].piece.start))
        entry.facts["title"] = title.piece
        if both := _AT.search(title.text):  # the older export: Charge Nurse at Kingsbarn Hospital
            entry.facts["title"] = title.piece.part(0, both.start())
            entry.facts["employer"] = title.piece.part(both.end(), len(title.text))
            start = at - 1
        elif employer is not None:
            entry.facts["employer"] = employer.piece
        if left:
            left -= _months(lines[at].text[when.at[1] :])
        found.append(entry)
        starts.append(start)
    if any("employer" not in entry.facts for entry in found):
        return []
    for entry, (at, _), end in zip(found, dated, [*starts[1:], len(lines)], strict=True):
        below = list(lines[at + 1 : end])
        if below and _is_place(below[0]):
            entry.facts["location"] = below.pop(0).piece
        entry.body = below
    return found


def _may_be_employer(line: Line) -> bool:
    if line.bullet or len(line.text) > 100:
        return False
    return not _SENTENCE.search(line.text) or (employer_score(line.text) > 0 and len(line.text.split()) <= 6)


def _period(line: Line) -> DateSpan | None:
    if line.bullet or len(line.text) > 80:
        return None
    when = next(dates(line.text), None)
    return when if when and when.period and when.at[0] == 0 else None


def _lasted(line: Line) -> DateSpan | None:
    """Return a line's period if nothing but how long it lasted stands behind it, in brackets."""
    when = _period(line)
    rest = line.text[when.at[1] :].strip() if when else ""
    return when if rest[:1] in ("(", "（") and LASTING.fullmatch(rest) else None


def _months(text: str) -> int:
    total = 0
    for found in _NUMBERS.finditer(text):
        number = int(found[1]) if found[1].isdigit() else 1
        total += number * (1 if found["unit"].casefold() in ("m", "个月") else 12)
    return total


def _is_place(line: Line) -> bool:
    words = line.text.split()
    return (
        not line.bullet
        and len(line.text) <= 60
        and len(words) <= 7
        and not _SENTENCE.search(line.text)
        and all(not w[0].isalpha() or not w[0].islower() or len(w) < 4 for w in words)
    )
