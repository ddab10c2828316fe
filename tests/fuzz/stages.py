"""What becomes of a message in the stage of its topic, as far as no server is needed: decoded, then all that follows."""

import json
from collections.abc import Callable
from typing import Any

import bson

from processors.chat.conversation import MAX_STATE_BYTES, Conversation, Effect
from processors.chat.conversation import apply as chat_apply
from processors.chat.days import day_in
from processors.chat.intents import CueReader
from processors.chat.plan import plan
from processors.chat.understanding import understand
from processors.embedding.resume_parts import titled_parts
from processors.matching.feedback import Said, join
from processors.matching.profile import Profile
from processors.resolution.blocking import blocking_keys
from processors.resolution.clusters import Verdict, clusters
from processors.resolution.compare import compare
from processors.resolution.facts import facts
from processors.search.bm25 import document_vector
from processors.sync.golden import golden_document
from processors.sync.merge import State, apply, merge, refuse_crowd
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.chat import ChatEvent, ChatMessage
from schemas.entities import ENTITIES
from schemas.errors import BadMessageError
from schemas.events import EntityEvent
from schemas.propagation import extract, inject
from schemas.records import SourceRecord
from sinks.mongodb import refuse_record
from sinks.topic_sink import refuse_oversized
from streams.chat import ChatStage
from streams.delivery import Delivery, Inbound, dead_letter, decoded
from streams.feedback import FeedbackStage
from streams.matching import MatchStage
from streams.resolution import ResolutionStage, VerdictStage, _first_seen
from streams.resume_index import ResumeIndexStage
from streams.resumes import ResumeStage
from streams.sync import Change, SyncStage, conflict_messages, record_message
from streams.tracing import context_of, tracer
from streams.vectors import VectorStage, embedded_texts, payload_of, updated_at

NOW = 1_767_700_000.0
LONGEST_DETAIL = 4096


class _Anything:
    """Takes the place of what a stage only has when it processes."""

    def __init__(self, **values: Any) -> None:
        self.__dict__ |= values


def _stages() -> dict[str, list[Any]]:
    nothing: Any = _Anything()
    stages: dict[str, list[Any]] = {f"{e}-events": [SyncStage(e, nothing, nothing, DEFAULT)] for e in ENTITIES}
    for side in ("talent", "job"):
        stages[f"{side}-records"] = [VectorStage(side, nothing, nothing, nothing)]
    stages["talent-records"].append(ResumeIndexStage(nothing, nothing, nothing))
    for kind in ("talent", "company"):
        resolver: Any = _Anything(entity=kind)
        stages.setdefault(f"{kind}-records", []).append(ResolutionStage(resolver))
    stages["identity-events"] = [VerdictStage({}, DEFAULT)]
    stages["match-feedback"] = [FeedbackStage(nothing, nothing, DEFAULT)]
    stages["match-requests"] = [MatchStage(_Anything(kept=None), nothing, nothing, nothing)]  # type: ignore[arg-type]
    stages["resume-events"] = [ResumeStage(nothing, nothing)]
    stages["chat-events"] = [ChatStage(nothing, nothing, nothing)]
    return stages


STAGES = _stages()
TOPICS = sorted(STAGES)


def through(
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
    appended: float = NOW,
) -> str:
    """Take a message through every stage of its topic; return `effect`, or the code of its dead letter.

    Raises whatever would have ended the batch, AssertionError for a dead letter that tells too much.
    """
    message = Inbound(topic, 0, 0, key, value, headers, appended)
    fate = "effect"
    for stage in STAGES[topic]:
        try:
            item = decoded(stage, message)
            assert all(isinstance(v, str) for v in stage.attributes(item).values())
            _EFFECTS[type(stage)](Delivery(message, item, tracer.start_span("s", extract(headers))))
        except BadMessageError as error:
            fate = error.code
            assert error.code != "undecodable", error.detail
            assert error.detail.isascii(), "a detail is made of our words"
            assert error.detail.isprintable()
            assert len(error.detail.encode()) <= LONGEST_DETAIL
            dead_letter(message, error.code, error.detail, "", context_of(tracer.start_span("s")))
    return fate


