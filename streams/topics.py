"""The topics: partitions, retention and compaction, declared here and applied by `looma topics apply`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from schemas.entities import ENTITIES, Entity
from schemas.errors import BadMessageError
from schemas.settings import KafkaSettings
from schemas.submissions import MAX_SUBMISSION_BYTES
from sinks.kafka import admin
from sinks.topics import Message

DAY_MS = 24 * 3600 * 1000
RETENTION = timedelta(days=90)
"""How long events are kept."""

DEAD_LETTERS = "dead-letters"
SYNC_CONFLICTS = "sync-conflicts"
IDENTITY_EVENTS = "identity-events"
IDENTITIES = "identities"
RESUMES = "resume-events"
RESUMES_PARSED = "resume-parsed"
MATCH_REQUESTS = "match-requests"
MATCH_RESULTS = "match-results"
MATCH_FEEDBACK = "match-feedback"
MODEL_EVENTS = "model-events"
EVENTS: Mapping[Entity, str] = {entity: f"{entity}-events" for entity in ENTITIES}
RECORDS: Mapping[Entity, str] = {entity: f"{entity}-records" for entity in ENTITIES}


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it should be. `retention_days` None keeps for ever; compacted keeps the newest of each key."""

    name: str
    purpose: str
    retention_days: int | None = 7
    compacted: bool = False
    max_message_bytes: int = 1024 * 1024

    def config(self) -> dict[str, str]:
        """Return the broker's settings for the topic."""
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(self.retention_days * DAY_MS if self.retention_days else -1),
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "LogAppendTime",  # the broker's clock, whatever a publisher's says
        }


TOPICS: tuple[TopicSpec, ...] = (
    *(TopicSpec(EVENTS[e], f"{e} events from upstream systems", RETENTION.days) for e in ENTITIES),
    TopicSpec(
        RESUMES,
        "resumes from upstream systems",
        RETENTION.days,
        max_message_bytes=MAX_SUBMISSION_BYTES + 64 * 1024,
    ),
    TopicSpec("chat-events", "chat messages from upstream systems", 30),
    TopicSpec(IDENTITY_EVENTS, "people's word on which records are one", None),
    TopicSpec(IDENTITIES, "golden records and the records they are made of", None, compacted=True),
    *(TopicSpec(RECORDS[e], f"golden {e} records", None, compacted=True) for e in ENTITIES),
    TopicSpec(MATCH_REQUESTS, "entities whose matches are to be computed", 7),
    TopicSpec(MATCH_RESULTS, "matches that changed", 30),
    TopicSpec(MATCH_FEEDBACK, "what became of matches, from upstream systems", RETENTION.days),
    TopicSpec(RESUMES_PARSED, "profiles read from resumes", 30),
    TopicSpec("chat-replies", "answers to chat messages", 30),
    TopicSpec(SYNC_CONFLICTS, "conflicts that no policy decides", 30),
    TopicSpec(MODEL_EVENTS, "which model is the active one", None, compacted=True),
    TopicSpec("sync-reports", "reports of bulk syncs", 90),
    # Holds any other topic's largest message with the reason beside it.
    TopicSpec(DEAD_LETTERS, "messages that could not be processed", 90, max_message_bytes=4 * 1024 * 1024),
)


_LIMITS = {spec.name: spec.max_message_bytes for spec in TOPICS}
_BATCH_OVERHEAD = 256
_HEADER_OVERHEAD = 8
_TRACE_ROOM = 2048  # for the headers that are added on the way


def refuse_oversized(messages: Iterable[Message]) -> None:
    """Raise BadMessageError (`oversized`) for a result that its topic would refuse, before any of them is sent."""
    for message in messages:
        size = _BATCH_OVERHEAD + _TRACE_ROOM + len(message.key or b"") + len(message.value or b"")
        size += sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in message.headers)
        if size > _LIMITS[message.topic]:
            detail = f"what follows from it has {size} bytes; {message.topic} takes {_LIMITS[message.topic]}"
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
                    raise RuntimeError(f"topic {name} was not created: {message or code}")
        return created
