"""Forgets one person: first the list that keeps her away, then the stores and the log, then the record that names her.

Each step may be done twice, and the record, which tells what to look for in free text, goes last: a run that was
killed is taken up by running it again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field

from connectors.checkpoint import runs
from ops.forget.log import Erased, LogEraser, Topic
from ops.forget.stores import Stores
from ops.sync.backfill import runs_dir
from processors.privacy import Person, people_of
from processors.sync.policy import Policy, load_policy
from schemas.entities import PERSONAL, Entity
from schemas.settings import Settings
from schemas.topics import EVENTS, TOPICS
from sinks import qdrant
from sinks.conversations import TURNS, ConversationStore
from sinks.feedback import FEEDBACK, FeedbackStore
from sinks.forgotten import VIEW_SECONDS, Forgotten
from sinks.kafka import admin
from sinks.mongodb import COLLECTIONS, Database
from sinks.people import naming, people_in
from sinks.person_keys import PersonKeys
from sinks.scan import everything
from sinks.tasks import TASKS, TaskStore
from streams.generations.database import base_database
from streams.generations.generation import BASE, REGISTRY, ActiveView, Generation, read_active
from streams.generations.sink import GenerationSink
from streams.reading import read_topic

NOTICE_SECONDS = 2 * VIEW_SECONDS
WAIT_SECONDS = 120.0
Progress = Callable[[str], None]


@dataclass(slots=True)
class Report:
    """What was, or would be, removed of a person. `linked` are records held to be the same person, which stay."""

    person: str
    dry_run: bool
    already: bool = False
    stores: dict[str, int] = field(default_factory=dict)
    topics: list[Erased] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)

    @property
    def removed(self) -> int:
        """How many documents, vectors and messages."""
        return sum(self.stores.values()) + sum(t.removed for t in self.topics)

    def as_json(self) -> dict[str, object]:
        """Return the report for machines."""
        return {**asdict(self), "removed": self.removed}


class Forgetting:
    """Forgets people in a running system. An async context manager's content."""

    def __init__(
        self,
        settings: Settings,
        base: Database,
        policy: Policy,
        forgotten: Forgotten,
        keys: PersonKeys,
        stores: dict[str, Stores],
        log: LogEraser,
    ) -> None:
        self._settings = settings
        self._base = base
        self._policy = policy
        self._list = forgotten
        self._keys = keys
        self._stores = stores
        self._feedback = FeedbackStore(base)
        self._chats = ConversationStore(base)
        self._tasks = TaskStore(base)
        self._log = log

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Forgetting"]:
        """Connect to everything; disconnect at the end of the block."""
        s = settings
        async with AsyncExitStack() as stack:
            base = await stack.enter_async_context(base_database(s))
            policy = load_policy(s.sync.policy)
            vectors = qdrant.connect(s.qdrant)
            stack.push_async_callback(vectors.close)
            names = [d["_id"] async for d in base[REGISTRY].find({"state": {"$exists": True}}, {"_id": 1})] or [BASE]
            stores = {}
            for generation in map(Generation, names):
                sink = GenerationSink(
                    s.kafka,
                    client_id="looma-forget",
                    generation=generation,
                    view=ActiveView(base),
                )
                await stack.enter_async_context(sink)
                stores[generation.name] = Stores(generation, base, vectors, sink)
            log = await stack.enter_async_context(
                LogEraser.open(
                    s.kafka,
                    base,
                    policy,
                    Generation((await read_active(base)).generation).named(s.kafka.group_id),
                    wait_seconds=WAIT_SECONDS,
                )
            )
            yield cls(s, base, policy, Forgotten(base), PersonKeys(base), stores, log)

    async def plan(self, person: str) -> Report:
        """Return what `forget` would remove; changes nothing."""
        report = Report(person, dry_run=True)
        await self._list.refresh()
        report.already = person in self._list
        about = await self._person(person)
        for name, stores in self._stores.items():
            _add(report, name, await stores.count(person))
            report.linked += [r for r in await stores.linked(person) if r not in report.linked]
        await self._count_feedback(report)
        await self._count_turns(report, about)
        if count := await self._tasks.naming(person):
            report.stores[TASKS] = count
        self._refused_records(report, about)
        for topic in await self._topics():
            if count := sum((await self._log.find(topic, about)).values()):
                report.topics.append(Erased(topic.name, count))
        return report

    async def forget(self, person: str, progress: Progress = lambda _: None) -> Report:
        """Remove a person from everywhere, for good. Interrupted, the same call goes on."""
        report = Report(person, dry_run=False)
        progress("workers are told")
        report.already = await self._list.begin(person) is not None
        await asyncio.sleep(NOTICE_SECONDS)
        about = await self._person(person)
        for name, stores in self._stores.items():
            progress(f"stores of generation {name}")
            report.linked += [r for r in await stores.linked(person) if r not in report.linked]
            _add(report, name, await stores.erase(person, self._policy))
        await self._count_feedback(report)
        await self._feedback.erase(person)
        await self._count_turns(report, about)
        if count := await self._tasks.forget(person):
            report.stores[TASKS] = count
        self._refused_records(report, about)
        for topic in await self._topics():
            progress(topic.name)
            erased = await self._log.erase(topic, about)
            if erased.removed:
                report.topics.append(erased)
        progress("records")
        for stores in self._stores.values():
            await stores.erase_record(person)
        await self._feedback.erase(person)  # what a worker that was late has written
        # Last of all: a run that was interrupted knows by them which replies are hers.
        await self._chats.erase(await self._chats.about_talent(person))
        await self._keys.destroy(person)
        await self._list.finish(person)
        return report

    async def returned(self) -> list[str]:
        """Return who is forgotten and yet there, as after the restoring of a backup: to be forgotten again."""
        await self._list.refresh()
        found: set[str] = {person async for person in self._feedback.talents() if person in self._list}
        for entity in PERSONAL:
            for name in self._stores:
                collection = Generation(name).database(self._base)[COLLECTIONS[entity]]
                async for document in everything(collection.find({}, naming(entity))):
                    found |= {person for person in people_in(entity, document) if person in self._list}
            async for record in read_topic(self._settings.kafka, EVENTS[entity]):
                people = people_of(EVENTS[entity], record.key, record.value) or ()
                found |= {person for person in people if person in self._list}
        return sorted(found)

    async def _count_feedback(self, report: Report) -> None:
        if count := await self._feedback.count(report.person):
            report.stores[FEEDBACK] = count

    async def _count_turns(self, report: Report, about: Person) -> None:
        if count := await self._chats.count(about.conversations):
            report.stores[TURNS] = count

    def _refused_records(self, report: Report, about: Person) -> None:
        """Count, and erase unless it is a dry run, what bulk syncs of this machine refused of a person."""
        files = runs(runs_dir(self._settings))
        if count := sum(file.about(about, erase=not report.dry_run) for file in files):
            report.stores["refused records"] = count

    async def _person(self, person: str) -> Person:
        """Return what a person is known by, from the records of every generation."""
        identifiers: set[bytes] = set()
        records: set[tuple[Entity, str]] = set()
        for stores in self._stores.values():
            identifiers |= await stores.identifiers(person)
            records |= await stores.records(person)
        conversations = await self._chats.about_talent(person)
        return Person(person, frozenset(identifiers), frozenset(records), frozenset(conversations))

    async def _topics(self) -> list[Topic]:
        """Return the topics of every generation that may hold something of a person."""
        async with admin(self._settings.kafka) as asked:
            existing = set(await asked.list_topics())
        found = {}
        for spec in TOPICS:
            if not spec.is_personal:
                continue
            for generation in map(Generation, self._stores):
                for name in (spec.name, generation.topic(spec.name), generation.private(spec.name)):
                    if name in existing:
                        found[name] = Topic(name, spec.name, spec.compacted)
        return list(found.values())


def _add(report: Report, generation: str, counts: Counter[str]) -> None:
    suffix = Generation(generation).suffix
    report.stores |= {name + suffix: count for name, count in counts.items() if count}
