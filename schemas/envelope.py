"""The event envelope: CloudEvents 1.0 in Kafka's binary mode.

Attributes travel as `ce_*` headers, the data as the JSON value, the entity id as the message key
(https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from schemas.errors import BadMessageError

Headers = list[tuple[str, bytes]]

SPEC_VERSION = "1.0"
MAX_VALUE_BYTES = 512 * 1024
_NAMESPACE = uuid.UUID("9b2f54c1-7f0c-5d3e-9a55-6c6f6f6d6100")
_ATTRIBUTES = frozenset(("specversion", "id", "source", "type", "subject", "time", "dataschema"))
_TEXT = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0\xad"  # spaces and controls
    r"\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # the unseen
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]{1,256}"  # no characters
)
_SCHEMA = re.compile(r"urn:looma:([a-z-]{1,64}):([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The context attributes of one event. `time` is UTC; `version` is that of the data's schema."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    version: int = 1

    @property
    def timestamp(self) -> str:
        """The time in fixed-width UTC with microseconds, so that text order is time order."""
        return timestamp(self.time)

    def headers(self, kind: str) -> Headers:
        """Return the Kafka headers of this event, whose data is a `kind` (talent, match, ...)."""
        return [
            ("ce_specversion", SPEC_VERSION.encode()),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_time", self.timestamp.encode()),
            ("ce_dataschema", f"urn:looma:{kind}:{self.version}".encode()),
            ("content-type", b"application/json"),
        ]


def timestamp(time: datetime) -> str:
    """Return an aware datetime as `2026-11-24T08:00:00.000000Z`."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def is_text(text: str) -> bool:
    """Whether a text may be an id, a source or a type: 1 to 256 visible characters without spaces."""
    return _TEXT.fullmatch(text) is not None


def derived_id(*parts: str) -> str:
    """Return the deterministic id (UUID 5, RFC 9562) of an event derived from what `parts` name.

    The same cause gives the same id on every delivery, which is what lets consumers drop duplicates.
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


@lru_cache(maxsize=1024)
def _parse_schema(text: str) -> tuple[str, int]:
    match = _SCHEMA.fullmatch(text)
    if not match:
        raise BadMessageError("bad_header", "ce_dataschema must look like urn:looma:talent:2")
    return match[1], int(match[2])


def _parse_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        raise BadMessageError("bad_header", "ce_time is not an RFC 3339 time") from None
    if time.tzinfo is None:
        raise BadMessageError("bad_header", "ce_time needs a time zone, e.g. Z or +08:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:  # in its own time zone it is of year 1 or 9999, in UTC of none
        raise BadMessageError("bad_header", "ce_time lies outside the years 1 to 9999 in UTC") from None


def parse_headers(key: bytes | None, headers: Iterable[tuple[str, bytes]]) -> tuple[Envelope, str | None]:
    """Read an envelope from a Kafka message's key and headers; the second value is the data's kind, if stated.

    A message without `ce_dataschema` is taken as version 1. Raises BadMessageError (`missing_header`, `bad_header`,
    `bad_key`, `structured_mode`) with a text that says what to send instead.
    """
    found: dict[str, str] = {}
    content_type = b""
    for name, raw in headers:
        if name.startswith("ce_") and name[3:] in _ATTRIBUTES:
            if name[3:] in found:
                raise BadMessageError("bad_header", f"header {name} comes twice")
            try:
                found[name[3:]] = (raw or b"").decode()
            except UnicodeDecodeError:
                raise BadMessageError("bad_header", f"header {name} is not UTF-8") from None
        elif name.lower() == "content-type":
            content_type = raw or b""
    for name in ("specversion", "id", "source", "type", "time"):
        if name not in found:
            if content_type.lower().startswith(b"application/cloudevents"):
                raise BadMessageError("structured_mode", "send CloudEvents in binary mode: attributes as ce_ headers")
            raise BadMessageError("missing_header", f"header ce_{name} is missing (CloudEvents, binary mode)")
    if found["specversion"] != SPEC_VERSION:
        raise BadMessageError("bad_header", "ce_specversion must be 1.0")
    for name in ("id", "source", "type"):
        if not is_text(found[name]):
            raise BadMessageError("bad_header", f"ce_{name} must be 1 to 256 visible characters without spaces")
    if not key:
        raise BadMessageError("bad_key", "the message key must be the entity id, so that its events stay in order")
    try:
        subject = key.decode("ascii")
    except UnicodeDecodeError:
        raise BadMessageError("bad_key", "the message key must be an ASCII entity id") from None
    if found.get("subject", subject) != subject:
        raise BadMessageError("bad_key", "ce_subject and the message key differ; both are the entity id")
    kind, version = _parse_schema(found["dataschema"]) if "dataschema" in found else (None, 1)
    envelope = Envelope(found["id"], found["source"], found["type"], subject, _parse_time(found["time"]), version)
    return envelope, kind
