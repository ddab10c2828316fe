"""Generations from start to drop: built beside the active one, switched to in one step, rolled back, removed."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from aiokafka import TopicPartition

from processors.matching.pages import page_id
from processors.matching.ranking import replaced
from schemas.chain import REPLAY
from schemas.entities import ENTITIES
from schemas.messages import Match
from schemas.settings import Settings
from schemas.topics import (
    DEAD_LETTERS,
    EVENTS,
    IDENTITY_EVENTS,
    MATCH_RESULTS,
    PIPELINE,
    steps,
)
from sinks import qdrant
from sinks.counts import counts, estimates
from sinks.indexes import INDEXES, apply_indexes
from sinks.kafka import admin
from sinks.matches import MatchStore
from sinks.migrations.runner import RECORDED, require_current
from sinks.mongodb import Database
from sinks.provisioning import apply_topics
from sinks.resumes import RESUMES, ResumeStore
from sinks.topic_sink import Message, TopicSink
from streams.generations.database import active_now, base_database, known_generations, require_generation
from streams.generations.generation import (
    BASE,
    MODELS,
    REGISTRY,
    VIEW_SECONDS,
    Active,
    Generation,
    GenerationError,
    read_active,
    write_active,
)
from streams.generations.sink import stamped
from streams.lag import behind, committed_offsets, group_lag
from streams.matching import result_message
from streams.reading import partitions_of, read_ranges, reader

NOTICE_SECONDS = 2 * VIEW_SECONDS
_BATCH = 500
_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a switch to a generation would change. `stored` are records of the active generation and of this one.

    `same`, `new`, `gone` and `changed` count active matches; `results` are what consumers would be told.
    """

    generation: str
    active: str
    behind: int
    dead_letters: int
    stored: Mapping[str, tuple[int, int]]
    same: int = 0
    new: int = 0
    gone: int = 0
    changed: int = 0
    greatest_change: float = 0.0

    @property
    def results(self) -> int:
        """How many results a switch would publish."""
        return self.new + self.gone + self.changed


@dataclass(frozen=True, slots=True)
class GenerationStatus:
    """One generation as it is now. `dead_letters` are those that it kept private while another was active.

    `stored` is empty where nobody counted.
    """

    name: str
    active: bool
    state: str
    started_at: datetime | None
    lag: Mapping[str, int]
    stored: Mapping[str, int]
    dead_letters: int

    @property
    def total_lag(self) -> int:
        """Messages that it has still to handle."""
        return sum(self.lag.values())


async def start(settings: Settings, name: str) -> Generation:
    """Make all that a generation needs, its consumer group at the beginning of every source topic.

    Raises GenerationError if there is one of this name already. Interrupted, the same call goes on.
    """
    generation = Generation(name)
    async with base_database(settings) as base:
        known = await known_generations(base)
        if name in known:
            raise GenerationError(f"generation {name} exists; see `looma replay status`, or drop it first")
        database = generation.database(base)
        for collection in INDEXES:
            if await database[collection].find_one({}, {"_id": 1}):
                raise GenerationError(f"the database {database.name} has {collection} that no generation owns")
        for each in dict.fromkeys((Generation(next(iter(known))), generation)):
            await _provision(settings, each)
        await require_current(database)
        await apply_indexes(database)
        await _rewind(settings, generation)
        for each_name in (*known, name):
            document = {"state": "started", "started_at": datetime.now(UTC)}
            await base[REGISTRY].update_one({"_id": each_name}, {"$setOnInsert": document}, upsert=True)
    return generation


async def statuses(settings: Settings, *, counted: bool = True) -> list[GenerationStatus]:
    """Return every generation, the oldest first; to have its records `counted` may take a while."""
    async with base_database(settings) as base:
        active = await read_active(base)
        found = []
        for name, document in (await known_generations(base)).items():
            generation = Generation(name)
            found.append(
                GenerationStatus(
                    name,
                    name == active.generation,
                    document["state"],
                    document.get("started_at"),
                    await _lag(settings, generation, PIPELINE),
                    await estimates(generation.database(base)) if counted else {},
                    await _length(settings, generation.private(DEAD_LETTERS)),
                )
            )
        return found


