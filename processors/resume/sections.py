"""Where a resume's sections begin: at its headings."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from processors.lexicon.headings import SectionName, heading, named
from processors.resume.text import Line, piece
from processors.resume.text import lines as read_lines

_OPENING = re.compile(r"[\t ]*[【\[]([^】\]\n]{2,20})[】\]][\t ]*[:：]?|[\t ]*([\u4e00-\u9fff/]{2,8})[:：]")


class Section(NamedTuple):
    """A section: what it is about, and its lines without the heading."""

    name: SectionName
    lines: list[Line]


def sections(text: str) -> list[Section]:
    """Divide a text at its headings; what stands before the first is `top`."""
    return divide(read_lines(text), text)


def divide(found: Iterable[Line], text: str) -> list[Section]:
    """Divide lines at their headings. A heading may be followed by text on its line: `教育背景：清华大学`."""
    result = [Section("top", [])]
    for line in found:
        name = heading(line.text)
        beside = heading(line.cells[0].text) if name is None and len(line.cells) > 1 else None
        if beside and beside not in _LABELS:
            result.append(Section(beside, []))
            rest = piece(text, line.cells[1].start, line.piece.end)
            result[-1].lines.append(Line(rest, False, line.cells[1:]))
            continue
        if name is None and (opening := _OPENING.match(line.text)):
            name = named(opening[1] or opening[2])
            rest = piece(text, line.piece.start + opening.end(), line.piece.end)
            if name and name not in _LABELS and rest:
                result.append(Section(name, [Line(rest, False, (rest,))]))
                continue
            name = None
        if name:
            result.append(Section(name, []))
        else:
            result[-1].lines.append(line)
    return result


# Words that also label a single fact: 学历：本科, 求职意向：会计.
_LABELS = frozenset(("basics", "objective", "education", "languages", "hobbies", "other", "certificates", "references"))
