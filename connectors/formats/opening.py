"""Opens a file for reading by lines or as a document, as its name and content say."""

from pathlib import Path

from connectors.files import SUFFIXES as LINES
from connectors.files import FileReader
from connectors.formats.importer import AUTO, EVENTS, KNOWN, formats_of
from connectors.formats.reader import SUFFIXES, FormatReader
from connectors.lines import FileError, kind_of
from connectors.mapping import NO_MAPPING, ColumnMapping
from schemas.entities import Entity


def open_file(
    path: Path,
    *,
    choice: str = AUTO,
    entity: Entity | None,
    source: str,
    allow_raw: bool = False,
    mapping: ColumnMapping = NO_MAPPING,
) -> FileReader | FormatReader:
    """Return what reads a file: `choice` is a format, `events`, or `auto`, which looks at the content.

    Raises FileError, which says what is allowed, and OSError.
    """
    names = formats_of(choice)
    if len(names) == 1 and mapping:
        raise FileError(f"--format {choice} knows its fields; --map, --map-file and --ignore-unknown are for events")
    if mapping:
        names = ()
    suffix = path.suffix.lower()

    def document() -> FormatReader:
        return FormatReader(path, names=names, entity=entity, source=source, mapping=mapping)

    if path.is_dir() or suffix in SUFFIXES or (suffix == ".csv" and len(names) == 1):
        if not names:
            raise FileError(f"{path.name} is no file of events, which is .jsonl or .csv; {KNOWN}")
        return document()
    if suffix not in LINES:
        with path.open("rb") as file:
            kind = kind_of(file.read(16))
        if kind:
            raise FileError(f"{path.name} is {kind[0]}; {kind[1]}")
        raise FileError(f"cannot read {suffix or 'this kind of'} files; use {', '.join((*LINES, *SUFFIXES))}")
    try:
        return FileReader(path, entity=entity, source=source, allow_raw=allow_raw, mapping=mapping, formats=names)
    except FileError as error:
        if choice == EVENTS or mapping:
            raise
        # Neither lines of JSON nor a table of events; it may be of another system.
        try:
            found = document()
        except FileError:
            raise error from None
        return found
