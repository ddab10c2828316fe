"""A conversation: what was said and answered, with the records that each answer cites, as it goes on."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Annotated, Any, NamedTuple, cast
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from markupsafe import escape
from pydantic import ValidationError

from ops.api.context import Api, Opened
from ops.api.event_stream import EventStream
from ops.api.problems import Problem
from ops.api.routes.conversations import SOURCE, Id, Said, follow, may_read, say, turns_of
from ops.console.acting import asking
from ops.console.live import ALIVE, parts
from ops.console.page import Page, is_fragment, render
from ops.console.pages.frame import moved
from ops.console.state import ConsoleOpened
from ops.console.visitor import form_of, having
from processors.access import Caller, speaks_for
from schemas.chat import ANONYMOUS, Participant
from schemas.entities import SPEC, Entity
from sinks.conversations import ConversationStore
from streams.conversations import BehindError

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Talker = Annotated[Caller, having("ai:chat")]
SHOWN = 50
"""Turns that a page shows, the newest."""
ROLES = {"recruiter": Participant(kind="recruiter", id="console"), "anonymous": ANONYMOUS}
"""Whose words a visitor's are who speaks for nobody in particular."""


class Line(NamedTuple):
    """A turn as it is shown: what was said, what was answered, and the pages of the records that the answer cites."""

    text: str
    answer: str
    outcome: str
    cited: list[tuple[str, str]]


def _line(turn: Mapping[str, Any]) -> Line:
    reply = turn["reply"] or {}
    cited = dict.fromkeys((each["entity"], each["id"]) for each in reply.get("citations", ()))
    return Line(
        turn["text"] or "",
        reply.get("text", ""),
        reply.get("outcome", ""),
        [(_place(entity, id), id) for entity, id in cited],
    )


def _place(entity: str, id: str) -> str:
    if entity == "match":
        talent, _, job = id.partition("|")
        return f"talents/{quote(talent, safe='')}/matches/{quote(job, safe='')}/history"
    return f"{SPEC[cast(Entity, entity)].plural}/{quote(id, safe='')}"


def _may_choose(visitor: Caller) -> bool:
    return visitor.subject is None and visitor.recruiter is None and speaks_for(visitor, SOURCE)


async def _shown(api: Api, visitor: Caller, conversation: str) -> tuple[str, list[Line], int]:
    """Return whose a conversation is, its newest turns and the number of the last. Raises Problem, 404."""
    state = (await ConversationStore(api.database).states([conversation]))[conversation]
    if not state.participant:
        return "", [], state.number
    if not may_read(visitor, state.participant):
        raise Problem(404, "not_found", "there is no such conversation of this caller")
    after = max(0, state.number - SHOWN)
    turns = await turns_of(api, visitor, conversation, state.participant, after, SHOWN)
    last = max((turn["number"] for turn in turns), default=state.number)
    return state.participant, list(map(_line, turns)), last


@router.get("/chat")
async def begin(visitor: Talker) -> Response:
    """Begin a conversation."""
    return moved(f"./chat/c-{secrets.token_hex(8)}")


@router.get("/chat/{conversation}")
async def chat_page(
    request: Request, api: Opened, console: ConsoleOpened, visitor: Talker, conversation: Id
) -> Response:
    """Show a conversation."""
    owner, turns, last = await _shown(api, visitor, conversation)
    sample = console.flow.history.last
    return render(
        request,
        "chat.html",
        visitor,
        conversation=conversation,
        owner=owner,
        turns=turns,
        last=last,
        roles=list(ROLES) if _may_choose(visitor) and not owner else [],
        unheard=sample is not None and not sample.workers.get("chat"),
    )


@router.post("/chat/{conversation}")
async def speak(request: Request, api: Opened, visitor: Talker, conversation: Id) -> Response:
    """Say something; a page that follows the conversation shows the answer as it comes, another one waits for it."""
    form = await form_of(request)
    owner, _, _ = await _shown(api, visitor, conversation)
    speaker = None
    if _may_choose(visitor):
        speaker = Participant.named(owner) if owner else ROLES.get(form.get("as", ""), ANONYMOUS)
    try:
        said = Said(text=form.get("text", "").strip(), participant=speaker, channel="console")
    except ValidationError:
        raise Problem(422, "invalid_request", "say something, of at most 32 KiB") from None
    await say(api, visitor, request if is_fragment(request) else await asking(request), conversation, said)
    if is_fragment(request):
        return render(request, "chat_said.html", visitor, text=said.text)
    return moved(f"./{quote(conversation, safe='')}")


@router.get("/chat/{conversation}/live")
async def chat_live(
    request: Request, api: Opened, visitor: Talker, conversation: Id, after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Send answers as they are worded, and turns as they are done."""
    frames = await follow(api, visitor, conversation, after)

    async def chunks() -> AsyncGenerator[bytes, None]:
        worded = ""
        async with aclosing(frames) as following:
            try:
                yield ALIVE
                async for frame in following:
                    if frame is None:
                        yield ALIVE
                    elif frame.kind == "reply":
                        worded = ""
                        _, turns, _ = await _shown(api, visitor, conversation)
                        page = render(request, "chat_turns.html", visitor, turns=turns)
                        yield parts({"turns": bytes(page.body).decode(), "said": "", "worded": ""})
                    else:
                        worded = worded + frame.text if frame.kind == "delta" else ""
                        yield parts({"worded": str(escape(worded))})
            except BehindError:
                return  # the page comes back

    sending = chunks()
    return EventStream(sending, api.stopping, sending.aclose)
