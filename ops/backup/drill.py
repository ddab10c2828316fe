"""A rehearsal of a restore: a backup of what is stored, into another, empty stack, compared with what was backed up."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ops.backup import backup as backups
from ops.backup.frames import Frames
from ops.backup.vectors import NAMES, PREFIX, Restorer, patient
from schemas.settings import Settings
from sinks.lookup import having
from sinks.mongodb import Database
from sinks.person_keys import KnownKeys, PersonKeys
from sinks.scan import count
from streams.generations.database import base_database
from streams.reading import read_topic

Say = Callable[[str], None]
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a restore took and brought: `records` are documents and messages, `differences` those that are not alike."""

    seconds: float
    records: int
    differences: int
    backup_seconds: float
    backup_bytes: int
    unreadable: int
    """Parts of people who were forgotten since; a restore must not bring them back."""


async def rehearse(source: Settings, target: Settings, say: Say = lambda _: None) -> Rehearsal:
    """Back up `source` and restore into `target`, which is empty and has topics. Raises BackupError."""
    with TemporaryDirectory(dir=target.data_dir) as folder:
        path = Path(folder) / "drill.backup"
        begun = time.perf_counter()
        await backups.create(source, path, lambda n: say(f"backing up: {n:,} parts"))
        backed_up = time.perf_counter() - begun
        await copy_keys(source, target)
        begun = time.perf_counter()
        counts, unreadable = await backups.restore(target, path, lambda n: say(f"restoring: {n:,} parts"))
        seconds = time.perf_counter() - begun
        say("comparing")
        differences = await differing(target, path, counts)
        size = path.stat().st_size
    return Rehearsal(round(seconds, 2), counts.total(), differences, round(backed_up, 2), size, unreadable)


async def copy_keys(source: Settings, target: Settings) -> None:
    """Copy the database of keys, as an operator restores it from its own copy."""
    async with base_database(source) as of, base_database(target) as to:
        await PersonKeys(to).take(PersonKeys(of))


async def differing(settings: Settings, path: Path, counts: Counter[str]) -> int:
    """Return how many documents and messages are not in the stores as they are in a backup, or are there beside it."""
    wrong = 0
    said: dict[str, Counter[bytes]] = {}
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(base_database(settings))
        index = Restorer(points := patient(settings.qdrant))
        stack.push_async_callback(points.close)
        keys = KnownKeys(PersonKeys(base))
        with path.open("rb") as file:
            batch: list[dict[str, Any]] = []
            for frame in Frames(file):
                batch.append(frame)
                if len(batch) == AT_ONCE:
                    parts = await _opened(batch, keys)
                    wrong += await _compare(base, parts, said) + await index.differing(parts)
                    batch = []
            parts = await _opened(batch, keys)
            wrong += await _compare(base, parts, said) + await index.differing(parts)
        for name in (*backups.STORED, *backups.SHARED):
            wrong += abs(await count(base[name], {}) - counts[name])
        for name in NAMES:
            wrong += abs(await index.count(name) - counts[PREFIX + name])
    for topic in backups.LOGGED:
        there = Counter([_mark(r.key, r.value) async for r in read_topic(settings.kafka, topic)])
        wrong += (there - said.get(topic, Counter())).total() + (said.get(topic, Counter()) - there).total()
    return wrong


async def _opened(batch: Sequence[dict[str, Any]], keys: KnownKeys) -> list[dict[str, Any]]:
    known = await keys.named({name for frame in batch for name in frame["keys"]})
    return await asyncio.to_thread(backups.opened, batch, known)


async def _compare(base: Database, parts: Sequence[Mapping[str, Any]], said: dict[str, Counter[bytes]]) -> int:
    """Count the documents that are stored otherwise, and note the messages."""
    wrong = 0
    by_place: dict[str, dict[Any, Mapping[str, Any]]] = {}
    for part in parts:
        if "document" in part:
            by_place.setdefault(part["place"], {})[part["document"]["_id"]] = part["document"]
        elif "key" in part:
            said.setdefault(part["place"], Counter())[_mark(part["key"], part["value"])] += 1
    for place, wanted in by_place.items():
        stored = {d["_id"]: d async for d in having(base[place], "_id", wanted)}
        wrong += sum(stored.get(key) != document for key, document in wanted.items())
    return wrong


def _mark(key: bytes | None, value: bytes | None) -> bytes:
    return hashlib.blake2b(repr((key, value)).encode(), digest_size=16).digest()
