"""Golden records against what they must be: the clusters of the stored links, and the events of their members.

Which records are linked depends a little on the order in which they came, so links are taken as they are stored, and
people's verdicts with them. What follows from these is a pure function: which records are one, and what all their
events amount to together.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ops.verify.batches import BATCH, batches
from ops.verify.ledger import Ledger
from ops.verify.records import named_differences, shown
from ops.verify.report import MAX_DETAILS, Address, Difference, Kind, ReplicaName
from processors.resolution.clusters import clusters
from processors.sync.golden import golden_document
from processors.sync.merge import State
from processors.sync.merkle import canonical
from processors.sync.policy import Policy
from schemas.entities import MODELS, Resolvable
from schemas.envelope import Envelope, derived_id
from schemas.messages import Identity
from sinks.identities import GOLDEN, IDENTITIES, Component, IdentityStore
from sinks.mongodb import Database, Document
from sinks.qdrant import point_id
from sinks.restarts import one_process
from sinks.scan import everything
from sinks.topic_sink import Message

AT_ONCE = 50
"""Records whose components are asked for at once: a server that must scan for them has to answer in time."""

_UNRESOLVED = "its record was never resolved"


class Verdict(NamedTuple):
    """A difference, and the range keys on which it rests: while one of these is about to change, it proves nothing."""

    difference: Difference
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: golden records, ids that are none, and which golden record each record belongs to."""

    documents: list[Document]
    gone: frozenset[str]
    golden: dict[str, str]


class GoldenReplica:
    """The golden records of one kind. An id is that of a record; a golden record has the id of its oldest member."""

    name: ReplicaName = "golden"

    def __init__(self, entity: Resolvable, database: Database, policy: Policy) -> None:
        self._entity = entity
        self._policy = policy
        self._database = database
        self._store = IdentityStore(database, entity)
        self._identities = database[IDENTITIES]
        self._documents = database[GOLDEN[entity]]

    async def size(self) -> int:
        """Return about how many golden records there are."""
        return await self._documents.estimated_document_count()

    async def ids(self, ledger: Ledger) -> AsyncIterator[tuple[list[str], int]]:
        """Yield all ids to judge, in batches, each with the number of golden records among them that are new.

        First those that have an identity, then golden records and keys of the log that have none.
        """
        query, projection = {"entity": self._entity}, {"record": 1}
        async for found in _batched(everything(self._identities.find(query, projection))):
            yield [d["record"] for d in found], 0
        async for found in _batched(everything(self._documents.find({}, {"_id": 1}))):
            ids = [d["_id"] for d in found]
            yield await self._without_identity(ids), len(ids)
        for batch in batches(entry.key for _, entry in ledger.entries()):
            yield await self._without_identity(batch), 0

    async def _without_identity(self, ids: Sequence[Any]) -> list[Any]:
        names = {f"{self._entity}|{i}": i for i in ids}
        async for d in self._identities.find({"_id": {"$in": list(names)}}, {"_id": 1}):
            names.pop(d["_id"], None)
        return list(names.values())

    async def judge(self, ids: Sequence[Any], ledger: Ledger) -> list[Verdict]:
        """Compare what is stored under `ids` with what must be there."""
        if len(ids) > AT_ONCE:
            parts = [ids[n : n + AT_ONCE] for n in range(0, len(ids), AT_ONCE)]
            return [verdict for part in parts for verdict in await self.judge(part, ledger)]
        try:
            return await self._judge(ids, ledger)
        except (KeyError, ValueError, TypeError):  # a damaged identity, link or verdict
            if len(ids) == 1:
                unreadable = self._difference(ids[0], "corrupt", ("an identity or a link of it is not readable",))
                return [Verdict(unreadable, frozenset((unreadable.address.range_key,)))]
            half = len(ids) // 2
            return await self.judge(ids[:half], ledger) + await self.judge(ids[half:], ledger)

    def _difference(self, i: Any, kind: Kind, details: tuple[str, ...]) -> Difference:
        return Difference(self._entity, "golden", kind, shown(i), details, Address(point_id(str(i)), i))

    async def _judge(self, ids: Sequence[Any], ledger: Ledger) -> list[Verdict]:
        component, golden, root_of = await self._clustered(ids)
        documents = {d["_id"]: d async for d in self._documents.find({"_id": {"$in": list(ids)}})}
        found = []
        for i in ids:
            document, root = documents.get(i), root_of.get(i)
            members = golden[root] if root else frozenset()
            rests_on = members | _members(document) | {str(i)}
            states = self._states(rests_on, ledger)
            if root is not None and i == root:
                expected = golden_document(self._entity, i, members, states, self._policy)
                said = compare(self._entity, expected, document, states.values())
            elif root is None and i in states:
                said = "missing", (_UNRESOLVED,)
            else:
                why = "it is part of another golden record" if root else "there is no record of this id"
                said = ("extra", (why,)) if document is not None else None
            if root is not None and component.golden[i] != root:
                kind, details = said or ("stale", ())
                said = kind, (*details, "identity: belongs to another golden record than it says")
            if said:
                near = connected(rests_on, component)
                found.append(Verdict(self._difference(i, *said), frozenset(map(point_id, near))))
        return found

    async def _clustered(self, ids: Sequence[Any]) -> tuple[Component, dict[str, frozenset[str]], dict[str, str]]:
        """Return what is connected with `ids`, its golden records, and the one that each record belongs to."""
        component = await self._store.component(i for i in ids if isinstance(i, str))
        golden = clusters(component.first_seen, component.links, component.verdicts)
        return component, golden, {member: root for root, members in golden.items() for member in members}

    def _states(self, records: Iterable[str], ledger: Ledger) -> dict[str, State]:
        return {entry.key: entry.state for entry in ledger.get(map(point_id, records)).values()}

    async def wanted(self, ids: Sequence[Any], ledger: Ledger) -> Wanted:
        """Return what must be stored under `ids`, and under the golden records that they are part of."""
        _, golden, root_of = await self._clustered(ids)
        touched = {root_of[i]: golden[root_of[i]] for i in sorted(set(ids) & root_of.keys())}
        members = {m for found in touched.values() for m in found}
        states = self._states(members, ledger)
        return Wanted(
            [golden_document(self._entity, root, found, states, self._policy) for root, found in touched.items()],
            frozenset(i for i in ids if i not in golden),
            {member: root for root, found in touched.items() for member in found},
        )

    async def write(self, wanted: Wanted) -> None:
        """Store it."""
        async with one_process(self._database):
            await self._store.save_golden(wanted.documents, wanted.gone)
            await self._store.assign(wanted.golden)
            await self._store.make_durable()

    def messages(self, wanted: Wanted, topic: str) -> list[Message]:
        """Return what the identities' topic must say of it."""
        members = {d["_id"]: d["members"] for d in wanted.documents} | {
            i: [] for i in wanted.gone if isinstance(i, str)
        }
        return [self._message(root, found, topic) for root, found in sorted(members.items())]

    def _message(self, root: str, members: Sequence[str], topic: str) -> Message:
        key = f"{self._entity}:{root}"
        envelope = Envelope(
            id=derived_id("identity-repair", key, *members, datetime.now(UTC).isoformat()),
            source="looma/verify",
            type="looma.identity.changed",
            subject=key,
            time=datetime.now(UTC),
        )
        body = Identity(entity=self._entity, id=root, members=list(members))
        return Message(topic, key.encode(), body.model_dump_json().encode(), envelope.headers("identity"))


