"""The verification of one entity: a first pass over every side, then the differing ranges, record by record."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiokafka import TopicPartition
from opentelemetry.context import Context

from ops.forget.log import erased_before
from ops.verify import repair
from ops.verify.batches import BATCH, batches
from ops.verify.follower import Follower
from ops.verify.golden import GoldenReplica, is_unresolved
from ops.verify.golden_repair import GoldenRepair
from ops.verify.ledger import Entry, Ledger
from ops.verify.log import EventLog
from ops.verify.records import RecordReplica, readable
from ops.verify.replica import Merger, Replica
from ops.verify.report import NO_EFFECT, Address, Difference, Lost, Progress, Report
from ops.verify.vectors import VectorReplica
from processors.sync.merge import State, apply
from processors.sync.merkle import MerkleTree, depth_for
from processors.sync.policy import load_policy
from schemas.entities import Entity, is_resolvable, is_side
from schemas.settings import Settings
from schemas.topics import CHAT_EVENTS, IDENTITIES, IDENTITY_EVENTS, MATCH_FEEDBACK, RESUMES
from sinks import mongodb, qdrant
from sinks.forgotten import Forgotten
from sinks.topic_sink import TopicSink
from streams.delivery import dead_letter
from streams.generations.generation import Generation, read_active
from streams.generations.sink import route
from streams.lag import chat_group, resume_group

PAUSE_SECONDS = 2.0
GOLDEN_LOOKS = 2
"""At golden records that differ, after the first look at all of them."""
MAX_DIFFERENCES = 100_000


class Verification:
    """An async context manager: `check`, then `repair` what it found. Memory is bounded whatever the number of records.

    Vectors and golden records are checked if the consumer group makes them at all, that is if it has committed offsets
    of the record topic; `model` is asked only then for the version that vectors should be of.
    """

    def __init__(
        self,
        settings: Settings,
        entity: Entity,
        model: Callable[[], str],
        progress: Progress | None = None,
        generation: Generation | None = None,
    ) -> None:
        self._generation = generation or Generation()
        self._settings = settings
        self._entity: Entity = entity
        self._policy = load_policy(settings.sync.policy)
        self._merger = Merger(entity, self._policy)
        self._model = model
        self._progress: Progress = progress or (lambda *_: None)
        self._flying: set[str] = set()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            s = self._settings
            self._ledger = stack.enter_context(Ledger())
            self._log = await stack.enter_async_context(
                EventLog.open(self._entity, self._generation, self._policy, s.kafka)
            )
            self._follower = Follower(self._log, self._ledger)
            client, base = mongodb.connect(s.mongodb)
            stack.push_async_callback(client.close)
            self._base = base
            forgotten = Forgotten(base)
            await forgotten.refresh()
            self._log.forgotten = forgotten
            self._records = RecordReplica(self._merger, self._generation.database(base))
            self._replicas: list[Replica] = [self._records]
            self._vectors: VectorReplica | None = None
            self._golden: GoldenReplica | None = None
            is_read = await self._log.is_consumed(self._log.records_topic)
            if is_resolvable(self._entity) and is_read:
                self._golden = GoldenReplica(self._entity, self._generation.database(base), self._policy)
            if is_side(self._entity) and is_read:
                points = qdrant.connect(s.qdrant)
                stack.push_async_callback(points.close)
                self._vectors = VectorReplica(
                    self._entity, self._merger, points, self._model(), self._records, self._generation.suffix
                )
                self._replicas.append(self._vectors)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    async def check(self) -> Report:
        """Return how MongoDB and Qdrant differ from the log."""
        report = Report(self._entity)
        self._flying.clear()
        beginnings = await self._log.beginnings(self._log.events_topic)
        report.log_complete = not await self._lost(beginnings)
        for topic in self._log.letter_topics:
            self._log.letters.is_complete &= not await self._lost(await self._log.beginnings(topic))
        report.records["log"] = await self._follower.catch_up(partial(self._progress, f"{self._entity} log"))
        if not report.log_complete:
            await self._absorb_stored()
        suspects: list[tuple[Replica, list[Address]]] = []
        expected = self._expected_trees()
        for replica, tree in zip(self._replicas, expected, strict=True):
            found = await self._tree(replica, tree.depth)
            report.records[replica.name] = found.entries
            if leaves := set(tree.differing(found)):
                suspects.append((replica, await self._suspects(replica, leaves, tree, report)))
        if any(addresses for _, addresses in suspects):
            await self._confirm(suspects, report)
        if self._golden:
            await self._check_golden(self._golden, report)
        if self._entity == "talent":
            await self._log.audit(RESUMES, resume_group(self._settings.kafka.group_id))
            await self._log.audit(CHAT_EVENTS, chat_group(self._settings.kafka.group_id))
            for topic in (IDENTITY_EVENTS, MATCH_FEEDBACK):
                await self._log.audit(topic, self._log.group_id)
        report.lost = [*self._log.lost, *await self._without_effect(report)]
        report.unwitnessed = self._log.unwitnessed
        report.in_flight = len(self._flying)
        return report

    async def repair(self, report: Report) -> repair.Outcome:
        """Bring the records that `check` reported to what their events say; publish dead letters that are missing.

        Raises RepairRefusedError.
        """
        repair.refuse_improbable(report)
        s = self._settings
        client_id = f"{s.kafka.group_id}-repair"
        async with TopicSink(s.kafka, client_id=client_id) as sink:
            letters = await self._dead_letters(report.lost, sink)
            golden = [d for d in report.differences if d.replica == "golden" and not is_unresolved(d)]
            records = [d for d in report.differences if d.replica != "golden" or is_unresolved(d)]
            left: tuple[Difference, ...] = ()
            if self._golden:
                topic = self._generation.topic(IDENTITIES)
                identities = GoldenRepair(self._golden, self._ledger, self._follower, sink, topic)
                left = await identities.run(golden, self._progress)
            work = repair.Repair(
                self._merger, self._log, self._ledger, self._follower, self._records, self._vectors, sink
            )
            outcome = await work.run(records, self._progress)
            keys = {d.address.range_key for d in report.differences}
            left += outcome.left
            return repair.Outcome(len(keys - {d.address.range_key for d in left}), left, letters)

    async def _lost(self, beginnings: Mapping[TopicPartition, int]) -> bool:
        """Whether retention has removed events; what forgetting a person removed was copied, but for her own."""
        return any([offset != await erased_before(self._base, p) for p, offset in beginnings.items() if offset])

    async def _absorb_stored(self) -> None:
        """Retention has removed events: what they said is known from the stored states alone."""
        done = 0
        async for batch in self._records.documents({}):
            states = {d["_id"]: readable(self._merger, d) for d in batch if isinstance(d["_id"], str)}
            self._ledger.absorb({key: state for key, state in states.items() if state is not None})
            done += len(batch)
            self._progress(f"{self._entity} stored states", done, None)

    def _expected_trees(self) -> list[MerkleTree]:
        total = len(self._ledger)
        trees = [MerkleTree(depth_for(total)) for _ in self._replicas]
        for done, (range_key, entry) in enumerate(self._ledger.entries()):
            record = self._merger.stored(entry)
            for replica, tree in zip(self._replicas, trees, strict=True):
                if (content := replica.expected(record)) is not None:
                    tree.add(range_key, content)
            if done % BATCH == 0:
                self._progress(f"{self._entity} expected", done, total)
        return trees

    async def _tree(self, replica: Replica, depth: int) -> MerkleTree:
        tree, total = MerkleTree(depth), await replica.size()
        async for batch in replica.scan():
            for address, content in batch:
                tree.add(address.range_key, content)
            self._progress(f"{self._entity} {replica.name}", tree.entries, total)
        return tree

    async def _suspects(self, replica: Replica, leaves: set[int], tree: MerkleTree, report: Report) -> list[Address]:
        """Compare the records of differing ranges one by one; return where those are that differ."""
        suspects: list[Address] = []
        known = (replica.address(*each) for each in self._ledger.in_leaves(sorted(leaves), tree.depth))
        for batch in batches(known):
            await self._look(replica, batch, suspects, report)
        async for addresses in replica.addresses():
            inside = [a for a in addresses if tree.leaf_of(a.range_key) in leaves]
            entries = self._ledger.get(a.range_key for a in inside)
            await self._look(replica, [a for a in inside if a.range_key not in entries], suspects, report)
        return suspects

    async def _look(self, replica: Replica, batch: Sequence[Address], suspects: list[Address], report: Report) -> None:
        room = MAX_DIFFERENCES - len(suspects)
        if not batch or room <= 0:
            report.truncated |= bool(batch)
            return
        report.read_again += len(batch)
        entries = self._ledger.get(a.range_key for a in batch)
        suspects += [d.address for d in await replica.judge(batch, entries)][:room]

    async def _confirm(self, suspects: Iterable[tuple[Replica, list[Address]]], report: Report) -> None:
        """Look at suspects a second time, after a pause in which what was under way has arrived."""
        await asyncio.sleep(PAUSE_SECONDS)
        for replica, addresses in suspects:
            settled = await self._follower.settled(vectors=replica is self._vectors)
            differences = []
            for batch in batches(addresses):
                entries = self._ledger.get(a.range_key for a in batch)
                found = await replica.judge(batch, entries)
                differences += await self._not_excused(replica, found)
                report.read_again += len(batch)
            flying = await self._follower.in_flight(settled, {d.address.range_key for d in differences})
            self._flying |= flying
            report.differences += [d for d in differences if d.address.range_key not in flying]

    async def _not_excused(self, replica: Replica, differences: Sequence[Difference]) -> list[Difference]:
        """Return what differs also if the record's events count that are dead letters: a replay applies them."""
        excused = self._log.excused
        doubtful = [d for d in differences if d.address.range_key in excused]
        if not doubtful:
            return list(differences)
        entries = self._ledger.get(d.address.range_key for d in doubtful)
        for range_key in {d.address.range_key for d in doubtful}:
            events = excused[range_key]
            state = entries[range_key].state if range_key in entries else State()
            entries[range_key] = Entry(events[0].id, apply(state, events))
        wrong = {d.address for d in await replica.judge([d.address for d in doubtful], entries)}
        return [d for d in differences if d.address.range_key not in excused or d.address in wrong]

    async def _without_effect(self, report: Report) -> list[Lost]:
        """Return the events of which records that differ hold nothing."""
        found = [d for d in report.differences if d.replica == self._records.name and d.kind != "extra"]
        states: dict[str, State | None] = {d.address.range_key: None for d in found}
        for batch in batches(found):
            for range_key, document in (await self._records.load(d.address for d in batch)).items():
                if (state := readable(self._merger, document)) is None:
                    states.pop(range_key, None)  # it is corrupt, whatever it held
                else:
                    states[range_key] = state
        return await self._log.without_effect(self._follower.marks, states) if states else []

    async def _dead_letters(self, lost: Sequence[Lost], sink: TopicSink) -> int:
        """Publish the dead letters that are missing; return how many."""
        active, done = await read_active(self._base), 0
        async for each, message in self._log.messages(each for each in lost if each.reason != NO_EFFECT):
            letter = dead_letter(message, each.reason, each.detail, "", Context())
            await sink.publish([route(letter, self._generation, active)])
            done += 1
        return done

    async def _check_golden(self, golden: GoldenReplica, report: Report) -> None:
        """Judge every golden record, and those that differ again, more than once.

        Which records are settled with one may change in the moment of looking: what is wrong stays so.
        """
        report.records[golden.name], total = 0, await golden.size()
        suspects: list[Any] = []
        async for ids, count in golden.ids(self._ledger):
            report.records[golden.name] += count
            verdicts = await golden.judge(ids, self._ledger)
            room = MAX_DIFFERENCES - len(suspects)
            report.truncated |= len(verdicts) > room
            suspects += [v.difference.address.id for v in verdicts[:room]]
            self._progress(f"{self._entity} golden", report.records[golden.name], total)
        found: list[Difference] = []
        for _ in range(GOLDEN_LOOKS):
            if not suspects:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            said = await self._log.committed(self._generation.topic(IDENTITY_EVENTS))
            settled = await self._follower.settled(vectors=True)
            verdicts = [v for batch in batches(suspects) for v in await golden.judge(batch, self._ledger)]
            report.read_again += len(suspects)
            flying = await self._follower.in_flight(settled, {key for v in verdicts for key in v.keys})
            is_word_open = await self._log.is_behind(said)
            found = [v.difference for v in verdicts if not is_word_open and flying.isdisjoint(v.keys)]
            self._flying |= {v.difference.address.range_key for v in verdicts} - {d.address.range_key for d in found}
            suspects = [d.address.id for d in found]
        report.differences += found
