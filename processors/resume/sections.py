"""Where a resume's sections begin: at its headings, which are known by their words, their likeness and their place."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from processors.lexicon.dates import dates
from processors.lexicon.headings import SectionName, heading, like_heading, named
from processors.lexicon.titles import title_score
from processors.resume.certificates import is_head as is_head_of_certificates
from processors.resume.columns import table_roles
from processors.resume.furniture import without_furniture
from processors.resume.roles import employer_score, parts
from processors.resume.schools import NAME as SCHOOL
from processors.resume.text import Line, cells, piece
from processors.resume.text import lines as read_lines

_OPENING = re.compile(r"[\t ]*[【\[]([^】\]\n]{2,20})[】\]][\t ]*[:：]?|[\t ]*([\u4e00-\u9fff/]{2,8})[:：]")
# Words that also label a single fact: 学历：本科, 求职意向：会计.
_CURRICULUM = re.compile(
    r"(?:个人|本人|主要)?(?:学习|工作)?[和及与、]?(?:学习|工作)?(?:简历|履历|经历)(?:[（(].{1,20}[)）])?"
)
"""What forms write beside a person's years in order, studies and positions mixed; above them it is a title."""
_SHOUTED = re.compile(r"([A-ZÀ-Ž]{4,}(?: (?:[A-ZÀ-Ž]{2,}|&)){0,3}) (?=(?:\d\d/)?\d{4}\b|[A-ZÀ-Ž][\w'’-]{0,20}[a-zß-ÿ])")
"""A heading in capitals beside which something else stands: ANGABEN ZUR PERSON Katharina Falk."""
_LEADS_TIME = re.compile(r"([\u4e00-\u9fff]{2})[ 　](?=(?:19|20)\d\d ?[年./\-])")
"""A heading beside which a time stands: 求学 2016年9月起."""
_LABELS = frozenset(("basics", "objective", "education", "languages", "hobbies", "other", "certificates", "references"))
_LISTS = frozenset(("education", "languages", "hobbies", "certificates", "references"))
_OF_CAREER = re.compile(r"career|employment|work|experience|professional|职业|工作", re.IGNORECASE)
"""What a summary is of whose lines are positions."""
_OF_ENTRIES = frozenset(("work", "projects", "education"))
_OF_LISTS = frozenset(("certificates", "awards", "publications", "patents"))
_INSIDE = frozenset(
    ("awards", "skills", "projects", "other", "summary", "publications", "languages", "certificates", "hobbies")
)
"""What is said of one entry too: its achievements, tools, projects."""
_TOOLS = re.compile(r"tools|technolog|stack|environment|software|outils|技术栈|工具|开发环境|技术$", re.IGNORECASE)
_SHORT_HEAD = 110
_CLOSE = 4
"""Lines below a heading in which a section of entries has a date."""


class Section(NamedTuple):
    """A section: what it is about, and its lines without the heading."""

    name: SectionName
    lines: list[Line]


class _Style(NamedTuple):
    """How a heading is written."""

    upper: bool
    colon: bool
    marked: bool


class _Opening(NamedTuple):
    """A line that may open a section, at a place among the lines; `rest` stands beside the heading."""

    at: int
    name: SectionName
    words: str
    style: _Style
    known: bool
    rest: Line | None


def sections(text: str) -> list[Section]:
    """Divide a text at its headings; what stands before the first is `top`.

    A heading may be followed by text on its line: `教育背景：清华大学`. Positions that stand below no heading for them
    are a section of their own.
    """
    lines = without_furniture(list(read_lines(text)))
    openings = _openings(lines, text)
    inside = _inside(openings, lines)
    result = [Section("top", [])]
    at = 0
    for opening in openings:
        result[-1].lines.extend(lines[at : opening.at])
        at = opening.at
        if opening.at in inside and result[-1].name in _OF_ENTRIES:
            continue
        result.append(Section(opening.name, [opening.rest] if opening.rest else []))
        at += 1
    result[-1].lines.extend(lines[at:])
    return _with_work(result)


