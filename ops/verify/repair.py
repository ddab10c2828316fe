"""Repair: records are made again from their events, published and stored as the sync stage does it.

Publishing the events again would not do: a corrupt record whose state is whole would find nothing new in them, an extra
one has none, and a lost one would begin again at revision 1, below what its matches and vectors were computed from. So
the repair applies the events itself and writes the result at the next revision, published first and then stored only
over the revision that was read. Whoever loses against a worker reads and publishes again, so that the newest message of
a key is always what is stored; embedding and matching follow from it. Doing it twice changes no field.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pymongo.errors import DuplicateKeyError

from ops.verify.batches import batches
from ops.verify.follower import Follower
from ops.verify.ledger import Entry, Ledger
from ops.verify.log import EventLog
from ops.verify.records import RecordReplica, is_revision
from ops.verify.replica import Merger
from ops.verify.report import Address, Difference, Progress, Report
from ops.verify.vectors import VectorReplica
from processors.sync.stored import StoredRecord
from schemas.base import EntityId
from schemas.envelope import Envelope, derived_id
from schemas.errors import LoomaError
from schemas.records import SourceRecord
from sinks.field_encryption import sealed
from sinks.mongodb import Document, document_of
from sinks.qdrant import point_id
from sinks.topic_sink import Message, TopicSink

ATTEMPTS = 5
PAUSE_SECONDS = 1.0
CONCURRENT_WRITES = 16
MAX_EXTRA = 100
MAX_EXTRA_SHARE = 0.1
_ENTITY_ID = TypeAdapter(EntityId)


class RepairRefusedError(LoomaError):
    """The repair would remove so much that the cause is rather a wrong setting."""

    code = "repair_refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many records were repaired, the differences of those that are still changing, the dead letters published."""

    repaired: int
    left: tuple[Difference, ...]
    dead_letters: int = 0


class _Change(NamedTuple):
    """One record as it is to be: `stored` is None for one that no event speaks of."""

    range_key: str
    id: Any
    found: Document | None
    record: SourceRecord | None
    stored: StoredRecord | None


class Repair:
    """The repair of one entity's records and vectors."""

    def __init__(
        self,
        merger: Merger,
        log: EventLog,
        ledger: Ledger,
        follower: Follower,
        records: RecordReplica,
        vectors: VectorReplica | None,
        sink: TopicSink,
    ) -> None:
        self._merger = merger
        self._log = log
        self._ledger = ledger
        self._follower = follower
        self._records = records
        self._vectors = vectors
        self._sink = sink

    async def run(self, differences: Sequence[Difference], progress: Progress) -> Outcome:
        """Repair them."""
        todo: dict[str, list[Difference]] = {}
        for difference in differences:
            todo.setdefault(difference.address.range_key, []).append(difference)
        published = await self._log.published_revisions(todo)
        total = len(todo)
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS)
            for batch in batches(list(todo)):
                for range_key in await self._batch({k: todo[k] for k in batch}, published):
                    del todo[range_key]
                progress(f"{self._merger.entity} repair", total - len(todo), total)
            if not todo:
                break
        return Outcome(total - len(todo), tuple(d for differences in todo.values() for d in differences))

    async def _batch(self, todo: Mapping[str, Sequence[Difference]], published: dict[str, int]) -> list[str]:
        """Repair some records; return the range keys of those that are done."""
        settled = await self._follower.settled(vectors=self._vectors is not None)
        entries = self._ledger.get(todo)
        ids = {k: entries[k].key if k in entries else _id(differences) for k, differences in todo.items()}
        documents = await self._records.load(Address(k, i) for k, i in ids.items())
        flying = await self._follower.in_flight(settled, todo)
        changes = []
        for range_key in todo.keys() - flying:
            document = documents.get(range_key)
            revision = max(_revision(document), published.get(range_key, 0)) + 1
            change = self._change(range_key, ids[range_key], document, entries.get(range_key), revision)
            published[range_key] = revision
            changes.append(change)
        await self._sink.publish(_message(c.record, self._log.records_topic) for c in changes if c.record)
        slots = asyncio.Semaphore(CONCURRENT_WRITES)

        async def write(change: _Change) -> bool:
            async with slots:
                return await self._write(change)

        won = await asyncio.gather(*(write(change) for change in changes))
        done = [change.range_key for change, is_stored in zip(changes, won, strict=True) if is_stored]
        await self._delete_nameless(todo, {c.range_key for c in changes if c.record is None} & set(done))
        return done

    def _change(self, range_key: str, id: Any, found: Document | None, entry: Entry | None, revision: int) -> _Change:
        if entry:
            stored = self._merger.stored(entry, revision)
            return _Change(range_key, id, found, stored.record, stored)
        gone = SourceRecord(self._merger.entity, id, revision, True, {}, {}) if _names(id, range_key) else None
        return _Change(range_key, id, found, gone, None)

    async def _write(self, change: _Change) -> bool:
        """Store or remove one record if it is still as it was read; return whether it was."""
        collection, found = self._records.collection, change.found
        document: Document | None = None
        if change.stored:
            entity = self._merger.entity
            (document,) = await sealed(collection.database.client, entity, [document_of(change.stored)])
        if found is None:
            if document is None:
                return True
            try:
                await collection.insert_one(document)
            except DuplicateKeyError:
                return False
            return True
        guard = {"$eq": found["revision"]} if "revision" in found else {"$exists": False}
        query = {"_id": change.id, "revision": guard}
        if document is None:
            return (await collection.delete_one(query)).deleted_count == 1
        return (await collection.replace_one(query, document)).matched_count == 1

    async def _delete_nameless(self, todo: Mapping[str, Sequence[Difference]], range_keys: set[str]) -> None:
        """Remove points that stand for no possible entity, so that no message could name them."""
        nameless = [d.address for k in range_keys for d in todo[k] if d.replica == "qdrant"]
        if nameless and self._vectors:
            await self._vectors.delete(nameless)


def refuse_improbable(report: Report) -> None:
    """Raise RepairRefusedError if the repair would remove improbably much."""
    for replica, stored in report.records.items():
        extra = sum(1 for d in report.differences if d.replica == replica and d.kind == "extra")
        if extra > max(MAX_EXTRA, stored * MAX_EXTRA_SHARE):
            raise RepairRefusedError(
                f"{extra} of {stored} {report.entity} records in {replica} have no events; nothing was changed. "
                "Is this the right Kafka cluster, and are its topics whole?"
            )


def _id(differences: Sequence[Difference]) -> Any:
    """Return the id of what no event speaks of: of a document its own, of a point the one that it stands for."""
    for difference in differences:
        if difference.replica == "mongodb":
            return difference.address.id
    return differences[0].id


def _names(value: Any, range_key: str) -> bool:
    """Whether a message about `value` would reach what is kept under `range_key`."""
    try:
        return point_id(_ENTITY_ID.validate_python(value, strict=True)) == range_key
    except ValidationError:
        return False


def _revision(document: Document | None) -> int:
    revision = document.get("revision") if document else None
    return int(revision) if is_revision(revision) else 0  # type: ignore[arg-type]


def _message(record: SourceRecord, topic: str) -> Message:
    envelope = Envelope(
        id=derived_id("repair", record.entity, record.id, str(record.revision)),
        source="looma/verify",
        type=f"looma.{record.entity}.record",
        subject=record.id,
        time=datetime.now(UTC),
    )
    return Message(topic, record.id.encode(), record.to_json(), envelope.headers("record"))
