"""What is remembered of a conversation: a fold over its turns, at most 16 KiB however long it lasts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from processors.chat.around import MANY, SEVERAL
from processors.chat.intents import Intent
from processors.chat.mention import Value
from processors.chat.notices import Notices
from processors.chat.placeholders import MAX_VALUES
from processors.chat.slots import Edit
from schemas.base import Language
from schemas.envelope import timestamp

MAX_STATE_BYTES = 16 * 1024
MAX_HELD = 40
"""Values of all slots; the newest are kept."""
MAX_FOCUS = 20
MAX_QUERY = 200
MAX_WORDS = 40
"""Characters of a message that are kept beside a value."""
MAX_LISTED = 60
"""Records of one search that are remembered as shown."""
MAX_SEARCHES = 4
MAX_STEPS = 12
MAX_ABOUT = 60
"""Characters that the summary keeps of one step."""

Goal = Literal["jobs", "candidates"]
_ASKED_OF_RECORDS: frozenset[Intent] = frozenset(("salary", "company_info", "explain_match"))
"""Intents of which the next message may only name another record: `第二个呢`."""
SEARCHING: frozenset[Intent] = frozenset(("find_jobs", "find_candidates", "refine", "correction"))
_SAY_LITTLE: frozenset[Intent] = frozenset(("greeting_thanks", "affirm", "deny", "bot_question", "out_of_scope"))


@dataclass(frozen=True, slots=True)
class Held:
    """A value of a slot: whether it is wanted, or else excluded, the turn that said so, and its words there."""

    value: Value
    wanted: bool
    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A record that a reply has listed."""

    entity: Literal["talent", "job"]
    id: str


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked and is not answered; `slot` is empty for a yes or no. `times` counts how often in a row."""

    slot: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Search:
    """A search that another one has followed; `turn` is the last at which it held."""

    turn: int
    goal: Goal
    query: str
    slots: Mapping[str, tuple[Held, ...]]

    def wants(self, slot: str, value: Value) -> bool:
        """Whether a value is looked for."""
        return any(h.wanted and h.value == value for h in self.slots.get(slot, ()))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was asked: the words of a search, or the record that it was asked of."""

    turn: int
    intent: Intent
    about: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state after `number` turns. `participant` is `kind` or `kind:id`; `current` is what was spoken of last, and
    `asked` what was asked of it.

    `listed` are the records of this search that were shown, `searches` the ones before it, the newest last, and
    `summary` what was asked. `tokens` are those that providers have used, `private` the personal data that has placeholders, and `private_before`
    how much of it has been forgotten.
    """

    id: str
    number: int = 0
    participant: str = ""
    language: Language = "zh"
    goal: Goal | None = None
    query: str = ""
    slots: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    focus: tuple[Shown, ...] = ()
    current: Shown | None = None
    question: Question | None = None
    with_person_until: str | None = None
    notices: Notices = field(default_factory=Notices)
    tokens: int = 0
    private: tuple[str, ...] = ()
    private_before: int = 0
    asked: Intent | None = None
    listed: tuple[str, ...] = ()
    searches: tuple[Search, ...] = ()
    summary: tuple[Step, ...] = ()

    def is_with_person(self, at: datetime) -> bool:
        """Whether a person has the conversation at a time."""
        return self.with_person_until is not None and timestamp(at) < self.with_person_until

    def wanted(self, slot: str) -> tuple[Value, ...]:
        """Return the values of a slot that are wanted."""
        return tuple(h.value for h in self.slots.get(slot, ()) if h.wanted)

    def excluded(self, slot: str) -> tuple[Value, ...]:
        """Return the values of a slot that are excluded."""
        return tuple(h.value for h in self.slots.get(slot, ()) if not h.wanted)

    def to_json(self) -> bytes:
        """Return the state; the same turns give the same bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Conversation":
        """Read what `to_json` returned."""
        body = json.loads(data)
        body["slots"] = _slots(body["slots"])
        body["focus"] = tuple(Shown(**s) for s in body["focus"])
        body["current"] = Shown(**body["current"]) if body["current"] else None
        body["question"] = Question(**body["question"]) if body["question"] else None
        body.pop("subscribed", None)  # was remembered before notices were sent
        body["notices"] = _notices(body.get("notices")) or Notices()
        body["private"] = tuple(body.get("private", ()))
        body["listed"] = tuple(body.get("listed", ()))
        body["searches"] = tuple(Search(**{**s, "slots": _slots(s["slots"])}) for s in body.get("searches", ()))
        body["summary"] = tuple(Step(**step) for step in body.get("summary", ()))
        return cls(**body)


