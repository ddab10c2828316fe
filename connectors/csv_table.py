"""CSV: which separator, which columns, and records that may span lines, each line of which is accounted for.

A quote that is never closed costs its own line, not the file: a record that does not come out right is given up with
its first line, and reading goes on with the next.
"""

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from connectors.headers import COLUMNS, recognise, value_of
from connectors.json_text import loads
from connectors.lines import MAX_LINE_BYTES, FileError, Line
from connectors.mapping import LISTS, SALARY, ColumnMapping, counted, of_type, parts, salary_field, shown
from connectors.plain import RefusedError
from processors.lexicon.addresses import birth_date, is_postal_code
from schemas.base import Share, SkillLevel
from schemas.entities import Entity

MAX_RECORD_LINES = 1000
_NEAR_LINES = 20
_SEPARATORS = (",", ";", "\t", "|", "，")
_SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "，": "full-width commas"}
_SEP = re.compile(r"sep=([,;|:\t])\r?\n?", re.I)
_NUMBERS = of_type(float, int, Share) | {"salary_min", "salary_max", "salary_months"}
_ORIGIN: dict[str, Callable[[str], str | None]] = {
    "birth_date": birth_date,
    "street_address": lambda cell: cell[:300] if any(map(str.isdigit, cell)) else None,
    "postal_code": lambda cell: cell if is_postal_code(cell) else None,
}
_JSON_CELLS = frozenset(("employments", "education"))
_LEVELS: tuple[str, ...] = get_args(SkillLevel)
_YEARS = re.compile(r"\d{1,2}(?:\.\d+)?")
# `Kafka::2` says no level; the colons of `std::vector` belong to its name.
_COLON = re.compile(r"(?<!:):(?!:)|:(?=:\s*[\d.]*$)|(?<=:):(?=\s*[\d.]*$)")
# ="0123" is how spreadsheets are kept from reading a text as a number.
_FORMULA = re.compile(r'^="([^"]*)"$')
_ERROR = re.compile(r"#{3,}|#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
_DELETED = "\\N"
_BLANK = " \t\r\n,;|，"
_UNCLOSED = "a quote opens in this line and is not closed where it should be"

csv.field_size_limit(MAX_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class Header:
    """A header line, number `line`: the separator, names and fields of columns; None for one that is passed over."""

    separator: str
    names: tuple[str, ...]
    fields: tuple[str | None, ...]
    line: int
    end: int
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, or why there are none, and the lines it has."""

    cells: list[str]
    lines: Sequence[Line]
    problem: str | None = None
    searched: int = 0

    @property
    def given_up(self) -> bool:
        """Whether other lines were searched for its end in vain, up to the one that `searched` numbers."""
        return self.searched > self.lines[-1].number

    @property
    def raw(self) -> str | bytes:
        """What the file holds."""
        if any(line.problem for line in self.lines):
            return b"".join(line.raw for line in self.lines)
        return "".join(line.text for line in self.lines)


Read = Callable[[int, int], Iterator[Line]]


def read_header(read: Read, name: str, entity: Entity | None, mapping: ColumnMapping) -> Header | None:
    """Return the header, the first record that is not blank; None if there is none. Raises FileError."""
    separators: tuple[str, ...] = _SEPARATORS
    number = offset = 0
    for line in read(0, 0):
        said = _SEP.fullmatch(line.text)
        if said and number == 0:
            separators = (said[1],)
        elif line.problem or line.text.strip(_BLANK):
            break
        number, offset = line.number, line.end
    else:
        return None
    records = [(each, next(read_records(read, each, number, offset))) for each in separators]
    found = [
        (separator, record, _recognised(record.cells, entity, mapping))
        for separator, record in records
        if not record.problem
    ]
    usual = records[0][1]
    if not found or (usual.problem and not any(any(fields) for _, _, fields in found)):
        raise FileError(f"{name}: the header line cannot be read: {usual.problem}")
    return _header(name, *max(found, key=lambda each: sum(field is not None for field in each[2])), mapping)


def read_records(read: Read, separator: str, number: int, offset: int, width: int | None = None) -> Iterator[Record]:
    """Yield the records after the `number`-th line, which ends at byte `offset`; `read` gives the lines from there."""
    lines, searched = read(number, offset), 0
    while first := next(lines, None):
        # Where a search was in vain, the next ones are short, so that no file takes a time that grows as its square.
        most = MAX_RECORD_LINES if first.number > searched else _NEAR_LINES
        record = _record(first, lines, separator, width, most)
        yield record
        if record.given_up:  # what was read to find the end of it is read again, as records of its own
            searched = max(searched, record.searched)
            lines = read(first.number, first.end)


def _record(first: Line, lines: Iterator[Line], separator: str, width: int | None, most: int) -> Record:
    taken: list[Line] = [first]

    def texts() -> Iterator[str]:
        yield first.text
        size = len(first.raw)
        for line in lines:
            taken.append(line)
            size += len(line.raw)
            if size > MAX_LINE_BYTES or len(taken) > most:
                return
            yield line.text

    try:
        cells = next(csv.reader(texts(), strict=True, delimiter=separator))
    except csv.Error as error:
        return Record([], [first], first.problem or _explained(error, len(taken)), taken[-1].number)
    problem = next((line.problem for line in taken if line.problem), None)
    wrong = width is not None and (problem or len(cells) != width)
    if wrong and len(taken) > 1 and not taken[1].problem and _width(taken[1].text, separator) == width:
        why = first.problem or f"{_UNCLOSED}: the next line is a row of its own"
        return Record([], [first], why, taken[-1].number)
    return Record([] if problem else cells, taken, problem)


def _explained(error: csv.Error, lines: int) -> str:
    if lines == 1:
        return f"not CSV: {error}"
    return f"{_UNCLOSED} (not CSV: {error})"


def _width(text: str, separator: str) -> int | None:
    try:
        return len(next(csv.reader([text], strict=True, delimiter=separator)))
    except (csv.Error, StopIteration):
        return None


def _recognised(cells: Sequence[str], entity: Entity | None, mapping: ColumnMapping) -> list[str | None]:
    """Return the field of each column; an entity in the table itself leaves every entity's columns open."""
    mapped = dict(mapping.pairs)
    names = [cell.strip() for cell in cells]
    known = [mapped.get(name) or recognise(name, entity) for name in names]
    if entity is not None and "entity" in known:
        known = [found or recognise(name, None) for name, found in zip(names, known, strict=True)]
    return known


def _header(name: str, separator: str, record: Record, fields: list[str | None], mapping: ColumnMapping) -> Header:
    names = [cell.strip() for cell in record.cells]
    while len(names) > 1 and not names[-1]:
        names.pop()
    fields = fields[: len(names)]
    found = f"found {counted(len(names))} between {_SEPARATOR_NAMES.get(separator, 'separators')}: {shown(names)}"
    if "id" not in fields:
        raise FileError(
            f"{name}: the header line lacks the column id; {found}; rename a column, or say --map COLUMN=id"
        )
    chosen = dict(mapping.pairs)
    for field in filter(None, dict.fromkeys(fields)):
        same = [each for each, meant in zip(names, fields, strict=True) if meant == field]
        if len(same) > 1 and field not in LISTS and any(each not in chosen for each in same):
            raise FileError(f"{name}: the header line names a column twice, {field}; {found}; rename or remove one")
    unknown = [each for each, field in zip(names, fields, strict=True) if field is None]
    if unknown and not mapping.ignore_unknown:
        raise FileError(
            f"{name}: the header line has an unknown column: {shown(unknown)}; say --map COLUMN=FIELD or "
            f"--ignore-unknown; known: {', '.join(sorted(COLUMNS))}"
        )
    return Header(separator, tuple(names), tuple(fields), record.lines[-1].number, record.lines[-1].end, tuple(unknown))


def said_cells(header: Header, cells: Sequence[str]) -> dict[str, str]:
    """Return what each field's cells say, without the empty ones. Raises RefusedError."""
    width = len(header.fields)
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        raise RefusedError(f"{len(cells)} cells under {width} columns")
    said: dict[str, str] = {}
    for field, cell in zip(header.fields, cells, strict=False):
        if field and (text := _FORMULA.sub(r"\1", cell.strip())):
            if _ERROR.fullmatch(text):
                raise RefusedError(f"{field} holds a spreadsheet's error such as #N/A or ####, not a value")
            between = ";" if field in LISTS else " "
            said[field] = f"{said[field]}{between}{text}" if field in said else text
    return said


def typed(entity: Entity, said: dict[str, str]) -> dict[str, Any]:
    """Return the entity's fields that cells say. Raises RefusedError, which names no values."""
    fields: dict[str, Any] = {}
    salary: dict[str, str] = {}
    for name, text in said.items():
        cell = value_of(name, text)
        if cell != _DELETED and name in _NUMBERS:
            _check_number(name, cell)
        if name in SALARY:
            salary[SALARY[name]] = cell
        elif cell == _DELETED:
            fields[name] = None
        elif name == "skills":
            fields[name] = [_skill(part) for part in parts(cell)]
        elif name in LISTS:
            fields[name] = [value_of(name, part) for part in parts(cell)]
        elif name in _ORIGIN:
            if told := _ORIGIN[name](cell):  # what cannot be read is no reason to refuse the person
                fields[name] = told
        elif name in _JSON_CELLS:
            fields[name] = _json(name, cell)
        else:
            fields[name] = cell
    if salary:
        deleted = _DELETED in (salary.get("minimum"), salary.get("maximum"))
        fields[salary_field(entity)] = None if deleted else salary
    return fields


def _check_number(name: str, cell: str) -> None:
    try:
        good = math.isfinite(float(cell))
    except ValueError:
        good = False
    if not good:
        raise RefusedError(f"{name} is not a number such as 15000 or 1.5, without separators and units")


def _json(name: str, cell: str) -> Any:
    try:
        return loads(cell)
    except ValueError:
        raise RefusedError(f"{name} is not JSON") from None


def _skill(text: str) -> dict[str, str]:
    name, *rest = (part.strip() for part in _COLON.sub("\x1f", text).split("\x1f"))
    level, years = (*rest, "", "")[:2]
    if len(rest) > 2 or (level and level not in _LEVELS) or (years and not _YEARS.fullmatch(years)):
        raise RefusedError(f"a skill is name:level:years, the level one of {', '.join(_LEVELS)}")
    return {"name": name} | {key: value for key, value in (("level", level), ("years", years)) if value}