def connected(records: frozenset[str], component: Component) -> frozenset[str]:
    """Return them and all that is settled with them.

    That is what links lead to, for or against, and what is still stored as one with them: the link may be gone already.
    """
    pairs = [{link.left, link.right} for link in component.links] + [{*pair} for pair in component.golden.items()]
    while not (grown := frozenset[str]().union(*(pair for pair in pairs if pair & records))) <= records:
        records |= grown
    return records


def is_unresolved(difference: Difference) -> bool:
    """Whether the worker has never resolved the record, so that it has to be told of it again."""
    return difference.replica == "golden" and _UNRESOLVED in difference.details


def compare(
    entity: Resolvable, expected: Document, document: Document | None, states: Iterable[State]
) -> tuple[Kind, tuple[str, ...]] | None:
    """Return how a golden record differs from what it must be, and in what; None if it does not.

    `states` are those of its members, expected and found. An event that only confirms a value is not told to the
    resolution stage: where the fields are right, provenance, policy and conflicts may be of earlier events. A field
    that is wrong is stale if another event made it, and corrupt if the event that it is put down to says otherwise.
    """
    if document is None:
        return "missing", ("its members make a golden record, and there is none",)
    known = MODELS[entity].model_fields.keys()
    broken = [f"{part}: missing" for part in sorted(expected.keys() - document.keys())]
    broken += ["(unknown): not expected"] * bool(document.keys() - expected.keys())
    if document.get("deleted", False) is not False:
        broken.append("deleted: another value")
    fields, sources = document.get("fields"), document.get("provenance")
    if not isinstance(fields, dict) or not isinstance(sources, dict):
        return "corrupt", (*broken, "fields or provenance: not readable")
    wrong = [n for n in expected["fields"].keys() | fields.keys() if _differ(n, expected["fields"], fields)]
    details = named_differences("fields", known, expected["fields"], fields)
    newest = _newest(states)
    for n, source in expected["provenance"].items():
        newest[n] = max(newest.get(n, ""), _time(source))  # what is read from a text is of the text's event
    forged = [n for n in sources if not isinstance(sources[n], dict) or not _time(sources[n]) <= newest.get(n, "")]
    forged += [n for n in sources.keys() ^ expected["provenance"].keys() if n not in wrong]
    forged += [n for n in wrong if n in fields and (n not in sources or sources[n] == expected["provenance"].get(n))]
    named = {n if n in known else "(unknown)" for n in forged}
    broken += [f"provenance.{n}: not of its events" for n in sorted(named)]
    if canonical(expected["members"]) != canonical(document.get("members")):
        found = _members(document)
        details.append(f"members: expected {len(expected['members'])}, found {len(found)}")
    if broken:
        return "corrupt", tuple((details + broken)[:MAX_DETAILS])
    return ("stale", tuple(details[:MAX_DETAILS])) if details else None


def _differ(name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return name not in ours or name not in theirs or canonical(ours[name]) != canonical(theirs[name])


def _newest(states: Iterable[State]) -> dict[str, str]:
    """Return the time of the newest statement on each field."""
    newest: dict[str, str] = {}
    for state in states:
        for (name, _), said in state.contributions.items():
            newest[name] = max(newest.get(name, ""), said.time)
    return newest


def _time(source: Mapping[str, Any]) -> str:
    time = source.get("time")
    return time if isinstance(time, str) else "~"


def _members(document: Document | None) -> frozenset[str]:
    members = document.get("members") if document else None
    return frozenset(m for m in members if isinstance(m, str)) if isinstance(members, list) else frozenset()


async def _batched(cursor: AsyncIterator[Document]) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    async for document in cursor:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
