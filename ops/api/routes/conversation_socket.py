"""`/v1/conversations/{conversation}/socket`: what is said and what is answered, over one WebSocket (RFC 6455).

A message is the JSON that `POST …/messages` takes. Each is answered in its turn by `accepted` or `problem`; in between
comes what `GET …/stream` tells. Who says, reads and waits is decided as it is there.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from loguru import logger
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind, format_trace_id
from pydantic import ValidationError

from ops.api.access import until_closed
from ops.api.context import Api, Opened
from ops.api.event_stream import SLOW_SECONDS
from ops.api.problems import of_faults, problem_of
from ops.api.routes.conversations import (
    After,
    Id,
    Said,
    Talker,
    follow,
    learns_contacts,
    message_of,
    owner_of,
    speaker,
    told,
)
from ops.api.writing import publish
from processors.access import Caller
from processors.chat.listening import Frame
from streams.conversations import BehindError

router = APIRouter(tags=["conversations"])
ROUTE: Final = "/v1/conversations/{conversation}/socket"
LEFT, REFUSED, BROKEN, RESTARTS, LATER = 1000, 1008, 1011, 1012, 1013
"""What a socket is closed with (RFC 6455, 7.4, and IANA's registry): the reader left; she may not read on, for her key
has ended or it is another's conversation; an error; the process drains; she is too slow. After the last two she comes
back."""


@router.websocket(ROUTE)
async def socket(api: Opened, caller: Talker, websocket: WebSocket, conversation: Id, after: After = None) -> None:
    """Take messages and send what follows. Raises Problem before it opens."""
    following = await follow(api, caller, conversation, after)
    await websocket.accept()
    await _Talk(api, caller, websocket, conversation).run(following)


class _Talk:
    """One socket, open."""

    def __init__(self, api: Api, caller: Caller, websocket: WebSocket, conversation: str) -> None:
        self._api = api
        self._caller = caller
        self._websocket = websocket
        self._conversation = conversation
        self._tracer = trace.get_tracer("looma.api")

    async def run(self, following: AsyncGenerator[Frame | None, None]) -> None:
        """Talk until one side ends it."""
        ends = [
            asyncio.create_task(end)
            for end in (
                self._hear(),
                self._tell(following),
                _until(self._api.stopping.wait(), RESTARTS),
                _until(until_closed(self._websocket.scope), REFUSED),
            )
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            code = next(_code(end) for end in ends if end.done())
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
        if code != LEFT:
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
                async with asyncio.timeout(SLOW_SECONDS):
                    await self._websocket.close(code)

    async def _hear(self) -> int:
        """Take what she says, one message after the other, until she leaves."""
        while (message := await self._websocket.receive())["type"] != "websocket.disconnect":
            name, data = await self._answer(message.get("text") or message.get("bytes") or b"")
            await self._send({"event": name, "data": data})
        return LEFT

    async def _tell(self, following: AsyncGenerator[Frame | None, None]) -> int:
        """Send what follows, until it turns out to be somebody else's; the protocol's pings say that it lives."""
        async with aclosing(following):
            async for frame in following:
                if frame:
                    at = {"id": frame.number} if frame.reply else {}
                    await self._send({"event": frame.kind, **at, "data": told(frame)})
        return REFUSED

    async def _answer(self, text: str | bytes) -> tuple[str, dict[str, Any]]:
        """Publish a message; return `accepted` with its event, or the problem. Its trace is its own."""
        beside = [Link(trace.get_current_span().get_span_context())]
        name = f"message {ROUTE}"
        with self._tracer.start_as_current_span(name, Context(), SpanKind.SERVER, links=beside) as span:
            try:
                return "accepted", {
                    **await self._publish(text),
                    "trace_id": format_trace_id(span.get_span_context().trace_id),
                }
            except Exception as error:
                problem = problem_of(error)
        waits = problem.headers.get("retry-after")
        return "problem", {**problem.document(), **({"retry_after": int(waits)} if waits else {})}

    async def _publish(self, text: str | bytes) -> dict[str, Any]:
        self._api.gate.admit(self._caller)
        async with self._api.admission.lanes["write"].place():
            said = _said(text)
            participant, contacts = speaker(self._caller, said.participant), learns_contacts(self._caller, said)
            await owner_of(self._api, self._caller, self._conversation)
            message = message_of(
                self._conversation, said, participant, str(uuid.uuid4()), datetime.now(UTC), contacts=contacts
            )
            (made,) = await publish(self._api, [message])
        return {"event": made.event, "operation": made.id, "url": made.url}

    async def _send(self, message: dict[str, Any]) -> None:
        async with asyncio.timeout(SLOW_SECONDS):
            await self._websocket.send_text(orjson.dumps(message).decode())


async def _until(end: Awaitable[object], code: int) -> int:
    await end
    return code


def _said(text: str | bytes) -> Said:
    try:
        return Said.model_validate_json(text)
    except ValidationError as error:
        raise of_faults(error.errors()) from None


def _code(end: "asyncio.Task[int]") -> int:
    """Return what a socket is closed with, by the task that ended first."""
    match end.exception():
        case None:
            return end.result()
        case WebSocketDisconnect():
            return LEFT
        case BehindError() | TimeoutError():
            return LATER
        case error:
            logger.opt(exception=error).error("a socket breaks off: unexpected {}", type(error).__name__)
            return BROKEN
