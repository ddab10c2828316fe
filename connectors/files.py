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
from typing import Any, BinaryIO

from connectors.message import normalise
from connectors.rows import RawRow, Row, RowError
from schemas.entities import ENTITIES, MODELS, Entity
from schemas.envelope import derived_id, timestamp
from schemas.errors import BadMessageError
from schemas.events import Action

MAX_LINE_BYTES = 512 * 1024
ACTIONS: tuple[Action, ...] = ("upserted", "deleted")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_PAD = 4 * 1024 * 1024
_EVENT_KEYS = frozenset(("entity", "id", "action", "event_id", "time", "source", "version", "fields", "note"))
_TEXT_KEYS = _EVENT_KEYS - {"fields", "version"}
_RAW_KEYS = frozenset(("topic", "key", "value", "value_base64", "pad", "headers"))
_SALARY = {"salary_min": "minimum", "salary_max": "maximum", "currency": "currency", "salary_period": "period"}
_LISTS = frozenset(("emails", "phones", "locations", "aliases"))
_JSON_CELLS = frozenset(("employments", "education"))
_DELETED = "\\N"


class _BadLineError(ValueError):
    """Why a line is no event; the text holds no values."""


def read_events(
    path: Path, *, entity: Entity | None = None, source: str = "import", allow_raw: bool = False
) -> Iterator[Row | RawRow | RowError]:
    """Yield the rows of a `.jsonl`, `.ndjson` or `.csv` file in order, reading as it goes.

    `entity` and `source` hold where a line does not say its own. Raises ValueError for another kind of file.
    """
    suffix = path.suffix.lower()
    if suffix not in (".jsonl", ".ndjson", ".csv"):
        raise ValueError(f"cannot read {suffix or 'this kind of'} files; use .jsonl or .csv")
    return _Reader(path, entity, source, allow_raw).rows(suffix == ".csv")


class _Reader:
    def __init__(self, path: Path, entity: Entity | None, source: str, allow_raw: bool) -> None:
        self._path = path
        self._entity = entity
        self._source = source
        self._allow_raw = allow_raw
        self._mtime = _EPOCH + timedelta(microseconds=path.stat().st_mtime_ns // 1000)

    def rows(self, is_csv: bool) -> Iterator[Row | RawRow | RowError]:
        with self._path.open("rb") as file:
            yield from self._csv_rows(file) if is_csv else self._json_rows(file)

    def _json_rows(self, file: BinaryIO) -> Iterator[Row | RawRow | RowError]:
        for number, text in _lines(file):
            if isinstance(text, RowError):
                yield text
                continue
            if not text.strip():
                continue
            try:
                yield self._json_row(number, text)
            except (_BadLineError, BadMessageError) as error:
                yield RowError(number, str(error))

    def _json_row(self, number: int, text: str) -> Row | RawRow:
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise _BadLineError(f"not JSON: {error.msg} at column {error.colno}") from None
        except (RecursionError, ValueError):
            raise _BadLineError("not JSON: too deep or a number too long") from None
        if not isinstance(data, dict):
            raise _BadLineError("must be a JSON object")
        if "raw" in data:
            return self._raw_row(number, data)
        _only(data, _EVENT_KEYS)
        fields = data.get("fields", {})
        if not isinstance(fields, dict):
            raise _BadLineError("fields must be a JSON object")
        version = data.get("version")
        if version is not None and type(version) is not int:
            raise _BadLineError("version must be a whole number")
        for name in sorted(_TEXT_KEYS):
            if data.get(name) is not None and not isinstance(data[name], str):
                raise _BadLineError(f"{name} must be text")
        row = self._row(number, data, fields, text.strip(), version)
        row.message()
        return row

    def _raw_row(self, number: int, data: dict[str, Any]) -> RawRow:
        if not self._allow_raw:
            raise _BadLineError("raw lines are not accepted here")
        raw = data["raw"]
        if not isinstance(raw, dict) or not isinstance(raw.get("topic"), str):
            raise _BadLineError("raw must be a JSON object with a topic")
        _only(data, frozenset(("raw", "note")))
        _only(raw, _RAW_KEYS)
        key, headers, note = raw.get("key"), raw.get("headers", {}), data.get("note")
        if not isinstance(key, str | None) or not isinstance(note, str | None) or not isinstance(headers, dict):
            raise _BadLineError("raw.key and note must be text, raw.headers a JSON object")
        if not all(isinstance(value, str) for value in headers.values()):
            raise _BadLineError("raw.headers must hold text")
        return RawRow(
            number,
            raw["topic"],
            None if key is None else _bytes(key),
            _raw_value(raw),
            [(name, _bytes(value)) for name, value in headers.items()],
            note,
        )

    def _csv_rows(self, file: BinaryIO) -> Iterator[Row | RowError]:
        broken: list[RowError] = []

        def texts() -> Iterator[str]:
            for _, text in _lines(file):
                if isinstance(text, RowError):
                    broken.append(text)
                    yield "\n"
                else:
                    yield text

        reader = csv.reader(texts(), strict=True)
        columns: list[str] | None = None
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                yield from broken
                return
            except csv.Error as error:
                yield RowError(first, f"not CSV: {error}")
                continue
            if broken:
                yield from broken
                broken.clear()
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip() for cell in cells]
                if problem := _header_problem(columns):
                    yield RowError(first, problem)
                    return
                continue
            try:
                yield self._csv_row(first, columns, cells)
            except (_BadLineError, BadMessageError) as error:
                yield RowError(first, str(error))

    def _csv_row(self, number: int, columns: list[str], cells: list[str]) -> Row:
        if len(cells) != len(columns):
            raise _BadLineError(f"{len(cells)} cells under {len(columns)} columns")
        said = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
        content = json.dumps(said, ensure_ascii=False, sort_keys=True)
        data = {name: said.pop(name) for name in _TEXT_KEYS if name in said}
        entity = self._entity_of(data)
        fields = normalise(entity, data.get("id", ""), _csv_fields(entity, said), self._source)
        row = self._row(number, data, fields, content, None)
        row.message()
        return row

    def _entity_of(self, data: dict[str, Any]) -> Entity:
        entity = data.get("entity") or self._entity
        for known in ENTITIES:
            if entity == known:
                return known
        raise _BadLineError(f"entity must be one of {', '.join(ENTITIES)}")

    def _row(self, number: int, data: dict[str, Any], fields: dict[str, Any], content: str, version: int | None) -> Row:
        entity = self._entity_of(data)
        if not data.get("id"):
            raise _BadLineError("id is missing")
        action = _action(data.get("action") or "upserted")
        source = data.get("source") or self._source
        time = _time(data["time"]) if data.get("time") else self._mtime
        # The time is part of the id because one event id must never name two different statements.
        event_id = data.get("event_id") or derived_id(
            source, self._path.name, entity, timestamp(time), content.encode("utf-8", "replace").decode()
        )
        return Row(number, entity, data["id"], fields, source, event_id, time, action, version, data.get("note"))


