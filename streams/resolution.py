"""The resolution stage: records that speak of one person or company become one golden record, linked to its sources."""

import asyncio
import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opentelemetry.trace import SpanKind

from processors.resolution.blocking import blocking_keys
from processors.resolution.clusters import Link, Verdict, clusters
from processors.resolution.compare import compare
from processors.resolution.facts import Facts, facts
from processors.sync.clock import in_time
from processors.sync.golden import golden_of_stored
from processors.sync.policy import Policy
from processors.sync.stored import StoredRecord
from schemas import semconv
from schemas.entities import Resolvable
from schemas.envelope import Envelope, derived_id
from schemas.messages import Identity
from schemas.records import SourceRecord
from schemas.topics import IDENTITIES
from schemas.verdicts import VerdictEvent, decode_verdict
from sinks.errors import ConflictError
from sinks.identities import Component, IdentityStore, ScoredLink
from sinks.mongodb import RecordStore
from sinks.topic_sink import Message, TopicSink, refuse_oversized
from streams.delivery import Delivery, Inbound
from streams.records import RecordStage, newest_revisions
from streams.tracing import batch_span

MAX_ROUNDS = 5
"""Rounds in which another worker may change what is being settled, before the batch is tried again later."""


STORED_SECONDS = 5.0
"""How long a record that is published is waited for in MongoDB.

Long enough for a MongoDB that stands still for some seconds: what is not there by then, the golden record lacks until
the next event. Not for ever, since a repair that was killed has published what it never stored.
"""
FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.05
"""Seconds between two looks, doubled each time: mostly it is stored some milliseconds after it is published."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read just before settling: stored records, and those first seen now that no link names, with the time.

    Nearly all records are alone when they come. A person's verdict about one may have come before it.
    """

    records: Mapping[str, StoredRecord] = field(default_factory=dict)
    alone: Mapping[str, datetime] = field(default_factory=dict)


NOTHING = Known()


