"""Reads a file, or a folder of tables, as a document in any of the formats: a row or a refusal for each thing in it."""

from collections.abc import Iterator, Sequence
from itertools import count, islice, repeat
from pathlib import Path

from connectors.files import modified
from connectors.formats.containers import Part, parts
from connectors.formats.importer import KNOWN, Importer, is_event
from connectors.lines import FileError
from connectors.mapping import ColumnMapping
from connectors.rows import Row, RowError
from connectors.sources.record import RecordReader
from schemas.entities import Entity

SUFFIXES = (".json", ".html", ".htm", ".xml", ".zip")
"""Of files that are read as documents; tables (.csv) and lines (.jsonl) may be, too."""
_LOOKED_AT = 100


class FormatReader:
    """Reads one file. Raises FileError if nothing of it can be read, or it is of no format that is known."""

    def __init__(
        self, path: Path, *, names: Sequence[str], entity: Entity | None, source: str, mapping: ColumnMapping
    ) -> None:
        self._path = path
        files = [path] if path.is_file() else list(path.rglob("*.csv"))
        self._time = max(map(modified, files), default=modified(path))
        self.records = RecordReader(entity, source, path.name, mapping)
        self._importer = Importer(self.records, names)
        self.taken = self._importer.taken
        self._documents = None if path.suffix.lower() == ".csv" else list(parts(path))
        # Nothing is published of a file that nobody knows.
        readable = [part for part in islice(self._parts(), _LOOKED_AT) if not part.problem]
        if readable and not any(map(self._known, readable)):
            raise FileError(f"{path.name} is of no format that is known; {KNOWN}")

    @property
    def has_lines(self) -> bool:
        """Whether rows are numbered by their lines, not counted."""
        return self._documents is None or any(part.line is not None for part in self._documents)

    def rows(self, done: int = 0) -> Iterator[tuple[Row | RowError, int]]:
        """Yield the rows after the first `done`, each with how many have been read with it."""
        return ((row, read) for read, row in enumerate(self._rows(), 1) if read > done)

    def _parts(self) -> Iterator[Part]:
        return parts(self._path) if self._documents is None else iter(self._documents)

    def _known(self, part: Part) -> bool:
        """Whether it can be read; events in tables have a reader of their own."""
        one = part.value[0] if isinstance(part.value, list) and part.value else part.value
        return self._importer.format(part.value) is not None or (self._documents is not None and is_event(one))

    def _rows(self) -> Iterator[Row | RowError]:
        counted = count(1)
        for part in self._parts():
            numbers = counted if part.line is None else repeat(part.line)
            if part.problem:
                yield RowError(next(numbers), part.problem, raw=part.raw)
            else:
                yield from self._importer.rows(numbers, part.value, self._time, part.raw)
