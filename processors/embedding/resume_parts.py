"""A resume's text in parts, each small enough for one vector: what is embedded and searched of resumes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from processors.embedding.texts import said
from processors.fairness import anonymous, private_words
from processors.lexicon.headings import heading
from processors.unicode import loads
from schemas.entities import RESUME

MAX_PARTS = 32
PART_CHARACTERS = 300
"""Bound of a part. Measured, see docs/benchmarks/search.md."""

_READ_CHARACTERS = 2 * MAX_PARTS * PART_CHARACTERS
_LEAST = PART_CHARACTERS // 4
"""A heading begins a new part if the one before has so many characters: short sections stay together."""

_ADDRESS = re.compile(
    r"(?:(?:家庭|通讯|联系|现居|居住)?(?:地址|住址)|(?<![a-z])(?:home )?address\"?)[ \t]*[:：][^\n|]*", re.IGNORECASE
)
_NOT_TOLD = frozenset(("$schema", "address", "postalCode", "email", "phone", "image", "url"))
"""Keys of JSON Resume whose values identify, or are no text to search."""
_SPACES = re.compile(r"\s+")


def resume_parts(fields: Mapping[str, Any]) -> list[str]:
    """Return a talent's resume in order, at most MAX_PARTS texts of at most PART_CHARACTERS; lines stay lines.

    Name, addresses and numbers are cut, and what `impersonal` cuts. Employers and schools stay: they are what a resume
    is searched for. Empty without a resume.
    """
    given = fields.get(RESUME)
    if not isinstance(given, str):
        return []
    text = _of_json(given) or given
    parts: list[str] = []
    lines: list[str] = []
    size = 0
    for line in _lines(text[:_READ_CHARACTERS], private_words(fields)):
        if lines and (size + len(line) > PART_CHARACTERS or (size >= _LEAST and heading(line))):
            parts.append("\n".join(lines))
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    if lines:
        parts.append("\n".join(lines))
    return parts[:MAX_PARTS]


def titled_parts(fields: Mapping[str, Any]) -> list[str]:
    """Return what is embedded of a resume: each of its parts below the talent's title, to tell of whose work it is."""
    title = said(fields, "title")
    return [f"{title}\n{part}" if title and title not in part else part for part in resume_parts(fields)]


def _of_json(text: str) -> str:
    """Return what a JSON Resume document says, a line for each value; nothing for other texts."""
    if not text.lstrip().startswith("{"):
        return ""
    try:
        return "\n".join(_values(loads(text)))
    except (ValueError, RecursionError):
        return ""


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NOT_TOLD:
                yield from _values(each)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each)
    elif isinstance(value, str):
        yield value


def _lines(text: str, private: list[str]) -> Iterator[str]:
    """Yield what is left of each line, in pieces of at most PART_CHARACTERS."""
    for raw in _ADDRESS.sub(" ", text).split("\n"):
        line = _SPACES.sub(" ", anonymous(raw, private)).strip()
        for start in range(0, len(line), PART_CHARACTERS):
            if piece := line[start : start + PART_CHARACTERS].strip():
                yield piece
