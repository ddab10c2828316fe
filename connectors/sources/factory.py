"""Opens a source by what its address looks like."""

from pathlib import Path

from connectors.files import FileReader
from connectors.formats.importer import AUTO, formats_of
from connectors.formats.opening import open_file
from connectors.lines import FileError
from connectors.mapping import NO_MAPPING, ColumnMapping
from connectors.sources.base import Source, SourceError
from connectors.sources.mongo import MongoSource
from connectors.sources.parquet import ParquetSource
from connectors.sources.rest import RestSource
from connectors.sources.text import DocumentSource, TextSource
from schemas.entities import Entity


def open_source(
    address: str,
    *,
    entity: Entity | None,
    source: str,
    follow: bool = False,
    token: str | None = None,
    timeout_seconds: float = 30.0,
    mapping: ColumnMapping = NO_MAPPING,
    choice: str = AUTO,
) -> Source:
    """Return the source at `address`: a file, a MongoDB collection or a REST API. Raises SourceError.

    `entity` and `source` hold where a record does not say its own. `follow` is for MongoDB, `token` for REST. `choice`
    is the format of files and pages, `events`, or `auto`, which looks at what they hold.
    """
    try:
        found = _open(address, entity, source, follow, token, timeout_seconds, mapping, choice)
    except OSError as error:
        raise SourceError(f"the file {address} cannot be read: {error.strerror}") from error
    if mapping:  # records read another way are other statements, and another run
        found.identity += f"|{mapping.identity}"
    if choice != AUTO:
        found.identity += f"|{choice}"
    return found


def _open(
    address: str,
    entity: Entity | None,
    source: str,
    follow: bool,
    token: str | None,
    timeout: float,
    mapping: ColumnMapping,
    choice: str,
) -> Source:
    if len(formats_of(choice)) == 1 and mapping:
        raise SourceError(f"--format {choice} knows its fields; --map, --map-file and --ignore-unknown are for events")
    if address.startswith(("mongodb://", "mongodb+srv://")):
        if len(formats_of(choice)) == 1:
            raise SourceError("--format is for files and REST APIs; a MongoDB collection holds the entity's fields")
        return MongoSource(
            address, entity=entity, source=source, follow=follow, timeout_seconds=timeout, mapping=mapping
        )
    if follow:
        raise SourceError("only a MongoDB collection can be followed")
    if address.startswith(("http://", "https://")):
        return RestSource(
            address,
            entity=entity,
            source=source,
            token=token,
            timeout_seconds=timeout,
            mapping=mapping,
            names=() if mapping else formats_of(choice),
        )
    path = Path(address)
    if not path.exists():
        raise SourceError(f"there is no file {address}")
    if path.suffix.lower() == ".parquet":
        if len(formats_of(choice)) == 1:
            raise SourceError("--format is for other files and REST APIs; Parquet holds the entity's fields")
        return ParquetSource(path, entity=entity, source=source, mapping=mapping)
    try:
        reader = open_file(path, choice=choice, entity=entity, source=source, mapping=mapping)
    except FileError as error:
        raise SourceError(str(error)) from error
    return TextSource(path, reader) if isinstance(reader, FileReader) else DocumentSource(path, reader)