class Resolver:
    """What both stages share: settling the golden records around some records of one kind."""

    def __init__(
        self, entity: Resolvable, identities: IdentityStore, records: RecordStore, results: TopicSink, policy: Policy
    ) -> None:
        self.entity = entity
        self.identities = identities
        self.records = records
        self._results = results
        self._policy = policy

    async def settle(self, touched: Iterable[str], cause: Delivery[Any], known: Known = NOTHING) -> None:
        """Cluster what is connected with `touched`, publish and store what changed; what returns is durable.

        Another worker may add a link or an event meanwhile. Each reads again what it settled after storing it, so
        that the last one to store has seen all of them, and settles again what is not as it was, with what is
        connected with it. Raises ConflictError, to be tried again, if that does not come to rest. What is `known` is
        not read before: if it is not so any more, that shows afterwards.
        """
        unsettled = set(touched)
        for _ in range(MAX_ROUNDS):
            component = await self.identities.component(unsettled - known.alone.keys())
            component.first_seen |= known.alone
            component.golden |= {record: record for record in known.alone}
            golden = clusters(component.first_seen, component.links, component.verdicts)
            roots = {member: root for root, members in golden.items() for member in members}
            await self._publish(golden, component, cause)
            revisions = await self._store(golden, component, known.records)
            moved = {member: root for member, root in roots.items() if component.golden.get(member) != root}
            await self.identities.assign(moved)
            now, stored = await asyncio.gather(  # from all its members, so that one round of queries finds them
                self.identities.component(unsettled | component.first_seen.keys()),
                self.records.revisions(component.first_seen),
            )
            component.golden = roots
            unsettled = _differing(_decisions(component), _decisions(now)) | _differing(revisions, stored)
            if not unsettled:
                await self.identities.make_durable()
                return
            known = NOTHING
        raise ConflictError(f"identities of {self.entity} records keep changing")

    async def refresh(self, records: Collection[str], cause: Delivery[Any]) -> None:
        """Settle those golden records of records that are not what their members' events amount to now.

        An event that changes nothing its own record shows is not published, and may yet decide a golden record: it
        says again what another member has contradicted since. Those never resolved are left to the resolution stage.
        """
        stored = await self.identities.stored_golden(records)
        found = await self.records.load({member for document in stored for member in document["members"]})
        golden = await self._golden({d["_id"]: frozenset(d["members"]) for d in stored}, found)
        stale = [document["_id"] for document, now in zip(stored, golden, strict=True) if now != document]
        if stale:
            await self.settle(stale, cause)
        else:
            await self.identities.make_durable()  # what is not stale may be another worker's, of a moment ago

    async def _publish(self, golden: Mapping[str, frozenset[str]], component: Component, cause: Delivery[Any]) -> None:
        """Publish each golden record whose members changed; one that became part of another has none."""
        before: dict[str, set[str]] = {}
        for record, root in component.golden.items():
            before.setdefault(root, set()).add(record)
        roots = golden.keys() | before.keys()
        changed = {r: golden.get(r, frozenset()) for r in sorted(roots) if golden.get(r, set()) != before.get(r, set())}
        if not changed:
            return
        messages = [self._message(root, members, cause) for root, members in changed.items()]
        refuse_oversized(messages)
        attributes = {semconv.SYSTEM: "kafka", semconv.OPERATION_TYPE: "send", semconv.DESTINATION: IDENTITIES}
        with batch_span(f"publish {IDENTITIES}", [cause], attributes, SpanKind.PRODUCER):
            await self._results.publish(messages)

    def _message(self, root: str, members: frozenset[str], cause: Delivery[Any]) -> Message:
        key = f"{self.entity}:{root}"
        inbound = cause.inbound
        envelope = Envelope(
            id=derived_id(
                "identity", key, *sorted(members), inbound.topic, str(inbound.partition), str(inbound.offset)
            ),
            source="looma/resolution",
            type="looma.identity.changed",
            subject=key,
            time=datetime.now(UTC),
        )
        body = Identity(entity=self.entity, id=root, members=sorted(members))
        headers = cause.derived_headers(envelope.headers("identity"))
        return Message(IDENTITIES, key.encode(), body.model_dump_json().encode(), headers)

    async def _store(
        self, golden: Mapping[str, frozenset[str]], component: Component, known: Mapping[str, StoredRecord]
    ) -> dict[str, int]:
        """Store golden records, with the fields that their members' events amount to; return the members' revisions."""
        stored = await self.records.load(component.first_seen.keys() - known.keys())
        stored |= {record: known[record] for record in component.first_seen.keys() & known.keys()}
        documents = await self._golden(golden, stored)
        dissolved = set(component.golden.values()) - golden.keys()
        await self.identities.save_golden(documents, dissolved)
        return {record: found.record.revision for record, found in stored.items()}

    async def _golden(
        self, golden: Mapping[str, frozenset[str]], stored: Mapping[str, StoredRecord]
    ) -> list[dict[str, Any]]:
        """Return the documents of golden records; reading what several members' texts say takes milliseconds."""
        return await asyncio.to_thread(
            lambda: [golden_of_stored(self.entity, r, m, stored, self._policy) for r, m in golden.items()]
        )


def _decisions(component: Component) -> dict[str, set[object]]:
    """Return, by record, all that decides its golden record, and which one that is."""
    found: dict[str, set[object]] = {
        record: {first_seen, component.golden.get(record)} for record, first_seen in component.first_seen.items()
    }
    decisions: list[Link | Verdict] = [*component.links, *component.verdicts]
    for decision in decisions:
        for record in {decision.left, decision.right} & found.keys():
            found[record].add(decision)
    return found


