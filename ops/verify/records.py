"""The source records in MongoDB against the ledger."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.asynchronous.collection import AsyncCollection

from ops.verify.batches import BATCH
from ops.verify.ledger import Entry
from ops.verify.replica import Merger
from ops.verify.report import MAX_DETAILS, Address, Difference, Kind, ReplicaName
from processors.sync.merge import State, merge
from processors.sync.merkle import canonical, digest
from processors.sync.stored import StoredRecord
from schemas.entities import MODELS, Entity
from sinks.mongodb import COLLECTIONS, QUALITY, Database, Document
from sinks.qdrant import point_id

MAX_REVISION = 2**53
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# Whatever a damaged document holds, reading it must not fail.
_LENIENT: CodecOptions[Document] = CodecOptions(
    tz_aware=True,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def is_revision(value: object) -> bool:
    """Whether a value can be a record's revision."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_REVISION


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def comparable(document: Mapping[str, Any]) -> Document:
    """Return what of a document is compared: not the revision, nor how often it was published again, nor its score."""
    content = {name: value for name, value in document.items() if name not in ("_id", QUALITY)}
    content["revision"] = is_revision(content.get("revision"))
    content["retold"] = _is_count(content.get("retold"))
    if isinstance(contributions := content.get("contributions"), list):
        content["contributions"] = sorted(contributions, key=_by_field_and_source)
    return content


def _by_field_and_source(contribution: Any) -> tuple[str, str]:
    if not isinstance(contribution, dict):
        return "", ""
    return str(contribution.get("field")), str(contribution.get("source"))


class RecordReplica:
    """The documents of one entity."""

    name: ReplicaName = "mongodb"

    def __init__(self, merger: Merger, database: Database) -> None:
        self._merger = merger
        self.collection: AsyncCollection[Document] = database.get_collection(
            COLLECTIONS[merger.entity], codec_options=_LENIENT, write_concern=database.write_concern
        )

    def expected(self, stored: StoredRecord) -> bytes | None:
        """Return the digest of a record's document."""
        return digest(comparable(stored.to_document()))

    async def size(self) -> int:
        """Return about how many documents there are."""
        return await self.collection.estimated_document_count()

    async def documents(self, query: Document, projection: Document | None = None) -> AsyncIterator[list[Document]]:
        """Yield the documents that match, a batch at a time."""
        batch = []
        async for document in self.collection.find(query, projection, batch_size=BATCH):
            batch.append(document)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def scan(self) -> AsyncIterator[list[tuple[Address, bytes]]]:
        """Yield where every document is and its digest."""
        async for batch in self.documents({}):
            yield [(_address(d["_id"]), digest(comparable(d))) for d in batch]

    async def addresses(self) -> AsyncIterator[list[Address]]:
        """Yield where every document is, from the index on ids alone."""
        async for batch in self.documents({}, {"_id": 1}):
            yield [_address(d["_id"]) for d in batch]

    def address(self, range_key: str, key: str) -> Address:
        """Return where the document of a key is."""
        return Address(range_key, key)

    async def load(self, addresses: Iterable[Address]) -> dict[str, Document]:
        """Return the documents at `addresses`, by range key."""
        ids = [a.id for a in addresses]
        return {_address(d["_id"]).range_key: d async for d in self.collection.find({"_id": {"$in": ids}})}

    async def judge(self, addresses: Sequence[Address], entries: Mapping[str, Entry]) -> list[Difference]:
        """Read the documents at `addresses` and return how they differ from what `entries` say."""
        documents = await self.load(addresses)
        found = []
        for address in addresses:
            verdict = compare(self._merger, entries.get(address.range_key), documents.get(address.range_key))
            if verdict:
                kind, details = verdict
                found.append(Difference(self._merger.entity, self.name, kind, shown(address.id), details, address))
        return found


