"""Entries whose facts all have labels, as forms have them: `Employer: …`, below it `Job title: …`, `From: …`."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from processors.lexicon.script import fold, plain
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
_FIRST = re.compile(
    r"(?:[【\[] ?)?(?P<words>[^\s:：【】\[\]][^:：【】\[\]\t]{0,70}?)(?:】[ \t]{0,3}[:：]?|\]?[ \t]{0,3}[:：])[ \t]{0,3}"
)
_BESIDE = re.compile(
    r"(?P<words>dates(?= (?:from|[a-z]{3,9} \d{4}|\d))|occupation or position held|main activities and responsibilities"
    r"|name and (?:address|type) of (?:the )?(?:employer|organisation(?: providing education and training)?)"
    r"|type of business or sector|title of qualification awarded|principal subjects"
    r"|level in national or international classification|field\(?s?\)? of study|studiengang)\b[ \t]{0,3}",
    re.IGNORECASE,
)
"""Europass's labels stand beside their values, without a colon."""


_REMARK = re.compile(r"[ ]?\([^()]{1,24}\)$")


@cache
def roles() -> Mapping[str, str]:
    """Return what labels and names of columns are of an entry, by their words as `role_of` compares them."""
    data: dict[str, dict[str, str]] = tomllib.loads((files(__package__) / "data" / "roles.toml").read_text("utf-8"))
    return {
        _key(plain(word)): role
        for role, languages in data.items()
        for block in languages.values()
        for word in block.replace("\n", "|").split("|")
        if word.strip()
    }


def role_of(words: str) -> str | None:
    """Return what a label of these words is of an entry; None if there is no such label."""
    key = _key(words)
    found = roles().get(key)
    if found is None and key.endswith(")") and (bare := _REMARK.sub("", words)) != words:
        found = roles().get(_key(bare))  # Datas (de – até)
    return found


class Label(NamedTuple):
    """A label: what it is of an entry, where it begins, and where its value does."""

    role: str
    start: int
    end: int


class Pair(NamedTuple):
    """A label's role, and its value; an empty value may stand on the next line."""

    role: str
    value: Piece


@dataclass(slots=True)
class Record:
    """What a form says of one entry, by role, and the lines without labels below it."""

    facts: dict[str, Piece] = field(default_factory=dict)
    body: list[Line] = field(default_factory=list)
    head: Piece | None = None
    """A line above the labels."""


def label(text: str) -> Label | None:
    """Return the label that a text begins with: `公司：…`, `【公司】…`."""
    for pattern in (_FIRST, _BESIDE):
        if (found := pattern.match(text)) and (role := role_of(found["words"])):
            return Label(role, 0, found.end())
    return None


def labels(text: str) -> list[Label]:
    """Return the labels with a colon of a text; one inside begins behind a space or another mark."""
    found: list[Label] = []
    at = 0
    for colon in list(_COLON.finditer(text))[:MOST]:
        if (known := _ending(text, at, colon.start())) is not None:
            found.append(Label(known[1], known[0], colon.end()))
        at = colon.end()
    return found


def records(lines: Sequence[Line]) -> tuple[list[Line], list[Record]] | None:
    """Return the lines above the first labelled one, and the records from there on; None for what is no form."""
    told = [pairs(line) for line in lines]
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


def pairs(line: Line) -> list[Pair]:
    """Return the pairs of label and value that a line consists of; none if it begins otherwise."""
    if len(line.text) > _LONGEST_LINE:
        return []
    return _in_cells(line) or _with_colons(line) or _alone(line)


def _alone(line: Line) -> list[Pair]:
    """Read a label whose value stands on the next line; a line is told without the colon at its end."""
    role = None if line.bullet else role_of(line.text)
    return [Pair(role, line.piece.part(len(line.text), len(line.text)))] if role else []


def _in_cells(line: Line) -> list[Pair]:
    """Read a row of cells with label and value in turn."""
    if len(line.cells) < 2 or len(line.cells) % 2:
        return []
    found = []
    for name, value in zip(line.cells[::2], line.cells[1::2], strict=True):
        role = role_of(name.text.rstrip(" :："))
        if role is None or role_of(value.text.rstrip(" :：")):
            return []
        found.append(Pair(role, value))
    return found


def _with_colons(line: Line) -> list[Pair]:
    """Read `Label: value` once or several times."""
    marks = labels(line.text)
    if not marks or marks[0].start > 1:
        return []
    ends = [*(mark.start for mark in marks[1:]), len(line.text)]
    return [
        Pair(mark.role, line.piece.part(mark.end, max(mark.end, end))) for mark, end in zip(marks, ends, strict=True)
    ]


def _ending(text: str, start: int, end: int) -> tuple[int, str] | None:
    """Return where the longest known label begins that ends here, and its role."""
    start = max(start, end - _LONGEST_LABEL)
    begins = [start, *(m.end() for m in _BOUND.finditer(text, start, end))]
    for begin in begins[-_WORDS:]:
        if role := role_of(text[begin:end]):
            return begin, role
    return None


def _key(text: str) -> str:
    return re.sub(r"[\s【】\[\]]", "", fold(text))
