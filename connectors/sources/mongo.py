"""MongoDB collections as sources: a snapshot in the order of `_id`, then the change stream.

The change stream's resume token is taken before the snapshot begins, so nothing is missed between the two. What changes
meanwhile is read twice, but does not count twice: documents of the snapshot are statements as of its beginning, changes
as of their own, later time, and the merge keeps the newest.
"""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId, Timestamp, json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from connectors.mapping import NO_MAPPING, ColumnMapping
from connectors.plain import RefusedError
from connectors.rows import Row, RowError
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.record import RecordReader, refused
from connectors.sources.retry import patiently
from schemas.entities import CATALOGUE, ENTITIES, MODELS, Entity
from schemas.envelope import timestamp

PAGE_DOCUMENTS = 1000
AWAIT_MS = 1000
_HISTORY_LOST = 286
_UPSERTS = ("insert", "update", "replace")
_FOREIGN = frozenset(("id", "fields", "time", "event_id"))
_ENDS = ("drop", "rename", "dropDatabase", "invalidate")
_PLURALS: dict[str, Entity] = {spec.plural: spec.name for spec in CATALOGUE}

Document = dict[str, Any]
# What one document holds and Python cannot, a time after the year 9999 or text that is not UTF-8, costs that document.
OPTIONS: CodecOptions[Document] = CodecOptions(
    tz_aware=True,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="surrogateescape",
)
Stream = AsyncCollectionChangeStream[Document]