def _openings(lines: Sequence[Line], text: str) -> list[_Opening]:
    found: list[_Opening] = []
    like: list[_Opening] = []
    for at, line in enumerate(lines):
        name = None if _LEADS_TIME.match(line.text) else heading(line.text)
        if (
            name == "summary"
            and _OF_CAREER.search(line.text)
            and any(is_position_head(lines, n) for n in range(at + 1, min(at + 3, len(lines))))
        ):
            name = "work"
        if name:
            found.append(_Opening(at, name, line.text.casefold(), _style(line, text), True, None))
        elif len(line.cells) > 2 and heading(line.cells[0].text) and (roles := table_roles(line)) and None not in roles:
            found.append(_Opening(at, _of_table(roles), "", _Style(False, False, True), True, line))
        elif opening := _beside(at, line, text):
            found.append(opening)
        elif _SCHOOLS.fullmatch(line.text) and _tells_of_study_and_time(lines[at + 1 : at + 4]):
            found.append(_Opening(at, "education", line.text.casefold(), _style(line, text), True, None))
        elif is_head_of_certificates(line, below=(below := bool(found) and found[-1][:2] == (at - 1, "certificates"))):
            if not below:
                found.append(_Opening(at, "certificates", "", _Style(False, False, True), True, line))
        elif roles := table_roles(line):
            found.append(_Opening(at, _of_table(roles), "", _Style(False, False, True), True, line))
        elif not line.bullet and len(line.cells) == 1 and (name := like_heading(line.text)):
            like.append(_Opening(at, name, line.text.casefold(), _style(line, text), False, None))
    beside = [heading(lines[o.at].cells[0].text) for o in found if o.rest is not None and len(lines[o.at].cells) > 1]
    if {"work", "education"} <= set(beside):  # all headings stand in a column of their own
        found += _in_first_cells(lines, {o.at for o in found}, text)
    styles = Counter(o.style for o in found if o.rest is None)
    taken = {o.at for o in found}
    for opening in like:
        following = next((o.at for o in found if o.at > opening.at), len(lines))
        if _stands_as_heading(opening, lines, following, styles) and opening.at + 1 not in taken:
            found.append(opening)
    return sorted(o for o in found if not _is_item(o, found, lines))


def _in_first_cells(lines: Sequence[Line], taken: Collection[int], text: str) -> Iterator[_Opening]:
    """Yield the headings in first cells that would be labels of one fact in another document."""
    for at, line in enumerate(lines):
        if at not in taken and len(line.cells) > 1 and (name := heading(line.cells[0].text)) in _LISTS:
            rest = piece(text, line.cells[1].start, line.piece.end)
            words = line.cells[0].text.casefold()
            yield _Opening(at, name, words, _style(line, text), True, Line(rest, False, line.cells[1:]))


def _is_item(opening: _Opening, found: Sequence[_Opening], lines: Sequence[Line]) -> bool:
    """Whether a word such as `Training` is an item of a list: one word in small letters, where headings are capitals."""
    words = lines[opening.at].text
    if (
        opening.style.upper
        or opening.rest is not None
        or " " in words
        or not words.isascii()
        or not words[:1].isupper()
    ):
        return False
    others = [o for o in found if o is not opening and o.rest is None]
    around = lines[max(opening.at - 1, 0) : opening.at + 2]
    return (
        len(others) > 2
        and all(o.style.upper for o in others)
        and len(around) == 3
        and all(len(line.text) < 30 and not _has_date(line) for line in around)
    )


