"""What `looma sync status` knows beside the runs' accounts: conflicts that wait, and how fresh the records are."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka.structs import ConsumerRecord

from schemas.chain import REPLAY, published_ms
from schemas.entities import ENTITIES
from schemas.settings import Settings
from schemas.topics import RECORDS
from sinks.conflicts import open_conflicts
from streams.generations.database import base_database
from streams.generations.generation import Generation, read_active
from streams.reading import read_topic

SAMPLE = 200
"""Newest offsets of each partition of a record topic that are looked at."""

WINDOW_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Live:
    """How the active generation stands now.

    `conflicts` wait for a person, by entity and each source that is part of them; `freshness_p99` are seconds from an
    event's publication to its record's, by entity, None where none was published within the last hour.
    """

    conflicts: Mapping[tuple[str, str], int]
    freshness_p99: Mapping[str, float | None]


async def live(settings: Settings) -> Live:
    """Return how the active generation stands; reads the queue of conflicts and the ends of the record topics."""
    async with base_database(settings) as base:
        generation = Generation((await read_active(base)).generation)
        waiting: Counter[tuple[str, str]] = Counter()
        async for found in open_conflicts(generation.database(base)):
            waiting.update({(found.entity, source) for source in {c.source for c in found.conflict.candidates}})
    records = await asyncio.gather(*(_newest(settings, generation.topic(RECORDS[e])) for e in ENTITIES))
    since = time.time() - WINDOW_SECONDS
    return Live(waiting, {e: percentile(delays(found, since)) for e, found in zip(ENTITIES, records, strict=True)})


async def _newest(settings: Settings, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    return [r async for r in read_topic(settings.kafka, topic, last=SAMPLE)]


def delays(records: Iterable[ConsumerRecord[bytes, bytes]], since: float) -> list[float]:
    """Return the seconds from each event's publication to its record's, of records since a time; no replay's."""
    found = []
    for record in records:
        headers = dict(record.headers)
        published = published_ms([(n, v or b"") for n, v in record.headers])
        if published is not None and REPLAY not in headers and record.timestamp / 1000 >= since:
            found.append(max(0.0, (record.timestamp - int(published)) / 1000))
    return found


def percentile(values: Sequence[float], share: float = 0.99) -> float | None:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank); None of nothing."""
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else None
