"""The vectors' payloads in Qdrant against the ledger.

A vector's numbers are not read: `text_hash` says from which text they were made, and `model` by which model.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from ops.verify.batches import BATCH
from ops.verify.ledger import Entry
from ops.verify.records import RecordReplica, is_revision, named_differences
from ops.verify.replica import Merger
from ops.verify.report import MAX_DETAILS, Address, Difference, Kind, ReplicaName
from processors.embedding.texts import compared_text
from processors.matching.profile import VECTORS
from processors.sync.merkle import canonical, digest
from processors.sync.stored import StoredRecord
from schemas.entities import Side
from schemas.records import SourceRecord
from sinks.qdrant import FACTS, VECTOR_COLLECTIONS, point_id
from streams.vectors import payload_of

_NOT_COMPARED = frozenset(("revision", "updated", *VECTORS))
# These grow with the calendar, and the day of embedding decides: of a talent whose present position has no end, and
# of skills that somebody no longer uses.
_GROWING = frozenset(("years", "seniority"))
_SKILLS = "skill_facts"


def payload(side: Side, record: SourceRecord, model: str) -> dict[str, Any]:
    """Return the payload that the embedding stage gives a record's vector."""
    return payload_of(side, record, compared_text(side, record.fields), model).to_dict()


def comparable(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a payload must follow from the events.

    Not the revision, nor when the values were said last: an event that confirms them is no reason to embed again. Nor
    the vectors of its parts, which follow from the text.
    """
    return {name: value for name, value in stored.items() if name not in _NOT_COMPARED}


class VectorReplica:
    """The points of one side. `records` tells the revision that a vector should be of."""

    name: ReplicaName = "qdrant"

    def __init__(
        self,
        side: Side,
        merger: Merger,
        client: AsyncQdrantClient,
        model: str,
        records: RecordReplica,
        suffix: str = "",
    ) -> None:
        self._side: Side = side
        self._merger = merger
        self._client = client
        self._collection = VECTOR_COLLECTIONS[side] + suffix
        self._model = model
        self._records = records

    def expected(self, stored: StoredRecord) -> bytes | None:
        """Return the digest of a record's payload; a deleted record has no vector."""
        record = stored.record
        return None if record.deleted else digest(comparable(payload(self._side, record, self._model)))

    async def size(self) -> int:
        """Return how many points there are."""
        if not await self._client.collection_exists(self._collection):
            return 0
        return (await self._client.count(self._collection, exact=False)).count

    async def scan(self) -> AsyncIterator[list[tuple[Address, bytes]]]:
        """Yield where every point is and its payload's digest."""
        async for batch in self._scroll(with_payload=FACTS):
            yield [(_address(point.id), digest(comparable(point.payload or {}))) for point in batch]

    async def addresses(self) -> AsyncIterator[list[Address]]:
        """Yield where every point is, without payloads."""
        async for batch in self._scroll(with_payload=False):
            yield [_address(point.id) for point in batch]

    async def _scroll(self, *, with_payload: q.WithPayloadInterface) -> AsyncIterator[list[Any]]:
        if not await self._client.collection_exists(self._collection):
            return
        offset = None
        while True:
            batch, offset = await self._client.scroll(
                self._collection, limit=BATCH, offset=offset, with_payload=with_payload, with_vectors=False
            )
            if batch:
                yield batch
            if offset is None:
                return

    def address(self, range_key: str, key: str) -> Address:
        """Return where the point of a key is."""
        return Address(range_key, range_key)

    async def judge(self, addresses: Sequence[Address], entries: Mapping[str, Entry]) -> list[Difference]:
        """Read the payloads at `addresses` and return how they differ from what `entries` say."""
        payloads = await self._payloads(addresses)
        differing = []
        for address in addresses:
            entry, stored = entries.get(address.range_key), payloads.get(address.range_key)
            record = self._merger.stored(entry).record if entry else None
            wanted = payload(self._side, record, self._model) if record and not record.deleted else None
            names = _differing(wanted, stored)
            if names and not (record and wanted and stored and _only_grown(record, names, wanted, stored)):
                differing.append((address, entry, wanted, stored))
        revisions = await self._revisions(entry for _, entry, *_ in differing if entry)
        found = []
        for address, entry, wanted, stored in differing:
            kind, details = _explain(wanted, stored, revisions.get(address.range_key), entry)
            found.append(Difference(self._side, self.name, kind, _name(entry, address, stored), details, address))
        return found

    async def _payloads(self, addresses: Sequence[Address]) -> dict[str, dict[str, Any]]:
        if not addresses or not await self._client.collection_exists(self._collection):
            return {}
        ids = [a.id for a in addresses]
        points = await self._client.retrieve(self._collection, ids, with_payload=True, with_vectors=False)
        return {str(point.id): point.payload or {} for point in points}

    async def _revisions(self, entries: Iterable[Entry]) -> dict[str, Any]:
        keys = [entry.key for entry in entries]
        if not keys:
            return {}
        query, projection = {"_id": {"$in": keys}}, {"revision": 1}
        documents = [d async for batch in self._records.documents(query, projection) for d in batch]
        return {point_id(d["_id"]): d.get("revision") for d in documents}

    async def delete(self, addresses: Iterable[Address]) -> None:
        """Remove points by their ids."""
        await self._client.delete(self._collection, [a.id for a in addresses], wait=True)


def _address(identifier: Any) -> Address:
    return Address(str(identifier), identifier)


def _differing(wanted: Mapping[str, Any] | None, stored: Mapping[str, Any] | None) -> set[str]:
    """Return the names of what differs; presence alone is named `(presence)`."""
    if wanted is None or stored is None:
        return set() if wanted is stored else {"(presence)"}
    ours, theirs = comparable(wanted), comparable(stored)
    if canonical(ours) == canonical(theirs):
        return set()
    return {
        n
        for n in ours.keys() | theirs.keys()
        if n not in ours or n not in theirs or canonical(ours[n]) != canonical(theirs[n])
    }


def _only_grown(record: SourceRecord, names: set[str], wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Whether nothing differs but what the calendar has changed since the embedding."""
    if not names <= _GROWING | {_SKILLS} or (_SKILLS in names and not _only_idler(stored[_SKILLS], wanted[_SKILLS])):
        return False
    if not names & _GROWING:
        return True
    return record.fields.get("years_experience") is None and _grew(stored.get("years"), wanted["years"])


def _only_idler(then: Any, now: list[list[Any]]) -> bool:
    """Whether skills are the same but for the years for which they have not been used."""
    if not isinstance(then, list) or len(then) != len(now):
        return False
    pairs = list(zip(then, now, strict=True))
    return all(
        isinstance(old, list) and old[:-1] == new[:-1] and (old[-1:] == new[-1:] or _grew(old[-1], new[-1]))
        for old, new in pairs
    )


def _grew(then: Any, now: Any) -> bool:
    return isinstance(then, int | float) and now is not None and then <= now


def _explain(
    wanted: Mapping[str, Any] | None, stored: Mapping[str, Any] | None, revision: Any, entry: Entry | None
) -> tuple[Kind, tuple[str, ...]]:
    if stored is None:
        return "missing", ("its record is live, and there is no vector",)
    if wanted is None:
        return "extra", ("its record is deleted" if entry else "no event speaks of this id",)
    details = []
    found = stored.get("revision")
    if found != revision:
        details.append(f"revision: the record has {revision}, found {found if is_revision(found) else 'none'}")
    if stored.get("model") != wanted["model"]:
        details.append(f"model: expected {wanted['model']}, found another")
    details += named_differences("payload", wanted.keys(), comparable(wanted), comparable(stored))
    older = is_revision(found) and is_revision(revision) and found < revision
    whole = stored.keys() - set(VECTORS) == wanted.keys() - set(VECTORS) and stored["id"] == wanted["id"]
    is_stale = whole and (older or stored.get("model") != wanted["model"])
    return "stale" if is_stale else "corrupt", tuple(details[:MAX_DETAILS])


def _name(entry: Entry | None, address: Address, stored: Mapping[str, Any] | None) -> str:
    """Return the entity id that a point stands for; of one that stands for none, its own id."""
    if entry:
        return entry.key
    claimed = (stored or {}).get("id")
    return claimed if isinstance(claimed, str) and point_id(claimed) == address.range_key else address.range_key
