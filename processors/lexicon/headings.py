"""Headings of a resume's sections, in Chinese and English, in many wordings and styles."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from processors.lexicon.script import fold, is_han

SectionName = Literal[
    "top", "basics", "objective", "work", "education", "projects", "skills", "certificates", "languages", "awards",
    "publications", "patents", "summary", "campus", "hobbies", "references", "other",
]  # fmt: skip

_LONGEST = 60
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}[、.．]|[(（][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[.、．)]|[ivx]{1,4}\.)\s*"
)
_MARKS = "【】[]「」『』<>《》:：*#=_-—–~·•●■□◆◇★☆▪►▶|｜/\\()（） 　\t.…+♦✦❖\uf0b7"


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


def named(words: str) -> SectionName | None:
    """Return the section that has these very words for a heading."""
    return _headings().get(_key(words))


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
