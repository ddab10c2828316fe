"""MongoDB: which records are one person or company: blocking keys, links, persons' verdicts, golden records."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, DeleteMany, IndexModel, ReplaceOne, UpdateOne

from processors.resolution.clusters import Link, Verdict
from processors.resolution.compare import Evidence
from schemas.entities import RESOLVABLE, SPEC, Resolvable
from schemas.envelope import timestamp
from sinks.bulk import make_durable, write
from sinks.field_encryption import sealed
from sinks.lookup import having
from sinks.mongodb import Database, Document, refuse_document

IDENTITIES, LINKS, VERDICTS = "identities", "identity_links", "identity_verdicts"
GOLDEN: Mapping[Resolvable, str] = {kind: f"golden_{SPEC[kind].plural}" for kind in RESOLVABLE}
MAX_BLOCK = 50
"""Records that may share a key; one that more share (a hotline, an agency's address) tells nobody apart."""

_MAX_FULL = 100_000

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    IDENTITIES: [
        IndexModel([("entity", ASCENDING), ("keys", ASCENDING)], name="keys"),
        IndexModel([("entity", ASCENDING), ("golden", ASCENDING)], name="golden"),
    ],
    LINKS: [
        IndexModel([("entity", ASCENDING), ("left", ASCENDING)], name="left"),
        IndexModel([("entity", ASCENDING), ("right", ASCENDING)], name="right"),
        IndexModel([("decision", ASCENDING)], name="decision"),
    ],
    VERDICTS: [
        IndexModel([("entity", ASCENDING), ("left", ASCENDING)], name="left"),
        IndexModel([("entity", ASCENDING), ("right", ASCENDING)], name="right"),
    ],
    # Of several records: most golden records are of one, and are in no index.
    **{name: [IndexModel([("members.1", ASCENDING)], name="merged", sparse=True)] for name in GOLDEN.values()},
}


@dataclass(frozen=True, slots=True)
class ScoredLink:
    """A link with what it rests on; the evidence names kinds of agreement, never values."""

    link: Link
    decision: str
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(slots=True)
class Component:
    """Records that positive links or persons' merges connect, with all that is known between them."""

    first_seen: dict[str, datetime] = field(default_factory=dict)
    golden: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def _id(entity: Resolvable, *parts: str) -> str:
    return "|".join((entity, *parts))


def _replace(document: Document) -> ReplaceOne[Document]:
    return ReplaceOne({"_id": document["_id"]}, document, upsert=True)


async def _all(found: AsyncIterator[Document]) -> list[Document]:
    return [document async for document in found]


def _pair(link: Link | Verdict) -> tuple[str, str]:
    return min(link.left, link.right), max(link.left, link.right)


