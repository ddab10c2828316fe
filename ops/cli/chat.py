"""`looma chat`: talk, send one message, and read, check, export or erase conversations."""

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from schemas.chat import DEFAULT_ZONE, Participant

if TYPE_CHECKING:
    from connectors.publisher import EventPublisher
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
        kind, _, id = value.partition(":")
        try:
            return Participant(kind=kind, id=id or None)
        except ValueError:
            self.fail(f"{value}: a participant is anonymous, candidate:ID or recruiter:ID", param, ctx)


_as_option = click.option(
    "--as", "participant", type=_Who(), default="anonymous", show_default=True, help="candidate:ID or recruiter:ID."
)
_zone_option = click.option("--timezone", default=DEFAULT_ZONE, show_default=True, help="What `tomorrow` means.")
_wait_option = click.option(
    "--wait", default=30.0, show_default=True, type=click.FloatRange(0, 600), help="Seconds to wait for the answer."
)


@click.group(invoke_without_command=True)
@click.option("--conversation", metavar="ID", help="Go on with this one; default: a new one.")
@_as_option
@_zone_option
@_wait_option
@click.pass_context
def chat(
    context: click.Context, conversation: str | None, participant: Participant, timezone: str, wait: float
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
        _talk(conversation or _new_id(), participant, timezone, wait)


@run
async def _talk(conversation: str, participant: Participant, timezone: str, wait: float) -> None:
    from connectors.publisher import EventPublisher
    from ops.runtime.telemetry import telemetry
    from sinks.conversations import ConversationStore
    from streams.generations.database import base_database

    settings = load_settings()
    console.print(f"conversation {conversation}; Ctrl-D ends it")
    with telemetry(settings, "chat"):
        async with base_database(settings) as base, EventPublisher(settings.kafka, SOURCE) as publisher:
            store = ConversationStore(base)
            while line := await asyncio.to_thread(_line):
                if line.strip():
                    _show(await _say(publisher, store, conversation, line, participant, timezone, wait))


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
@_wait_option
@json_option
@run
async def send(
    text: str, conversation: str | None, participant: Participant, timezone: str, wait: float, as_json: bool
) -> None:
    """Send one message and show its answer. Exit code 1 if none came in time: is `looma worker --chat` running?"""
    from connectors.publisher import EventPublisher
    from ops.runtime.telemetry import telemetry
    from sinks.conversations import ConversationStore
    from streams.generations.database import base_database

    settings = load_settings()
    with telemetry(settings, "chat"):
        async with base_database(settings) as base, EventPublisher(settings.kafka, SOURCE) as publisher:
            store = ConversationStore(base)
            turn = await _say(publisher, store, conversation or _new_id(), text, participant, timezone, wait)
    if as_json:
        print_json(_as_json(turn))
    else:
        _show(turn)


async def _say(
    publisher: "EventPublisher",
    store: "ConversationStore",
    conversation: str,
    text: str,
    participant: Participant,
    timezone: str,
    wait: float,
) -> "Turn":
    from schemas.envelope import derived_id

    event_id = str(uuid.uuid4())
    sent = await publisher.publish_chat(
        conversation, text, participant=participant, timezone=timezone, channel="cli", event_id=event_id
    )
    await sent
    turn_id = derived_id("chat-turn", conversation, SOURCE, event_id)
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        if (turn := (await store.known([turn_id])).get(turn_id)) and turn.published:
            return turn
        await asyncio.sleep(_POLL_SECONDS)
    raise click.ClickException(
        f"no answer within {wait:g} s; is `looma worker --chat` running? A refused message is in `looma dlq list`"
    )


@chat.command("history")
@click.argument("conversation")
@json_option
@run
async def history(conversation: str, as_json: bool) -> None:
    """Show a conversation, turn by turn. Exit code 1 if there is none."""
    turns = await _turns(conversation)
    if as_json:
        print_json([_as_json(turn) for turn in turns])
        return
    for turn in turns:
        console.print(f"{turn.time[:19]}Z  {turn.participant or turn.kind}", style="dim", markup=False, highlight=False)
        console.print(f"> {turn.text or turn.kind}", markup=False, highlight=False)
        _show(turn)


@chat.command("replay")
@click.argument("conversation")
@click.option("--check", is_flag=True, help="Exit code 1 if the stored state is another.")
@json_option
@run
async def replay(conversation: str, check: bool, as_json: bool) -> None:
    """Compute a conversation's state again from its turns, and show it."""
    from processors.chat.conversation import fold
    from sinks.conversations import ConversationStore
    from streams.generations.database import base_database

    turns = await _turns(conversation)
    state = fold(conversation, (turn.effect for turn in turns))
    async with base_database(load_settings()) as base:
        stored = (await ConversationStore(base).states([conversation]))[conversation]
    same = stored.to_json() == state.to_json()
    if as_json:
        import json

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
    from sinks.conversations import ConversationStore
    from streams.generations.database import base_database

    turns = await _turns(conversation)
    if yes:
        async with base_database(load_settings()) as base:
            await ConversationStore(base).erase([conversation])
    if as_json:
        print_json({"conversation": conversation, "turns": len(turns), "deleted": yes})
    else:
        console.print(f"{len(turns)} turns of {conversation} {'deleted' if yes else 'would be deleted; say --yes'}")


async def _turns(conversation: str) -> "list[Turn]":
    from sinks.conversations import ConversationStore
    from streams.generations.database import base_database

    async with base_database(load_settings()) as base:
        turns = [turn async for turn in ConversationStore(base).turns(conversation)]
    if not turns:
        raise click.ClickException(f"there is no conversation {conversation}")
    return turns


def _new_id() -> str:
    return f"cli-{uuid.uuid4().hex[:12]}"


def _as_json(turn: "Turn") -> dict[str, Any]:
    import json

    return {
        "conversation": turn.conversation,
        "number": turn.number,
        "time": turn.time,
        "participant": turn.participant,
        "kind": turn.kind,
        "text": turn.text,
        "intent": turn.effect.intent,
        "outcome": turn.outcome,
        "reply": json.loads(turn.reply) if turn.reply else None,
        "event_id": turn.event_id,
    }


def _show(turn: "Turn") -> None:
    from schemas.chat import ChatReply

    if turn.reply is None:
        return
    reply = ChatReply.model_validate_json(turn.reply)
    console.print(reply.text or f"({reply.outcome})", markup=False, highlight=False)
    if reply.citations:
        cited = dict.fromkeys(f"{c.entity} {c.id} r{c.revision}" for c in reply.citations)
        console.print("  " + ", ".join(cited), style="dim", markup=False, highlight=False)
