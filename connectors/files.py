"""Reads events from JSON Lines and CSV files, one row or one error a line.

A JSON line is `{"entity": "talent", "id": "T1", "fields": {...}}` with, at will, `action`, `event_id`, `time`,
`source`, `version` and `note` (ignored). `{"raw": {"topic": ...}}` states bytes to send unchecked, if `allow_raw`
says so: `key`, `headers`, and one of `value` (text), `value_base64`, `pad` (a value of so many bytes).

A CSV file has a header line; its columns are `id`, at will `entity`, `action`, `event_id`, `time`, `source`, and
fields of the entity. An empty cell leaves a field alone, `\\N` deletes it. Lists are separated by `;`, a skill is
`name:level:years`, a salary is the columns `salary_min`, `salary_max`, `currency`, `salary_period`; `employments`
and `education` hold JSON.

What a line leaves out is filled in so that publishing a file twice changes nothing: the time is the file's
modification time, the event id is derived from source, file name, time and the line's content.
"""

import base64
import binascii
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from connectors.message import normalise
from connectors.rows import RawRow, Row, RowError
from connectors.sources.record import TEXT_KEYS, RecordReader, RefusedError, only
from schemas.entities import MODELS, Entity
from schemas.errors import BadMessageError

MAX_LINE_BYTES = 512 * 1024
SUFFIXES = (".jsonl", ".ndjson", ".csv")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_PAD = 4 * 1024 * 1024
_RAW_KEYS = frozenset(("topic", "key", "value", "value_base64", "pad", "headers"))
_SALARY = {"salary_min": "minimum", "salary_max": "maximum", "currency": "currency", "salary_period": "period"}
_LISTS = frozenset(("emails", "phones", "locations", "aliases"))
_JSON_CELLS = frozenset(("employments", "education"))
_DELETED = "\\N"


class Position(NamedTuple):
    """Where reading goes on: so many lines have been read, and so many bytes."""

    line: int
    offset: int


def read_events(
    path: Path, *, entity: Entity | None = None, source: str = "import", allow_raw: bool = False
) -> Iterator[Row | RawRow | RowError]:
    """Yield the rows of a `.jsonl`, `.ndjson` or `.csv` file in order, reading as it goes.

    `entity` and `source` hold where a line does not say its own. Raises ValueError for another kind of file.
    """
    return (row for row, _ in FileReader(path, entity=entity, source=source, allow_raw=allow_raw).rows())


def modified(path: Path) -> datetime:
    """Return the file's modification time."""
    return _EPOCH + timedelta(microseconds=path.stat().st_mtime_ns // 1000)


class FileReader:
    """Reads one file, from its beginning or from any position it gave. Raises ValueError for another kind of file."""

    def __init__(self, path: Path, *, entity: Entity | None, source: str, allow_raw: bool = False) -> None:
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(f"cannot read {suffix or 'this kind of'} files; use .jsonl or .csv")
        self._path = path
        self._is_csv = suffix == ".csv"
        self._allow_raw = allow_raw
        self._mtime = modified(path)
        self._records = RecordReader(entity, source, path.name)

    def rows(self, position: Position | None = None) -> Iterator[tuple[Row | RawRow | RowError, Position | None]]:
        """Yield what follows `position`, each with the position after it, or None amid one that cannot be split."""
        with self._path.open("rb") as file:
            yield from (self._csv_rows if self._is_csv else self._json_rows)(file, position or Position(0, 0))

    def _json_rows(
        self, file: BinaryIO, position: Position
    ) -> Iterator[tuple[Row | RawRow | RowError, Position | None]]:
        file.seek(position.offset)
        for number, text in _lines(file, position.line):
            if isinstance(text, RowError):
                yield text, Position(number, file.tell())
                continue
            if not text.strip():
                continue
            row: Row | RawRow | RowError
            try:
                row = self._json_row(number, text)
            except (RefusedError, BadMessageError) as error:
                row = RowError(number, str(error))
            yield row, Position(number, file.tell())

    def _json_row(self, number: int, text: str) -> Row | RawRow:
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise RefusedError(f"not JSON: {error.msg} at column {error.colno}") from None
        except (RecursionError, ValueError):
            raise RefusedError("not JSON: too deep or a number too long") from None
        if not isinstance(data, dict):
            raise RefusedError("must be a JSON object")
        if "raw" in data:
            return self._raw_row(number, data)
        return self._records.event(number, data, text.strip(), self._mtime)

    def _raw_row(self, number: int, data: dict[str, Any]) -> RawRow:
        if not self._allow_raw:
            raise RefusedError("raw lines are not accepted here")
        raw = data["raw"]
        if not isinstance(raw, dict) or not isinstance(raw.get("topic"), str):
            raise RefusedError("raw must be a JSON object with a topic")
        only(data, frozenset(("raw", "note")))
        only(raw, _RAW_KEYS)
        key, headers, note = raw.get("key"), raw.get("headers", {}), data.get("note")
        if not isinstance(key, str | None) or not isinstance(note, str | None) or not isinstance(headers, dict):
            raise RefusedError("raw.key and note must be text, raw.headers a JSON object")
        if not all(isinstance(value, str) for value in headers.values()):
            raise RefusedError("raw.headers must hold text")
        return RawRow(
            number,
            raw["topic"],
            None if key is None else _bytes(key),
            _raw_value(raw),
            [(name, _bytes(value)) for name, value in headers.items()],
            note,
        )

    def _csv_rows(self, file: BinaryIO, position: Position) -> Iterator[tuple[Row | RowError, Position | None]]:
        broken: list[RowError] = []
        line = 0

        def texts(after: int) -> Iterator[str]:
            nonlocal line
            for line, text in _lines(file, after):  # noqa: B007 - read by the enclosing function
                if isinstance(text, RowError):
                    broken.append(text)
                    yield "\n"
                else:
                    yield text

        def broken_rows() -> Iterator[tuple[RowError, Position | None]]:
            *first, last = broken
            broken.clear()
            yield from ((each, None) for each in first)
            yield last, Position(line, file.tell())

        reader = csv.reader(texts(0), strict=True)
        columns: list[str] | None = None
        while True:
            first = line + 1
            try:
                cells = next(reader)
            except StopIteration:
                if broken:
                    yield from broken_rows()
                return
            except csv.Error as error:
                yield RowError(first, f"not CSV: {error}"), Position(line, file.tell())
                continue
            if broken:
                yield from broken_rows()
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip() for cell in cells]
                if problem := _header_problem(columns):
                    yield RowError(first, problem), Position(line, file.tell())
                    return
                if position.offset > file.tell():
                    file.seek(position.offset)
                    line = position.line
                    reader = csv.reader(texts(line), strict=True)
                continue
            row: Row | RowError
            try:
                row = self._csv_row(first, columns, cells)
            except (RefusedError, BadMessageError) as error:
                row = RowError(first, str(error))
            yield row, Position(line, file.tell())

    def _csv_row(self, number: int, columns: list[str], cells: list[str]) -> Row:
        if len(cells) != len(columns):
            raise RefusedError(f"{len(cells)} cells under {len(columns)} columns")
        said = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
        content = json.dumps(said, ensure_ascii=False, sort_keys=True)
        data = {name: said.pop(name) for name in TEXT_KEYS if name in said}
        entity = self._records.entity_of(data)
        fields = normalise(entity, data.get("id", ""), _csv_fields(entity, said), self._records.source)
        return self._records.row(number, data, fields, content, self._mtime)


