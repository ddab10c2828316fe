"""`looma chat`: talk, send one message, and read, check or erase conversations."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from schemas.chat import DEFAULT_ZONE, ChatReply, Participant
from schemas.envelope import derived_id

if TYPE_CHECKING:
    from processors.chat.listening import Frame
    from sinks.conversations import ConversationStore, Turn

SOURCE = "looma-chat"
_POLL_SECONDS = 0.05


class _Who(click.ParamType):
    """A participant: `anonymous`, `candidate:ID` or `recruiter:ID`."""

    name = "participant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Participant:
        """Read it, or say how it is written."""
        if isinstance(value, Participant):
            return value
        try:
            return Participant.named(value)
        except ValueError:
            self.fail(f"{value}: a participant is anonymous, candidate:ID or recruiter:ID", param, ctx)


_as_option = click.option(
    "--as", "participant", type=_Who(), default="anonymous", show_default=True, help="candidate:ID or recruiter:ID."
)
_zone_option = click.option("--timezone", default=DEFAULT_ZONE, show_default=True, help="What `tomorrow` means.")
_contacts_option = click.option("--contacts", is_flag=True, help="This recruiter may be told how to reach candidates.")
_wait_option = click.option(
    "--wait", default=30.0, show_default=True, type=click.FloatRange(0, 600), help="Seconds to wait for the answer."
)


@click.group(invoke_without_command=True)
@click.option("--conversation", metavar="ID", help="Go on with this one; default: a new one.")
@_as_option
@_zone_option
@_contacts_option
@_wait_option
@click.pass_context
def chat(
    context: click.Context,
    conversation: str | None,
    participant: Participant,
    timezone: str,
    contacts: bool,
    wait: float,
) -> None:
    """Talk with the chat worker, or read what was said.

    \b
    looma worker --chat &
    looma chat --as candidate:t-1                      talk, a message a line; Ctrl-D ends
    looma chat send "上海的 Java 后端" --as candidate:t-1
    looma chat history CONVERSATION

    Who speaks is said by whoever runs the command, as an upstream system would after it has authenticated them.
    """
    if context.invoked_subcommand is None:
        _talk(_Speaker(conversation or _new_id(), participant, timezone, contacts), wait)


class _Speaker(NamedTuple):
    """Who speaks, and where."""

    conversation: str
    participant: Participant
    timezone: str
    contacts: bool


@run
async def _talk(speaker: _Speaker, wait: float) -> None:
    from ops.cli.chat_screen import Screen

    console.print(f"conversation {speaker.conversation}; Ctrl-D ends it")
    async with _speaking(speaker) as (say, store), _heard(speaker.conversation, store) as heard:
        screen = Screen()
        while line := await asyncio.to_thread(_line):
            if not line.strip():
                continue
            event_id = await say(line)
            with _waiting(wait):
                async with asyncio.timeout(wait):
                    async for frame in heard:
                        if frame is not None:
                            screen.show(frame)
                        if frame is not None and frame.kind == "reply" and frame.in_reply_to == event_id:
                            break


@asynccontextmanager
async def _heard(conversation: str, store: "ConversationStore") -> "AsyncIterator[AsyncGenerator[Frame | None, None]]":
    """Listen to a conversation; gives what comes in it from now on."""
    from streams.conversations import TOPICS, Conversations, frames
    from streams.tail import Tail

    settings, conversations = load_settings(), Conversations()
    tail = Tail(settings.kafka, TOPICS, conversations.receive, last=dict.fromkeys(TOPICS, 0))
    await tail.start()
    try:
        async with asyncio.timeout(settings.kafka.timeout_seconds):
            await tail.begun.wait()
        # From here on: an answer may be there before anybody looks.
        number = (await store.states([conversation]))[conversation].number
        heard = frames(conversations, store, conversation, number, may_read=lambda _: True, pause_seconds=3600)
        async with aclosing(heard):
            yield heard
    finally:
        await tail.stop()


def _line() -> str:
    try:
        return input("> ") + "\n"
    except EOFError:
        return ""


@chat.command("send")
@click.argument("text")
@click.option("--conversation", metavar="ID", help="Default: a new one.")
@_as_option
@_zone_option
@_contacts_option
@_wait_option
@json_option
@run
async def send(
    text: str,
    conversation: str | None,
    participant: Participant,
    timezone: str,
    contacts: bool,
    wait: float,
    as_json: bool,
) -> None:
    """Send one message and show its answer. Exit code 1 if none came in time: is `looma worker --chat` running?"""
    conversation = conversation or _new_id()
    async with _speaking(_Speaker(conversation, participant, timezone, contacts)) as (say, store):
        turn = await _answered(store, derived_id("chat-turn", conversation, SOURCE, await say(text)), wait)
    if as_json:
        from ops.conversations import document

        print_json(document(turn))
    else:
        _show(turn)


@asynccontextmanager
async def _speaking(
    speaker: _Speaker,
) -> "AsyncIterator[tuple[Callable[[str], Awaitable[str]], ConversationStore]]":
    """Connect; gives what publishes a text and returns its event's id, and the conversations."""
    from connectors.publisher import EventPublisher
    from ops.runtime.telemetry import telemetry

    settings = load_settings()
    with telemetry(settings, "chat"):
        async with _conversations() as store, EventPublisher(settings.kafka, SOURCE) as publisher:

            async def say(text: str) -> str:
                event_id = str(uuid.uuid4())
                sent = await publisher.publish_chat(
                    speaker.conversation,
                    text,
                    participant=speaker.participant,
                    timezone=speaker.timezone,
                    channel="cli",
                    contacts=speaker.contacts,
                    event_id=event_id,
                )
                await sent
                return event_id

            yield say, store


