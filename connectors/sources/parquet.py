"""Parquet files as sources: row groups are streamed, the cursor is the number of rows read."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.files import modified
from connectors.headers import recognise
from connectors.lines import kind_of
from connectors.mapping import NO_MAPPING, TARGETS, ColumnMapping
from connectors.plain import EVENT_KEYS, FIELDS, RefusedError
from connectors.rows import Row, RowError
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.record import RecordReader, refused
from connectors.sources.text import file_identity
from schemas.entities import Entity

_BATCH_ROWS = 1000
_BATCH_BYTES = 8 * 1024 * 1024
_BUFFER_BYTES = 1024 * 1024
_MAGIC = b"PAR1"
# What Arrow raises over bytes that are not what a Parquet file promises.
_DAMAGE = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, IndexError)


class ParquetSource:
    """One `.parquet` file; a null leaves its field alone."""

    def __init__(self, path: Path, *, entity: Entity | None, source: str, mapping: ColumnMapping = NO_MAPPING) -> None:
        self.name = str(path)
        self.identity = file_identity(path)
        self._path = path
        self._time = modified(path)
        with self._open() as file:
            self._rows = file.metadata.num_rows
            names = file.schema_arrow.names
        if len(set(names)) < len(names):
            raise SourceError(f"{path.name} has two columns of one name; rename one")
        self._records = RecordReader(entity, source, path.name, mapping.then(_recognised(names, entity)))
        self.ignored = self._records.ignored
        self.taken: set[str] = set()

    def _open(self) -> Any:
        try:
            # Without pre-buffering, so that a large row group is read through a small window.
            return pq.ParquetFile(self._path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        except _DAMAGE as error:
            raise SourceError(f"{self._path.name} is not a readable Parquet file: {_found(self._path)}") from error

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step a row."""
        done = cursor["rows"] if cursor else 0
        with self._open() as file:
            try:
                for number, record in _records(file, done):
                    yield Step(self._row(number, record), {"rows": number})
                    done = number
            except _DAMAGE as error:
                where = f"after row {done} of {self._rows} ({type(error).__name__})"
                raise SourceError(f"{self._path.name} is damaged {where}; write it again") from error

    def _row(self, number: int, record: Any) -> Row | RowError:
        if isinstance(record, _Unreadable):
            return refused(number, RefusedError(record.why), record.rest)
        # Nulls of structs are values that were not given, not deletions.
        return self._records.read(number, _without_nulls(record), self._time)

    def share(self, cursor: Cursor) -> float | None:
        """Return the share of the file's rows."""
        return min(1.0, cursor["rows"] / self._rows) if self._rows else 1.0


def _recognised(names: list[str], entity: Entity | None) -> dict[str, str]:
    """Return the fields that columns mean by other names, as tables of people's have them."""
    found = {name: recognise(name, entity) for name in names if name not in TARGETS}
    return {name: field for name, field in found.items() if field and field not in names}


class _Unreadable:
    """A row of which a column holds what Python cannot; `rest` are the other columns."""

    def __init__(self, row: Any) -> None:
        self.rest: dict[str, Any] = {}
        bad = []
        for name in row.schema.names:
            try:
                self.rest[name] = row.column(name)[0].as_py()
            except _DAMAGE:
                bad.append(name)
        known = [name for name in bad if name in FIELDS | EVENT_KEYS] or ["a column"]
        self.why = f"{', '.join(known)} cannot be read: a time outside the years 1 to 9999, or text that is not UTF-8"


def _found(path: Path) -> str:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
        file.seek(max(0, size - len(_MAGIC)))
        tail = file.read()
    if not size:
        return "it is empty"
    if head.startswith(_MAGIC):
        return "its footer is damaged; write it again" if tail == _MAGIC else "it is cut short; copy it again"
    if kind := kind_of(head):
        return f"it is {kind[0]}; {kind[1]}"
    return "it begins as another kind of file; a text file is named .csv or .jsonl"


def _records(file: Any, done: int) -> Iterator[tuple[int, Any]]:
    """Yield the rows after the first `done`, numbered from 1, each a dict or why it is none."""
    first = 0
    for group in range(file.metadata.num_row_groups):
        metadata = file.metadata.row_group(group)
        if first + metadata.num_rows <= done:
            first += metadata.num_rows
            continue
        size = max(1, metadata.total_byte_size // max(1, metadata.num_rows))
        number = first
        for batch in file.iter_batches(min(_BATCH_ROWS, max(1, _BATCH_BYTES // size)), row_groups=[group]):
            if number + batch.num_rows > done:
                skipped = max(0, done - number)
                yield from enumerate(_dicts(_microseconds(batch.slice(skipped))), number + skipped + 1)
            number += batch.num_rows
        first += metadata.num_rows


def _microseconds(batch: Any) -> Any:
    """Return the batch with times as precise as Python's, which are at most cut off."""
    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            cut = pa.timestamp("us", field.type.tz)
            batch = batch.set_column(index, field.name, batch.column(index).cast(cut, safe=False))
    return batch


def _dicts(batch: Any) -> Iterator[Any]:
    try:
        rows = batch.to_pylist()
    except _DAMAGE:
        rows = map(_dict, (batch.slice(index, 1) for index in range(batch.num_rows)))
    yield from rows


def _dict(row: Any) -> Any:
    try:
        return row.to_pylist()[0]
    except _DAMAGE:
        return _Unreadable(row)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value
