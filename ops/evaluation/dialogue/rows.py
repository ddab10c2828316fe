"""Reads dialogues; which of the four formats a file has is told by its rows' fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ops.evaluation.dialogue.values import SLOTS, State, state_of
from ops.runtime.json_rows import DataError, json_rows
from processors.chat.intents import INTENTS
from schemas.chat import Participant

Format = Literal["own", "acts", "forms", "expects"]
Expected = Literal["refuse", "clarify", "handover", "answer"]
Kind = Literal["candidate", "recruiter", "anonymous"]
_EXPECTED: tuple[Expected, ...] = get_args(Expected)
_OOS = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of an own dialogue. What the row does not say is None: nothing is judged by it.

    `slots` is the state after the turn, `intents` all that count as right.
    """

    role: Literal["user", "assistant"]
    text: str
    intents: tuple[str, ...] = ()
    slots: State | None = None
    standalone: str | None = None
    expect: Expected | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue with this project's labels; `initial` is the state before it."""

    id: str
    language: str
    participant: Participant
    turns: tuple[Said, ...]
    initial: State = frozenset()


@dataclass(frozen=True, slots=True)
class ActTurn:
    """A turn with dialogue acts (intent, domain, slot, value), and a system's turn with the state so far."""

    role: str
    text: str
    acts: tuple[tuple[str, str, str, str], ...]
    state: Mapping[str, Mapping[str, str]] | None


@dataclass(frozen=True, slots=True)
class FormTurn:
    """A user's turn: what was asked before it, and the slots that it fills."""

    asked: str
    text: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A dialogue that fills one service's slots."""

    id: str
    service: str
    turns: tuple[FormTurn, ...]


