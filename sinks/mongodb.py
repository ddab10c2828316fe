"""MongoDB: source records, by idempotent conditional writes, durable before they return.

Uses PyMongo's own async API; Motor, which it replaced, is deprecated by its makers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, AsyncMongoClient, IndexModel, InsertOne, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.monitoring import CommandListener, ConnectionPoolListener
from pymongo.write_concern import WriteConcern

from processors.quality.score import heard_of, stored_quality
from processors.sync.stored import StoredRecord
from schemas.entities import CATALOGUE, Entity
from schemas.errors import BadMessageError
from schemas.settings import MongoDBSettings
from sinks.bulk import guarded_write
from sinks.field_encryption import SealingClient, sealed
from sinks.lookup import having

Document = dict[str, Any]
Database = AsyncDatabase[Document]
Listener = CommandListener | ConnectionPoolListener

COLLECTIONS: Mapping[Entity, str] = {spec.name: spec.plural for spec in CATALOGUE}
_CONFLICTS = IndexModel([("conflicts.id", ASCENDING)], name="conflicts", sparse=True)
_DELETED = IndexModel([("deleted", ASCENDING)], name="deleted", partialFilterExpression={"deleted": True})
"""Few records: so those that live are counted without reading any."""

_LOOKUPS: Mapping[Entity, IndexModel] = {
    "talent": IndexModel([("fields.employments.company_id", ASCENDING)], name="employers", sparse=True),
    "job": IndexModel([("fields.company_id", ASCENDING)], name="company"),
}
"""What sinks/relations.py looks records up by."""

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    **{
        collection: [*([_LOOKUPS[entity]] if entity in _LOOKUPS else []), _CONFLICTS, _DELETED]
        for entity, collection in COLLECTIONS.items()
    },
}

QUALITY = "quality"
"""The field of a record's document that has its score and what lowers it (schemas/quality.py)."""

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
"""MongoDB's limit."""

_ALWAYS_FIT = 4
"""Events of at most 512 KiB, whose values a document may hold five times: also as both sides of a conflict."""


def connect(settings: MongoDBSettings, *listeners: Listener) -> tuple[AsyncMongoClient[Document], Database]:
    """Return a client and its database; every write is acknowledged by a majority's journal."""
    milliseconds = int(settings.timeout_seconds * 1000)
    url = settings.url.get_secret_value()
    options: dict[str, Any] = {
        "timeoutMS": milliseconds,
        "serverSelectionTimeoutMS": milliseconds,
        "connectTimeoutMS": milliseconds,
        "maxPoolSize": 20,
        "tz_aware": True,
        "event_listeners": listeners,
    }
    client: AsyncMongoClient[Document]
    if settings.encryption_key is not None:
        client = SealingClient(url, settings.database, settings.encryption_key, **options)
    else:
        client = AsyncMongoClient(url, **options)
    durable = WriteConcern(w="majority", j=True)
    return client, client.get_database(settings.database, write_concern=durable)


def _on_top(values: Document, read: StoredRecord | None) -> InsertOne[Any] | ReplaceOne[Any]:
    document = RawBSONDocument(bson.encode(values))  # once, and not again for its size
    return ReplaceOne({"_id": values["_id"], **as_read(read)}, document) if read else InsertOne(document)


def document_of(stored: StoredRecord) -> Document:
    """Return a record's document with its quality, which follows from the record and is part of no comparison."""
    record, document = stored.record, stored.to_document()
    if (heard := heard_of(record.provenance)) is not None:
        document[QUALITY] = stored_quality(record.entity, record.fields, heard)
    return document


def as_read(stored: StoredRecord | None) -> Document:
    """Return the guard of a record: nobody has stored it or told it again since."""
    return {"revision": stored.record.revision, "retold": stored.retold} if stored else {"revision": 0}


def refuse_document(document: Document) -> None:
    """Raise BadMessageError (`oversized`) for a document larger than MongoDB holds."""
    size = len(bson.encode(document))
    if size > MAX_DOCUMENT_BYTES:
        raise BadMessageError("oversized", f"the record would have {size} bytes; MongoDB holds {MAX_DOCUMENT_BYTES}")


def refuse_record(stored: StoredRecord) -> None:
    """Raise BadMessageError (`oversized`) for what MongoDB would refuse, before anything tells of it.

    Measuring costs as much as writing, so what is of few events is taken as it is: it always fits.
    """
    events = {c.event_id for c in stored.state.contributions.values()}
    if len(events) > _ALWAYS_FIT:
        refuse_document(stored.to_document())


class RecordStore:
    """The source records of one entity."""

    def __init__(self, database: Database, entity: Entity) -> None:
        self._database = database
        self._entity = entity
        self.collection = COLLECTIONS[entity]

    async def load(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        """Return what is stored of `ids`, by id."""
        found = having(self._database[self.collection], "_id", ids)
        return {d["_id"]: StoredRecord.from_document(self._entity, d) async for d in found}

    async def revisions(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the revision of each that is stored."""
        found = having(self._database[self.collection], "_id", ids, only={"revision": 1})
        return {d["_id"]: d["revision"] async for d in found}

    async def save(self, records: Iterable[StoredRecord], read: Mapping[str, StoredRecord]) -> None:
        """Store records, each on top of what `load` had returned of it, `read`; with none, make durable what it was.

        Raises ConflictError if another writer came first; nothing of the others is undone, and repeating is safe.
        """
        documents = await sealed(self._database.client, self._entity, [document_of(s) for s in records])
        operations = [_on_top(d, read.get(d["_id"])) for d in documents]
        await guarded_write(self._database, self.collection, operations)
