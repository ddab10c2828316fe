"""JSON Lines and CSV files as sources: the cursor is the line and byte after a row."""

from collections.abc import AsyncGenerator
from pathlib import Path

from connectors.files import FileError, FileReader, Position
from connectors.mapping import NO_MAPPING, ColumnMapping
from connectors.rows import RawRow
from connectors.sources.base import Cursor, SourceError, Step
from schemas.entities import Entity


def file_identity(path: Path) -> str:
    """Return what changes when the file does: cursors of one version mean nothing in another."""
    stat = path.stat()
    return f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"


class TextSource:
    """One `.jsonl`, `.ndjson` or `.csv` file."""

    def __init__(self, path: Path, *, entity: Entity | None, source: str, mapping: ColumnMapping = NO_MAPPING) -> None:
        self.name = str(path)
        self.identity = file_identity(path)
        self._size = path.stat().st_size
        try:
            self._reader = FileReader(path, entity=entity, source=source, mapping=mapping)
        except FileError as error:
            raise SourceError(str(error)) from error
        self.ignored = self._reader.records.ignored

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step a line, reading as it goes."""
        start = Position(cursor["line"], cursor["offset"]) if cursor else None
        try:
            for row, position in self._reader.rows(start):
                assert not isinstance(row, RawRow), "raw lines are refused by the reader"
                yield Step(row, position._asdict())
        except OSError as error:
            raise SourceError(f"the file cannot be read: {error.strerror}") from error

    def share(self, cursor: Cursor) -> float | None:
        """Return the share of the file's bytes."""
        return min(1.0, cursor["offset"] / self._size) if self._size else 1.0
