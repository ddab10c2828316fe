"""Reads kept messages as the worker does: what its stages cannot decode is a dead letter and is passed over."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.structs import ConsumerRecord

from processors.privacy import ERASED
from processors.sync.policy import Policy
from schemas.chat import ChatEvent, decode_chat
from schemas.entities import ENTITIES, RESOLVABLE, Entity
from schemas.errors import BadMessageError
from schemas.records import SourceRecord
from schemas.topics import CHAT_EVENTS, EVENTS, IDENTITY_EVENTS, MATCH_FEEDBACK, RECORDS, RESUMES
from streams.delivery import Delivery, Inbound, Stage, decoded, is_utf8
from streams.feedback import FeedbackStage
from streams.records import RecordStage
from streams.resolution import VerdictStage
from streams.resumes import ResumeStage
from streams.sync import SyncStage

Stages = Mapping[str, Stage[Any]]


class _Records(RecordStage):
    name = "records"
    operation = "read"

    def __init__(self, entity: Entity) -> None:
        self.entity = entity

    async def process(self, deliveries: Sequence[Delivery[SourceRecord]]) -> None:
        raise NotImplementedError


class _Chat:
    name = "chat"
    operation = "read"

    def decode(self, message: Inbound) -> ChatEvent:
        return decode_chat(message.key, message.value, message.headers)

    def attributes(self, item: ChatEvent) -> dict[str, str]:
        raise NotImplementedError

    async def process(self, deliveries: Sequence[Delivery[ChatEvent]]) -> None:
        raise NotImplementedError


def stages_to_read(policy: Policy) -> Stages:
    """Return a stage of each source and record topic, to decode with: they have no stores to process with."""
    nothing: Any = None
    return {
        **{EVENTS[e]: SyncStage(e, nothing, nothing, policy) for e in ENTITIES},
        RESUMES: ResumeStage(nothing, nothing),
        CHAT_EVENTS: _Chat(),
        IDENTITY_EVENTS: VerdictStage(dict.fromkeys(RESOLVABLE, nothing), policy),
        MATCH_FEEDBACK: FeedbackStage(nothing, nothing, policy),
        **{RECORDS[e]: _Records(e) for e in ENTITIES},
    }


def inbound(record: ConsumerRecord[bytes, bytes]) -> Inbound:
    """Return a kept message as the delivery layer takes it."""
    headers = [(name, value or b"") for name, value in record.headers]
    return Inbound(
        record.topic, record.partition, record.offset, record.key, record.value, headers, record.timestamp / 1000
    )


def refusal(stage: Stage[Any], message: Inbound) -> BadMessageError | None:
    """Return why the stage cannot read a message, which makes it a dead letter; None if it can."""
    try:
        decoded(stage, message)
    except BadMessageError as error:
        return error
    return None


def is_erased(message: Inbound) -> bool:
    """Whether it is the notice that stands where messages were erased."""
    return ("ce_type", ERASED.encode()) in message.headers


def has_readable_names(message: Inbound) -> bool:
    """Whether the names of its headers are text, so that it can be written again as it is."""
    return all(is_utf8(name) for name, _ in message.headers)