class IdentityStore:
    """The identities of one kind of entity. Every write is idempotent, and durable when `make_durable` returns."""

    def __init__(self, database: Database, entity: Resolvable) -> None:
        self._database = database
        self._entity = entity
        self._full: set[str] = set()  # keys known to be of too many; they are not asked for again

    async def enter(self, keys: Mapping[str, Collection[str]], first_seen: Mapping[str, datetime]) -> set[str]:
        """Replace the blocking keys of records; one seen for the first time is its own golden record.

        Returns those seen for the first time.
        """
        operations = [
            UpdateOne(
                {"_id": _id(self._entity, record)},
                {
                    "$set": {"entity": self._entity, "record": record, "keys": sorted(found)},
                    "$min": {"first_seen": timestamp(first_seen[record])},
                    "$setOnInsert": {"golden": record},
                },
                upsert=True,
            )
            for record, found in keys.items()
        ]
        made = await write(self._database, IDENTITIES, operations)
        return {record for record in keys if _id(self._entity, record) in made}

    async def sharing(self, keys: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
        """Return, by record, the other records that share a key with it; keys of more than MAX_BLOCK do not count."""
        wanted = set().union(*keys.values()) - self._full
        holders: dict[str, set[str]] = {key: set() for key in wanted}
        async for document in self._having(IDENTITIES, "keys", sorted(wanted), only={"record": 1, "keys": 1}):
            for key in document["keys"]:
                if key in holders:
                    holders[key].add(document["record"])
        full = {key for key, found in holders.items() if len(found) > MAX_BLOCK}
        self._full = self._full | full if len(self._full) < _MAX_FULL else full
        return {
            record: {other for key in found if key not in full for other in holders.get(key, ())} - {record}
            for record, found in keys.items()
        }

    async def relink(self, records: Collection[str], links: Iterable[ScoredLink]) -> set[str]:
        """Replace all links of `records`; return the records that any link, old or new, has or had on its other end.

        Most changes of a record say nothing of who it is: a link that stays as it was is not written again.
        """
        touched: set[str] = set()
        known: dict[str, Document] = {}
        for old in await self._ending(LINKS, records):
            touched |= {old["left"], old["right"]}
            known[old["_id"]] = old
        new: list[Document] = []
        for scored in links:
            left, right = _pair(scored.link)
            touched |= {left, right}
            new.append(
                {
                    "_id": _id(self._entity, left, right),
                    "entity": self._entity,
                    "left": left,
                    "right": right,
                    "weight": scored.link.weight,
                    "decision": scored.decision,
                    "probability": round(scored.probability, 4),
                    "evidence": [{"feature": e.feature, "level": e.level, "bits": e.bits} for e in scored.evidence],
                }
            )
        stale = known.keys() - {document["_id"] for document in new}
        operations: list[Any] = [DeleteMany({"_id": {"$in": sorted(stale)}})] if stale else []
        operations += [_replace(document) for document in new if known.get(document["_id"]) != document]
        await write(self._database, LINKS, operations)
        return touched

    async def _ending(
        self, collection: str, records: Collection[str], only: Mapping[str, Any] | None = None
    ) -> list[Document]:
        """Return what has a record on either end; each end is asked for by itself, so that it uses its index."""
        ends = (self._having(collection, end, sorted(records), only=only) for end in ("left", "right"))
        return [document for found in await asyncio.gather(*map(_all, ends)) for document in found]

    def _having(
        self, collection: str, field: str, values: Collection[str], only: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Document]:
        return having(self._database[collection], field, values, also={"entity": self._entity}, only=only)

    def _named(self, records: Iterable[str], only: Mapping[str, Any] | None = None) -> AsyncIterator[Document]:
        """Yield the identities of records."""
        ids = [_id(self._entity, record) for record in records]
        return having(self._database[IDENTITIES], "_id", ids, only=only)

    async def judge(self, verdicts: Iterable[Verdict]) -> None:
        """Store persons' verdicts, by their events' source and id; which one holds is for the clustering to say."""
        operations = []
        for verdict in verdicts:
            left, right = _pair(verdict)
            document = {
                "_id": verdict.id,
                "entity": self._entity,
                "left": left,
                "right": right,
                "action": verdict.action,
                "time": timestamp(verdict.time),
            }
            operations.append(_replace(document))
        await write(self._database, VERDICTS, operations)

    async def make_durable(self) -> None:
        """Return when what was written or read before will survive a crash of the server."""
        await make_durable(self._database)

    async def component(self, start: Iterable[str]) -> Component:
        """Return what is connected with `start` by positive links or merges, and every decision among it."""
        found = Component()
        edge = set(start)
        visited: set[str] = set()
        links: dict[str, Link] = {}
        verdicts: dict[str, Verdict] = {}
        while edge:
            visited |= edge
            named, linked, judged, members = await asyncio.gather(
                _all(self._named(sorted(edge))),
                self._ending(LINKS, edge),
                self._ending(VERDICTS, edge),
                _all(self._having(IDENTITIES, "golden", sorted(edge), only={"record": 1})),
            )
            for d in named:
                found.first_seen[d["record"]] = datetime.fromisoformat(d["first_seen"])
                found.golden[d["record"]] = d["golden"]
            near: set[str] = set()
            for d in linked:
                links[d["_id"]] = Link(d["left"], d["right"], d["weight"])
                if d["weight"] > 0:
                    near |= {d["left"], d["right"]}
            for d in judged:
                time = datetime.fromisoformat(d["time"]).astimezone(UTC)
                verdicts[d["_id"]] = Verdict(d["left"], d["right"], d["action"], time, d["_id"])
                near |= {d["left"], d["right"]}
            # A golden record that lost its reason is settled anew as a whole.
            near |= {found.golden[record] for record in edge if record in found.golden}
            near |= {d["record"] for d in members}
            edge = near - visited
        found.links = list(links.values())
        found.verdicts = list(verdicts.values())
        return found

    async def assign(self, golden: Mapping[str, str]) -> None:
        """Store which golden record each record belongs to."""
        operations = [
            UpdateOne({"_id": _id(self._entity, record)}, {"$set": {"golden": root}}) for record, root in golden.items()
        ]
        await write(self._database, IDENTITIES, operations)

    async def save_golden(self, documents: Sequence[Document], dissolved: Collection[str]) -> None:
        """Store golden records as they are now, and remove those that have become part of another."""
        for document in documents:
            if len(document["members"]) > 1:  # one of its own is smaller than its record, which was stored
                refuse_document(document)
        stored = await sealed(self._database.client, self._entity, documents)
        operations: list[Any] = [_replace(document) for document in stored]
        if dissolved:
            operations.append(DeleteMany({"_id": {"$in": sorted(dissolved)}}))
        await write(self._database, GOLDEN[self._entity], operations)

    async def stored_golden(self, records: Iterable[str]) -> list[Document]:
        """Return the stored golden records of records; those never resolved have none yet."""
        roots = set((await self.golden(records)).values())
        return [d async for d in having(self._database[GOLDEN[self._entity]], "_id", sorted(roots))]

    async def members(self, record: str) -> list[str]:
        """Return the records that are one with `record`, itself included; none if it is unknown."""
        found = await self._database[IDENTITIES].find_one({"_id": _id(self._entity, record)})
        if found is None:
            return []
        query = {"entity": self._entity, "golden": found["golden"]}
        return sorted([d["record"] async for d in self._database[IDENTITIES].find(query, {"record": 1})])

    async def golden(self, records: Iterable[str]) -> dict[str, str]:
        """Return the golden record of each; one that is unknown is its own."""
        golden = {record: record for record in records}
        async for d in self._named(list(golden), only={"record": 1, "golden": 1}):
            golden[d["record"]] = d["golden"]
        return golden

    async def links_of(self, records: Collection[str]) -> list[Document]:
        """Return the stored links of records, the likeliest first."""
        found: dict[str, Document] = {}
        for link in await self._ending(LINKS, records):
            found[link["_id"]] = link
        return sorted(found.values(), key=lambda d: -d["probability"])

    async def unsure(self, limit: int) -> list[Document]:
        """Return the links that a person should look at, the likeliest first."""
        query = {"entity": self._entity, "decision": "unsure"}
        return [d async for d in self._database[LINKS].find(query).sort("probability", -1).limit(limit)]
