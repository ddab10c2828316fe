"""Portable backups in which what is a person's is sealed with her own key, so that forgetting her reaches them too.

A backup is one file (frames.py): BSON documents, one for each stored document or kept message, compressed and then
sealed by AES-256-GCM with the key of everybody that it speaks of, one after the other. The keys are in
`<database>-keys`, which is never part of a backup. Vectors are in it, since they cost most to make. Identities are not:
workers compute them again from the restored record topics.
"""

import asyncio
import os
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import bson
from bson.codec_options import CodecOptions
from cryptography.exceptions import InvalidTag

from ops.backup import BackupError, vectors
from ops.backup.frames import Frames, Writer, opened_with, seal_with
from ops.backup.vectors import Restorer
from processors.privacy import people_of
from processors.sync.policy import load_policy
from schemas.entities import ENTITIES, Entity
from schemas.settings import Settings
from schemas.topics import CHAT_EVENTS, RECORDS, TOPICS
from sinks import restored
from sinks.feedback import FEEDBACK
from sinks.field_encryption import sealed
from sinks.forgotten import Forgotten
from sinks.kafka import admin
from sinks.last_done import note_done
from sinks.matches import MATCHES
from sinks.migrations import MIGRATIONS
from sinks.migrations import runner as migrations
from sinks.mongodb import COLLECTIONS, Database, Document
from sinks.people import people_in
from sinks.person_keys import NOBODY, KnownKeys, PersonKeys
from sinks.scan import everything
from sinks.topic_sink import Message, TopicSink
from streams import decoding
from streams.generations.database import base_database
from streams.generations.generation import Generation, read_active
from streams.reading import partitions_of, read_topic, reader

Whose = Callable[[Document], Collection[str]]


def _talent(document: Document) -> Collection[str]:
    return (document["talent_id"],) if "talent_id" in document else ()


