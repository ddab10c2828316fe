"""Values of slots as they are compared: `2万`, `20k` and 20000 are one salary, `北京` and `Beijing` one place."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from processors.chat.conversation import Conversation, Held
from processors.chat.days import days
from processors.chat.roles import role_name
from processors.chat.slots import Edit, read_edits
from processors.lexicon.script import detect_language, fold, plain
from processors.skills import extract_skills

SLOTS = (
    "role", "skills", "place", "salary", "years", "education", "company", "date", "employment_type", "remote",
)  # fmt: skip
_ALIASES = {"places": "place", "location": "place", "city": "place", "skill": "skills", "experience": "years"}
_OURS = {"place": "places"}
BEGINS = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""When each dialogue begins: on a Monday, from which relative days are counted."""
Item = tuple[str, str, bool]
"""A slot, its value in one spelling, and whether it is wanted."""
State = frozenset[Item]


def slot_name(name: str) -> str:
    """Return a slot's name. Raises KeyError for one that there is not."""
    name = _ALIASES.get(name, name)
    if name not in SLOTS:
        raise KeyError(name)
    return name


def state_of(slots: Mapping[str, Any]) -> State:
    """Return a row's slots: a value or a list of them each, `!` before one that is excluded. Raises KeyError."""
    return frozenset(
        (name, _one_spelling(name, value.removeprefix("!") if isinstance(value, str) else value), not excluded)
        for given, values in slots.items()
        for name in (slot_name(given),)
        for value in _each(values)
        for excluded in (isinstance(value, str) and value.startswith("!"),)
    )


def state_items(state: Conversation) -> State:
    """Return what a conversation holds."""
    return frozenset(
        (name, _one_spelling(name, held.value), held.wanted)
        for slot, values in state.slots.items()
        for name in (slot_name(slot),)
        for held in values
    )


def before(state: State) -> dict[str, tuple[Held, ...]]:
    """Return the slots of a conversation that begins with a state."""
    found: dict[str, tuple[Held, ...]] = {}
    for name, text, wanted in sorted(state):
        if edit := _read(name, text):
            held = Held(edit.value, wanted, 0, text) if edit.value is not None else None
            found[edit.slot] = (*found.get(edit.slot, ()), *((held,) if held else ()))
    return found


def _each(values: Any) -> Iterable[Any]:
    if values is None or values == "":
        return ()
    return values if isinstance(values, list | tuple) else (values,)


def _one_spelling(name: str, value: Any) -> str:
    if name == "salary":
        return _salary(value)
    if name == "years":
        found = re.search(r"\d+(?:\.\d+)?", str(value))
        if found:
            return f"{float(found[0]):g}"
    if name == "date":
        return _day(str(value))
    if name == "remote" and isinstance(value, bool | str):
        return str(value is True or str(value).casefold() not in ("false", "no", "否")).lower()
    if name == "role":
        return role_name(str(value))
    text = str(value)
    if name == "skills":
        mentions = extract_skills(text, detect_language(text))
        text = mentions[0].skill_id if mentions else text
    elif edit := _read(name, text):
        text = str(edit.value)
    return re.sub(r"[\s_-]+", " ", plain(fold(text)))


def _day(value: str) -> str:
    """Return a day in ISO 8601; labels name it as the message does, or so."""
    found = next(days(plain(value), BEGINS.date()), None)
    return fold(found.value if found else value)


def _salary(value: Any) -> str:
    """Return the amounts alone: labels rarely say currency and period."""
    asked = value
    if not isinstance(value, Mapping):
        edit = _read("salary", f"{value:.0f}" if isinstance(value, int | float) else str(value))
        if edit is None or not isinstance(edit.value, Mapping):
            return fold(str(value))
        asked = edit.value
    amounts = {round(amount) for name in ("minimum", "maximum") if (amount := asked.get(name))}
    return "-".join(map(str, sorted(amounts)))


def _read(name: str, text: str) -> Edit | None:
    ours = _OURS.get(name, name)
    edits = read_edits(text, detect_language(text), bare=ours)
    return next((edit for edit in edits if edit.slot == ours), None)
