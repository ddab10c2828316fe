"""An event: what became of it, hop by hop, what its message says, and what of its record is from it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import orjson
from aiokafka import TopicPartition
from fastapi import APIRouter, Path, Query, Request, Response

from ops.api.context import Api, Opened
from ops.api.event_stream import EventStream
from ops.api.problems import Problem
from ops.api.records import read_record, sees_personal
from ops.console import drawing
from ops.console.kafka import asking_kafka
from ops.console.live import alive, none_to_close, parts
from ops.console.page import Page, render
from ops.console.pages.frame import moved
from ops.console.revisions import revision_of
from ops.console.state import ConsoleOpened
from ops.console.visitor import having
from ops.runtime.traces import SpanRecord, latency_ms, missing_hops
from processors.access import Caller, allows
from processors.masking import mask_fields, mask_message
from processors.sync.merge import State
from processors.sync.stored import StoredRecord
from schemas import semconv
from schemas.entities import MODELS, SPEC, Entity
from schemas.records import SourceRecord
from schemas.topics import EVENTS, TOPIC
from sinks.mongodb import COLLECTIONS
from streams.reading import read_ranges, reader
from streams.record_cache import Key

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Reader = Annotated[Caller, having("traces:read")]
EventId = Annotated[str, Path(max_length=256)]
MAX_BYTES = 64 * 1024
LOOK_SECONDS = 1.0
LIVE_SECONDS = 300.0
_ENTITIES: dict[str, Entity] = {topic: entity for entity, topic in EVENTS.items()}


class Said(NamedTuple):
    """What an event's spans say of it: of what, by whom, where in the log it is, and when it was taken up (ms)."""

    id: str
    source: str
    type: str
    key: str
    topic: str
    partition: str
    offset: int | None
    outcome: str
    reason: str
    at_ms: int

    @property
    def entity(self) -> Entity | None:
        """Of whose records it is an event."""
        return _ENTITIES.get(self.topic)


class Traced(NamedTuple):
    """One trace of an event, as it is drawn."""

    id: str
    milliseconds: float
    missing: list[str]
    picture: drawing.Waterfall
    said: Said | None


async def traces_of(api: Api, id: str) -> list[list[SpanRecord]]:
    """Return the traces of an event, or the trace of an id."""
    async with api.tracing:
        return await asyncio.to_thread(api.traces.find, id)


def said_of(spans: Sequence[SpanRecord]) -> Said | None:
    """Return what the first stage that took an event up says of it, or else who published it."""
    known = [s for s in spans if semconv.EVENT_ID in s.attributes]
    taken = next((s for s in known if semconv.OUTCOME in s.attributes), None)
    first = taken or next(iter(known), None)
    if first is None:
        return None

    def told(name: str) -> str:
        return next((str(s.attributes[name]) for s in (first, *known) if name in s.attributes), "")

    offset = first.attributes.get(semconv.OFFSET)
    return Said(
        told(semconv.EVENT_ID),
        told(semconv.EVENT_SOURCE),
        told(semconv.EVENT_TYPE),
        told(semconv.MESSAGE_KEY),
        told(semconv.DESTINATION),
        told(semconv.PARTITION),
        int(offset) if isinstance(offset, int | str) and str(offset).isdecimal() else None,
        told(semconv.OUTCOME),
        told(semconv.REASON),
        first.start // 1_000_000,
    )


def traced(spans: list[SpanRecord]) -> Traced:
    """Return a trace as it is drawn."""
    said = said_of(sorted(spans, key=lambda s: s.start))
    return Traced(spans[0].trace_id, latency_ms(spans), missing_hops(spans), drawing.waterfall(spans), said)


class Message(NamedTuple):
    """A message of the log, as a visitor may see it."""

    value: str
    headers: list[tuple[str, str]]
    masked: bool


async def message_of(api: Api, visitor: Caller, said: Said) -> Message | None:
    """Read one message at its place in the log; None if it is gone.

    Raises NoKeyError, and Problem, 503, if Kafka does not answer.
    """
    if said.offset is None or not said.partition.isdecimal() or said.topic not in TOPIC:
        return None
    if api.reads.is_forgotten("talent", said.key.partition("|")[0]):
        return None
    place = TopicPartition(said.topic, int(said.partition))
    kafka = api.settings.kafka
    with asking_kafka():
        async with reader(kafka) as log:
            ends = await log.end_offsets([place])
            end = min(said.offset + 1, ends[place])
            wanted = read_ranges(
                log, {place: said.offset}, {place: end}, timeout_seconds=kafka.timeout_seconds, max_records=1
            )
            found = [record async for records in wanted for record in records if record.offset == said.offset]
    headers = {n: (v or b"").decode("utf-8", "replace") for r in found for n, v in r.headers}
    if not found or headers.get("ce_id", said.id) != said.id:  # a topic made anew has its offsets again
        return None
    whole = allows(visitor, "pii:read") or not TOPIC[said.topic].is_personal
    if whole and TOPIC[said.topic].is_personal and said.entity == "talent":
        api.audit.note("personal_data.read", caller=visitor.audited, about=api.audit.name("talent", said.key))
    value = found[0].value if whole else mask_message(said.topic, found[0].value)
    shown = [(name, text) for name, text in headers.items() if whole or name.startswith("ce_")]
    return Message(_pretty((value or b"")[:MAX_BYTES]), sorted(shown), not whole)


