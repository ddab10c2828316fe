"""Reads events from JSON Lines and CSV files, one row or one refusal a record; every line is accounted for.

A JSON line is `{"entity": "talent", "id": "T1", "fields": {...}}` with, at will, `action`, `event_id`, `time`,
`source`, `version` and `note` (ignored), or flat: the fields beside the id. Raw lines (`connectors.raw_lines`) are read
if `allow_raw` says so.

A CSV file has a header line; its columns are `id`, at will `entity`, `action`, `event_id`, `time`, `source`, and
fields of the entity, or what `connectors.headers` recognises as them. An empty cell leaves a field alone, `\\N` deletes
it. Lists are separated by `;`, a skill is `name:level:years`, a salary is the columns `salary_min`, `salary_max`,
`currency`, `salary_period`, `salary_months`; `employments` and `education` hold JSON.

What a line leaves out is filled in so that publishing a file twice changes nothing: the time is the file's
modification time, the event id is derived from source, file name, time and the line's content.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from connectors.csv_table import Header, Record, read_header, read_records, said_cells, typed
from connectors.formats.importer import Importer
from connectors.json_text import loads
from connectors.lines import MAX_LINE_BYTES, FileError, Line, Lines
from connectors.mapping import NO_MAPPING, ColumnMapping
from connectors.message import normalise
from connectors.plain import RefusedError
from connectors.raw_lines import raw_row
from connectors.rows import RawRow, Row, RowError
from connectors.sources.record import TEXT_KEYS, RecordReader, check_fields, refused
from schemas.entities import Entity
from schemas.errors import BadMessageError

__all__ = ["MAX_LINE_BYTES", "SUFFIXES", "FileError", "FileReader", "Position", "modified", "read_events"]

SUFFIXES = (".jsonl", ".ndjson", ".csv")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD_BYTES = 64 * 1024
_MARK = "\ufeff"  # files with marks that were put together have marks amid them


class Position(NamedTuple):
    """Where reading goes on: so many lines have been read, and so many bytes."""

    line: int
    offset: int


def read_events(
    path: Path, *, entity: Entity | None = None, source: str = "import", allow_raw: bool = False
) -> Iterator[Row | RawRow | RowError]:
    """Yield the rows of a `.jsonl`, `.ndjson` or `.csv` file in order, reading as it goes.

    `entity` and `source` hold where a line does not say its own. Raises FileError if nothing of the file can be read.
    """
    return (row for row, _ in FileReader(path, entity=entity, source=source, allow_raw=allow_raw).rows())


def modified(path: Path) -> datetime:
    """Return the file's modification time."""
    return _EPOCH + timedelta(microseconds=path.stat().st_mtime_ns // 1000)


class FileReader:
    """Reads one file, from its beginning or from any position it gave. Raises FileError if nothing can be read.

    Lines of JSON may be in `formats` of other systems; `taken` are those that were met.
    """

    def __init__(
        self,
        path: Path,
        *,
        entity: Entity | None,
        source: str,
        allow_raw: bool = False,
        mapping: ColumnMapping = NO_MAPPING,
        formats: Sequence[str] = (),
    ) -> None:
        suffix = path.suffix.lower()
        self._lines = Lines(path)
        if suffix not in SUFFIXES:
            raise FileError(f"cannot read {suffix or 'this kind of'} files; use .jsonl or .csv")
        self._allow_raw = allow_raw
        self._mtime = modified(path)
        self.records = RecordReader(entity, source, path.name, mapping)
        self._importer = Importer(self.records, formats)
        self.taken = self._importer.taken
        self._is_csv = suffix == ".csv"
        self._header: Header | None = None
        if self._is_csv:
            self._header = read_header(self._lines.read, path.name, entity, mapping)
            self.records.ignore(self._header.ignored if self._header else ())
        elif problem := _no_lines(self._lines.read()):
            raise FileError(f"{path.name} is {problem}")

    @property
    def has_lines(self) -> bool:
        """Rows are numbered by their lines."""
        return True

    def rows(self, position: Position | None = None) -> Iterator[tuple[Row | RawRow | RowError, Position | None]]:
        """Yield what follows `position`, each with the position after it; none while a line has more rows."""
        return self._csv_rows(position) if self._is_csv else self._json_rows(position or Position(0, 0))

    def _json_rows(self, position: Position) -> Iterator[tuple[Row | RawRow | RowError, Position | None]]:
        for line in self._lines.read(*position):
            if line.problem:
                yield RowError(line.number, line.problem, raw=line.raw), Position(line.number, line.end)
            elif text := line.text.strip().removeprefix(_MARK).strip():
                *before, last = self._rows_of(line.number, text)
                yield from ((row, None) for row in before)
                yield last, Position(line.number, line.end)

    def _rows_of(self, number: int, text: str) -> list[Row | RawRow | RowError]:
        data: object = None
        try:
            try:
                data = loads(text)
            except json.JSONDecodeError as error:
                raise RefusedError(f"not JSON: {error.msg} at column {error.colno}") from None
            if self._importer.format(data):
                return list(self._importer.rows(repeat(number), data, self._mtime, text))
            if not isinstance(data, dict):
                raise RefusedError("must be a JSON object, one a line")
            if "raw" in data:
                if not self._allow_raw:
                    raise RefusedError("raw lines are not accepted here")
                return [raw_row(number, data)]
            return [self.records.read(number, data, self._mtime, text, text)]
        except RefusedError as error:
            return [refused(number, error, data, text)]

    def _csv_rows(self, position: Position | None) -> Iterator[tuple[Row | RowError, Position | None]]:
        header = self._header
        if header is None:
            return
        at = max(position or Position(0, 0), Position(header.line, header.end))
        for record in read_records(self._lines.read, header.separator, *at, len(header.fields)):
            last = record.lines[-1]
            if record.problem or any(cell.strip() for cell in record.cells):
                yield self._csv_row(header, record), Position(last.number, last.end)

    def _csv_row(self, header: Header, record: Record) -> Row | RowError:
        number, said = record.lines[0].number, dict[str, str]()
        try:
            if record.problem:
                raise RefusedError(record.problem)
            if [cell.strip() for cell in record.cells][: len(header.names)] == list(header.names):
                raise RefusedError("the header line again")
            said = said_cells(header, record.cells)
            content = json.dumps(said, ensure_ascii=False, sort_keys=True)
            data = {name: said[name] for name in TEXT_KEYS if name in said}
            entity = self.records.entity_of(data)
            fields = typed(entity, {name: cell for name, cell in said.items() if name not in data})
            check_fields(entity, fields, None)
            fields = normalise(entity, data.get("id", ""), fields, self.records.source)
            return self.records.row(number, data, fields, content, self._mtime)
        except (RefusedError, BadMessageError) as error:
            return refused(number, error, said, record.raw)


def _no_lines(lines: Iterator[Line]) -> str | None:
    """Return what a file of JSON is, and what to do, if it is one value over many lines; None if it is JSON Lines."""
    head: list[str] = []
    size, cut = 0, False
    for line in lines:
        size += len(line.raw)
        if text := (line.text or line.raw.decode("latin-1")).strip():
            head.append(text)
        if cut := size > _HEAD_BYTES or bool(line.problem):
            break
    if not head or head[0][0] not in "[{":
        return None
    spans = len(head) > 1 and _spans(head, cut)
    alone = len(head) == 1 and (isinstance(_value(head[0]), list) or (cut and head[0][1:].lstrip().startswith("{")))
    if head[0][0] == "[" and (spans or alone):
        return "a JSON array, not JSON Lines; write one object a line, e.g. jq -c '.[]' FILE > FILE.jsonl"
    if spans:
        return "JSON over several lines, not JSON Lines; write one object a line, e.g. jq -c . FILE > FILE.jsonl"
    return None


def _spans(head: list[str], cut: bool) -> bool:
    """Whether the value that begins in the first line goes on in others, as far as the file's head tells."""
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode("\n".join(head))
    except json.JSONDecodeError as error:
        return cut and error.pos > len(head[0]) + 1
    except (ValueError, RecursionError):
        return False
    return end > len(head[0])


def _value(text: str) -> object:
    try:
        return loads(text)
    except json.JSONDecodeError:
        return None
