"""CloudEvents as HTTP carries them, made into the Kafka messages that consumers accept.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote

from pydantic_core import from_json

from connectors.message import EventMessage
from schemas.entities import ENTITIES
from schemas.envelope import Headers, parse_headers
from schemas.errors import BadMessageError
from schemas.events import ACTIONS, decode, event_type
from schemas.feedback import FEEDBACK, decode_feedback
from schemas.submissions import SUBMITTED, decode_submission
from schemas.topics import EVENTS, MATCH_FEEDBACK, RESUMES

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
BINARY_PREFIX = "ce-"
"""Of headers that hold an event's attributes, where the body is its data alone."""
_ESCAPED = re.compile(r"\\(.)")
_ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "dataschema")


class _Kind(NamedTuple):
    topic: str
    name: str
    decode: Callable[[bytes, bytes, Headers], object]


KINDS: Mapping[str, _Kind] = {
    **{
        event_type(entity, action): _Kind(EVENTS[entity], entity, partial(decode, entity))
        for entity in ENTITIES
        for action in ACTIONS
    },
    SUBMITTED: _Kind(RESUMES, "resume", decode_submission),
    FEEDBACK: _Kind(MATCH_FEEDBACK, "match-feedback", decode_feedback),
}
"""The types of event that upstream systems publish."""


def parse(text: bytes) -> Any:
    """Return what JSON says. Raises BadMessageError, `invalid_json`."""
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        raise BadMessageError("invalid_json", "the body is not JSON in UTF-8") from None


def event_in_headers(headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """Return the event of a request in binary mode, as JSON would say it. Raises BadMessageError.

    Headers have lower-case names; values are percent-encoded UTF-8, in quotes or not.
    """
    event: dict[str, Any] = {}
    for header, value in headers:
        if not header.startswith(BINARY_PREFIX):
            continue
        name = header.removeprefix(BINARY_PREFIX)
        if name in event or name in ("data", "data_base64", "datacontenttype"):
            raise BadMessageError("bad_header", "a ce- header comes twice, or is none of binary mode")
        try:
            event[name] = unquote(_unquoted(value), errors="strict")
        except UnicodeDecodeError:
            raise BadMessageError("bad_header", "a ce- header is not percent-encoded UTF-8") from None
    if body:
        event["data"] = parse(body)
    return event


def _unquoted(value: str) -> str:
    if len(value) < 2 or not (value.startswith('"') and value.endswith('"')):
        return value
    return _ESCAPED.sub(r"\1", value[1:-1])


def message_of(event: object) -> EventMessage:
    """Return the message of a CloudEvent in JSON. Raises BadMessageError for what a consumer would dead-letter.

    `subject` is the entity's id. Attributes that the binding to Kafka lacks, extensions, are passed over.
    """
    if not isinstance(event, dict):
        raise BadMessageError("invalid_json", "an event must be a JSON object")
    if "data_base64" in event:
        raise BadMessageError("invalid_data", "send data as JSON, not data_base64")
    if event.get("datacontenttype") not in (None, JSON):
        raise BadMessageError("bad_header", "datacontenttype may only be application/json")
    data = event.get("data")
    if data is not None and not isinstance(data, dict):
        raise BadMessageError("invalid_data", "data must be a JSON object")
    headers: Headers = []
    for name in _ATTRIBUTES:
        value = event.get(name)
        if value is None:
            if name not in ("subject", "dataschema"):
                raise BadMessageError("missing_header", f"the attribute {name} is missing")
        elif isinstance(value, str):
            headers.append((f"ce_{name}", value.encode("utf-8", "replace")))
        else:
            raise BadMessageError("bad_header", f"the attribute {name} must be text")
    return _message(event.get("subject"), data or {}, headers)


def _message(subject: str | None, data: Mapping[str, Any], headers: Iterable[tuple[str, bytes]]) -> EventMessage:
    envelope, _ = parse_headers((subject or "").encode("utf-8", "replace"), headers)
    kind = KINDS.get(envelope.type)
    if kind is None:
        raise BadMessageError("unknown_type", f"known types: {', '.join(KINDS)}")
    value = json.dumps(data, ensure_ascii=False).encode()
    key = envelope.subject.encode()
    kind.decode(key, value, list(headers))
    return EventMessage(kind.topic, key, value, envelope.headers(kind.name), envelope)