def _differing(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    return {record for record in before.keys() | now.keys() if before.get(record) != now.get(record)}


class ResolutionStage(RecordStage):
    """Compares changed records with those that share a key with them."""

    def __init__(self, resolver: Resolver) -> None:
        self.name = f"resolve {resolver.entity}"
        self.operation = "resolve"
        self.entity = resolver.entity
        self._resolver = resolver

    async def process(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        """Replace the keys and links of the newest revision of each record, then settle what they touch."""
        newest = newest_revisions(deliveries)
        causes = list(newest.values())
        with batch_span("link", causes, {semconv.DB_SYSTEM: "mongodb"}):
            touched, known = await self._link({r: d.item for r, d in newest.items()})
            await self._resolver.settle(touched, causes[-1], known)

    async def _link(self, records: Mapping[str, SourceRecord]) -> tuple[set[str], Known]:
        """Write the keys first and read others' after: of two records that come at once, one sees the other."""
        resolver = self._resolver
        own = {r: {} if record.deleted else record.fields for r, record in records.items()}
        keys = await asyncio.to_thread(lambda: {r: blocking_keys(resolver.entity, f) for r, f in own.items()})
        first_seen = {r: _first_seen(record) for r, record in records.items()}
        new = await resolver.identities.enter(keys, first_seen)
        sharing = await resolver.identities.sharing(keys)
        others = await self._stored({o for found in sharing.values() for o in found} | records.keys(), records)
        fields = {o: s.record.fields for o, s in others.items()} | own
        links = await asyncio.to_thread(_compare, resolver.entity, fields, sharing)
        linked = await resolver.identities.relink(records.keys(), links)
        return records.keys() | linked, Known(others, {r: first_seen[r] for r in new - linked})

    async def _stored(self, wanted: Collection[str], records: Mapping[str, SourceRecord]) -> dict[str, StoredRecord]:
        """Load records; what is published is stored a moment later, so wait for that moment, but not for ever."""
        deadline, pause = time.monotonic() + STORED_SECONDS, FIRST_PAUSE
        while True:
            stored = await self._resolver.records.load(wanted)
            if all(r in stored and stored[r].record.revision >= record.revision for r, record in records.items()):
                return stored
            if time.monotonic() > deadline:
                return stored
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _compare(
    entity: Resolvable, fields: Mapping[str, Mapping[str, Any]], sharing: Mapping[str, Iterable[str]]
) -> list[ScoredLink]:
    """Return a link for each pair that its records speak for or against."""
    known: dict[str, Facts] = {}
    links = {}
    for record, others in sharing.items():
        for other in others:
            pair = (min(record, other), max(record, other))
            if pair in links or other not in fields:
                continue
            for one in pair:
                if one not in known:
                    known[one] = facts(entity, fields[one])
            comparison = compare(known[pair[0]], known[pair[1]])
            links[pair] = ScoredLink(
                comparison.link(*pair), comparison.decision, comparison.probability, comparison.evidence
            )
    return list(links.values())


def _first_seen(record: SourceRecord) -> datetime:
    times = [p["time"] for p in record.provenance.values()]
    return datetime.fromisoformat(min(times)) if times else datetime.max.replace(tzinfo=UTC)


class VerdictStage:
    """Takes persons' verdicts: `looma.identity.merge` and `looma.identity.unmerge` events."""

    def __init__(self, resolvers: Mapping[Resolvable, Resolver], policy: Policy) -> None:
        self.name = "verdicts"
        self.operation = "process"
        self._resolvers = resolvers
        self._policy = policy

    def decode(self, message: Inbound) -> VerdictEvent:
        """Return the verdict; raises BadMessageError."""
        return in_time(decode_verdict(message.key, message.value, message.headers), message.timestamp, self._policy)

    def attributes(self, item: VerdictEvent) -> dict[str, str]:
        """Return what identifies the verdict on its span."""
        return {semconv.ENTITY: item.verdict.entity, semconv.EVENT_ID: item.envelope.id}

    async def process(self, deliveries: Sequence[Delivery[VerdictEvent]]) -> None:
        """Store the verdicts and settle what they touch, one after the other."""
        for delivery in deliveries:
            envelope, said = delivery.item.envelope, delivery.item.verdict
            unique = json.dumps([envelope.source, envelope.id])  # two sources may give one id
            verdict = Verdict(said.left, said.right, delivery.item.action, envelope.time, unique)
            resolver = self._resolvers[said.entity]
            await resolver.identities.judge([verdict])
            await resolver.settle([verdict.left, verdict.right], delivery)