async def switch(settings: Settings, name: str, *, force: bool = False, wait_seconds: float = 30) -> int:
    """Make a generation the active one, and tell consumers of matches what is different; return how many results.

    Raises GenerationError while it has not handled, within `wait_seconds`, what there was when asked, unless forced.
    Readers see the old generation up to one moment, and the new one from it on. Interrupted, the same call goes on.
    """
    generation = Generation(name)
    async with base_database(settings) as base:
        await require_generation(base, generation)
        before = await read_active(base)
        if before.generation == name:
            return 0 if before.announced else await _announce(settings, base, before)
        if not before.announced:
            raise GenerationError(f"the switch to {before.generation} is not finished: run it again first")
        if not force:
            await _caught_up(settings, generation, Generation(before.generation), wait_seconds)
        # What the outgoing generation publishes from here on may not be heard.
        ends = await _ends(settings, [Generation(before.generation).private(MATCH_RESULTS)])
        private_from = {str(p.partition): offset for p, offset in ends.items()}
        after = Active(name, before.generation, before.epoch + 1, False, private_from)
        if not await write_active(base, before, after):
            raise GenerationError("another switch came first; see `looma replay status`")
        return await _announce(settings, base, after)


async def compare(settings: Settings, name: str) -> Comparison:
    """Return what a switch to a generation would change; nothing is written. Raises GenerationError.

    Reads the matches of both, as a switch does. Those of a generation that is still built are not all there yet.
    """
    async with base_database(settings) as base:
        generation = Generation(name)
        await require_generation(base, generation)
        now = Generation((await read_active(base)).generation)
        if now.name == name:
            raise GenerationError(f"generation {name} is active already")
        have, had = await counts(generation.database(base)), await counts(now.database(base))
        tally: Counter[str] = Counter()
        greatest = 0.0
        new, old = MatchStore(generation.database(base)), MatchStore(now.database(base))
        async for before, after in _talents(old.by_talent(), new.by_talent()):
            for job_id in before.keys() | after.keys():
                was, is_now = _active_score(before.get(job_id)), _active_score(after.get(job_id))
                if was is None and is_now is None:
                    continue
                kind = "new" if was is None else "gone" if is_now is None else ""
                if was is not None and is_now is not None:
                    kind = "changed" if replaced(before.get(job_id), after.get(job_id)) else "same"
                    greatest = max(greatest, abs(was - is_now))
                tally[kind] += 1
        return Comparison(
            name,
            now.name,
            sum((await _lag(settings, generation, PIPELINE)).values()),
            await _length(settings, generation.private(DEAD_LETTERS)),
            {kind: (had.get(kind, 0), have.get(kind, 0)) for kind in had.keys() | have.keys()},
            **tally,
            greatest_change=round(greatest, 4),
        )


def _active_score(match: Match | None) -> float | None:
    return match.score if match and match.status == "active" else None


async def exists(base: Database, name: str) -> bool:
    """Return whether a generation was begun, and is not being dropped."""
    return (await known_generations(base)).get(name, {}).get("state") == "started"


async def require_caught_up(settings: Settings, name: str, wait_seconds: float) -> None:
    """Raise GenerationError unless it handles, within `wait_seconds`, what there is now and the active one handles."""
    generation = Generation(name)
    async with base_database(settings) as base:
        await require_generation(base, generation)
        now = await read_active(base)
    await _caught_up(settings, generation, Generation(now.generation), wait_seconds)


async def rollback(
    settings: Settings, *, force: bool = False, wait_seconds: float = 30, leaving: str | None = None
) -> tuple[str, int]:
    """Switch to the generation that was active before; return its name, and how many results were told.

    With `leaving`, only from that generation: whoever asks twice goes back once. Raises GenerationError.
    """
    now = await active_now(settings)
    if leaving not in (None, now.generation):
        raise GenerationError(f"generation {now.generation} is active, not {leaving}")
    if now.previous is None:
        raise GenerationError("there was no switch that could be rolled back")
    return now.previous, await switch(settings, now.previous, force=force, wait_seconds=wait_seconds)


