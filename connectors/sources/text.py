"""Files as sources. Of lines the cursor is the line and byte after a row, of a document the number of rows read."""

from collections.abc import AsyncGenerator
from pathlib import Path

from connectors.files import FileReader, Position
from connectors.formats.reader import FormatReader
from connectors.rows import RawRow
from connectors.sources.base import Cursor, SourceError, Step


def file_identity(path: Path) -> str:
    """Return what changes when the file does, or one in the folder: cursors of one version mean nothing in another."""
    files = sorted(file for file in path.rglob("*.csv") if file.is_file()) if path.is_dir() else [path]
    stats = [file.stat() for file in files]
    return "|".join((str(path.resolve()), *(f"{stat.st_size}|{stat.st_mtime_ns}" for stat in stats)))


class TextSource:
    """One `.jsonl`, `.ndjson` or `.csv` file."""

    def __init__(self, path: Path, reader: FileReader) -> None:
        self.name = str(path)
        self.identity = file_identity(path)
        self._size = path.stat().st_size
        self._reader = reader
        self.ignored, self.taken = reader.records.ignored, reader.taken

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step a line, reading as it goes."""
        start = Position(cursor["line"], cursor["offset"]) if cursor else None
        try:
            for row, position in self._reader.rows(start):
                assert not isinstance(row, RawRow), "raw lines are refused by the reader"
                yield Step(row, position._asdict() if position else None)
        except OSError as error:
            raise SourceError(f"the file cannot be read: {error.strerror}") from error

    def share(self, cursor: Cursor) -> float | None:
        """Return the share of the file's bytes."""
        return min(1.0, cursor["offset"] / self._size) if self._size else 1.0


class DocumentSource:
    """One document of another system: JSON, a page, XML, a table, an archive or folder of tables."""

    def __init__(self, path: Path, reader: FormatReader) -> None:
        self.name = str(path)
        self.identity = file_identity(path)
        self._reader = reader
        self.ignored, self.taken = reader.records.ignored, reader.taken

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step a row."""
        for row, read in self._reader.rows(cursor["rows"] if cursor else 0):
            yield Step(row, {"rows": read})

    def share(self, cursor: Cursor) -> float | None:
        """Nobody knows how many rows a document has before it has been read."""
        return None