STORED: Mapping[str, Whose] = {**{COLLECTIONS[e]: partial(people_in, e) for e in ENTITIES}, MATCHES: _talent}
"""Collections of a generation, and what tells whom a document speaks of."""
SHARED: Mapping[str, Whose] = {FEEDBACK: _talent}
"""The same of the base database, which all generations share."""
SOURCES = tuple(spec.name for spec in TOPICS if spec.kind == "source" and spec.name != CHAT_EVENTS)
_ENTITY_OF: Mapping[str, Entity] = {collection: entity for entity, collection in COLLECTIONS.items()}
LOGGED = (*SOURCES, *RECORDS.values())
BATCH, BATCH_BYTES = 500, 8 * 1024 * 1024
_WITH_ZONES = CodecOptions[dict[str, Any]](tz_aware=True)
T = TypeVar("T")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A stored document or a kept message, as compressed BSON, and everybody that it speaks of."""

    place: str
    people: frozenset[str]
    packed: bytes


async def create(settings: Settings, path: Path, progress: Progress = lambda _: None) -> Counter[str]:
    """Write a backup of the active generation; return how many parts of each place are in it.

    It is written beside `path` and renamed when it is whole. Left out are messages that no stage could read and that
    the clock refused: they are dead letters.
    """
    counts: Counter[str] = Counter()
    unfinished = path.with_name(path.name + ".part")
    async with base_database(settings) as base:
        keys = KnownKeys(PersonKeys(base))
        try:
            with unfinished.open("wb") as file:
                unfinished.chmod(0o600)
                writer = Writer(file, MIGRATIONS[-1].number)
                async for batch in _batched(_parts(settings, base), lambda part: len(part.packed)):
                    known = await keys.of({p for part in batch for p in part.people})
                    writer.write(await asyncio.to_thread(_sealed, batch, known))
                    counts.update(part.place for part in batch)
                    progress(counts.total())
                writer.end(counts.total(), (await keys.of({NOBODY}))[NOBODY])
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)  # of one that failed: nights of them would fill the disk
    return counts


async def note_kept(settings: Settings) -> None:
    """Note that there is a new backup: alerts on old ones end. Not by `create`, whose file may be for a rehearsal."""
    async with base_database(settings) as base:
        await note_done(base, "backup")


async def restore(
    settings: Settings, path: Path, progress: Progress = lambda _: None, *, unsealed: bool = False
) -> tuple[Counter[str], int]:
    """Restore into an empty database; return the parts by place, and how many nobody can read any more.

    Those are of forgotten people, whose keys are destroyed. Topics and collections of vectors that hold anything are
    left as they are. `unsealed`: a backup of an earlier version will do. Raises BackupError.
    """
    counts: Counter[str] = Counter()
    unreadable = 0
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(base_database(settings))
        keys = KnownKeys(PersonKeys(base))
        for name in (*STORED, *SHARED):
            if await base[name].find_one({}, {"_id": 1}):
                raise BackupError(f"{name} in the database {base.name} is not empty")
        sink = TopicSink(settings.kafka, client_id="looma-restore")
        await stack.enter_async_context(sink)
        points = vectors.patient(settings.qdrant)
        stack.push_async_callback(points.close)
        index = Restorer(points)
        vacant = await _vacant(settings) | await index.vacant()
        frames = Frames(stack.enter_context(path.open("rb")))
        await _read_through(frames, keys, unsealed=unsealed)  # a damaged one changes nothing
        # A backup of an older version brings documents of its own time.
        await migrations.rewind(base, frames.migration)
        async for count, parts in _ahead(_opened(frames, keys)):
            unreadable += count - len(parts)
            for name in {p["place"] for p in parts if "document" in p}:
                documents = [p["document"] for p in parts if p["place"] == name]
                if name in _ENTITY_OF:
                    documents = await sealed(base.client, _ENTITY_OF[name], documents)
                await base[name].insert_many(documents, ordered=False)
            parts = [p for p in parts if "document" in p or p["place"] in vacant]
            await sink.publish(
                Message(p["place"], p["key"], p["value"], [(n, v) for n, v in p["headers"]])
                for p in parts
                if "key" in p
            )
            await index.put(parts)
            counts.update(p["place"] for p in parts)
            progress(counts.total())
        await index.finish()
        await restored.note(base, await _ends(settings, vacant))
        await migrations.migrate(base)
    return counts, unreadable


class Verified(NamedTuple):
    """What a backup holds, read to its last byte: parts by place, those that nobody can read any more, and its end."""

    places: Counter[str]
    unreadable: int
    is_sealed: bool


async def verify(
    settings: Settings, path: Path, progress: Progress = lambda _: None, *, unsealed: bool = False
) -> Verified:
    """Open every part of a backup and its end; nothing is written. Raises BackupError if anything was changed.

    `unsealed`: one of an earlier version will do, whose end is not sealed; of it only the parts that are there are
    known to be as they were.
    """
    counts: Counter[str] = Counter()
    unreadable = 0
    async with base_database(settings) as base:
        keys = KnownKeys(PersonKeys(base))
        with path.open("rb") as file:
            frames = Frames(file)
            async for count, parts in _ahead(_opened(frames, keys)):
                unreadable += count - len(parts)
                counts.update(part["place"] for part in parts)
                progress(counts.total())
            await _check_end(frames, keys, unsealed=unsealed)
    return Verified(counts, unreadable, frames.is_sealed)


async def _read_through(frames: Frames, keys: KnownKeys, *, unsealed: bool) -> None:
    async for _ in _each(frames):
        pass
    await _check_end(frames, keys, unsealed=unsealed)


async def _check_end(frames: Frames, keys: KnownKeys, *, unsealed: bool) -> None:
    name = frames.key_name()
    frames.check_end(await keys.named({name} if name else ()), unsealed=unsealed)


async def _opened(frames: Frames, keys: KnownKeys) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the parts batch by batch: how many there are, and those that can be read."""
    async for batch in _batched(_each(frames), lambda frame: len(frame["sealed"])):
        known = await keys.named({name for frame in batch for name in frame["keys"]})
        yield len(batch), await asyncio.to_thread(opened, batch, known)


