"""Opens a source by what its address looks like."""

from pathlib import Path

from connectors.files import SUFFIXES
from connectors.lines import kind_of
from connectors.mapping import NO_MAPPING, ColumnMapping
from connectors.sources.base import Source, SourceError
from connectors.sources.mongo import MongoSource
from connectors.sources.parquet import ParquetSource
from connectors.sources.rest import RestSource
from connectors.sources.text import TextSource
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
) -> Source:
    """Return the source at `address`: a file, a MongoDB collection or a REST API. Raises SourceError.

    `entity` and `source` hold where a record does not say its own. `follow` is for MongoDB, `token` for REST.
    """
    try:
        found = _open(address, entity, source, follow, token, timeout_seconds, mapping)
    except OSError as error:
        raise SourceError(f"the file {address} cannot be read: {error.strerror}") from error
    if mapping:  # records read another way are other statements, and another run
        found.identity += f"|{mapping.identity}"
    return found


def _open(
    address: str,
    entity: Entity | None,
    source: str,
    follow: bool,
    token: str | None,
    timeout: float,
    mapping: ColumnMapping,
) -> Source:
    if address.startswith(("mongodb://", "mongodb+srv://")):
        return MongoSource(
            address, entity=entity, source=source, follow=follow, timeout_seconds=timeout, mapping=mapping
        )
    if follow:
        raise SourceError("only a MongoDB collection can be followed")
    if address.startswith(("http://", "https://")):
        return RestSource(address, entity=entity, source=source, token=token, timeout_seconds=timeout, mapping=mapping)
    path = Path(address)
    if path.is_dir():
        raise SourceError(f"{address} is a folder; name a file in it")
    if not path.is_file():
        raise SourceError(f"there is no file {address}")
    if path.suffix.lower() == ".parquet":
        return ParquetSource(path, entity=entity, source=source, mapping=mapping)
    if path.suffix.lower() in SUFFIXES:
        return TextSource(path, entity=entity, source=source, mapping=mapping)
    with path.open("rb") as file:
        kind = kind_of(file.read(16))
    if kind:
        raise SourceError(f"{path.name} is {kind[0]}; {kind[1]}")
    raise SourceError(f"cannot read {path.suffix or 'this kind of'} files; use .jsonl, .csv or .parquet")
