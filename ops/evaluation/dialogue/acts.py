"""Dialogue acts and states on other people's labels: learnt from some dialogues, judged on others.

An act is intent, domain, slot and value. Where its value stands in the text a tagger finds it; other acts are labels
of the whole turn. What the other side has said is known, as a bot knows its own words.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from ops.evaluation.dialogue.own import share, spans
from ops.evaluation.dialogue.rows import ActTurn
from ops.training.spans import Labels, Span, SpanTagger, Turn, bag

Act = tuple[str, str, str, str]
_FIXED = frozenset(("", "none", "是", "否", "yes", "no", "dontcare"))
_KNOWN = 60
_SURE = 0.4


class ActReader:
    """Reads the acts of a user's turns."""

    def __init__(self, dialogues: Sequence[Sequence[ActTurn]]) -> None:
        """Train on whole dialogues."""
        turns, rows, labels = [], [], []
        acts = [act for dialogue in dialogues for turn in dialogue for act in turn.acts]
        self._parts = frozenset(part for act in acts for part in act[2].split("-") if len(part) > 1)
        self._values = frozenset(act[3] for act in acts if act[3] not in _FIXED and len(act[3]) > 1)
        for dialogue in dialogues:
            for n, turn in enumerate(dialogue):
                if turn.role != "user":
                    continue
                seen = _seen(dialogue, n)
                found = [(act, turn.text.find(act[3])) for act in turn.acts if act[3] not in _FIXED]
                pieces = [Span(at, at + len(act[3]), json.dumps(act[:3])) for act, at in found if at >= 0]
                turns.append(Turn(turn.text, seen.hints, seen.known, _apart(pieces)))
                rows.append(self._bag(turn.text, seen))
                inside = {act for act, at in found if at >= 0}
                labels.append([json.dumps(act) for act in turn.acts if act not in inside])
        self._tagger = SpanTagger(turns)
        often = Counter(name for each in labels for name in each)
        self._labels = Labels(rows, [[name for name in each if often[name] > 1] for each in labels])

    def read(self, dialogue: Sequence[ActTurn], n: int) -> list[Act]:
        """Return the acts of the n-th turn."""
        seen, text = _seen(dialogue, n), dialogue[n].text
        pieces = self._tagger.spans(Turn(text, seen.hints, seen.known))
        found: list[Act] = [(*json.loads(p.label), self._whole(text, p, seen)) for p in pieces]
        chances = self._labels.chances([self._bag(text, seen)])[0]
        found += [tuple(json.loads(name)) for name, c in zip(self._labels.names, chances, strict=True) if c > _SURE]
        return list(dict.fromkeys(found))

    def _whole(self, text: str, piece: Span, seen: Turn) -> str:
        """Return a value as it is known, if a known one stands around the piece."""
        said = text[piece.start : piece.end]
        known = {value for _, value in seen.known} | self._values
        around = [
            v for v in known if said in v and 0 <= (at := text.find(v)) <= piece.start and piece.end <= at + len(v)
        ]
        whole = max(around, key=len, default=said)
        close = re.sub(r" *([-~]) *", r"\1", whole)
        return close if close in known and whole not in known else whole

    def _bag(self, text: str, seen: Turn) -> list[str]:
        words = [f"h={hint}" for hint in seen.hints]
        words += [f"k={kind}" for kind, value in seen.known if value in text]
        words += [f"n={part}" for part in self._parts if part in text]
        mine = list(bag(text))
        return [*mine, *words, *(f"{hint} {word}" for hint in seen.hints for word in mine if word[0] == "1")]


def _seen(dialogue: Sequence[ActTurn], n: int) -> Turn:
    """Return the values that the other side has named, the newest first, and the acts of its last turn."""
    others = [turn for turn in reversed(dialogue[:n]) if turn.role != "user"]
    known = [(json.dumps(act[1:3]), act[3]) for turn in others[:4] for act in turn.acts if act[3] not in _FIXED]
    users = [turn for turn in reversed(dialogue[:n]) if turn.role == "user"]
    last = others[:1] or users[:0]
    hints = dict.fromkeys(f"{act[0]}-{act[1]}" for turn in last for act in turn.acts)
    before = dict.fromkeys(f"<{act[1]}" for act in (users[0].acts if users else ()))
    return Turn(last[0].text if last else "", (*hints, *before), tuple(dict.fromkeys(known))[:_KNOWN])


def _apart(pieces: Sequence[Span]) -> tuple[Span, ...]:
    """Return the longest of spans that overlap."""
    found: list[Span] = []
    for piece in sorted(pieces, key=lambda p: p.start - p.end):
        if all(piece.end <= other.start or other.end <= piece.start for other in found):
            found.append(piece)
    return tuple(found)


class Counts:
    """What was right, over several runs."""

    def __init__(self) -> None:
        """Count nothing yet."""
        self.right = self.told = self.are = 0
        self.slots = [0, 0, 0]
        self.intents: list[bool] = []
        self.turns: list[bool] = []
        self.states: list[bool] = []
        self.ms: list[float] = []

    def add(self, learnt: Sequence[Sequence[ActTurn]], judged: Sequence[Sequence[ActTurn]]) -> None:
        """Train on some dialogues and count what is right of others."""
        reader = ActReader(learnt)
        for dialogue in judged:
            state: dict[tuple[str, str], str] = {}
            for n, turn in enumerate(dialogue):
                if turn.role == "user":
                    began = perf_counter()
                    told = reader.read(dialogue, n)
                    self.ms.append((perf_counter() - began) * 1000)
                    self._count(set(turn.acts), set(told))
                    _fold(state, told)
                elif turn.state is not None:
                    self.states.append(_flat(turn.state) == {(d, s, v) for (d, s), v in state.items()})

    def _count(self, gold: set[Act], told: set[Act]) -> None:
        self.right, self.told, self.are = (
            self.right + len(gold & told),
            self.told + len(told),
            self.are + len(gold),
        )
        filled, said = ({a for a in acts if a[3] not in ("", "none")} for acts in (gold, told))
        self.slots = [a + b for a, b in zip(self.slots, (len(filled & said), len(said), len(filled)), strict=True)]
        self.intents.append({a[0] for a in gold} == {a[0] for a in told})
        self.turns.append(gold == told)

    def report(self) -> dict[str, Any]:
        """Return the shares. `turn_goal_accuracy` is of turns with all acts right."""
        return {
            "intent_accuracy": share(self.intents),
            "slot_f1": round(2 * self.slots[0] / ((self.slots[1] + self.slots[2]) or 1), 4),
            "act_f1": round(2 * self.right / ((self.told + self.are) or 1), 4),
            "joint_goal_accuracy": share(self.states),
            "turn_goal_accuracy": share(self.turns),
            "ms": spans(self.ms),
        }


def _fold(state: dict[tuple[str, str], str], acts: Sequence[Act]) -> None:
    """Take a turn's constraints into the state: named values, and which domain's find another one is near."""
    for intent, domain, slot, value in acts:
        if intent != "Inform" or slot == "名称" or value in ("", "none"):
            continue
        name, _, part = slot.partition("-")
        if part:
            if value == "是":
                held = dict.fromkeys([*state.get((domain, name), "").split(), part])
                state[domain, name] = " ".join(held)
        else:
            state[domain, slot] = value


def _flat(state: Any) -> set[tuple[str, str, str]]:
    return {
        (str(domain), str(slot), str(value))
        for domain, slots in state.items()
        for slot, value in (slots.items() if isinstance(slots, dict) else ())
        if value
    }