def _beside(at: int, line: Line, text: str) -> _Opening | None:
    """Return a heading with text beside it: in the first cell, in brackets or with a colon."""
    if len(line.cells) > 1:
        first = line.cells[0]
        name = heading(first.text) or ("work" if _CURRICULUM.fullmatch(first.text) and _has_date(line) else None)
        if (name and name not in _LABELS) or (name == "education" and _tells_of_study(line)):
            rest = piece(text, line.cells[1].start, line.piece.end)
            return _Opening(
                at, name, first.text.casefold(), _style(line, text), True, Line(rest, False, line.cells[1:])
            )
    if (led := _LEADS_TIME.match(line.text)) and (name := heading(led[1]) or heading(f"{led[1]}经历")) in _OF_ENTRIES:
        rest = piece(text, line.piece.start + led.end(), line.piece.end)
        return _Opening(at, name, led[1], _Style(False, False, False), True, Line(rest, False, tuple(cells(rest))))
    if (shouted := _SHOUTED.match(line.text)) and (name := named(shouted[1])):
        rest = piece(text, line.piece.start + shouted.end(), line.piece.end)
        return _Opening(at, name, shouted[1].casefold(), _Style(True, False, False), True, Line(rest, False, (rest,)))
    if opening := _OPENING.match(line.text):
        words = opening[1] or opening[2]
        name = named(words) if len(words) > 1 and words not in _FACTS else None
        rest = piece(text, line.piece.start + opening.end(), line.piece.end)
        if name and name not in _LABELS and rest:
            style = _Style(False, opening[2] is not None, opening[1] is not None)
            return _Opening(at, name, words, style, True, Line(rest, False, (rest,)))
    return None


_FACTS = frozenset(("工作", "实习", "现职", "现任", "现任职务", "经历", "项目", "专案", "能力", "经验"))
"""Words that open a sentence rather than a section when a colon follows."""


def _tells_of_study(line: Line) -> bool:
    """Whether a row that begins with `Education` has a study beside it, not one fact such as a degree."""
    rest = line.cells[1:]
    return any(SCHOOL.search(cell.text) for cell in rest) or (len(rest) > 1 and _has_date(line))


_SCHOOLS = re.compile(r"schools?|colleges?|universit(?:y|ies)|degrees?|学校", re.IGNORECASE)
"""Labels of one fact, too, so headings only above a line with a school and a time."""


def _tells_of_study_and_time(below: Sequence[Line]) -> bool:
    return bool(below) and SCHOOL.search(below[0].text) is not None and any(map(_has_date, below))


def _of_table(roles: Sequence[str | None]) -> SectionName:
    if "school" in roles and "title" not in roles:  # a teacher's employers are schools
        return "education"
    return "work" if {"employer", "title", "head"} & set(roles) else "projects"


def _style(line: Line, text: str) -> _Style:
    shown = line.cells[0] if line.cells else line.piece
    after = text[line.piece.end : line.piece.end + 2]
    upper = shown.text.isupper() and not shown.text.islower()
    return _Style(upper, after.startswith((":", "：", " :")), shown.text[:1] in "【[" or line.bullet)


def _stands_as_heading(opening: _Opening, lines: Sequence[Line], following: int, styles: Counter[_Style]) -> bool:
    """Whether a line that is like a heading stands where one does: above entries, or written as the known ones are."""
    below = lines[opening.at + 1 : min(following, opening.at + 1 + _CLOSE)]
    if not below:
        return False
    words = lines[opening.at].text
    capitals = all(w[0].isupper() or len(w) < 5 or not w[0].isalpha() for w in words.split()) or words.isupper()
    if not capitals and not styles[opening.style]:
        return False
    if opening.name in _OF_ENTRIES and any(_has_date(line) for line in below):
        return True
    return styles[opening.style] >= 1 and (opening.name in _OF_LISTS or not _has_date(below[0]))


def _has_date(line: Line) -> bool:
    return len(line.text) < 300 and next(dates(line.text), None) is not None