async def _answered(store: "ConversationStore", turn_id: str, wait: float) -> "Turn":
    with _waiting(wait):
        async with asyncio.timeout(wait):
            while True:
                if (turn := (await store.known([turn_id])).get(turn_id)) and turn.published:
                    return turn
                await asyncio.sleep(_POLL_SECONDS)


@contextmanager
def _waiting(seconds: float) -> Iterator[None]:
    """Say what may be wrong if the block takes too long."""
    try:
        yield
    except TimeoutError:
        raise click.ClickException(
            f"no answer within {seconds:g} s; is `looma worker --chat` running? "
            "A refused message is in `looma dlq list`"
        ) from None


@asynccontextmanager
async def _conversations() -> "AsyncIterator[ConversationStore]":
    from sinks.conversations import ConversationStore
    from streams.generations.database import base_database

    async with base_database(load_settings()) as base:
        yield ConversationStore(base)


@chat.command("history")
@click.argument("conversation")
@json_option
@run
async def history(conversation: str, as_json: bool) -> None:
    """Show a conversation, turn by turn. Exit code 1 if there is none."""
    from ops.conversations import document

    async with _conversations() as store:
        turns = await _turns(store, conversation)
    if as_json:
        print_json([document(turn) for turn in turns])
        return
    for turn in turns:
        console.print(f"{turn.time[:19]}Z  {turn.participant or turn.kind}", style="dim", markup=False, highlight=False)
        console.print(f"> {turn.text or turn.kind}", markup=False, highlight=False)
        _show(turn)


@chat.command("export")
@click.argument("conversation")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("jsonl", "markdown")),
    default="jsonl",
    show_default=True,
    help="Of the output.",
)
@click.option("--unmasked", is_flag=True, help="With contacts, accounts and names, which are hidden otherwise.")
@run
async def export(conversation: str, kind: str, unmasked: bool) -> None:
    """Write a conversation to standard output: a JSON object a line for each turn, or Markdown for people.

    Exit code 1 if there is none.
    """
    from ops.conversations import document, markdown, masked, private_values

    async with _conversations() as store:
        turns = await _turns(store, conversation)
    documents = [document(turn) for turn in turns]
    if not unmasked:
        documents = masked(documents, private_values(turns))
    lines = markdown(documents) if kind == "markdown" else (json.dumps(d, ensure_ascii=False) for d in documents)
    for line in lines:
        click.echo(line)


@chat.command("replay")
@click.argument("conversation")
@click.option("--check", is_flag=True, help="Exit code 1 if the stored state is another.")
@json_option
@run
async def replay(conversation: str, check: bool, as_json: bool) -> None:
    """Compute a conversation's state again from its turns, and show it."""
    from processors.chat.conversation import fold

    async with _conversations() as store:
        turns = await _turns(store, conversation)
        stored = (await store.states([conversation]))[conversation]
    state = fold(conversation, (turn.effect for turn in turns))
    same = stored.to_json() == state.to_json()
    if as_json:
        print_json({"state": json.loads(state.to_json()), "same": same})
    else:
        console.print_json(state.to_json().decode())
        errors.print("the stored state is the same" if same else "the stored state is another")
    if check and not same:
        raise click.exceptions.Exit(1)


@chat.command("forget")
@click.argument("conversation")
@click.option("--yes", is_flag=True, help="Delete; without it only count.")
@json_option
@run
async def forget(conversation: str, yes: bool, as_json: bool) -> None:
    """Delete a conversation from MongoDB. The log keeps it until its retention; `looma forget` erases people there."""
    async with _conversations() as store:
        turns = await _turns(store, conversation)
        if yes:
            await store.erase([conversation])
    if as_json:
        print_json({"conversation": conversation, "turns": len(turns), "deleted": yes})
    else:
        console.print(f"{len(turns)} turns of {conversation} {'deleted' if yes else 'would be deleted; say --yes'}")


async def _turns(store: "ConversationStore", conversation: str) -> "list[Turn]":
    turns = [turn async for turn in store.turns(conversation)]
    if not turns:
        raise click.ClickException(f"there is no conversation {conversation}")
    return turns


def _new_id() -> str:
    return f"cli-{uuid.uuid4().hex[:12]}"


def _show(turn: "Turn") -> None:
    from ops.cli.chat_screen import show_reply

    if turn.reply is not None:
        show_reply(ChatReply.model_validate_json(turn.reply))
