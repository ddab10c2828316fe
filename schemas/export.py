"""JSON Schemas and the AsyncAPI document of the messages, made from the models."""

import json
from typing import Any

from pydantic import BaseModel

from schemas.audit import AUDITED, AuditEvent
from schemas.chat import (
    CLOSED,
    DELTA,
    HANDOVER,
    MESSAGE,
    NOTICE,
    REPLY,
    ChatClosed,
    ChatDelta,
    ChatHandover,
    ChatMessage,
    ChatNotice,
    ChatReply,
)
from schemas.entities import ENTITIES, MODELS
from schemas.events import ACTIONS, event_type
from schemas.feedback import FEEDBACK, MatchFeedback
from schemas.messages import ConflictNotice, Identity, Match, MatchRequest, ModelActivated, ModelRollout
from schemas.relations import Relation
from schemas.services import HERE, USED, AiUsed, Instance
from schemas.submissions import PARSED, SUBMITTED, Resume, ResumeParsed
from schemas.sync_reports import SyncReport
from schemas.topics import (
    AI_USAGE,
    AUDIT,
    CHAT_DELTAS,
    CHAT_EVENTS,
    CHAT_REPLIES,
    EVENTS,
    IDENTITIES,
    MATCH_FEEDBACK,
    MATCH_RESULTS,
    MODEL_EVENTS,
    RESUMES,
    RESUMES_PARSED,
    SERVICE_INSTANCES,
    SYNC_CONFLICTS,
    SYNC_REPORTS,
    TOPIC,
)
from schemas.versions import CURRENT

DATA: dict[str, type[BaseModel]] = {
    **{entity: MODELS[entity] for entity in ENTITIES},
    "relation": Relation,
    "chat-message": ChatMessage,
    "chat-handover": ChatHandover,
    "chat-closed": ChatClosed,
    "chat-notice": ChatNotice,
    "chat-reply": ChatReply,
    "chat-delta": ChatDelta,
    "resume": Resume,
    "resume-parsed": ResumeParsed,
    "match": Match,
    "match-request": MatchRequest,
    "match-feedback": MatchFeedback,
    "conflict": ConflictNotice,
    "identity": Identity,
    "sync-report": SyncReport,
    "audit-event": AuditEvent,
    "model": ModelActivated,
    "model-rollout": ModelRollout,
    "ai-used": AiUsed,
    "service-instance": Instance,
}

HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binary mode; plus W3C trace context.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "unique per source; a repeated id changes nothing"},
        "ce_source": {"type": "string", "description": "the system that says so, e.g. crm"},
        "ce_type": {"type": "string", "examples": [event_type("talent", "upserted")]},
        "ce_time": {"type": "string", "format": "date-time", "description": "when it happened, with a time zone"},
        "ce_subject": {"type": "string", "description": "the entity id; equals the message key"},
        "ce_dataschema": {"type": "string", "examples": ["urn:looma:talent:2"], "default": "version 1"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "https://www.w3.org/TR/trace-context/"},
    },
}


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of data."""
    schema = DATA[name].model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:looma:{name}:{CURRENT.get(name, 1)}",
        **schema,
    }


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of the public topics."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}

    def add(topic: str, message: str, data: str) -> None:
        spec = TOPIC[topic]
        messages[message] = {
            "name": message,
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
            "payload": {"$ref": f"./{data}.json"},
            "bindings": {"kafka": {"key": {"type": "string", "description": spec.key}}},
        }
        channel = channels.setdefault(topic, {"address": topic, "messages": {}})
        channel["messages"][message] = {"$ref": f"#/components/messages/{message}"}
        action = "receive" if spec.kind == "source" else "send"
        operations.setdefault(topic, {"action": action, "channel": {"$ref": f"#/channels/{topic}"}})

    for entity in ENTITIES:
        for verb in ACTIONS:
            add(EVENTS[entity], f"looma.{entity}.{verb}", entity)
    add(RESUMES, SUBMITTED, "resume")
    add(MATCH_FEEDBACK, FEEDBACK, "match-feedback")
    add(CHAT_EVENTS, MESSAGE, "chat-message")
    add(CHAT_EVENTS, HANDOVER, "chat-handover")
    add(CHAT_EVENTS, CLOSED, "chat-closed")
    add(CHAT_EVENTS, NOTICE, "chat-notice")
    add(CHAT_REPLIES, REPLY, "chat-reply")
    add(CHAT_DELTAS, DELTA, "chat-delta")
    add(RESUMES_PARSED, PARSED, "resume-parsed")
    for status in ("active", "withdrawn"):
        add(MATCH_RESULTS, f"looma.match.{status}", "match")
    for status in ("open", "settled"):
        add(SYNC_CONFLICTS, f"looma.conflict.{status}", "conflict")
    add(IDENTITIES, "looma.identity.changed", "identity")
    add(SYNC_REPORTS, "looma.sync.reported", "sync-report")
    add(AUDIT, AUDITED, "audit-event")
    add(MODEL_EVENTS, "looma.model.activated", "model")
    add(MODEL_EVENTS, "looma.model.rollout", "model-rollout")
    add(AI_USAGE, USED, "ai-used")
    add(SERVICE_INSTANCES, HERE, "service-instance")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Looma Streams",
            "version": "1.0.0",
            "description": "Talent, job and company events and feedback in; golden records and explained matches out.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"CloudEventHeaders": HEADERS}},
    }


def documents() -> dict[str, str]:
    """Return each document's file name and text."""
    files = {f"{name}.json": json_schema(name) for name in DATA} | {"asyncapi.json": asyncapi()}
    return {name: json.dumps(body, indent=2, ensure_ascii=False) + "\n" for name, body in files.items()}