def _event(delivery: Delivery[EntityEvent]) -> None:
    event = delivery.item
    refuse_crowd(State(), state := apply(State(), [event]))
    stored = StoredRecord.of(event.entity, event.id, 1, state, DEFAULT)
    refuse_record(stored)
    assert StoredRecord.from_document(event.entity, bson.decode(bson.encode(stored.to_document()))) == stored
    change = Change(delivery, None, stored)
    message = record_message(change)
    message = message._replace(headers=delivery.derived_headers(message.headers))
    refuse_oversized([message, *conflict_messages(change)])
    assert apply(state, [event]) == merge(state, state) == state, "said twice it changes nothing"
    record = SourceRecord.from_json(message.value or b"")
    assert record == stored.record, "what is published is what the next stage reads"
    delivery.derived_headers([])
    _record_of(record)


def _record(delivery: Delivery[SourceRecord]) -> None:
    _record_of(delivery.item)


def _record_of(record: SourceRecord) -> None:
    """All that any stage computes of a record before it is sent somewhere."""
    _first_seen(record)
    updated_at(record.provenance)
    if record.entity != "job":
        keys = blocking_keys(record.entity, record.fields)
        bson.encode({"keys": sorted(keys)})
        known = facts(record.entity, record.fields)
        compare(known, known)
        golden_document(record.entity, record.id, frozenset((record.id,)), {}, DEFAULT)
    if record.entity != "company":
        whole, *_ = embedded_texts(record.entity, record)
        payload = payload_of(record.entity, record, whole, "model").to_dict()
        sent = json.dumps(payload, allow_nan=False).encode()
        Profile.from_payload(json.loads(sent))
        document_vector(whole)
    if record.entity == "talent":
        for text in titled_parts(record.fields):
            document_vector(text)


def _said(delivery: Delivery[Any]) -> None:
    said = Said.of(delivery.item, [])
    assert join([said], [said]) == (said,)
    bson.encode({name: getattr(said, name) for name in Said.__slots__})


def _judged(delivery: Delivery[Any]) -> None:
    said, envelope = delivery.item.verdict, delivery.item.envelope
    verdict = Verdict(said.left, said.right, delivery.item.action, envelope.time, envelope.id)
    clusters({said.left: envelope.time, said.right: envelope.time}, [], [verdict])
    bson.encode({"_id": envelope.id, "left": said.left, "right": said.right, "time": envelope.timestamp})


def _requested(delivery: Delivery[Any]) -> None:
    bson.encode({"revision": delivery.item.revision})
    delivery.derived_headers([])


def _submitted(delivery: Delivery[Any]) -> None:
    delivery.item.envelope.time.date()
    delivery.derived_headers(inject(delivery.item.envelope.headers("resume-parsed")))


def _talked(delivery: Delivery[ChatEvent]) -> None:
    content, state = delivery.item.content, Conversation(delivery.item.conversation)
    if not isinstance(content, ChatMessage):
        return
    (guess,) = CueReader().read([content.text])
    today = day_in(content.timezone, delivery.item.envelope.time)
    found = understand(content.text, guess, state, content.language, today=today, zone=content.timezone)
    planned = plan(content.text, found, state, content.participant)
    effect = Effect(
        "user", content.participant.name, found.language, found.intent, found.edits, planned.goal, planned.query
    )
    assert Effect.from_document(bson.decode(bson.encode(effect.to_document()))) == effect
    after = chat_apply(state, effect)
    assert Conversation.from_json(after.to_json()) == after
    assert len(after.to_json()) <= MAX_STATE_BYTES
    bson.encode({"text": content.text})


_EFFECTS: dict[type, Callable[[Any], None]] = {
    SyncStage: _event,
    VectorStage: _record,
    ResolutionStage: _record,
    ResumeIndexStage: _record,
    FeedbackStage: _said,
    VerdictStage: _judged,
    MatchStage: _requested,
    ResumeStage: _submitted,
    ChatStage: _talked,
}
