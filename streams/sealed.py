"""Which topics hold what no key here opens: asked before a worker comes to it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from schemas.settings import KafkaSettings
from schemas.topics import TOPICS, among
from sinks.kafka import admin
from sinks.sealing import ring
from streams.reading import partitions_of, reader
from streams.tail import Record

LOOK_SECONDS = 5.0
_POLL_MS = 200
_NEWEST = 5
"""Offsets from the end: the last one may be a transaction's marker, or gone."""


async def lacking(kafka: KafkaSettings) -> Mapping[str, frozenset[str]]:
    """Return the names of keys that topics need and `kafka.encryption_keys` lacks, by topic.

    The oldest and the newest messages of each partition are looked at, of topics that may be sealed.
    """
    may_be_sealed = among(spec.name for spec in TOPICS if spec.is_personal)
    async with admin(kafka) as asked:
        topics = [name for name in await asked.list_topics() if may_be_sealed(name)]
        partitions = await partitions_of(asked, topics) if topics else []
    if not partitions:
        return {}
    keys, found = ring(kafka), dict[str, set[str]]()
    async with reader(kafka, opens=False, max_partition_fetch_bytes=16 * 1024) as log:
        begins, ends = await log.beginning_offsets(partitions), await log.end_offsets(partitions)
        filled = [p for p in partitions if begins[p] < ends[p]]
        for starts in ({p: begins[p] for p in filled}, {p: max(begins[p], ends[p] - _NEWEST) for p in filled}):
            for record in await _looked_at(log, starts):
                if name := keys.lacks(record):
                    found.setdefault(record.topic, set()).add(name)
    return {topic: frozenset(names) for topic, names in sorted(found.items())}


async def _looked_at(log: AIOKafkaConsumer, starts: Mapping[TopicPartition, int]) -> list[Record]:
    """Return what comes first at or behind the offset of each partition, as far as it comes in time."""
    found: list[Record] = []
    if not starts:
        return found
    log.assign(list(starts))
    for partition, offset in starts.items():
        log.seek(partition, offset)
    rest = set(starts)
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            while rest:
                try:
                    fetched = await log.getmany(*rest, timeout_ms=_POLL_MS)
                except TopicAuthorizationFailedError as refused:  # so nothing of it is read here at all
                    rest = {p for p in rest if p.topic != refused.args[0]}
                    continue
                for partition, records in fetched.items():
                    found += records
                    rest.discard(partition)
    return found


def said(lacks: Mapping[str, frozenset[str]]) -> str:
    """Return in a line what topics need."""
    each = "; ".join(f"{topic} holds what {', '.join(sorted(names))} has sealed" for topic, names in lacks.items())
    return f"{each}: not in kafka.encryption_keys"
