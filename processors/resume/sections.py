"""Where a resume's sections begin: headings in Chinese and English, in many wordings and styles."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from processors.resume.text import Line, fold, is_han, piece
from processors.resume.text import lines as read_lines

SectionName = Literal[
    "top", "basics", "objective", "work", "education", "projects", "skills", "certificates", "languages", "awards",
    "publications", "patents", "summary", "campus", "hobbies", "references", "other",
]  # fmt: skip

_LONGEST = 60
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}[、.．]|[(（][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[.、．)]|[ivx]{1,4}\.)\s*"
)
_OPENING = re.compile(r"[\t ]*[【\[]([^】\]\n]{2,20})[】\]][\t ]*[:：]?|[\t ]*([\u4e00-\u9fff/]{2,8})[:：]")
_MARKS = "【】[]「」『』<>《》:：*#=_-—–~·•●■□◆◇★☆▪►▶|｜/\\()（） 　\t.…+♦✦❖\uf0b7"


class Section(NamedTuple):
    """A section: what it is about, and its lines without the heading."""

    name: SectionName
    lines: list[Line]


@cache
def _headings() -> dict[str, SectionName]:
    data: dict[SectionName, dict[str, str]] = tomllib.loads(
        (files(__package__) / "data" / "headings.toml").read_text("utf-8")
    )  # type: ignore[assignment]
    return {
        _key(entry): name
        for name, words in data.items()
        for block in words.values()
        for entry in block.replace("\n", "|").split("|")
        if entry.strip()
    }


def _key(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum() or c in "&")


def heading(text: str) -> SectionName | None:
    """Return the section that a line opens, if it is nothing but a heading."""
    if len(text) > _LONGEST:
        return None
    bare = _NUMBERING.sub("", fold(text).strip(_MARKS)).strip(_MARKS)
    known = _headings()
    if found := known.get(_key(bare)):
        return found
    if is_han(bare) and any("a" <= c <= "z" for c in bare):  # bilingual: 工作经历 Work Experience
        han = "".join(c for c in bare if "\u3400" <= c <= "\u9fff")
        latin = "".join(c for c in bare if c.isascii() and (c.isalpha() or c == "&"))
        return known.get(han) if known.get(han) and known.get(_key(latin)) else None
    for mark in ("/", "|", " and ", "&", "、", "与", "及", "和"):
        parts = [known.get(_key(part)) for part in bare.split(mark)]
        if len(parts) == 2 and all(parts):
            return parts[0]
    return None


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
            name = _headings().get(_key(opening[1] or opening[2]))
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