def compare(merger: Merger, entry: Entry | None, document: Document | None) -> tuple[Kind, tuple[str, ...]] | None:
    """Return how a document differs from what its key's events amount to, and in what; None if it does not."""
    if entry is None:
        return None if document is None else ("extra", ("no event speaks of this id",))
    if document is None:
        return "missing", ("its events make a record, and there is none",)
    expected, actual = comparable(merger.stored(entry).to_document()), comparable(document)
    if canonical(expected) == canonical(actual):
        return None
    stored = readable(merger, document)
    if stored is None:
        return "corrupt", _explain(merger.entity, expected, actual)
    details = _explain(merger.entity, expected, actual)
    if stored == entry.state and actual["policy"] != expected["policy"]:
        return "stale", details  # what another policy made of the same events
    # Both ways: of two contributions with one stamp and different values either may be kept.
    behind = merge(entry.state, stored) == merge(stored, entry.state) == entry.state
    consistent = canonical(comparable(merger.stored(Entry(entry.key, stored)).to_document())) == canonical(actual)
    return "stale" if behind and consistent else "corrupt", details


def readable(merger: Merger, document: Document) -> State | None:
    """Return the state that a document holds, if it holds one from which a record can be made."""
    try:
        state = StoredRecord.from_document(merger.entity, document).state
        merger.stored(Entry("-", state))
    except Exception:  # a damaged document fails in any way it likes
        return None
    return state


def shown(identifier: object) -> str:
    """Return an id as people see it; one of another type than text by its `repr`."""
    return identifier[:200] if isinstance(identifier, str) else repr(identifier)[:200]


def _address(identifier: Any) -> Address:
    text = identifier if isinstance(identifier, str) else f"\0{type(identifier).__name__}:{identifier!r}"
    return Address(point_id(text), identifier)


def _explain(entity: Entity, expected: Document, actual: Document) -> tuple[str, ...]:
    known = MODELS[entity].model_fields.keys()
    details = []
    newest = _newest(expected), _newest(actual)
    if newest[0] != newest[1]:
        details.append(f"newest contribution: expected {newest[0]}, found {newest[1]}")
    for part in sorted(expected.keys() | actual.keys()):
        ours, theirs = expected.get(part), actual.get(part)
        if canonical(ours) == canonical(theirs):
            continue
        if part == "contributions":
            ours, theirs = _by_field(ours), _by_field(theirs)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            details += named_differences(part, known, ours, theirs)
        elif part == "revision":
            details.append("revision: not a positive whole number")
        elif part == "retold":
            details.append("retold: not a whole number; see `looma migrate list`")
        elif part == "deleted" and isinstance(theirs, bool):
            details.append(f"deleted: expected {ours}, found {theirs}")
        else:
            details.append(f"{part}: {_how(part, expected, actual)}" if part in expected else "(unknown): not expected")
    return tuple(details[:MAX_DETAILS])


def named_differences(
    part: str, known: Iterable[str], expected: Mapping[str, Any], actual: Mapping[str, Any]
) -> list[str]:
    """Return which names differ between two mappings, and how; a name that is not `known` may itself be personal."""
    names = sorted(expected.keys() | actual.keys(), key=str)
    return [
        f"{part}.{name if name in known else '(unknown)'}: {_how(name, expected, actual)}"
        for name in names
        if name not in expected or name not in actual or canonical(expected[name]) != canonical(actual[name])
    ]


def _how(name: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> str:
    if name not in actual:
        return "missing"
    return "another value" if name in expected else "not expected"


def _by_field(contributions: Any) -> dict[str, list[Any]] | None:
    if not isinstance(contributions, list):
        return None
    found: dict[str, list[Any]] = {}
    for contribution in contributions:
        name = contribution.get("field") if isinstance(contribution, dict) else None
        found.setdefault(str(name), []).append(contribution)
    return found


def _newest(document: Document) -> str:
    contributions = document.get("contributions")
    times = [c.get("time") for c in contributions if isinstance(c, dict)] if isinstance(contributions, list) else []
    return max((t for t in times if isinstance(t, str) and _TIME.fullmatch(t)), default="none")
