"""Parquet files as sources: row groups are streamed, the cursor is the number of rows read."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.files import modified
from connectors.rows import RowError
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.record import RecordReader
from connectors.sources.text import file_identity
from schemas.entities import Entity

_BATCH_ROWS = 1000
_BATCH_BYTES = 8 * 1024 * 1024
_BUFFER_BYTES = 1024 * 1024


class ParquetSource:
    """One `.parquet` file; a null leaves its field alone."""

    def __init__(self, path: Path, *, entity: Entity | None, source: str) -> None:
        self.name = str(path)
        self.identity = file_identity(path)
        self._path = path
        self._time = modified(path)
        self._records = RecordReader(entity, source, path.name)
        self._rows = self._open().metadata.num_rows

    def _open(self) -> Any:
        try:
            # Without pre-buffering, so that a large row group is read through a small window.
            return pq.ParquetFile(self._path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"not a readable Parquet file: {type(error).__name__}") from error

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step a row."""
        done = cursor["rows"] if cursor else 0
        with self._open() as file:
            try:
                for number, record in _records(file, done):
                    # Nulls of structs are values that were not given, not deletions.
                    row = (
                        RowError(number, f"not readable: {type(record).__name__}")
                        if isinstance(record, Exception)
                        else self._records.read(number, _without_nulls(record), self._time)
                    )
                    yield Step(row, {"rows": number})
            except (pa.ArrowException, OSError) as error:
                raise SourceError(f"the Parquet file is damaged: {type(error).__name__}") from error

    def share(self, cursor: Cursor) -> float | None:
        """Return the share of the file's rows."""
        return min(1.0, cursor["rows"] / self._rows) if self._rows else 1.0


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
                yield from enumerate(_dicts(batch.slice(skipped)), number + skipped + 1)
            number += batch.num_rows
        first += metadata.num_rows


def _dicts(batch: Any) -> Iterator[Any]:
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):
        for index in range(batch.num_rows):
            try:
                yield batch.slice(index, 1).to_pylist()[0]
            except (ValueError, OverflowError, pa.ArrowException) as error:
                yield error


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value