def _slots(body: Mapping[str, Any]) -> dict[str, tuple[Held, ...]]:
    return {name: tuple(Held(**h) for h in held) for name, held in body.items()}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one turn does to the state: stored with the turn, so that the fold needs neither tools nor models.

    A list `goes_on` behind what was shown of the same search, or else begins anew; `returns_to` names an earlier search
    by its turn, which then holds with the edits.
    """

    kind: Literal["user", "assistant", "system", "notice", "taken", "returned", "closed"]
    participant: str = ""
    language: Language | None = None
    intent: Intent | None = None
    edits: tuple[Edit, ...] = ()
    goal: Goal | None = None
    query: str | None = None
    focus: tuple[Shown, ...] | None = None
    current: Shown | None = None
    asks: str | None = None
    with_person_until: str | None = None
    notices: Notices | None = None
    tokens: int = 0
    private: tuple[str, ...] = ()
    goes_on: bool = False
    returns_to: int | None = None

    def to_document(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Effect":
        """Read what `to_document` returned."""
        focus = document["focus"]
        return cls(
            **{
                **{name: value for name, value in document.items() if name != "subscribed"},
                "edits": tuple(Edit(**e) for e in document["edits"]),
                "focus": None if focus is None else tuple(Shown(**s) for s in focus),
                "current": Shown(**document["current"]) if document["current"] else None,
                "notices": _notices(document.get("notices")),
                "private": tuple(document.get("private", ())),
            }
        )


def _notices(document: Mapping[str, Any] | None) -> Notices | None:
    return Notices(**{**document, "waiting": tuple(document["waiting"])}) if document else None


def apply(state: Conversation, effect: Effect) -> Conversation:
    """Return the state after one more turn."""
    number = state.number + 1
    if effect.kind == "closed":
        return Conversation(state.id, number, state.participant, state.language, notices=state.notices)
    if effect.kind in ("taken", "returned"):
        return replace(state, number=number, with_person_until=effect.with_person_until, question=None)
    if effect.kind == "notice":
        state = replace(state, number=number, notices=effect.notices or state.notices)
        return replace(state, focus=effect.focus[:MAX_FOCUS], current=None) if effect.focus else state
    if effect.kind != "user":
        # What a person asks is answered in the next message.
        asked = state.question if effect.asks is None else Question(effect.asks)
        return replace(state, number=number, question=asked)
    asked = state.question
    question = None
    if effect.asks is not None:
        again = asked is not None and asked.slot == effect.asks
        question = Question(effect.asks, asked.times + 1 if asked and again else 1)
    back = next((search for search in state.searches if search.turn == effect.returns_to), None)
    return _fitting(
        replace(
            state,
            number=number,
            participant=effect.participant or state.participant,
            language=effect.language or state.language,
            goal=effect.goal or state.goal,
            query=state.query if effect.query is None else effect.query[:MAX_QUERY],
            slots=edited(back.slots if back else state.slots, effect.edits, number),
            focus=state.focus if effect.focus is None else effect.focus[:MAX_FOCUS],
            current=effect.current or (state.current if effect.focus is None else None),
            question=question,
            asked=effect.intent if effect.intent in _ASKED_OF_RECORDS else state.asked,
            with_person_until=effect.with_person_until or state.with_person_until,
            notices=effect.notices or state.notices,
            tokens=state.tokens + effect.tokens,
            private=(*state.private, *effect.private)[-MAX_VALUES:],
            private_before=state.private_before + max(0, len(state.private) + len(effect.private) - MAX_VALUES),
            listed=_listed(state, effect),
            searches=_searches(state, effect, number),
            summary=_summary(state, effect, number),
        )
    )


def _listed(state: Conversation, effect: Effect) -> tuple[str, ...]:
    if effect.query is None or effect.focus is None:
        return state.listed
    before = state.listed if effect.goes_on else ()
    return (*before, *(shown.id for shown in effect.focus))[-MAX_LISTED:]


def _searches(state: Conversation, effect: Effect, number: int) -> tuple[Search, ...]:
    """Return the earlier searches: the one that held until now is one of them if another is made."""
    if effect.query is None or effect.goes_on or state.goal is None:
        return state.searches
    rest = tuple(search for search in state.searches if search.turn != effect.returns_to)
    if len(rest) == len(state.searches) and effect.goal in (None, state.goal):
        now = edited(state.slots, effect.edits, number)
        if _values(now) == _values(state.slots):
            return rest
    return (*rest, Search(state.number, state.goal, state.query, state.slots))[-MAX_SEARCHES:]


def _values(slots: Mapping[str, tuple[Held, ...]]) -> dict[str, list[tuple[Value, bool]]]:
    return {name: [(h.value, h.wanted) for h in held] for name, held in slots.items()}


def _summary(state: Conversation, effect: Effect, number: int) -> tuple[Step, ...]:
    """Return what was asked with one thing more; of a search only its last words are kept, and the first thing always."""
    if effect.intent is None or effect.intent in _SAY_LITTLE:
        return state.summary
    about = effect.query if effect.query is not None else effect.current.id if effect.current else ""
    steps = state.summary
    if steps and {steps[-1].intent, effect.intent} <= SEARCHING:
        steps = steps[:-1]
    step = Step(number, effect.intent, about[:MAX_ABOUT])
    return (*steps, step) if len(steps) < MAX_STEPS else (steps[0], *steps[2 - MAX_STEPS :], step)


def _fitting(state: Conversation) -> Conversation:
    """Return a state that is small enough: without the oldest searches, then without what was asked first."""
    while (state.searches or state.summary) and len(state.to_json()) > MAX_STATE_BYTES:
        if state.searches:
            state = replace(state, searches=state.searches[1:])
        else:
            state = replace(state, summary=state.summary[1:])
    return state


def fold(conversation_id: str, effects: Iterable[Effect]) -> Conversation:
    """Return the state that a conversation's turns amount to."""
    state = Conversation(conversation_id)
    for effect in effects:
        state = apply(state, effect)
    return state


def edited(slots: Mapping[str, tuple[Held, ...]], edits: Sequence[Edit], turn: int) -> dict[str, tuple[Held, ...]]:
    """Return slots after a message's edits, in its order.

    A wanted value replaces its own exclusion, and the other way round; taking back leaves no trace of a value.
    """
    found = {name: list(held) for name, held in slots.items()}
    for edit in edits:
        held = found.setdefault(edit.slot, [])
        if edit.value is None:
            held.clear()
            continue
        held[:] = [h for h in held if h.value != edit.value]
        if edit.operation == "remove":
            continue
        wanted = edit.operation != "negate"
        if wanted and (edit.operation == "set" or edit.slot not in MANY | SEVERAL):
            held[:] = [h for h in held if not h.wanted]
        held.append(Held(edit.value, wanted, turn, edit.text[:MAX_WORDS]))
    newest = sorted((h.turn for held in found.values() for h in held), reverse=True)
    since = newest[MAX_HELD - 1] if len(newest) > MAX_HELD else 0
    kept = {name: tuple(h for h in held if h.turn >= since)[-MAX_HELD:] for name, held in found.items()}
    return {name: held for name, held in kept.items() if held}