async def drop(settings: Settings, name: str, *, apply: bool) -> list[str]:
    """Return what a generation consists of; with `apply`, delete it. Raises GenerationError for the active one.

    Its workers must be stopped. Interrupted, the same call goes on.
    """
    generation = Generation(name)
    async with base_database(settings) as base:
        if name not in await known_generations(base):
            raise GenerationError(f"there is no generation {name}; see `looma replay status`")
        now = await read_active(base)
        if name == now.generation:
            raise GenerationError(f"generation {name} is active; switch to another one first")
        if not now.announced:
            raise GenerationError(f"the switch to {now.generation} is not finished: run it again first")
        if tried := await base[MODELS].find_one({"generation": name, "state": {"$in": ["running", "promoting"]}}):
            raise GenerationError(f"{tried['model']} is rolled out with it; `looma models rollout stop` first")
        database = generation.database(base)
        topics = [spec.name for spec in generation.specs()]
        vectors = [generation.named(c) for c in (*qdrant.VECTOR_COLLECTIONS.values(), RESUMES)]
        parts = [
            *(f"MongoDB {database.name}.{c}" for c in INDEXES),
            *(f"Qdrant {c}" for c in vectors),
            *(f"Kafka {t}" for t in topics),
        ]
        if not apply:
            return parts
        await base[REGISTRY].update_one({"_id": name}, {"$set": {"state": "dropping"}}, upsert=True)
        if now.previous == name and not await write_active(base, now, replace(now, previous=None)):
            raise GenerationError("a switch came first; see `looma replay status`")
        await _delete_topics(settings, topics)
        client = qdrant.connect(settings.qdrant)
        try:
            await qdrant.VectorStore(client, generation.suffix).drop()
            await ResumeStore(client, generation.suffix).drop()
        finally:
            await client.close()
        for collection in INDEXES:
            await database[collection].drop()
        if name != BASE:  # whose database holds what all generations share
            await database[RECORDED].drop()
        await base[MODELS].delete_one({"_id": name})
        await base[REGISTRY].delete_one({"_id": name})
        return parts


# Announcing a switch


async def _announce(settings: Settings, base: Database, active: Active) -> int:
    """Tell consumers how the matches of the active generation differ from what they heard of the previous one.

    Workers learn of a switch within VIEW_SECONDS. By then the incoming generation stores nothing that it has not
    published; what the outgoing one did not publish is in its private topic. So both stores are compared first, and
    then whatever is in that topic is told again.
    """
    await asyncio.sleep(NOTICE_SECONDS)
    incoming, outgoing = Generation(active.generation), Generation(active.previous or BASE)
    told = 0
    async with TopicSink(settings.kafka, client_id="looma-switch") as sink:

        async def tell(matches: Iterable[Match]) -> None:
            nonlocal told
            messages = [announcement(m, active) for m in matches]
            await sink.publish(messages)
            told += len(messages)

        new, old = MatchStore(incoming.database(base)), MatchStore(outgoing.database(base))
        batch: list[Match] = []
        async for before, after in _talents(old.by_talent(), new.by_talent()):
            for job_id in sorted(before.keys() | after.keys()):
                if changed := replaced(before.get(job_id), after.get(job_id)):
                    batch.append(changed)
            if len(batch) >= _BATCH:
                await tell(batch)
                batch = []
        await tell(batch)
        pairs = sorted(await _private_keys(settings, outgoing.private(MATCH_RESULTS), active.private_from))
        for chunk in _chunks(pairs):
            talents_and_jobs = (pair.partition("|")[::2] for pair in chunk)
            await tell((await new.newest(talents_and_jobs)).values())
    await write_active(base, active, replace(active, announced=True))
    return told


def announcement(match: Match, active: Active) -> Message:
    """Return a match result that a switch publishes: marked as a replay's, and of the new epoch."""
    message = result_message(match)
    mark = (REPLAY, f"{active.generation}@{active.epoch}".encode())
    return stamped(message._replace(headers=[*message.headers, mark]), active.epoch)


Talents = AsyncIterator[tuple[str, Mapping[str, Match]]]


async def _talents(left: Talents, right: Talents) -> AsyncIterator[tuple[Mapping[str, Match], Mapping[str, Match]]]:
    """Yield what two stores have of each talent, both in the order of their pages' ids."""
    one, other = await anext(left, None), await anext(right, None)
    while one or other:
        if other is None or (one and page_id(one[0], 0) < page_id(other[0], 0)):
            assert one
            yield one[1], {}
            one = await anext(left, None)
        elif one is None or page_id(other[0], 0) < page_id(one[0], 0):
            yield {}, other[1]
            other = await anext(right, None)
        else:
            yield one[1], other[1]
            one, other = await anext(left, None), await anext(right, None)


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start_at in range(0, len(items), _BATCH):
        yield items[start_at : start_at + _BATCH]


# Kafka


async def _provision(settings: Settings, generation: Generation) -> None:
    """Create its topics with as many partitions as the source topics have."""
    partitions = len(await _partitions(settings, [EVENTS[ENTITIES[0]]]))
    if not partitions:
        raise GenerationError("there are no source topics; create them with `looma topics apply`")
    await apply_topics(
        settings.kafka,
        settings.retention,
        partitions=partitions,
        specs=generation.specs(),
    )