def _lines(file: BinaryIO, number: int) -> Iterator[tuple[int, str | RowError]]:
    """Yield the lines after the `number`-th as text, never holding more than MAX_LINE_BYTES of one."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES)
            yield number, RowError(number, f"longer than {MAX_LINE_BYTES} bytes")
            continue
        try:
            yield number, line.decode()
        except UnicodeDecodeError as error:
            yield number, RowError(number, f"not UTF-8 at byte {error.start + 1} of the line")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _raw_value(raw: dict[str, Any]) -> bytes | None:
    given = [name for name in ("value", "value_base64", "pad") if raw.get(name) is not None]
    if len(given) > 1:
        raise RefusedError("raw takes one of value, value_base64, pad")
    if not given:
        return None
    value = raw[given[0]]
    if given[0] == "pad":
        if type(value) is not int or not 2 <= value <= _MAX_PAD:
            raise RefusedError(f"raw.pad must be a whole number from 2 to {_MAX_PAD}")
        return b"{" + b" " * (value - 2) + b"}"
    if not isinstance(value, str):
        raise RefusedError(f"raw.{given[0]} must be text")
    if given[0] == "value":
        return _bytes(value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("raw.value_base64 is not base64") from None


def _header_problem(columns: list[str]) -> str | None:
    fields = {name for model in MODELS.values() for name in model.model_fields}
    known = (fields | set(_SALARY) | TEXT_KEYS) - {"salary", "salary_expected"}
    if "id" not in columns:
        return "the header line lacks the column id"
    if len(set(columns)) != len(columns):
        return "the header line names a column twice"
    if not known.issuperset(columns):
        return f"the header line has an unknown column; known: {', '.join(sorted(known))}"
    return None


def _csv_fields(entity: Entity, said: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    salary: dict[str, str] = {}
    for name, cell in said.items():
        if name in _SALARY:
            salary[_SALARY[name]] = cell
        elif cell == _DELETED:
            fields[name] = None
        elif name == "skills":
            fields[name] = [_skill(part) for part in _parts(cell)]
        elif name in _LISTS:
            fields[name] = _parts(cell)
        elif name in _JSON_CELLS:
            try:
                fields[name] = json.loads(cell)
            except (ValueError, RecursionError):
                raise RefusedError(f"{name} is not JSON") from None
        else:
            fields[name] = cell
    if salary:
        target = "salary_expected" if entity == "talent" else "salary"
        deleted = _DELETED in (salary.get("minimum"), salary.get("maximum"))
        fields[target] = None if deleted else salary
    return fields


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace("；", ";").split(";") if part.strip()]


def _skill(text: str) -> dict[str, str]:
    name, *rest = (part.strip() for part in text.split(":"))
    if len(rest) > 2:
        raise RefusedError("a skill is name:level:years")
    return {"name": name} | {key: value for key, value in zip(("level", "years"), rest, strict=False) if value}
