"""What each topic keeps, as the broker says: the setting, the oldest message that is left, and whether any is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.settings import KafkaSettings
from schemas.topics import DAY_MS
from sinks.kafka import admin
from streams.reading import partitions_of, reader


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of one topic. `retention_days` None is for ever; `complete` says that retention removed nothing."""

    partitions: int
    compacted: bool
    retention_days: float | None
    oldest: datetime | None
    messages: int
    complete: bool


async def kept(kafka: KafkaSettings, topics: Sequence[str]) -> Mapping[str, Kept]:
    """Return what is left of those topics that exist, with three requests whatever their size."""
    async with admin(kafka) as asked:
        partitions = await partitions_of(asked, list(topics))
        configs = await _configs(asked, sorted({p.topic for p in partitions}))
    if not partitions:
        return {}
    async with reader(kafka) as log:
        beginnings = await log.beginning_offsets(partitions)
        ends = await log.end_offsets(partitions)
        first = await log.offsets_for_times(dict.fromkeys(partitions, 0))
    oldest = {p: at.timestamp for p, at in first.items() if at}
    by_topic: dict[str, list[TopicPartition]] = {}
    for partition in partitions:
        by_topic.setdefault(partition.topic, []).append(partition)
    found = {}
    for topic, own in by_topic.items():
        times = [oldest[p] for p in own if p in oldest]
        milliseconds = int(configs[topic].get("retention.ms", -1))
        found[topic] = Kept(
            partitions=len(own),
            compacted="compact" in configs[topic].get("cleanup.policy", ""),
            retention_days=milliseconds / DAY_MS if milliseconds >= 0 else None,
            oldest=datetime.fromtimestamp(min(times) / 1000, UTC) if times else None,
            messages=sum(ends[p] - beginnings[p] for p in own),
            complete=not any(beginnings[p] for p in own),
        )
    return found


async def _configs(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, dict[str, str]]:
    if not topics:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics])
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