def _pretty(value: bytes) -> str:
    try:
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except ValueError:
        return value.decode("utf-8", "backslashreplace")


class Effect(NamedTuple):
    """A field that is another one because of an event: its value with the event, and without it."""

    field: str
    having: Any
    without: Any


async def effects_of(api: Api, visitor: Caller, said: Said) -> list[Effect] | None:
    """Return what the record that an event speaks of owes to it; None if there is none, or she may not read it."""
    if said.entity is None:
        return None
    try:
        await read_record(api, visitor, Key(said.entity, said.key))
    except Problem as problem:
        if problem.status in (403, 404, 410):
            return None
        raise
    document = await api.reads.database[COLLECTIONS[said.entity]].find_one({"_id": said.key})
    if document is None:
        return None
    stored = StoredRecord.from_document(said.entity, document)
    kept = {at: each for at, each in stored.state.contributions.items() if each.event_id != said.id}
    state = State(kept, stored.state.deleted)
    other = StoredRecord.of(said.entity, said.key, stored.record.revision, state, api.policy).record.fields
    today = stored.record.fields
    changed = [name for name in MODELS[said.entity].model_fields if today.get(name) != other.get(name)]
    if not sees_personal(visitor, said.entity, said.key):
        today, other = mask_fields(said.entity, today), mask_fields(said.entity, other)
    return [Effect(name, today.get(name), other.get(name)) for name in changed]


class Then(NamedTuple):
    """What an event made of its record when it came: fields before and after; `is_known` says whether before is."""

    revision: int
    is_known: bool
    fields: list[Effect]


async def then_of(api: Api, visitor: Caller, said: Said) -> Then | None:
    """Return what an event changed when it came, for who may read the record; None where the log has it no more."""
    if said.entity is None or not said.partition.isdecimal():
        return None
    found = await revision_of(
        api.settings.kafka, api.reads.generation, said.entity, said.key, int(said.partition), said.id, said.at_ms
    )
    if found is None:
        return None
    after, before = found.after.fields, found.before.fields if found.before else {}
    is_known = found.before is not None or found.after.revision == 1
    changed = [
        name
        for name in MODELS[said.entity].model_fields
        if (before.get(name) != after.get(name) if is_known else _is_from(found.after, name, said.id))
    ]
    if not sees_personal(visitor, said.entity, said.key):
        after, before = mask_fields(said.entity, after), mask_fields(said.entity, before)
    return Then(found.after.revision, is_known, [Effect(n, after.get(n), before.get(n)) for n in changed])


def _is_from(record: SourceRecord, field: str, event: str) -> bool:
    return record.provenance.get(field, {}).get("event_id") == event


@router.get("/events")
async def events_page(
    request: Request, console: ConsoleOpened, visitor: Reader, id: Annotated[str, Query(max_length=256)] = ""
) -> Response:
    """Ask for an event's id."""
    if wanted := id.strip():
        return moved(f"./events/{quote(wanted, safe='')}")
    recent = [(span, said) for span in console.flow.events() if (said := said_of([span]))]
    return render(request, "events.html", visitor, recent=recent)


@router.get("/events/{id}")
async def event_page(request: Request, api: Opened, visitor: Reader, id: EventId) -> Response:
    """Show what became of an event."""
    found = [traced(spans) for spans in await traces_of(api, id)]
    said = next((each.said for each in found if each.said), None)
    effects = await effects_of(api, visitor, said) if said else None
    return render(
        request,
        "event.html",
        visitor,
        id=id,
        traces=found,
        said=said,
        message=await message_of(api, visitor, said) if said else None,
        effects=effects,
        then=await then_of(api, visitor, said) if said and effects is not None else None,
        plural=SPEC[said.entity].plural if said and said.entity else None,
        live=not found or any(each.missing for each in found),
    )


@router.get("/events/{id}/live")
async def event_live(request: Request, api: Opened, visitor: Reader, id: EventId) -> Response:
    """Send an event's traces as they grow."""

    async def chunks() -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        until = loop.time() + LIVE_SECONDS
        shown = -1
        while loop.time() < until:
            traces = await traces_of(api, id)
            count = sum(map(len, traces))
            if count != shown:
                shown = count
                found = [traced(spans) for spans in traces]
                said = next((each.said for each in found if each.said), None)
                page = render(request, "event_traces.html", visitor, id=id, traces=found, said=said)
                yield parts({"traces": bytes(page.body).decode()})
            await asyncio.sleep(LOOK_SECONDS)

    return EventStream(alive(chunks()), api.stopping, none_to_close)
