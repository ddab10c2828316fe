"""Entries whose facts all have labels, as forms have them: `Employer: …`, below it `Job title: …`, `From: …`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.lexicon.script import fold
from processors.resume.text import Line, Piece

_COLON = re.compile(r"[ \t]{0,3}[:：](?!//)[ \t]{0,3}")
_BOUND = re.compile(r"[\t |｜;；,，/、\u3000]")
_LONGEST_LABEL = 40
_WORDS = 5
_LONGEST_LINE = 300
_IDENTITY = frozenset(("employer", "title", "school", "degree"))
_TIMES = frozenset(("when", "start", "end"))
_KEYS = _IDENTITY | _TIMES | {"role", "name"}
"""What an entry has once: said again, it is the next entry's."""
MOST = 40
"""Pairs that a line is looked through for."""


class Pair(NamedTuple):
    """A label's role, and its value; an empty value may stand on the next line."""

    role: str
    value: Piece


@dataclass(slots=True)
class Record:
    """What a form says of one entry, by role, and the lines without labels below it."""

    facts: dict[str, Piece] = field(default_factory=dict)
    body: list[Line] = field(default_factory=list)


def records(lines: Sequence[Line], roles: Mapping[str, str]) -> tuple[list[Line], list[Record]] | None:
    """Return the lines above the first labelled one, and the records from there on; None for what is no form.

    `roles` says of a label, folded and without spaces, what it is of an entry.
    """
    told = [pairs(line, roles) for line in lines]
    first = next((n for n, found in enumerate(told) if any(p.role in _KEYS for p in found)), None)
    if first is None:
        return None
    found = list(_divided(lines[first:], told[first:]))
    whole = [record for record in found if record.facts.keys() & _IDENTITY and len(record.facts.keys() & _KEYS) > 1]
    return (list(lines[:first]), whole) if len(whole) == len(found) else None


def _divided(lines: Sequence[Line], told: Sequence[list[Pair]]) -> Iterator[Record]:
    record = Record()
    waiting: str | None = None
    for line, found in zip(lines, told, strict=True):
        if waiting and not found and not line.bullet:
            record.facts.setdefault(waiting, line.piece)
            waiting = None
            continue
        waiting = None
        if not found:
            record.body.append(line)
        for role, value in found:
            if role in _KEYS and role in record.facts:
                yield record
                record = Record()
            if not value:
                waiting = role if len(found) == 1 and role != "body" else None
            elif role == "body":
                record.body.append(Line(value, False, (value,)))
            else:
                record.facts.setdefault(role, value)
    yield record


def pairs(line: Line, roles: Mapping[str, str]) -> list[Pair]:
    """Return the pairs of label and value that a line consists of; none if it begins otherwise."""
    if len(line.text) > _LONGEST_LINE:
        return []
    return _in_cells(line, roles) or _with_colons(line, roles) or _alone(line, roles)


def _alone(line: Line, roles: Mapping[str, str]) -> list[Pair]:
    """Read a label whose value stands on the next line; a line is told without the colon at its end."""
    role = None if line.bullet else roles.get(_key(line.text))
    return [Pair(role, line.piece.part(len(line.text), len(line.text)))] if role else []


def _in_cells(line: Line, roles: Mapping[str, str]) -> list[Pair]:
    """Read a row of cells with label and value in turn."""
    if len(line.cells) < 2 or len(line.cells) % 2:
        return []
    found = []
    for label, value in zip(line.cells[::2], line.cells[1::2], strict=True):
        role = roles.get(_key(label.text.rstrip(" :：")))
        if role is None or roles.get(_key(value.text.rstrip(" :："))):
            return []
        found.append(Pair(role, value))
    return found


def _with_colons(line: Line, roles: Mapping[str, str]) -> list[Pair]:
    """Read `Label: value` once or several times; a label inside begins behind a space."""
    text = line.text
    marks: list[tuple[int, int, str]] = []
    at = 0
    for colon in list(_COLON.finditer(text))[:MOST]:
        if (label := _label(text, at, colon.start(), roles)) is not None:
            marks.append((label[0], colon.end(), label[1]))
        at = colon.end()
    if not marks or marks[0][0] > 1:
        return []
    ends = [*(start for start, _, _ in marks[1:]), len(text)]
    return [
        Pair(role, line.piece.part(begin, max(begin, end))) for (_, begin, role), end in zip(marks, ends, strict=True)
    ]


def _label(text: str, start: int, end: int, roles: Mapping[str, str]) -> tuple[int, str] | None:
    """Return where the longest known label begins that ends here, and its role."""
    start = max(start, end - _LONGEST_LABEL)
    begins = [start, *(m.end() for m in _BOUND.finditer(text, start, end))]
    for begin in begins[-_WORDS:]:
        if role := roles.get(_key(text[begin:end])):
            return begin, role
    return None


def _key(text: str) -> str:
    return re.sub(r"[\s【】\[\]]", "", fold(text))