async def _rewind(settings: Settings, generation: Generation) -> None:
    """Set the group to the oldest event kept: a generation of this name may have been there before."""
    async with reader(settings.kafka, group_id=generation.named(settings.kafka.group_id)) as consumer:
        partitions = await _partitions(settings, [*(EVENTS[e] for e in ENTITIES), IDENTITY_EVENTS])
        consumer.assign(partitions)
        await consumer.commit(await consumer.beginning_offsets(partitions))


async def _caught_up(settings: Settings, generation: Generation, reference: Generation, seconds: float) -> None:
    """Return when it has handled what is there now, stage by stage, as far as the reference has these stages."""
    deadline = time.monotonic() + seconds
    for stage in steps():
        goal = await _ends(settings, [generation.topic(t) for t in stage])
        if not await _committed(settings, reference, [reference.topic(t) for t in stage]):
            continue
        while True:
            left = await _left(
                settings, goal, await _committed(settings, generation, [generation.topic(t) for t in stage])
            )
            if not left:
                break
            if time.monotonic() > deadline:
                raise GenerationError(
                    f"generation {generation.name} is {left} messages behind; is its worker running "
                    f"(LOOMA_WORKER__GENERATION={generation.name} looma worker)? --force switches all the same"
                )
            await asyncio.sleep(_PAUSE)


async def _lag(settings: Settings, generation: Generation, topics: Sequence[str]) -> dict[str, int]:
    return await group_lag(
        settings.kafka,
        generation.named(settings.kafka.group_id),
        [generation.topic(t) for t in topics],
    )


async def _length(settings: Settings, topic: str) -> int:
    partitions = await _partitions(settings, [topic])
    if not partitions:
        return 0
    async with reader(settings.kafka) as consumer:
        ends = await consumer.end_offsets(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
    return sum(int(ends[p]) - int(beginnings[p]) for p in partitions)


async def _private_keys(settings: Settings, topic: str, since: Mapping[str, int]) -> set[str]:
    """Return the keys in a topic from the given offsets to its end."""
    partitions = await _partitions(settings, [topic])
    keys: set[str] = set()
    if not partitions:
        return keys
    starts = {p: since.get(str(p.partition), 0) for p in partitions}
    timeout = settings.kafka.timeout_seconds
    async with reader(settings.kafka) as consumer:
        ends = await consumer.end_offsets(partitions)
        async for records in read_ranges(consumer, starts, ends, timeout_seconds=timeout):
            keys |= {record.key.decode("utf-8", "replace") for record in records if record.key}
    return keys


async def _ends(settings: Settings, topics: Sequence[str]) -> dict[TopicPartition, int]:
    partitions = await _partitions(settings, topics)
    if not partitions:
        return {}
    async with reader(settings.kafka) as consumer:
        return dict(await consumer.end_offsets(partitions))


async def _left(settings: Settings, goal: Mapping[TopicPartition, int], done: Mapping[TopicPartition, int]) -> int:
    """Return how many messages there are before the goal that are not done."""
    if all(done.get(p, 0) >= end for p, end in goal.items()):
        return 0
    timeout = settings.kafka.timeout_seconds
    async with reader(settings.kafka) as consumer:
        return sum((await behind(consumer, done, goal, timeout_seconds=timeout)).values())


async def _committed(settings: Settings, generation: Generation, topics: Sequence[str]) -> dict[TopicPartition, int]:
    async with admin(settings.kafka) as asked:
        partitions = await partitions_of(asked, list(topics))
        found = await committed_offsets(asked, generation.named(settings.kafka.group_id), partitions)
    return {p: m.offset for p, m in found.items() if m.offset >= 0}


async def _partitions(settings: Settings, topics: Sequence[str]) -> list[TopicPartition]:
    async with admin(settings.kafka) as asked:
        return await partitions_of(asked, list(topics))


async def _delete_topics(settings: Settings, topics: Sequence[str]) -> None:
    async with admin(settings.kafka) as asked:
        existing = set(await asked.list_topics())
        if wanted := [t for t in topics if t in existing]:
            response = await asked.delete_topics(wanted)
            if failed := [name for name, code in response.topic_error_codes if code]:
                raise GenerationError(f"Kafka did not delete {', '.join(failed)}; run the same command again")


def as_json(status: GenerationStatus) -> dict[str, object]:
    """Return a status for machines."""
    return {**asdict(status), "total_lag": status.total_lag}
