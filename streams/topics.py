"""Making the topics of the catalogue, and refusing what one of them would not take."""

from collections.abc import Iterable, Sequence

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from schemas.errors import BadMessageError, LoomaError
from schemas.settings import KafkaSettings
from schemas.topics import TOPIC, TOPICS, TopicSpec
from sinks.kafka import admin
from sinks.topics import Message

_BATCH_OVERHEAD = 256
_HEADER_OVERHEAD = 8
_TRACE_ROOM = 2048  # for the headers that are added on the way


class TopicError(LoomaError):
    """Kafka did not make a topic; the text has its reason."""

    code = "topic"


def refuse_oversized(messages: Iterable[Message]) -> None:
    """Raise BadMessageError (`oversized`) for a result that its topic would refuse, before any of them is sent."""
    for message in messages:
        size = _BATCH_OVERHEAD + _TRACE_ROOM + len(message.key or b"") + len(message.value or b"")
        size += sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in message.headers)
        most = TOPIC[message.topic].max_message_bytes
        if size > most:
            detail = f"what follows from it has {size} bytes; {message.topic} takes {most}"
            raise BadMessageError("oversized", detail)


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