async def _ahead(items: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield items; the next one is made while the last is worked on."""
    following = asyncio.ensure_future(anext(items, None))
    try:
        while (item := await following) is not None:
            following = asyncio.ensure_future(anext(items, None))
            yield item
    finally:
        following.cancel()


async def _each(frames: Frames) -> AsyncIterator[dict[str, Any]]:
    for frame in frames:
        yield frame


async def _parts(settings: Settings, base: Database) -> AsyncIterator[Part]:
    generation = Generation((await read_active(base)).generation)
    forgotten = Forgotten(base)
    await forgotten.refresh()
    stages = decoding.stages_to_read(load_policy(settings.sync.policy))
    points = vectors.patient(settings.qdrant)
    try:
        # First: what changes behind them is in the log, and is embedded again.
        for name in vectors.NAMES:
            async for spoken_of, content in vectors.contents(points, name, generation.suffix):
                if not any(person in forgotten for person in spoken_of):
                    yield _part(vectors.PREFIX + name, spoken_of, content)
    finally:
        await points.close()
    database = generation.database(base)
    for source, collections in ((database, STORED), (base, SHARED)):
        for name, whose in collections.items():
            async for document in everything(source[name].find({})):
                people = whose(document)
                if not any(person in forgotten for person in people):
                    yield _part(name, people, {"document": document})
    for name in LOGGED:
        topic = generation.topic(name)
        async for record in read_topic(settings.kafka, topic):
            message = decoding.inbound(record)
            named = people_of(name, record.key, record.value)
            is_tombstone = name not in SOURCES and record.value is None
            if (
                named is None
                or any(p in forgotten for p in named)
                or decoding.is_erased(message)
                or not (is_tombstone or decoding.refusal(stages[name], message) is None)
            ):
                continue
            content = {"key": record.key, "value": record.value, "headers": message.headers}
            yield _part(name, named, content)


def _part(place: str, people: Collection[str], content: dict[str, Any]) -> Part:
    packed = zlib.compress(bson.encode({"place": place, **content}), 1)
    return Part(place, frozenset(people) or frozenset((NOBODY,)), packed)


def _sealed(batch: Sequence[Part], keys: Mapping[str, tuple[bytes, bytes]]) -> bytes:
    frames = []
    for part in batch:
        sealed, names = part.packed, []
        for name, key in (keys[person] for person in part.people):
            sealed = seal_with(key, sealed)
            names.append(name)
        frames.append(bson.encode({"keys": names, "sealed": sealed}))
    return b"".join(frames)


def opened(frames: Sequence[dict[str, Any]], keys: Mapping[bytes, bytes]) -> list[dict[str, Any]]:
    """Return what can be read with these keys. Raises BackupError if any of it was changed."""
    found = []
    for frame in frames:
        if not all(name in keys for name in frame["keys"]):
            continue
        packed = frame["sealed"]
        try:
            for name in reversed(frame["keys"]):
                packed = opened_with(keys[name], packed)
        except InvalidTag as error:
            raise BackupError("the backup was changed since it was written") from error
        found.append(bson.decode(zlib.decompress(packed), _WITH_ZONES))
    return found


async def _vacant(settings: Settings) -> set[str]:
    """Return the topics that hold nothing."""
    async with admin(settings.kafka) as asked, reader(settings.kafka) as log:
        found = set()
        for topic in LOGGED:
            partitions = await partitions_of(asked, [topic])
            if await log.beginning_offsets(partitions) == await log.end_offsets(partitions):
                found.add(topic)
        return found


async def _ends(settings: Settings, topics: Collection[str]) -> restored.Ends:
    """Return the offset behind the last message of each partition of the record topics among these."""
    async with admin(settings.kafka) as asked, reader(settings.kafka) as log:
        partitions = await partitions_of(asked, [name for name in RECORDS.values() if name in topics])
        return {(p.topic, p.partition): end for p, end in (await log.end_offsets(partitions)).items()}


async def _batched(parts: AsyncIterator[T], size: Callable[[T], int]) -> AsyncIterator[list[T]]:
    batch: list[T] = []
    held = 0
    async for part in parts:
        batch.append(part)
        held += size(part)
        if len(batch) >= BATCH or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