def _inside(openings: Sequence[_Opening], lines: Sequence[Line]) -> set[int]:
    """Return the places of those openings that are parts of an entry: `Key achievements:` inside a position.

    Such a one is followed by another entry's head before the next heading, or it comes again in a later entry, or is
    written otherwise than the document's main headings.
    """
    main = [o.style for o in openings if o.known and o.name in ("work", "education") and o.rest is None]
    often = Counter((o.name, o.words) for o in openings if o.rest is None)
    inside: set[int] = set()
    goes_on = False  # whether the section of entries goes on at the opening that follows
    for n in range(len(openings) - 1, -1, -1):
        opening = openings[n]
        end = openings[n + 1].at if n + 1 < len(openings) else len(lines)
        follows = _entry_follows(opening, lines, end) or (
            n + 1 < len(openings) and openings[n + 1].at in inside and goes_on
        )
        goes_on = follows
        if opening.name not in _INSIDE:
            goes_on = False
            if (
                follows
                and opening.name not in _OF_ENTRIES
                and opening.rest is None
                and often[opening.name, opening.words] > 1
            ):
                inside.add(opening.at)
            continue
        odd = bool(main) and opening.style not in main and (opening.style.colon or opening.rest is not None)
        again = often[opening.name, opening.words] > 1 and opening.rest is None
        typical = opening.name in ("awards", "other", "summary") or _TOOLS.search(opening.words) is not None
        if (
            (follows and (odd or typical or (opening.name == "projects" and _opens_bullets(opening, lines, sure=True))))
            or (again and opening.name in ("awards", "other", "projects", "skills", "summary"))
            or (
                odd and (_TOOLS.search(opening.words) or opening.name in ("awards", "projects")) and opening.style.colon
            )
        ):
            inside.add(opening.at)
    return inside


def _opens_bullets(opening: _Opening, lines: Sequence[Line], *, sure: bool) -> bool:
    below = lines[opening.at + 1 : opening.at + 2]
    return bool(below) and below[0].bullet is sure and not _has_date(below[0])


def _entry_follows(opening: _Opening, lines: Sequence[Line], end: int) -> bool:
    """Whether the head of a position stands between an opening and the next one, below its first line."""
    first = opening.at if opening.rest else opening.at + 1
    return any(is_position_head(lines, at) for at in range(first + 1, end))


def is_position_head(lines: Sequence[Line], at: int) -> bool:
    """Whether a line has a period, and on it or beside it the words of an employer or a title."""
    line = lines[at]
    if line.bullet or len(line.text) > 300 or not any(c.isdigit() for c in line.text):
        return False
    when = next((d for d in dates(line.text) if d.period), None)
    if when is None or len(line.text) - line.gaps - (when.at[1] - when.at[0]) > _SHORT_HEAD:
        return False
    if not (when.at[0] <= 2 or when.at[1] >= len(line.text) - 3 or len(line.cells) > 1):
        return False
    around = [other for other in lines[max(at - 2, 0) : at + 3] if not other.bullet and len(other.text) <= _SHORT_HEAD]
    said = [part.text for other in around for part in parts(other.piece)]
    return any(title_score(part) for part in said) or any(employer_score(part) >= 3 for part in said)


def _with_work(found: list[Section]) -> list[Section]:
    """Return the sections with one for positions that stand below no heading of theirs, if none has any."""
    if any(s.name == "work" and s.lines for s in found):
        return found
    result: list[Section] = []
    for section in found:
        start = None
        if section.name in ("top", "basics", "summary", "objective", "other", "skills"):
            start = next((n for n in range(len(section.lines)) if is_position_head(section.lines, n)), None)
        if start is None:
            result.append(section)
            continue
        while start and _belongs_above(section.lines, start):
            start -= 1
        result += [Section(section.name, section.lines[:start]), Section("work", section.lines[start:])]
    return result


def _belongs_above(lines: Sequence[Line], at: int) -> bool:
    """Whether the line before a position's dated line is of its head too."""
    line, head = lines[at - 1], lines[at]
    if line.bullet or len(line.text) > 60 or "@" in line.text or at < 2:
        return False
    whole = title_score(head.text) and len(list(parts(head.piece))) > 2
    return not whole and (title_score(line.text) > 0 or employer_score(line.text) > 0)
