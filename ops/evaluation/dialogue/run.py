"""Evaluates a file of dialogues, whatever its format."""

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ops.evaluation.dialogue import own
from ops.evaluation.dialogue.rows import Loaded, load
from ops.runtime.json_rows import DataError
from schemas.settings import Settings
from streams.chat_app import intent_reader

KEYS = (
    "format", "dialogues", "turns", "left_out", "intent_accuracy", "macro_f1", "oos_recall", "false_rejection",
    "slot_f1", "act_f1", "joint_goal_accuracy", "turn_goal_accuracy", "slot_accuracy", "service_accuracy",
    "expect_accuracy", "refuse_recall", "clarify_rate", "context_accuracy", "unfaithful", "leaks", "ms",
)  # fmt: skip
FOLDS = 5
_T = TypeVar("_T")


def evaluate(
    path: Path, train: Path | None, labels: Mapping[str, str], settings: Settings, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Return the figures of a file under all of `KEYS`: None where its format says nothing.

    Raises DataError, and ImportError without what training needs.
    """
    data = load(path, labels)
    learnt = load(train, labels) if train else None
    if learnt and learnt.format != data.format:
        raise DataError(f"{train.name if train else ''} and {path.name} are of two formats")
    match data.format:
        case "acts":
            found = _acts(data, learnt, tell)
            turns = sum(turn.role == "user" for _, each in data.acts for turn in each)
        case "forms":
            found = _forms(data, learnt, tell)
            turns = sum(len(form.turns) for form in data.forms)
        case _:
            heard = asyncio.run(_heard(data, settings))
            found, turns = own.figures(heard), len(heard)
    known = {"format": data.format, "dialogues": data.dialogues, "turns": turns, "left_out": data.left_out} | found
    return {key: known.get(key) for key in KEYS}


async def _heard(data: Loaded, settings: Settings) -> list[own.Heard]:
    return await own.hear(data.own, await intent_reader(settings))


def _acts(data: Loaded, learnt: Loaded | None, tell: Callable[[str], None]) -> dict[str, Any]:
    from ops.evaluation.dialogue.acts import Counts

    counts = Counts()
    for mine, others in _runs(data.acts, learnt.acts if learnt else None, lambda each: each[0], tell):
        counts.add([turns for _, turns in others], [turns for _, turns in mine])
    return counts.report()


def _forms(data: Loaded, learnt: Loaded | None, tell: Callable[[str], None]) -> dict[str, Any]:
    from ops.evaluation.dialogue.forms import Counts

    counts = Counts()
    for mine, others in _runs(data.forms, learnt.forms if learnt else None, lambda form: form.id, tell):
        counts.add(others, mine)
    return counts.report()


def _runs(
    judged: Sequence[_T], learnt: Sequence[_T] | None, id: Callable[[_T], str], tell: Callable[[str], None]
) -> list[tuple[Sequence[_T], Sequence[_T]]]:
    """Return what is judged with what is learnt for it: other folds, which the ids decide, unless it is given."""
    tell("training")
    if learnt is not None:
        return [(judged, learnt)]
    if len(judged) < 2:
        raise DataError("one dialogue alone: give --train")
    folds = min(FOLDS, len(judged))
    order = sorted(judged, key=lambda each: (zlib.crc32(id(each).encode()), id(each)))
    return [(order[n::folds], [each for m, each in enumerate(order) if m % folds != n]) for n in range(folds)]
