"""How a resume is worded: statements, weak openings, claims without evidence, numbers, private details."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from processors.resume.text import Piece, piece
from schemas.resume import ResumeProfile, Span

_STOP = re.compile(r"[\n。；;]|\.(?=\s+[A-Z])")
_BULLET = re.compile(r"[ \t　]*(?:[-–—•●○▪■◆*·➢►▶✓√]|\d{1,2}[.、)）]|[(（]\d{1,2}[)）])[ \t　]*")
_LEAST = 4


@cache
def _pattern(name: str) -> re.Pattern[str]:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "wording.toml").read_text("utf-8"))
    return re.compile("".join(line for line in data[name].strip().split("\n")), re.IGNORECASE)


def statements(profile: ResumeProfile, text: str) -> list[Piece]:
    """Return the sentences and lines that describe positions and projects, each once, in order."""
    projects = [*(j for w in profile.work for j in w.projects), *profile.projects]
    described = [*(w.description for w in profile.work), *(j.description for j in projects)]
    unique: dict[Span, Piece] = {}
    for span in sorted({span for found in described if found for span in found.spans}):
        for one in _sentences(text, span):
            unique.setdefault(Span(one.start, one.end), one)
    return list(unique.values())


def _sentences(text: str, span: Span) -> Iterator[Piece]:
    """Yield the sentences of a description; where it has bullets, a line without one goes on with the line before."""
    ends = [m.start() for m in _STOP.finditer(text, span.start, span.end)]
    bulleted = any(_BULLET.match(text, end + 1) for end in ends if text[end] == "\n")
    at = span.start
    for stop in [*ends, span.end]:
        if bulleted and text[stop : stop + 1] == "\n" and stop < span.end and not _BULLET.match(text, stop + 1):
            continue
        mark = _BULLET.match(text, at, stop)
        one = piece(text, mark.end() if mark else at, stop)
        if len(one.text) >= _LEAST:
            yield one
        at = stop + 1


def is_weak(statement: str) -> bool:
    """Return whether a statement opens with a duty; one with a number in it tells a result all the same."""
    return bool(_pattern("weak").match(statement)) and not has_number(statement)


def has_number(statement: str) -> bool:
    """Return whether a statement says how much."""
    return bool(_pattern("number").search(statement))


def cliches(text: str) -> list[Span]:
    """Return the claims that everybody makes."""
    return [Span(*m.span()) for m in _pattern("cliche").finditer(text)]


def private(text: str) -> list[Span]:
    """Return where a text tells what employers must not weigh."""
    return [Span(*m.span()) for m in _pattern("private").finditer(text)]


def explains(text: str) -> bool:
    """Return whether a text speaks of a break."""
    return bool(_pattern("explained").search(text))