class MongoSource:
    """One collection, `mongodb://host:port/database.collection`; `follow` goes on with what changes until stopped."""

    def __init__(
        self,
        url: str,
        *,
        entity: Entity | None,
        source: str,
        follow: bool = False,
        timeout_seconds: float = 10.0,
        mapping: ColumnMapping = NO_MAPPING,
    ) -> None:
        try:
            parsed = parse_uri(url)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise SourceError("not a valid address; use mongodb://host:port/database.collection") from error
        if not parsed["database"] or not parsed["collection"]:
            raise SourceError("the address lacks the collection; use mongodb://host:port/database.collection")
        self._url = url
        self._database, self._collection_name = parsed["database"], parsed["collection"]
        hosts = ",".join(f"{host}:{port}" for host, port in parsed["nodelist"])
        namespace = f"{self._database}.{self._collection_name}"
        self.name = self.identity = f"mongodb://{hosts}/{namespace}"
        chosen = entity or _PLURALS.get(self._collection_name)
        if chosen is None:
            raise SourceError(f"say what the documents are: --entity {'|'.join(ENTITIES)}")
        self._entity: Entity = chosen
        self._source = source
        self._follow = follow
        self._milliseconds = int(timeout_seconds * 1000)
        if said := _FOREIGN & {target for _, target in mapping.pairs}:
            raise SourceError(
                f"{', '.join(sorted(said))} of a document are the database's own; nothing is mapped to them"
            )
        self._records = RecordReader(chosen, source, namespace, mapping)
        self.ignored = self._records.ignored
        self.taken: set[str] = set()

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield a step a document and then a change; without a row, the stream has only moved on."""
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            self._url,
            serverSelectionTimeoutMS=self._milliseconds,
            connectTimeoutMS=self._milliseconds,
            socketTimeoutMS=self._milliseconds + AWAIT_MS,
            tz_aware=True,
            maxPoolSize=4,
        )
        try:
            collection = client[self._database].get_collection(self._collection_name, codec_options=OPTIONS)
            if cursor is None:
                cursor = await patiently(lambda: self._begin(client, collection))
                yield Step(None, cursor)
            if cursor["snapshot"]:
                async for step in self._snapshot(collection, cursor):
                    cursor = step.cursor or cursor
                    yield step
            async for step in self._changes(collection, cursor):
                yield step
        except PyMongoError as error:
            raise _explained(error) from error
        except UnicodeEncodeError as error:
            raise SourceError("the _id of a document is not UTF-8, so that nothing can be read behind it") from error
        finally:
            await client.close()

    def share(self, cursor: Cursor) -> float | None:
        """Return the share of the snapshot; what follows it has no end."""
        if not cursor["snapshot"]:
            return 1.0
        return min(1.0, cursor["read"] / cursor["estimate"]) if cursor["estimate"] else None

    async def _begin(self, client: AsyncMongoClient[Document], collection: Any) -> Cursor:
        time = (await client.admin.command("ping")).get("operationTime")
        if time is None:
            raise SourceError("the server has no change streams: it must be a replica set")
        async with await collection.watch() as stream:
            token = stream.resume_token
        return {
            "token": json_util.dumps(token),
            "time": timestamp(_time(time)),
            "snapshot": True,
            "last": None,
            "read": 0,
            "estimate": await collection.estimated_document_count(),
        }

    async def _snapshot(self, collection: Any, cursor: Cursor) -> AsyncGenerator[Step, None]:
        at = datetime.fromisoformat(cursor["time"])
        read, last = cursor["read"], cursor["last"] and json_util.loads(cursor["last"])["_id"]
        begun = cursor["last"] is not None
        while True:

            async def page(begun: bool = begun, last: Any = last) -> list[Document]:
                # One batch a query, which the server bounds in bytes, and no cursor that could time out meanwhile.
                found = collection.find().sort("_id", 1).hint([("_id", 1)]).limit(-PAGE_DOCUMENTS)
                # `min` compares ids of any type, where {"_id": {"$gt": last}} would see only those of last's own.
                documents = [document async for document in (found.min([("_id", last)]) if begun else found)]
                return documents[1:] if begun and documents and _same(documents[0]["_id"], last) else documents

            documents = await patiently(page)
            for document in documents:
                read, last, begun = read + 1, document["_id"], True
                after = {**cursor, "last": json_util.dumps({"_id": last}), "read": read}
                yield Step(self._row(read, last, document, at), after)
            if not documents:
                yield Step(None, {**cursor, "snapshot": False, "last": None, "read": read})
                return

    async def _changes(self, collection: Any, cursor: Cursor) -> AsyncGenerator[Step, None]:
        stream: Stream | None = None
        read = cursor["read"]

        async def following() -> tuple[Document | None, Cursor]:
            nonlocal stream, cursor
            try:
                if stream is None:
                    stream = await collection.watch(
                        full_document="updateLookup",
                        full_document_before_change="whenAvailable",
                        start_after=json_util.loads(cursor["token"]),
                        max_await_time_ms=AWAIT_MS,
                    )
                change = await stream.try_next()
            except PyMongoError:
                stream = None
                raise
            cursor = {**cursor, "token": json_util.dumps(stream.resume_token)}
            return change, cursor

        try:
            while True:
                change, cursor = await patiently(following)
                row = self._changed(read + 1, change) if change else None
                if row is not None:
                    read += 1
                    cursor = {**cursor, "read": read}
                yield Step(row, cursor)
                if change is None and not self._follow:
                    return
        finally:
            if stream is not None:
                await stream.close()

    def _changed(self, number: int, change: Document) -> Row | RowError | None:
        operation = change["operationType"]
        if operation in _ENDS:
            raise SourceError(f"the collection's change stream has ended ({operation}); begin a new run with --run")
        key = change.get("documentKey", {}).get("_id")
        at = _time(change["clusterTime"])
        if operation == "delete":
            return self._row(number, key, {"action": "deleted"}, at)
        document = change.get("fullDocument")
        if operation not in _UPSERTS or document is None:  # deleted since: that change is yet to come
            return None
        gone = set(change.get("updateDescription", {}).get("removedFields", ()))
        gone |= set(change.get("fullDocumentBeforeChange") or ()) - document.keys()
        known = MODELS[self._entity].model_fields.keys() | self._records.mapping.columns
        return self._row(number, key, {**dict.fromkeys(gone & known), **document}, _time(change["clusterTime"]))

    def _row(self, number: int, key: Any, document: Document, at: datetime) -> Row | RowError:
        raw = _as_text(document)
        if not isinstance(key, str | int | ObjectId) or isinstance(key, bool):
            return RowError(number, "_id must be text, a whole number or an ObjectId", raw=raw)
        # Only the database's own times put the states of a document in order.
        if said := _FOREIGN & document.keys():
            why = f"a document holds the entity's fields themselves, without {', '.join(sorted(said))}"
            return refused(number, RefusedError(why), {"id": key}, raw)
        fields = {name: document[name] for name in document if name != "_id"}
        return self._records.read(number, {**fields, "id": str(key)}, at, raw=raw)


def _as_text(document: Document) -> str | None:
    try:
        return json_util.dumps(document)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None


def _same(one: Any, other: Any) -> bool:
    return json_util.dumps({"": one}) == json_util.dumps({"": other})


def _time(at: Timestamp) -> datetime:
    """Return a cluster time; its ordinal within the second becomes microseconds, which keeps the order."""
    return datetime.fromtimestamp(at.time, UTC) + timedelta(microseconds=min(at.inc, 999_999))


def _explained(error: PyMongoError) -> Exception:
    if isinstance(error, OperationFailure) and error.code == _HISTORY_LOST:
        return SourceError("the change stream's history is gone; begin a new snapshot with --run NAME")
    return SourceError(f"MongoDB: {type(error).__name__}")
