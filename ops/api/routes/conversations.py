"""`/v1/conversations`: say something, read what was said, and follow a conversation as it goes on.

Whose word it is follows from the caller: a candidate's token or key, or a recruiter's, speaks for nobody else. A system
that may write events of the source `chat` has authenticated its participants itself, and names them.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from connectors.message import EventMessage, build_chat
from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.event_stream import HEARTBEAT_SECONDS, MEDIA_TYPE, EventStream, event
from ops.api.paging import Cursor, Limit, Page, cursor_of, place_of
from ops.api.problems import Problem, problems
from ops.api.records import note_read
from ops.api.routes.changes import ANSWERS, PREFERENCES
from ops.api.routes.operations import answer_write
from ops.api.writing import ACCEPTED, publish_once
from ops.conversations import document, masked, private_values
from processors.access import Caller, allows, speaks_for
from processors.chat.listening import Frame
from schemas.base import EntityId, Language, ShortText
from schemas.chat import ANONYMOUS, DEFAULT_ZONE, ChatText, Participant, Zone
from sinks.conversations import ConversationStore
from streams.conversations import BehindError, frames

router = APIRouter(tags=["conversations"])
SOURCE = "chat"
Talker = Annotated[Caller, require("ai:chat")]
After = Annotated[int | None, Query(ge=0, description="begin behind this turn; default: from now on")]
Id = Annotated[EntityId, Path(description="the conversation; whoever begins it chooses its id", examples=["c-4711"])]


class Said(BaseModel, extra="forbid"):
    """A message of a participant."""

    text: ChatText = Field(description="1 byte to 32 KiB", examples=["上海的 Java 后端，2 万以上"])
    id: ShortText | None = Field(default=None, description="of the message; sent again under it, it changes nothing")
    participant: Participant | None = Field(
        default=None, description="only from a caller who may write events of the source `chat`"
    )
    language: Language | None = Field(default=None, description="to answer in; default: that of the text")
    timezone: Zone = Field(default=DEFAULT_ZONE, description="what `tomorrow` means")
    channel: ShortText = Field(default="api", description="where the conversation takes place")
    contacts: bool = Field(
        default=False, description="whether the recruiter may reach candidates; only from who names the participant"
    )


def speaker(caller: Caller, named: Participant | None = None) -> Participant:
    """Return whose word a caller's message is. Raises Problem, 403, if it names somebody else."""
    if caller.subject is not None:
        own = Participant(kind="candidate", id=caller.subject)
    elif caller.recruiter is not None:
        own = Participant(kind="recruiter", id=caller.recruiter)
    elif speaks_for(caller, SOURCE):
        return named or ANONYMOUS
    else:  # nobody else's, though nobody knows whose
        own = Participant(kind="anonymous", id=caller.audited)
    if named not in (None, own):
        raise Problem(403, "forbidden", "this caller speaks for itself; leave out the participant")
    return own


def may_read(caller: Caller, participant: str) -> bool:
    """Whether a caller may read the conversations of a participant (`kind:id`)."""
    is_bound = caller.subject is not None or caller.recruiter is not None
    return (not is_bound and speaks_for(caller, SOURCE)) or speaker(caller).name == participant


def sees_personal(caller: Caller) -> bool:
    """Whether texts are shown to a caller as they are: its own always."""
    is_bound = caller.subject is not None or caller.recruiter is not None
    return is_bound or not speaks_for(caller, SOURCE) or allows(caller, "pii:read")


def learns_contacts(caller: Caller, said: Said) -> bool:
    """Whether a message grants contact data: to a recruiter with `pii:read`, or where a system says so.

    Raises Problem, 403, if anybody else says so.
    """
    if caller.recruiter is not None:
        return allows(caller, "pii:read")
    if said.contacts and (caller.subject is not None or not speaks_for(caller, SOURCE)):
        raise Problem(403, "forbidden", "this caller grants no contact data; leave out contacts")
    return said.contacts


def message_of(
    conversation: str, said: Said, participant: Participant, event_id: str, time: datetime, *, contacts: bool
) -> EventMessage:
    """Return the event of what a participant says, with the id that it brings, or else this. Raises BadMessageError."""
    return build_chat(
        conversation,
        said.text,
        participant=participant,
        language=said.language,
        timezone=said.timezone,
        channel=said.channel,
        contacts=contacts,
        source=SOURCE,
        event_id=said.id or event_id,
        time=time,
    )


async def owner_of(api: Api, caller: Caller, conversation: str) -> str:
    """Return whose a conversation is, "" if nobody has begun it. Raises Problem, 404, unless the caller may read it."""
    owner = (await ConversationStore(api.database).states([conversation]))[conversation].participant
    if owner and not may_read(caller, owner):
        raise Problem(404, "not_found", "there is no such conversation of this caller")
    return owner


