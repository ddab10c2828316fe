"""Reads a run's history back from Kafka, MongoDB and the workers' span files."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ops.faults.history import History, Letter, Notice, Place, Poison, Published, Work
from ops.faults.load import ENTITY
from ops.settings import Settings
from ops.traces import read_spans
from processors.sync.clock import in_time
from processors.sync.policy import DEFAULT
from schemas import semconv
from schemas.envelope import Headers
from schemas.errors import BadMessageError
from schemas.events import decode
from schemas.messages import ConflictNotice
from schemas.records import Record
from sinks import mongodb
from sinks.mongodb import COLLECTIONS, StoredRecord
from streams.delivery import Inbound, decoded
from streams.reading import read_topic
from streams.topics import DEAD_LETTERS, EVENTS, RECORDS, SYNC_CONFLICTS

_TRACING = ("traceparent", "tracestate")
_TIMEOUT_SECONDS = 30


async def collect(settings: Settings, history: History, traces: Iterable[tuple[int, Path]]) -> None:
    """Fill `history` with the log and its effects, and with the work of each (worker, folder of spans)."""
    servers = settings.bootstrap_servers
    events: dict[Place, EntityEvent] = {}
    async for message in read_topic(servers, EVENTS[ENTITY]):
        place, headers = Place(message.partition, message.offset), _headers(message.headers)
        history.log[place] = event_id(headers)
        try:
            event = decoded(_READER, _inbound(message, headers))
        except BadMessageError as error:
            history.poison[place] = Poison(message.key, message.value, headers, error.code)
        else:
            events[place] = event
    async for message in read_topic(servers, RECORDS[ENTITY]):
        record = Record.from_json(message.value or b"")
        published = Published(event_id(message.headers) or "", record, message.timestamp / 1000)
        history.published.setdefault(record.id, []).append(published)
    async for message in read_topic(servers, SYNC_CONFLICTS):
        notice = ConflictNotice.model_validate_json(message.value or b"")
        history.notices.append(Notice(notice.id, notice.entity_id, notice.status, event_id(message.headers)))
    async for message in read_topic(servers, DEAD_LETTERS):
        letter = _letter(message.key, message.value, message.headers)
        history.letters.append(letter)
        if letter.original.reason == "processing_failed" and letter.place in events and _is_hostile(events[letter.place]):
            del events[letter.place]
            history.poison[letter.place] = letter.original
    for place, event in events.items():
        history.places[place] = (event.id, event.envelope.id)
        history.events.setdefault(event.id, []).append(event)
    client, database = mongodb.connect(
        settings.mongodb_url.get_secret_value(), settings.mongodb_database, _TIMEOUT_SECONDS
    )
    try:
        async for document in database[COLLECTIONS[ENTITY]].find({}):
            history.stored[document["_id"]] = StoredRecord.from_document(ENTITY, document)
    finally:
        await client.close()
    for worker, folder in traces:
        history.work += _work(worker, folder)


def event_id(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """Return the event id in a message's headers, if any."""
    return next((value.decode() for name, value in headers if name == "ce_id"), None)


def _headers(headers: Iterable[tuple[str, bytes]]) -> Headers:
    return [(name, value) for name, value in headers if name not in _TRACING]


def _letter(key: bytes | None, value: bytes | None, headers: Headers) -> Letter:
    own = {name[4:]: text.decode() for name, text in headers if name.startswith("dlq_")}
    original = [(name, text) for name, text in _headers(headers) if not name.startswith("dlq_")]
    return Letter(
        Place(int(own["partition"]), int(own["offset"])),
        Poison(key, value, original, own["reason"]),
        own["detail"],
        datetime.fromisoformat(own["failed_at"]).timestamp(),
    )


def _work(worker: int, folder: Path) -> Iterator[Work]:
    for span in read_spans(folder):
        if span.name == f"process {EVENTS[ENTITY]}":
            yield Work(
                worker,
                Place(int(span.attributes[semconv.PARTITION]), span.attributes[semconv.OFFSET]),
                span.start / 1e9,
                span.end / 1e9,
                span.attributes.get(semconv.EVENT_ID, ""),
                span.attributes.get(semconv.OUTCOME, ""),
            )
