"""Reads a run's history back from Kafka, MongoDB and the workers' span files."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from aiokafka.structs import ConsumerRecord

from ops.faults import java
from ops.faults.history import History, Letter, Notice, Place, Poison, Published, Work
from ops.faults.hostile import PREFIX
from ops.faults.load import ENTITY
from ops.runtime.traces import read_spans
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas import semconv
from schemas.envelope import Headers
from schemas.errors import BadMessageError
from schemas.messages import ConflictNotice
from schemas.records import SourceRecord
from schemas.settings import Settings
from schemas.topics import DEAD_LETTERS, EVENTS, RECORDS, SYNC_CONFLICTS
from sinks import mongodb
from sinks.mongodb import COLLECTIONS
from streams import decoding
from streams.dead_letters import original
from streams.delivery import decoded
from streams.reading import read_topic

_TRACING = ("traceparent", "tracestate")
_TIMEOUT_SECONDS = 30


async def read_log(settings: Settings, history: History) -> None:
    """Add to `history` what the event topic has more than when it was read before."""
    reader, life = decoding.stages_to_read(DEFAULT)[EVENTS[ENTITY]], len(history.lives) - 1
    async for message in read_topic(settings.kafka, EVENTS[ENTITY]):
        place, inbound = Place(message.partition, message.offset, life), decoding.inbound(message)
        if place in history.log:
            continue
        history.log[place] = event_id(inbound.headers)
        history.arrived.update(java.numbers(inbound.headers))
        try:
            event = decoded(reader, inbound)
        except BadMessageError as error:
            headers = [(_sendable(name), value) for name, value in _headers(inbound.headers)]
            history.poison[place] = Poison(message.key, message.value, headers, error.code)
        else:
            history.read[place] = event


async def collect(settings: Settings, history: History, traces: Iterable[tuple[int, Path]]) -> None:
    """Fill `history` with the log and its effects, and with the work of each (worker, folder of spans)."""
    kafka = settings.kafka
    await read_log(settings, history)
    events = dict(history.read)
    async for message in read_topic(kafka, RECORDS[ENTITY]):
        record = SourceRecord.from_json(message.value or b"")
        published = Published(event_id(message.headers) or "", record, message.timestamp / 1000)
        history.published.setdefault(record.id, []).append(published)
    async for message in read_topic(kafka, SYNC_CONFLICTS):
        notice = ConflictNotice.model_validate_json(message.value or b"")
        history.notices.append(Notice(notice.id, notice.entity_id, notice.status, event_id(message.headers)))
    async for message in read_topic(kafka, DEAD_LETTERS):
        history.letters.append(_letter(message, history))
    for letter in history.letters:
        event = events.get(letter.place)
        if event and event.id.startswith(PREFIX) and letter.original.reason == "processing_failed":
            # A foreign event that decodes, but no store takes: its dead letter is its end.
            del events[letter.place]
            history.poison[letter.place] = letter.original
    for place, event in events.items():
        history.places[place] = (event.id, event.envelope.id)
        history.events.setdefault(event.id, []).append(event)
    client, database = mongodb.connect(settings.mongodb)
    try:
        async for document in database[COLLECTIONS[ENTITY]].find({}):
            history.stored[document["_id"]] = StoredRecord.from_document(ENTITY, document)
    finally:
        await client.close()
    for worker, folder in traces:
        history.work += _work(worker, folder, history)


def event_id(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """Return the event id in a message's headers, if any."""
    return next((value.decode("utf-8", "replace") for name, value in headers if name == "ce_id"), None)


def _headers(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Return what a dead letter repeats of the headers."""
    return [(n, v or b"") for n, v in headers if n not in _TRACING and not n.startswith("dlq_")]


def _sendable(name: str) -> str:
    """Return a header's name as a dead letter has it: bytes that are no UTF-8 as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _letter(message: ConsumerRecord[bytes, bytes], history: History) -> Letter:
    own = {name[4:]: text for name, text in message.headers if name.startswith("dlq_")}
    life, poison = history.life_at(int(own["timestamp"]) / 1000), history.poison
    place = Place(int(own["partition"]), int(own["offset"]), life)
    key, value = original(message)
    headers = _headers(message.headers)
    if (left_out := int(own.get("headers_left_out", b"0"))) and place in poison:
        whole = poison[place].headers
        if headers == whole[: len(headers)] and len(whole) == len(headers) + left_out:
            headers = whole  # there was no room for the others, and the letter says so
    failed_at = datetime.fromisoformat(own["failed_at"].decode()).timestamp()
    return Letter(place, Poison(key, value, headers, own["reason"].decode()), own["detail"].decode(), failed_at)


def _work(worker: int, folder: Path, history: History) -> Iterator[Work]:
    for span in read_spans(folder):
        if span.name == f"process {EVENTS[ENTITY]}":
            partition, offset = int(span.attributes[semconv.PARTITION]), span.attributes[semconv.OFFSET]
            name = span.attributes.get(semconv.EVENT_ID, "")
            yield Work(
                worker,
                Place(partition, offset, history.life_of(partition, offset, name)),
                span.start / 1e9,
                span.end / 1e9,
                name,
                span.attributes.get(semconv.OUTCOME, ""),
            )