def _note(api: Api, caller: Caller, owner: str) -> None:
    """Tell the audit log that a caller reads what a candidate has said."""
    kind, _, id = owner.partition(":")
    if kind == "candidate":
        note_read(api, caller, "talent", id)


async def follow(api: Api, caller: Caller, conversation: str, after: int | None) -> AsyncGenerator[Frame | None, None]:
    """Return what a caller is told who follows a conversation from the turn `after` on; None: from now on.

    Raises Problem, 403 or 404, if she may not.
    """
    if not sees_personal(caller):
        raise Problem(403, "forbidden", "the scope pii:read is needed to follow conversations of others")
    _note(api, caller, await owner_of(api, caller, conversation))
    return frames(
        api.conversations,
        ConversationStore(api.database),
        conversation,
        after,
        may_read=lambda participant: may_read(caller, participant),
        pause_seconds=HEARTBEAT_SECONDS,
    )


def told(frame: Frame) -> dict[str, Any]:
    """Return what a frame tells."""
    if frame.reply is not None:
        return {"event_id": frame.id, "trace_id": frame.trace, **frame.reply.model_dump()}
    return {"number": frame.number, "in_reply_to": frame.in_reply_to, "text": frame.text}


@router.post(
    "/v1/conversations/{conversation}/messages",
    status_code=ACCEPTED,
    response_model=None,
    summary="Say something in a conversation",
    responses=ANSWERS,
    openapi_extra={"parameters": PREFERENCES},
)
async def say(api: Opened, caller: Talker, request: Request, conversation: Id, said: Said) -> Response:
    """Publish a message for the chat worker to answer; the answer comes in the conversation's stream and history.

    The participant follows from the caller. 404: another participant's conversation.
    """
    participant, contacts = speaker(caller, said.participant), learns_contacts(caller, said)
    await owner_of(api, caller, conversation)

    async def build(event_id: str, time: datetime) -> EventMessage:
        return message_of(conversation, said, participant, event_id, time, contacts=contacts)

    return await answer_write(api, request, await publish_once(api, caller, request, build))


@router.get(
    "/v1/conversations/{conversation}/messages",
    summary="What was said in a conversation",
    responses=problems(401, 403, 404, 422, 503),
)
async def history(
    api: Opened, caller: Talker, conversation: Id, limit: Limit = 50, cursor: Cursor = None
) -> Page[dict[str, Any]]:
    """List a conversation's turns in order, each with its reply; texts of others are masked without `pii:read`."""
    owner = await owner_of(api, caller, conversation)
    if not owner:
        raise Problem(404, "not_found", "there is no such conversation of this caller")
    purpose = f"messages {conversation}"
    after = place_of(api, purpose, cursor) or 0
    found = await turns_of(api, caller, conversation, owner, after, limit + 1)
    page = found[:limit]
    more = cursor_of(api, purpose, page[-1]["number"]) if len(found) > limit else None
    return Page(items=page, next=more)


async def turns_of(
    api: Api, caller: Caller, conversation: str, owner: str, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return turns of a conversation that a caller may read, in order, as she may see them."""
    turns = [turn async for turn in ConversationStore(api.database).turns(conversation, after=after, limit=limit)]
    documents = [document(turn) for turn in turns]
    if sees_personal(caller):
        _note(api, caller, owner)
        return documents
    return masked(documents, private_values(turns))


@router.get(
    "/v1/conversations/{conversation}/stream",
    summary="A conversation as it goes on",
    response_model=None,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        **problems(401, 403, 404, 422, 503),
    },
)
async def stream(
    api: Opened,
    caller: Talker,
    conversation: Id,
    after: After = None,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", max_length=20, description="the turn of the last reply that came")
    ] = None,
) -> Response:
    """Send replies as events `reply`, and before them what of an answer is certain while a model words it.

    `delta` adds `text` to what is shown of the answer under way, `reset` takes that back, `reply` takes its place. The
    id of a reply is the number of its turn: with it in `Last-Event-ID` the stream goes on behind that reply, whatever
    process answers, and no reply is left out or comes twice.
    """
    if last_event_id:
        if not last_event_id.isascii() or not last_event_id.isdigit():
            raise Problem(422, "bad_position", "Last-Event-ID must be the number of a turn")
        after = int(last_event_id)
    chunks = _chunks(await follow(api, caller, conversation, after))
    return EventStream(chunks, api.stopping, chunks.aclose)


async def _chunks(opened: AsyncGenerator[Frame | None, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(opened) as following:
        try:
            yield b": open\n\n"
            async for frame in following:
                yield _event(frame) if frame else b": still here\n\n"
        except BehindError:
            return  # she comes back with the number that she has


def _event(frame: Frame) -> bytes:
    return event(frame.kind, orjson.dumps(told(frame)), str(frame.number) if frame.reply else None)
