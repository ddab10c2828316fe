"""From a checked message to an answer: 202 once every replica has it, and where to ask what became of it."""

import asyncio
import hashlib
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from fastapi import Request, Response, status
from loguru import logger
from pydantic import BaseModel, Field

from connectors.message import EventMessage
from ops.api.access import require_source
from ops.api.context import Api
from ops.api.problems import RETRY_SECONDS, Problem, unavailable
from processors.access import EVERY, Caller
from processors.sync.clock import refuse_ahead
from schemas.errors import BadMessageError
from sinks.errors import is_transient
from sinks.requests import Begun, Done
from streams.outcomes import Outcome, Place

PURPOSE = "operation"
ACCEPTED = status.HTTP_202_ACCEPTED
MAX_WAIT = 10
_SKEW_MS = 60_000
"""How far Kafka's clock may be behind ours."""
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,4})\"?\s*(?:$|[,;])", re.IGNORECASE)
_PAUSES = (0.02, 0.05, 0.1, 0.2)

Build = Callable[[str, datetime], Awaitable[EventMessage]]
"""Makes the message of a request from an id for its event and its time, which are the same however often it is sent."""


class Operation(BaseModel):
    """A write that Kafka has. `url` says what became of it."""

    id: str = Field(description="names the operation", examples=["b3Blcm…"])
    url: str = Field(description="where to ask what became of it", examples=["/v1/operations/b3Blcm…"])
    event: str = Field(description="the event's id", examples=["0b1e…"])


class Accepted(BaseModel):
    """Writes that Kafka has, in the order of the request."""

    operations: list[Operation]


def place_of(api: Api, token: str) -> Place | None:
    """Return the place in the log that an operation's id names; None if the id was not made here."""
    text = api.signer.read(PURPOSE, token)
    return Place(*json.loads(text)) if text is not None else None


def check_clock(api: Api, message: EventMessage) -> None:
    """Raise BadMessageError, `clock_skew`, for an event that the worker would refuse as of the future."""
    if message.envelope is not None:
        refuse_ahead(message.envelope.time, time.time(), api.policy)


def source_of(caller: Caller, asked: str | None) -> str:
    """Return the source that a caller writes as: the one asked for, or her only one. Raises Problem, 403 or 422."""
    if asked is None:
        if EVERY in caller.sources:
            return "api"
        if len(caller.sources) != 1:
            raise Problem(422, "source_needed", "say by ?source= which of your sources it is")
        (asked,) = caller.sources
    require_source(caller, asked)
    return asked


async def publish(api: Api, messages: Sequence[EventMessage]) -> list[Operation]:
    """Publish messages in their order, and wait until all are acknowledged. Raises Problem, 503, if any is not.

    Whatever has been appended then, the same request may be repeated: each event has its own id.
    """
    since = int(time.time() * 1000) - _SKEW_MS
    try:
        futures = [await api.publisher.send(message) for message in messages]
        receipts = await asyncio.gather(*futures)
    except Exception as error:
        if not is_transient(error):
            raise
        logger.warning("Kafka does not acknowledge a write: {}", type(error).__name__)
        raise unavailable("unavailable", "Kafka does not acknowledge the write; repeat the request as it is") from None
    made = []
    for message, receipt in zip(messages, receipts, strict=True):
        assert message.envelope is not None
        event = message.envelope.id
        place = Place(*receipt, (message.key or b"").decode(), event, since)
        token = api.signer.sign(PURPOSE, json.dumps(place, separators=(",", ":")))
        made.append(Operation(id=token, url=f"/v1/operations/{token}", event=event))
    return made


async def publish_once(api: Api, caller: Caller, request: Request, build: Build) -> Operation:
    """Publish what a request says, once however often it comes with the same Idempotency-Key.

    Raises Problem: 409 while it is under way, 422 if the key came with another request.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        (made,) = await publish(api, [await build(str(uuid.uuid4()), datetime.now(UTC))])
        return made
    if not 1 <= len(key) <= 255:
        raise Problem(422, "bad_idempotency_key", "an Idempotency-Key has 1 to 255 characters")
    body = await request.body()
    what = b"\0".join((request.method.encode(), request.url.path.encode(), request.url.query.encode(), body))
    try:
        begun = await api.requests.begin(caller.audited, key, hashlib.sha256(what).hexdigest())
    except ValueError:
        raise Problem(422, "idempotency_key_reused", "this Idempotency-Key came with another request before") from None
    if begun is None:
        later = {"retry-after": str(RETRY_SECONDS)}
        raise Problem(409, "in_progress", "a request with this Idempotency-Key is under way", headers=later)
    if isinstance(begun, Done):
        return Operation.model_validate(begun.answer)
    return await _do(api, begun, build)


async def _do(api: Api, begun: Begun, build: Build) -> Operation:
    try:
        (made,) = await publish(api, [await build(begun.id, begun.time)])
        await api.requests.finish(begun, made.model_dump())
    except BaseException as error:
        refused = isinstance(error, BadMessageError) or (isinstance(error, Problem) and error.status < 500)
        await asyncio.shield((api.requests.forget if refused else api.requests.release)(begun))
        raise
    return made


def wait_of(request: Request) -> int:
    """Return how many seconds the caller wishes to wait: `Prefer: wait=N`, 10 at most; 0 if she does not say."""
    found = _WAIT.search(request.headers.get("prefer", ""))
    return min(int(found[1]), MAX_WAIT) if found else 0


async def settled(api: Api, place: Place, seconds: float) -> Outcome:
    """Return what became of a write, as soon as it is more than accepted, or else after so many seconds."""
    deadline = time.monotonic() + seconds
    tries = 0
    while True:
        outcome = await api.outcomes.of(place)
        left = deadline - time.monotonic()
        if outcome.state != "accepted" or left <= 0 or api.stopping.is_set():
            return outcome
        await asyncio.sleep(min(left, _PAUSES[min(tries, len(_PAUSES) - 1)]))
        tries += 1


def accepted(operation: Operation) -> Response:
    """Return 202 with the operation and its address."""
    body = Accepted(operations=[operation]).model_dump_json()
    return Response(body, ACCEPTED, {"location": operation.url}, "application/json")