def _lines(file: BinaryIO) -> Iterator[tuple[int, str | RowError]]:
    """Yield numbered lines as text, never holding more than MAX_LINE_BYTES of one."""
    number = 0
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


def _only(data: dict[str, Any], known: frozenset[str]) -> None:
    if not known.issuperset(data):
        raise _BadLineError(f"unknown key; known: {', '.join(sorted(known))}")


def _action(text: str) -> Action:
    for known in ACTIONS:
        if text == known:
            return known
    raise _BadLineError(f"action must be one of {', '.join(ACTIONS)}")


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise _BadLineError("time is not an RFC 3339 time") from None
    if time.tzinfo is None:
        raise _BadLineError("time needs a time zone, e.g. Z or +08:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise _BadLineError("time is out of range") from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _raw_value(raw: dict[str, Any]) -> bytes | None:
    given = [name for name in ("value", "value_base64", "pad") if raw.get(name) is not None]
    if len(given) > 1:
        raise _BadLineError("raw takes one of value, value_base64, pad")
    if not given:
        return None
    value = raw[given[0]]
    if given[0] == "pad":
        if type(value) is not int or not 2 <= value <= _MAX_PAD:
            raise _BadLineError(f"raw.pad must be a whole number from 2 to {_MAX_PAD}")
        return b"{" + b" " * (value - 2) + b"}"
    if not isinstance(value, str):
        raise _BadLineError(f"raw.{given[0]} must be text")
    if given[0] == "value":
        return _bytes(value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _BadLineError("raw.value_base64 is not base64") from None


def _header_problem(columns: list[str]) -> str | None:
    fields = {name for model in MODELS.values() for name in model.model_fields}
    known = (fields | set(_SALARY) | _TEXT_KEYS) - {"salary", "salary_expected"}
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
                raise _BadLineError(f"{name} is not JSON") from None
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
        raise _BadLineError("a skill is name:level:years")
    return {"name": name} | {key: value for key, value in zip(("level", "years"), rest, strict=False) if value}
