"""The catalogue of topics. Provisioning, AsyncAPI, lag, generations, forgetting and backups all follow from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from schemas.entities import ENTITIES, PERSONAL, Entity, is_resolvable, is_side
from schemas.submissions import MAX_SUBMISSION_BYTES

if TYPE_CHECKING:
    from schemas.settings.retention import RetentionKind, RetentionSettings

DAY_MS = 24 * 3600 * 1000
HOUR = 1 / 24
"""In days."""

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
CHAT_EVENTS = "chat-events"
CHAT_REPLIES = "chat-replies"
CHAT_DELTAS = "chat-deltas"
SYNC_REPORTS = "sync-reports"
AUDIT = "audit"
AI_USAGE = "ai-usage"
SERVICE_INSTANCES = "service-instances"
EVENTS: Mapping[Entity, str] = {entity: f"{entity}-events" for entity in ENTITIES}
RECORDS: Mapping[Entity, str] = {entity: f"{entity}-records" for entity in ENTITIES}

Kind = Literal["source", "internal", "result", "notice"]
"""Who writes it and whose it is.

`source`: written by other systems and by people; read by every generation.
`internal`: written and read by the stages of one generation; each generation has its own.
`result`: what others subscribe to; only the active generation writes it, others have private ones.
`notice`: said once, whatever generation is active.
"""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it should be; compacted keeps the newest of each key.

    `keeps` is the kind of `retention` in the settings that says how long, or a number of days; None is for ever.

    `step` says where in the worker's pipeline it is read: all that has a lower one may still write to it. None: the
    worker does not read it. `is_personal`: a message may speak of a person, so that forgetting her looks here.
    """

    name: str
    purpose: str
    kind: Kind
    key: str
    keeps: "RetentionKind | float | None" = 7.0
    compacted: bool = False
    max_message_bytes: int = 1024 * 1024
    step: int | None = None
    is_personal: bool = True

    def days(self, retention: "RetentionSettings") -> float | None:
        """Return for how many days messages are kept; None for ever."""
        days = getattr(retention, f"{self.keeps}_days") if isinstance(self.keeps, str) else self.keeps
        return days or None

    def config(self, retention: "RetentionSettings") -> dict[str, str]:
        """Return the broker's settings for the topic."""
        days = self.days(retention)
        kept_ms = -1 if days is None else round(days * DAY_MS)
        # Only what is in a closed segment can be deleted; Kafka closes one after a week.
        closed = {"segment.ms": str(kept_ms // 6)} if 0 <= kept_ms < DAY_MS else {}
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(kept_ms),
            **closed,
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "LogAppendTime",  # the broker's clock, whatever a publisher's says
        }


TOPICS: tuple[TopicSpec, ...] = (
    *(
        TopicSpec(
            EVENTS[entity],
            f"{entity} events from upstream systems",
            "source",
            f"{entity} id",
            "events",
            step=1,
            is_personal=entity in PERSONAL,
        )
        for entity in ENTITIES
    ),
    TopicSpec(
        RESUMES,
        "resumes from upstream systems",
        "source",
        "talent id",
        "events",
        max_message_bytes=MAX_SUBMISSION_BYTES + 64 * 1024,
    ),
    TopicSpec(CHAT_EVENTS, "chat messages from upstream systems", "source", "conversation", "chat"),
    TopicSpec(IDENTITY_EVENTS, "people's word on which records are one", "source", "entity:id", None, step=1),
    TopicSpec(
        IDENTITIES,
        "golden records and the source records they are made of",
        "result",
        "entity:id of the golden record",
        None,
        compacted=True,
    ),
    *(
        TopicSpec(
            RECORDS[entity],
            f"{entity} source records",
            "internal",
            f"{entity} id",
            None,
            compacted=True,
            step=2 if is_side(entity) or is_resolvable(entity) else None,
        )
        for entity in ENTITIES
    ),
    TopicSpec(MATCH_REQUESTS, "entities whose matches are to be computed", "internal", "entity id", "requests", step=3),
    TopicSpec(MATCH_RESULTS, "matches that changed", "result", "talent id|job id", "results"),
    TopicSpec(
        MATCH_FEEDBACK,
        "what became of matches, from upstream systems",
        "source",
        "talent id|job id",
        "events",
        step=4,
    ),
    TopicSpec(RESUMES_PARSED, "profiles read from resumes", "notice", "talent id", "results"),
    TopicSpec(CHAT_REPLIES, "answers to chat messages", "notice", "conversation", "chat"),
    TopicSpec(CHAT_DELTAS, "partial text of answers that are being worded", "notice", "conversation", HOUR),
    TopicSpec(SYNC_CONFLICTS, "conflicts that no policy decides", "result", "id of the entity", "results"),
    TopicSpec(
        MODEL_EVENTS, "which model is the active one", "notice", "task or id of the rollout", None, compacted=True
    ),
    TopicSpec(SYNC_REPORTS, "reports of bulk syncs", "notice", "run", "reports"),
    TopicSpec(AUDIT, "who did what that matters, in chains of hashes", "notice", "chain", "audit", is_personal=False),
    TopicSpec(AI_USAGE, "what calls of AI services have used", "notice", "caller", "reports", is_personal=False),
    TopicSpec(
        SERVICE_INSTANCES,
        "where AI services can be reached",
        "notice",
        "instance",
        None,
        compacted=True,
        is_personal=False,
    ),
    # Holds any other topic's largest message with the reason beside it.
    TopicSpec(
        DEAD_LETTERS,
        "messages that could not be processed",
        "result",
        "that of the message",
        "dead_letters",
        max_message_bytes=4 * 1024 * 1024,
    ),
)
TOPIC: Mapping[str, TopicSpec] = {spec.name: spec for spec in TOPICS}


def of_kind(kind: Kind) -> frozenset[str]:
    """Return the names of the topics of a kind."""
    return frozenset(spec.name for spec in TOPICS if spec.kind == kind)


def among(names: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether a topic is one of these, or a generation's own one, which has its name at its end."""
    begins = tuple(f"{name}-" for name in names)
    return lambda topic: f"{topic}-".startswith(begins)


def steps() -> list[list[str]]:
    """Return the topics that the worker reads, step by step in the order events flow."""
    found: dict[int, list[str]] = {}
    for spec in TOPICS:
        if spec.step is not None:
            found.setdefault(spec.step, []).append(spec.name)
    return [found[step] for step in sorted(found)]


Role = Literal["worker", "resumes", "chat", "api", "operator", "publisher", "subscriber", "provisioner"]
"""Who has rights of a kind of their own in Kafka: streams/rights.py says which."""
ROLES: tuple[Role, ...] = get_args(Role)

PIPELINE: tuple[str, ...] = tuple(name for step in steps() for name in step)
"""The topics that the worker reads, in the order events flow."""
