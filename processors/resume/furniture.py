"""What is printed on every page of a document and is no part of what it says: page numbers, running titles."""

import re
from collections.abc import Sequence

from processors.lexicon.script import fold
from processors.lexicon.titles import title_score
from processors.resume.text import Line

_NUMBER = re.compile(
    r"(?<!\d)(?:[-–—| ]{0,3}(?:page|seite|p\.|pág(?:ina)?|pagina) ?\d{1,3}(?: ?(?:of|/|von|sur|de|di) ?\d{1,3})?[-–—| ]{0,3}"
    r"|第 ?\d{1,3} ?页(?:[ ,，/]{0,3}共 ?\d{1,3} ?页)?|[-–—] ?\d{1,3} ?[-–—]|\d{1,2} ?/ ?\d{1,2}|\d{1,3} (?:of|von|sur) \d{1,3})(?!\d)"
)
_TITLE = re.compile(r"(?:curriculum vitae|cv|r[ée]sum[ée]|lebenslauf|个人简历|简历)")
_JOINT = " \t·•|｜,，–—-:：/()（）"
_LONGEST = 90


def without_furniture(lines: Sequence[Line]) -> list[Line]:
    """Return the lines without page numbers, and without the first line where it comes again as a running title.

    A first line that names an occupation comes again as that of a position.
    """
    title = fold(lines[0].text).strip(_JOINT) if lines else ""
    named = 1 < len(title) <= 40 and not any(c.isdigit() or c == "@" for c in title)
    title = title if named and not title_score(title) else ""
    return [line for n, line in enumerate(lines) if not _printed(line, title if n else "")]


def _printed(line: Line, title: str) -> bool:
    text = f"- {line.text}" if line.bullet else line.text
    if len(text) > _LONGEST:
        return False
    rest = fold(text).strip(_JOINT)
    if (title and rest == title) or _NUMBER.fullmatch(fold(text)):
        return True
    seen = False
    for _ in range(4):
        before = rest
        if title and rest.startswith(title):
            rest = rest[len(title) :].strip(_JOINT)
        elif title and rest.endswith(title):
            rest = rest[: -len(title)].strip(_JOINT)
        for pattern in (_NUMBER, _TITLE):
            for found in pattern.finditer(rest):
                if found.start() == 0 or found.end() == len(rest):
                    rest = (rest[: found.start()] + rest[found.end() :]).strip(_JOINT)
                    seen = True
                    break
        if title and seen and rest.isdigit() and len(rest) < 4:
            rest = ""
        if not rest:
            return seen and (bool(title) or _NUMBER.search(fold(text)) is not None)
        if rest == before:
            return False
    return False
