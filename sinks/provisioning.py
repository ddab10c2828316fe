"""Kafka's topics: declared in the catalogue, made here."""

from collections.abc import Sequence

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from schemas.errors import LoomaError
from schemas.settings import KafkaSettings
from schemas.topics import TOPICS, TopicSpec
from sinks.kafka import admin


class TopicError(LoomaError):
    """Kafka did not make a topic; the text has its reason."""

    code = "topic"


async def apply_topics(
    kafka: KafkaSettings,
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
            topic = NewTopic(spec.name, count, kafka.replication_factor, topic_configs=spec.config())
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
