"""Dialogues in the project's own labels, answered turn by turn by the chat itself on records in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter
from typing import Any

import numpy as np

from ops.evaluation.dialogue.rows import Dialogue, Said
from ops.evaluation.dialogue.values import BEGINS, State, before, state_items
from ops.evaluation.dialogue.world import World
from processors.chat.asked import asked_in
from processors.chat.conversation import Conversation, Effect, apply
from processors.chat.intents import IntentReader
from processors.chat.wording import say
from schemas.base import Language
from schemas.chat import MESSAGE, ChatEvent, ChatMessage, ChatReply
from schemas.envelope import Envelope
from streams.chat import Templates

_REFUSALS = (
    "out_of_scope",
    "no_protected",
    "needs_identity",
    "recruiters_only",
    "status_candidates_only",
    "advice_candidates_only",
)
_OOS = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one turn of a user. `added` is what it changed of the slots."""

    gold: Said
    is_first: bool
    intent: str
    slots: State
    slots_before: State
    gold_before: State
    reply: ChatReply
    asks: bool
    faithful: bool
    leaks: bool
    milliseconds: float


async def hear(dialogues: Sequence[Dialogue], intents: IntentReader) -> list[Heard]:
    """Return what became of each user turn. What an assistant says in a dialogue is heard as a person's words.

    A slot that no turn of any dialogue names is not judged: its labels do not know it.
    """
    world = World()
    answerer = Templates(world, intents)
    found = [heard for dialogue in dialogues for heard in await _hear(dialogue, world, answerer)]
    states = [d.initial for d in dialogues] + [h.gold.slots for h in found if h.gold.slots]
    known = frozenset(item[0] for state in states for item in state)
    return [replace(h, slots=_of(h.slots, known), slots_before=_of(h.slots_before, known)) for h in found]


def _of(state: State, slots: frozenset[str]) -> State:
    return frozenset(item for item in state if item[0] in slots)


async def _hear(dialogue: Dialogue, world: World, answerer: Templates) -> list[Heard]:
    participant = world.known(dialogue.participant)
    state = Conversation("dialogue", slots=before(dialogue.initial))
    found: list[Heard] = []
    gold_before = dialogue.initial
    for number, turn in enumerate(dialogue.turns):
        message = ChatMessage(
            conversation_id="dialogue", role=turn.role, text=turn.text[:8000], participant=participant
        )
        if turn.role == "assistant":
            state = apply(state, Effect("assistant", asks=asked_in(turn.text)))
            continue
        time = BEGINS + timedelta(minutes=number)
        event = ChatEvent(Envelope(f"m{number}", "eval", MESSAGE, "dialogue", time, 2), message)
        held = state_items(state)
        began = perf_counter()
        effect, reply = await answerer.decide(event, message, state)
        spent = perf_counter() - began
        state = replace(apply(state, effect), with_person_until=None)
        found.append(
            Heard(
                turn,
                not found,
                effect.intent or _OOS,
                state_items(state),
                held,
                gold_before,
                reply,
                effect.asks not in (None, "widen"),
                world.is_faithful(reply),
                world.leaks(reply, participant),
                spent * 1000,
            )
        )
        gold_before = gold_before if turn.slots is None else turn.slots
    return found


def figures(heard: Sequence[Heard]) -> dict[str, Any]:
    """Return the shares that are right, each None where no row says what is."""
    labelled = [h for h in heard if h.gold.intents]
    inside = [h for h in labelled if h.gold.intents[0] != _OOS]
    outside = [h for h in labelled if h.gold.intents[0] == _OOS]
    slotted = [h for h in heard if h.gold.slots is not None]
    right = sum(len(h.slots & (h.gold.slots or frozenset())) for h in slotted)
    told, given = sum(len(h.slots) for h in slotted), sum(len(h.gold.slots or ()) for h in slotted)
    expecting = [h for h in heard if h.gold.expect]
    refusing = [h for h in heard if h.gold.expect == "refuse"]
    return {
        "intent_accuracy": share([is_right(h) for h in labelled]),
        "macro_f1": _macro_f1(labelled),
        "oos_recall": share([h.intent == _OOS for h in outside]),
        "false_rejection": share([h.intent == _OOS for h in inside]),
        "slot_f1": round(2 * right / (told + given), 4) if told + given else None,
        "joint_goal_accuracy": share([h.slots == h.gold.slots for h in slotted]),
        "turn_goal_accuracy": share(
            [_change(h.slots_before, h.slots) == _change(h.gold_before, h.gold.slots or frozenset()) for h in slotted]
        ),
        "expect_accuracy": share([_meets(h) for h in heard if _says(h)]) if expecting or not labelled else None,
        "refuse_recall": share([refuses(h.reply) for h in refusing]),
        "clarify_rate": share([h.asks for h in heard]),
        "context_accuracy": share([is_right(h) and h.slots == h.gold.slots for h in heard if needs_context(h)]),
        "unfaithful": sum(not h.faithful for h in heard),
        "leaks": sum(h.leaks for h in heard),
        "ms": spans([h.milliseconds for h in heard]),
    }


def is_right(heard: Heard) -> bool:
    """Whether one of the intents that count as right was told, or none is named."""
    return not heard.gold.intents or heard.intent in heard.gold.intents


def needs_context(heard: Heard) -> bool:
    """Whether a turn means something only after those before it: by its standalone form, else by what it carries on."""
    gold = heard.gold
    if heard.is_first or gold.slots is None:
        return False
    if gold.standalone is not None:
        return "".join(gold.standalone.split()) != "".join(gold.text.split())
    return bool(gold.slots & heard.gold_before)


def refuses(reply: ChatReply) -> bool:
    """Whether a reply says no and shows no record."""
    language: Language = reply.language
    return not reply.citations and not reply.focus and any(_said(name, language) in reply.text for name in _REFUSALS)


def _said(name: str, language: Language) -> str:
    try:
        return say(name, language)
    except KeyError:
        return "\0"


def _says(heard: Heard) -> bool:
    return bool(heard.gold.expect or heard.gold.intents or heard.gold.slots is not None)


def _meets(heard: Heard) -> bool:
    """Whether all holds that a turn expects."""
    gold, reply = heard.gold, heard.reply
    met = {
        None: True,
        "refuse": refuses(reply),
        "clarify": heard.asks,
        "handover": reply.handed_over,
        "answer": not heard.asks and not refuses(reply),
    }
    return met[gold.expect] and is_right(heard) and gold.slots in (None, heard.slots)


def _change(old: State, new: State) -> tuple[State, State]:
    return new - old, old - new


def _macro_f1(heard: Sequence[Heard]) -> float | None:
    if not heard:
        return None
    pairs = [(h.gold.intents[0], h.gold.intents[0] if is_right(h) else h.intent) for h in heard]
    hits, are, said = Counter(g for g, t in pairs if g == t), Counter(g for g, _ in pairs), Counter(t for _, t in pairs)
    return round(float(np.mean([2 * hits[label] / (are[label] + said[label]) for label in are])), 4)


def share(right: Sequence[bool]) -> float | None:
    """Return the share that is true; None of nothing."""
    return round(sum(right) / len(right), 4) if right else None


def spans(milliseconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 99th percentile."""
    return {name: round(float(np.percentile(milliseconds, q)), 2) for name, q in (("p50", 50), ("p99", 99))}