@dataclass(slots=True)
class Loaded:
    """A file: its dialogues are of one of the three kinds. `left_out` counts rows that are not as they must be."""

    format: Format
    left_out: int = 0
    own: list[Dialogue] = field(default_factory=list)
    acts: list[tuple[str, tuple[ActTurn, ...]]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    @property
    def dialogues(self) -> int:
        """How many there are."""
        return len(self.own) + len(self.acts) + len(self.forms)


class _BadRowError(ValueError):
    """A row that is left out."""


def load(path: Path, labels: Mapping[str, str]) -> Loaded:
    """Return a file's dialogues. `labels` maps names of intents and slots to this project's.

    Raises DataError for a file without a dialogue, for formats that are mixed, and for a label that is unknown.
    """
    found: Loaded | None = None
    unread = 0
    for number, (where, row) in enumerate(json_rows(path)):
        which = _format(row)
        if which is None:
            unread += 1
            continue
        if found is None:
            found = Loaded(which)
        elif found.format != which:
            raise DataError(f"{where}: another format than the rows before it")
        try:
            _add(found, row, str(row.get("id", number)), where, labels)
        except _BadRowError:
            unread += 1
    if found is None or not found.dialogues:
        raise DataError(f"{path.name} has no dialogues")
    found.left_out = unread
    return found


def _format(row: Mapping[str, Any]) -> Format | None:
    if isinstance(row.get("dialogue"), list):
        return "own"
    if not isinstance(row.get("turns"), list):
        return None
    if "goal" in row:
        return "acts"
    if "states" in row:
        return "forms"
    return "expects" if "role" in row or "initial" in row else None


def _add(found: Loaded, row: Mapping[str, Any], id: str, where: str, labels: Mapping[str, str]) -> None:
    match found.format:
        case "own":
            said = tuple(_said(turn, where, labels) for turn in row["dialogue"])
            if not any(turn.role == "user" for turn in said):
                raise _BadRowError
            found.own.append(Dialogue(id, str(row.get("language", "")), _participant(row.get("participant")), said))
        case "expects":
            turns = tuple(_expecting(turn, where, labels) for turn in row["turns"])
            if not turns:
                raise _BadRowError
            initial = row.get("initial")
            before = _slots(initial, where, labels) if isinstance(initial, Mapping) else frozenset()
            found.own.append(Dialogue(id, "", _participant(row.get("role")), turns, before))
        case "acts":
            found.acts.append((id, tuple(map(_acting, row["turns"]))))
        case "forms":
            found.forms.append(_form(row, id))


def _said(turn: Any, where: str, labels: Mapping[str, str]) -> Said:
    if not isinstance(turn, Mapping) or not _is_text(turn.get("text")):
        raise _BadRowError
    if turn.get("role") in ("assistant", "system", "bot"):
        return Said("assistant", turn["text"])
    also = turn.get("also") or ()
    names = [turn.get("intent"), *([also] if isinstance(also, str) else also)]
    slots, standalone, expect = turn.get("slots"), turn.get("standalone"), turn.get("expect")
    return Said(
        "user",
        turn["text"],
        tuple(_intent(name, where, labels) for name in names if name),
        _slots(slots, where, labels) if isinstance(slots, Mapping) else None,
        standalone if _is_text(standalone) else None,
        _expected(expect, where) if expect else None,
    )


def _expecting(turn: Any, where: str, labels: Mapping[str, str]) -> Said:
    """Return a turn of `{user, expect}`: `refuse`, an intent's name, or an object of `intent`, `slots` and `refuse`."""
    if not isinstance(turn, Mapping) or not _is_text(turn.get("user")):
        raise _BadRowError
    expect = turn.get("expect")
    if expect in _EXPECTED:
        return Said("user", turn["user"], expect=expect)
    if isinstance(expect, str):
        return Said("user", turn["user"], (_intent(expect, where, labels),))
    if not isinstance(expect, Mapping):
        return Said("user", turn["user"])
    told = next((name for name in _EXPECTED if expect.get(name) is True), None) or expect.get("expect")
    slots = expect.get("slots", expect.get("state"))
    rest = {k: v for k, v in expect.items() if k not in ("intent", "also", "slots", "state", "expect", *_EXPECTED)}
    if slots is None and rest:
        slots = rest
    return _said(
        {**{k: expect.get(k) for k in ("intent", "also")}, "text": turn["user"], "slots": slots, "expect": told},
        where,
        labels,
    )


def _intent(name: Any, where: str, labels: Mapping[str, str]) -> str:
    found = labels.get(name, name) if isinstance(name, str) else name
    if found == "oos":
        found = _OOS
    if found not in INTENTS:
        raise DataError(f"{where}: {name} is no intent; give --map")
    return cast("str", found)


def _slots(given: Mapping[str, Any], where: str, labels: Mapping[str, str]) -> State:
    try:
        return state_of({labels.get(name, name): value for name, value in given.items()})
    except KeyError as error:
        raise DataError(f"{where}: {error.args[0]} is no slot ({', '.join(SLOTS)}); give --map") from None


def _expected(name: Any, where: str) -> Expected:
    if name not in _EXPECTED:
        raise DataError(f"{where}: expect {name}; known: {', '.join(_EXPECTED)}")
    return cast("Expected", name)


def _participant(given: Any) -> Participant:
    kind, id = (given.get("kind"), given.get("id")) if isinstance(given, Mapping) else (given or "anonymous", None)
    if isinstance(kind, str):
        kind = {"hr": "recruiter", "employer": "recruiter", "talent": "candidate", "guest": "anonymous"}.get(kind, kind)
    if kind not in get_args(Kind):
        raise _BadRowError
    return Participant(kind=cast("Kind", kind), id=None if kind == "anonymous" else str(id or kind))


def _acting(turn: Any) -> ActTurn:
    if not isinstance(turn, Mapping) or not isinstance(turn.get("text"), str):
        raise _BadRowError
    acts = turn.get("acts") or []
    if not isinstance(acts, list) or not all(isinstance(act, list) and len(act) == 4 for act in acts):
        raise _BadRowError
    state = turn.get("state")
    return ActTurn(
        str(turn.get("role")),
        turn["text"],
        tuple(dict.fromkeys((str(i), str(d), str(s), str(v)) for i, d, s, v in acts)),
        state if isinstance(state, Mapping) else None,
    )


def _form(row: Mapping[str, Any], id: str) -> Form:
    service = row.get("service")
    names = service if isinstance(service, list) else [service]
    asked, turns, states = "", [], iter(row["states"])
    for turn in row["turns"]:
        if not isinstance(turn, Mapping) or not isinstance(turn.get("text"), str):
            raise _BadRowError
        if turn.get("role") != "user":
            asked = turn["text"]
            continue
        slots = next(states, None)
        if not isinstance(slots, Mapping):
            raise _BadRowError
        turns.append(FormTurn(asked, turn["text"], {str(k): str(v) for k, v in slots.items()}))
    if not turns or not names or not isinstance(names[0], str):
        raise _BadRowError
    return Form(id, names[0], tuple(turns))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
