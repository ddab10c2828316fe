"""Kafka's topics: declared in the catalogue, made here, and kept for as long as the settings say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError

from schemas.errors import LoomaError
from schemas.settings import DEFAULT_RETENTION, KafkaSettings, RetentionSettings
from schemas.topics import TOPICS, TopicSpec
from sinks.kafka import admin


class TopicError(LoomaError):
    """Kafka did not make a topic; the text has its reason."""

    code = "topic"


_DYNAMIC = 1  # Kafka's number for settings made on the topic itself
_OF_RETENTION = ("retention.ms", "segment.ms")


class OtherRetention(NamedTuple):
    """A setting of a topic by which it keeps messages for another time than the settings say."""

    topic: str
    name: str
    has: str
    wanted: str


async def apply_topics(
    kafka: KafkaSettings,
    retention: RetentionSettings = DEFAULT_RETENTION,
    *,
    partitions: int | None = None,
    specs: Sequence[TopicSpec] = TOPICS,
) -> list[str]:
    """Create the topics that are missing; return their names. Existing topics are left as they are."""
    async with admin(kafka) as asked:
        existing = set(await asked.list_topics())
        missing = [spec for spec in specs if spec.name not in existing]
        created = []
        for spec in missing:
            count = partitions or kafka.partitions
            topic = NewTopic(spec.name, count, kafka.replication_factor, topic_configs=spec.config(retention))
            try:
                response = await asked.create_topics([topic])
            except TopicAlreadyExistsError:
                continue
            for name, code, message in (entry[:3] for entry in response.topic_errors):
                if code == 0:
                    created.append(name)
                elif code != TopicAlreadyExistsError.errno:  # it exists, but the broker that listed did not know yet
                    raise TopicError(f"topic {name} was not created: {message or code}")
        return created


async def other_retention(
    kafka: KafkaSettings, retention: RetentionSettings, specs: Sequence[TopicSpec] = TOPICS
) -> list[OtherRetention]:
    """Return which topics keep messages for another time than the settings say."""
    async with admin(kafka) as asked:
        configs = await _configs(asked, specs)
    return list(_others(configs, retention, specs))


async def apply_retention(
    kafka: KafkaSettings, retention: RetentionSettings, specs: Sequence[TopicSpec] = TOPICS
) -> list[OtherRetention]:
    """Have topics keep messages for as long as the settings say; return what was changed. Raises TopicError.

    What is older than a shorter time is deleted by Kafka at once.
    """
    async with admin(kafka) as asked:
        configs = await _configs(asked, specs)
        others = list(_others(configs, retention, specs))
        for topic in dict.fromkeys(each.topic for each in others):
            # Kafka takes all that a topic has of its own, or forgets the rest.
            own = {name: value for name, (value, source) in configs[topic].items() if source == _DYNAMIC}
            changed = own | {each.name: each.wanted for each in others if each.topic == topic}
            resource = ConfigResource(ConfigResourceType.TOPIC, topic, changed)
            for response in await asked.alter_configs([resource]):
                for code, message, *_ in response.resources:
                    if code:
                        raise TopicError(f"the retention of {topic} was not changed: {message or code}")
        return others


_Configs = Mapping[str, Mapping[str, tuple[str, int]]]


async def _configs(asked: AIOKafkaAdminClient, specs: Sequence[TopicSpec]) -> _Configs:
    """Return the settings of those topics that exist, each with where it is from."""
    existing = set(await asked.list_topics())
    names = [spec.name for spec in specs if spec.name in existing]
    answers = (
        await asked.describe_configs([ConfigResource(ConfigResourceType.TOPIC, n) for n in names]) if names else []
    )
    return {
        resource[3]: {entry[0]: (entry[1], entry[3]) for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }


def _others(configs: _Configs, retention: RetentionSettings, specs: Sequence[TopicSpec]) -> Iterator[OtherRetention]:
    for spec in specs:
        wanted = spec.config(retention)
        for name in _OF_RETENTION:
            has = configs.get(spec.name, {}).get(name)
            if has and name in wanted and has[0] != wanted[name]:
                yield OtherRetention(spec.name, name, has[0], wanted[name])
