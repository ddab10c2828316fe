"""`/v1/subscriptions/…`: what changes, as it happens, by server-sent events.

No state of a reader is kept here: the id of an event says where to go on, so another process may serve the rest.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from ops.api.access import Known, require
from ops.api.context import Api, Opened
from ops.api.event_stream import HEARTBEAT_SECONDS, MEDIA_TYPE, EventStream, event, heartbeat
from ops.api.problems import Problem, problems
from ops.api.records import note_read, read_scope, sees_personal
from processors.access import Caller, allows
from processors.masking import mask_fields, mask_match
from schemas.chain import CAUSE, REPLAY
from schemas.entities import Entity
from schemas.topics import DEAD_LETTERS, MATCH_RESULTS, RECORDS
from streams.dead_letters import letter_of
from streams.subscriptions import Position, PositionError, Subscription, subscription
from streams.tail import Record

router = APIRouter(tags=["subscriptions"])
Subscriber = Annotated[Caller, require("subscriptions")]
LastId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=8000, description="the id of the last event that was handled")
]
_STREAM: dict[int | str, Any] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}
_PROBLEMS = {**_STREAM, **problems(401, 403, 410, 422, 503)}
Shown = Callable[[Record], dict[str, Any] | None]


def _require(caller: Caller, scope: str) -> None:
    if not allows(caller, scope):
        raise Problem(403, "forbidden", f"the scope {scope} is needed")
    if caller.subject is not None:
        raise Problem(403, "forbidden", "candidates cannot subscribe")


async def _stream(api: Api, name: str, topic: str, last: str | None, shown: Shown) -> Response:
    purpose = f"position {topic}"
    after = None
    if last is not None:
        text = api.signer.read(purpose, last)
        if text is None:
            raise Problem(422, "bad_position", "this is no Last-Event-ID of this subscription; begin without one")
        after = Position.parse(text)
    opened = AsyncExitStack()
    try:
        following = await opened.enter_async_context(subscription(api.settings.kafka, topic, after))
    except PositionError as error:
        raise Problem(410, error.code, str(error)) from None
    chunks = _chunks(name, following, lambda: api.signer.sign(purpose, str(following.position)), shown)
    return EventStream(chunks, api.stopping, opened.aclose)


async def _chunks(
    name: str, following: Subscription, event_id: Callable[[], str], shown: Shown
) -> AsyncIterator[bytes]:
    yield heartbeat(event_id())
    said = time.monotonic()
    while True:
        record = await following.next()
        body = shown(record) if record is not None else None
        if body is not None:
            yield event(name, orjson.dumps(body), event_id())
        elif time.monotonic() - said < HEARTBEAT_SECONDS:
            continue
        else:
            yield heartbeat(event_id())
        said = time.monotonic()


def _header(record: Record, name: str) -> str | None:
    return next(((value or b"").decode("utf-8", "replace") for n, value in record.headers if n == name), None)


def _json(record: Record) -> dict[str, Any] | None:
    try:
        body = orjson.loads(record.value or b"")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


@router.get(
    "/v1/subscriptions/matches",
    name="subscribe_matches",
    summary="Matches as they change",
    response_model=None,
    responses=_PROBLEMS,
)
async def matches(
    api: Opened,
    caller: Subscriber,
    talent: Annotated[str | None, Query(max_length=128, description="only of this talent")] = None,
    job: Annotated[str | None, Query(max_length=128, description="only of this job")] = None,
    last_event_id: LastId = None,
) -> Response:
    """Send each match result as an event `match`.

    `event_id` is the same if a result is published twice; `cause` is the event whose trace leads to it.

    With `Last-Event-ID` the stream goes on behind that event, whatever process answers: nothing is left out and nothing
    comes twice. 410: the log no longer has what comes next.
    """
    _require(caller, "matches:read")

    def shown(record: Record) -> dict[str, Any] | None:
        ids = (record.key or b"").decode("utf-8", "replace").partition("|")
        if (talent and ids[0] != talent) or (job and ids[2] != job) or api.reads.is_forgotten("talent", ids[0]):
            return None
        body = _json(record)
        if body is None:
            return None
        if not sees_personal(caller, "talent", ids[0]):
            body = mask_match(body)
        note_read(api, caller, "talent", ids[0])
        named = {"event_id": "ce_id", "replay": REPLAY, "cause": CAUSE}
        return {**{name: _header(record, header) for name, header in named.items()}, **body}

    return await _stream(api, "match", MATCH_RESULTS, last_event_id, shown)


@router.get(
    "/v1/subscriptions/records",
    name="subscribe_records",
    summary="Records as they change",
    response_model=None,
    responses=_PROBLEMS,
)
async def records(
    api: Opened,
    caller: Subscriber,
    entity: Annotated[Entity, Query(description="records of this kind")],
    id: Annotated[str | None, Query(max_length=128, description="only of this record")] = None,
    last_event_id: LastId = None,
) -> Response:
    """Send each change of a record as an event `record`, masked for who lacks the scope `pii:read`.

    The topic keeps the newest message of each record: who comes back late may miss what was overwritten, never the
    newest. When another generation becomes active, positions of before are answered with 410.
    """
    _require(caller, read_scope(entity))

    def shown(record: Record) -> dict[str, Any] | None:
        entity_id = (record.key or b"").decode("utf-8", "replace")
        if (id and entity_id != id) or api.reads.is_forgotten(entity, entity_id):
            return None
        body = _json(record)
        if body is None or not isinstance(body.get("fields"), dict):
            return None
        fields = body["fields"]
        if not sees_personal(caller, entity, entity_id):
            fields = mask_fields(entity, fields)
        note_read(api, caller, entity, entity_id)
        shown = {name: body.get(name) for name in ("entity", "id", "revision", "deleted")}
        return {"event_id": _header(record, "ce_id"), **shown, "fields": fields}

    return await _stream(api, "record", api.reads.generation.topic(RECORDS[entity]), last_event_id, shown)


@router.get(
    "/v1/subscriptions/dead-letters",
    name="subscribe_dead_letters",
    summary="Dead letters as they come",
    response_model=None,
    responses=_PROBLEMS,
)
async def dead_letters(
    api: Opened,
    caller: Known,
    topic: Annotated[str | None, Query(max_length=128, description="only of messages of this topic")] = None,
    last_event_id: LastId = None,
) -> Response:
    """Send each dead letter as an event `dead-letter`: why and of what, without the message itself."""
    _require(caller, "subscriptions")
    _require(caller, "dlq:read")

    def shown(record: Record) -> dict[str, Any] | None:
        letter = letter_of(record)
        if topic and letter.topic != topic:
            return None
        names = ("id", "topic", "reason", "detail", "failed_at")
        return {name: getattr(letter, name) for name in names}

    return await _stream(api, "dead-letter", DEAD_LETTERS, last_event_id, shown)
