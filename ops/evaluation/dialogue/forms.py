"""Slots of services that a dialogue fills one question after another: learnt from some dialogues, judged on others."""

from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np

from ops.evaluation.dialogue.own import share, spans
from ops.evaluation.dialogue.rows import Form, FormTurn
from ops.training.spans import Labels, Span, SpanTagger, Turn, bag
from processors.lexicon.script import fold

_ROUTED = 2
"""Turns that the service is told from."""
_SURE = 0.5
_HALVES = 2


class FormReader:
    """Reads which slots an answer fills, and with what."""

    def __init__(self, forms: Sequence[Form]) -> None:
        """Train on whole dialogues: which slots are filled is told first, and is known to what finds the values.

        What is told of texts that were learnt is too sure, so each half of the dialogues is told by the other.
        """
        halves = [forms[n::_HALVES] for n in range(_HALVES)]
        told: list[Turn] = []
        for n, half in enumerate(halves):
            others = _fills([form for m, other in enumerate(halves) if m != n for form in other])
            for turn in (turn for form in half for turn in form.turns):
                told.append(Turn(turn.text, tuple(_told(others, turn)), (), tuple(_pieces(turn))))
        self._fills = _fills(forms)
        self._tagger = SpanTagger(told)
        self._services = Labels([_opening(form) for form in forms], [[form.service] for form in forms])

    def service(self, form: Form) -> str:
        """Return the service, from the first turns."""
        return self._services.names[int(np.argmax(self._services.chances([_opening(form)])[0]))]

    def read(self, turn: FormTurn) -> dict[str, str]:
        """Return the slots that an answer fills."""
        told = _told(self._fills, turn)
        found = {}
        for name in told:
            if piece := self._tagger.span_of(Turn(turn.text, tuple(told)), name):
                found[name] = turn.text[piece.start : piece.end]
        return found


def _fills(forms: Sequence[Form]) -> Labels:
    turns = [turn for form in forms for turn in form.turns]
    return Labels([_bag(turn) for turn in turns], [turn.slots for turn in turns])


def _told(fills: Labels, turn: FormTurn) -> list[str]:
    chances = fills.chances([_bag(turn)])[0]
    return [name for name, chance in zip(fills.names, chances, strict=True) if chance > _SURE]


def _bag(turn: FormTurn) -> list[str]:
    return [*bag(turn.asked, "a"), *bag(turn.text)]


def _opening(form: Form) -> list[str]:
    return [name for turn in form.turns[:_ROUTED] for name in _bag(turn)]


def _pieces(turn: FormTurn) -> list[Span]:
    found = []
    for name, value in turn.slots.items():
        at = turn.text.casefold().find(value.casefold())
        if at >= 0 and value:
            found.append(Span(at, at + len(value), name))
    return found


class Counts:
    """What was right, over several runs."""

    def __init__(self) -> None:
        """Count nothing yet."""
        self.services: list[bool] = []
        self.slots: list[bool] = []
        self.turns: list[bool] = []
        self.states: list[bool] = []
        self.sums: Counter[str] = Counter()
        self.ms: list[float] = []

    def report(self) -> dict[str, Any]:
        """Return the shares; `slot_accuracy` is of the slots that the labels fill."""
        told, given = self.sums["told"], self.sums["given"]
        return {
            "slot_f1": round(2 * self.sums["right"] / ((told + given) or 1), 4),
            "slot_accuracy": share(self.slots),
            "turn_goal_accuracy": share(self.turns),
            "joint_goal_accuracy": share(self.states),
            "service_accuracy": share(self.services),
            "ms": spans(self.ms),
        }

    def add(self, learnt: Sequence[Form], judged: Sequence[Form]) -> None:
        """Train on some dialogues and count what is right of others."""
        reader = FormReader(learnt)
        for form in judged:
            self.services.append(reader.service(form) == form.service)
            gold: dict[str, str] = {}
            state: dict[str, str] = {}
            for turn in form.turns:
                began = perf_counter()
                told = {name: _plain(value) for name, value in reader.read(turn).items()}
                self.ms.append((perf_counter() - began) * 1000)
                given = {name: _plain(value) for name, value in turn.slots.items()}
                gold |= given
                state |= told
                right = [told.get(name) == value for name, value in given.items()]
                self.slots += right
                self.sums.update(told=len(told), given=len(given), right=sum(right))
                self.turns.append(told == given)
                self.states.append(state == gold)


def _plain(value: str) -> str:
    """Return a value without case, articles and marks around it."""
    words = fold(value).strip(" .,;!?\"'").split()
    return " ".join(words[words[:1] in (["the"], ["a"], ["an"]) :])
