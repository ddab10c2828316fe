"""How well intents are told: by a classifier that learnt from some texts and is judged on others, or by the chat's own.

A row is `text` with `intent` or `domain`, and may say its `split`: train, develop or test.
"""

import json
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ops.evaluation.search import interval
from ops.runtime.json_rows import DataError, json_rows
from processors.chat.classifier import Matrix
from processors.chat.intents import IntentReader
from processors.embedding.model import EmbeddingModel

if TYPE_CHECKING:
    from ops.training.intents import Fitted

LabelKind = Literal["intent", "domain"]
OOS = "oos"
_TIMED = 200
_HELD_OUT = 10
"""Without texts to develop on, every tenth one to learn from is kept aside, to set the floor."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text; out of scope, its label is `OOS`."""

    id: str
    text: str
    label: str
    split: str
    slots: Mapping[str, Any] | None = None
    entities: tuple[tuple[int, int, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was told of one example: `known` is how sure it is that some label fits, of any scale."""

    label: str
    known: float


Progress = Callable[[str], None]


def load(path: Path, kind: LabelKind | None, oos: str, labels: Mapping[str, str]) -> tuple[list[Example], int]:
    """Return a file's examples, and how many rows have no text or no label. Raises DataError for an unknown label.

    `labels` maps the file's to others, if it is not empty; then each must be in it. Without `kind` it is what the rows
    have, `intent` before `domain`.
    """
    found, left_out = [], 0
    for number, (where, row) in enumerate(json_rows(path)):
        given = row.get(kind) if kind else row.get("intent", row.get("domain"))
        if given is None and kind == "domain" and row.get("intent") == oos:
            given = oos
        text = row.get("text")
        if not isinstance(text, str) or not text.strip() or not isinstance(given, str):
            left_out += 1
            continue
        if labels and given not in labels and given != oos:
            raise DataError(f"{where}: the label {given} is not in the map")
        label = OOS if oos in (given, labels.get(given)) else labels.get(given, given)
        slots = row.get("slots")
        found.append(
            Example(
                str(row.get("id", number)),
                text,
                label,
                str(row.get("split", "")),
                slots if isinstance(slots, dict) else None,
                _entities(row.get("entities"), len(text)),
            )
        )
    if not found:
        raise DataError(f"{path.name} has no labelled texts")
    return found, left_out


def _entities(given: Any, length: int) -> tuple[tuple[int, int, str], ...] | None:
    """Return spans as (start, end, label), without those that stand outside of the text."""
    if not isinstance(given, list):
        return None
    each = [e for e in given if isinstance(e, dict)]
    spans = [(e.get("start"), e.get("end"), e.get("label")) for e in each]
    return tuple(
        (start, end, str(label))
        for start, end, label in spans
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length
    )


def slot_f1(examples: Sequence[Example], learnt: Sequence[Example]) -> float | None:
    """Return the F1 of slots: of spans that are learnt from labelled ones, or of what the chat's own reader says.

    None where the rows say nothing of either.
    """
    if learnt and any(e.entities for e in learnt) and any(e.entities is not None for e in examples):
        from ops.training.spans import Span, SpanTagger, Turn

        turns = [
            Turn(e.text, spans=tuple(Span(*span) for span in e.entities)) for e in learnt if e.entities is not None
        ]
        tagger = SpanTagger(turns)
        pairs = [
            (set(e.entities), {tuple(span) for span in tagger.spans(Turn(e.text))})
            for e in examples
            if e.entities is not None
        ]
        return _f1(pairs)
    if learnt or not any(e.slots for e in examples):
        return None
    from ops.evaluation.dialogue.values import state_items, state_of
    from processors.chat.conversation import Conversation, edited
    from processors.chat.slots import read_edits
    from processors.lexicon.script import detect_language

    found = []
    for e in (e for e in examples if e.slots is not None):
        try:
            gold = state_of(e.slots or {})
        except KeyError as error:
            raise DataError(f"{e.id}: {error.args[0]} is no slot") from error
        edits = read_edits(e.text, detect_language(e.text))
        found.append((set(gold), set(state_items(Conversation("row", slots=edited({}, edits, 1))))))
    return _f1(found)


def _f1(pairs: Sequence[tuple[set[Any], set[Any]]]) -> float:
    right = sum(len(gold & told) for gold, told in pairs)
    return round(2 * right / (sum(len(gold) + len(told) for gold, told in pairs) or 1), 4)


def read_map(path: Path) -> dict[str, str]:
    """Return a map of labels. Raises DataError."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name}: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise DataError(f"{path.name}: a map is one JSON object of texts")
    return found


class Trainer:
    """Trains on examples, with each text embedded once."""

    def __init__(self, encoder: EmbeddingModel) -> None:
        self._encoder = encoder
        self._kept: dict[str, Matrix] = {}
        self.fit_seconds = 0.0
        self.floor = -np.inf
        self.timed: Callable[[str], object] = lambda text: None

    def vectors(self, examples: Sequence[Example]) -> Matrix:
        """Return a row for each example."""
        new = list(dict.fromkeys(e.text for e in examples if e.text not in self._kept))
        self._kept.update(zip(new, self._encoder.embed(new), strict=True))
        return np.stack([self._kept[e.text] for e in examples])

    def judge(self, learnt: Sequence[Example], develop: Sequence[Example], test: Sequence[Example]) -> list[Verdict]:
        """Train on `learnt`, set the floor by `develop`, and return the verdict on each of `test`."""
        rejects = any(e.label == OOS for e in (*learnt, *develop, *test))
        fitted = self.fitted(learnt, develop, rejects=rejects)
        self.timed = lambda text: fitted.judge(self._encoder.embed([text]), [text])
        judged = fitted.judge(self.vectors(test), [e.text for e in test])
        return [Verdict(j.label if j.fits else OOS, j.energy) for j in judged]

    def fitted(self, learnt: Sequence[Example], develop: Sequence[Example], *, rejects: bool) -> "Fitted":
        """Return the layer trained on all; if it `rejects`, its floor is set by examples that it had not learnt."""
        from ops.training.intents import floor_of

        inside, aside = ([e for e in some if e.label != OOS] for some in (learnt, develop))
        every, self.floor = inside + aside, -np.inf
        self.vectors(every)
        began = time.perf_counter()
        if rejects:
            if not aside:
                aside, inside = inside[::_HELD_OUT], [e for n, e in enumerate(inside) if n % _HELD_OUT]
            judged = self._fit(inside).judge(self.vectors(aside), [e.text for e in aside])
            self.floor = floor_of([j.energy for j in judged])
        found = replace(self._fit(every), floor=self.floor)
        self.fit_seconds += time.perf_counter() - began
        return found

    def _fit(self, examples: Sequence[Example]) -> "Fitted":
        from ops.training.intents import fit

        return fit(self.vectors(examples), [e.text for e in examples], [e.label for e in examples])


def own_verdicts(reader: IntentReader, examples: Sequence[Example]) -> list[Verdict]:
    """Return what the chat's own reader says of each example."""
    guesses = reader.read([e.text for e in examples])
    return [Verdict(OOS if g.intent == "out_of_scope" else g.intent, g.confidence) for g in guesses]


def folded(trainer: Trainer, examples: Sequence[Example], folds: int, tell: Progress) -> list[Verdict]:
    """Return the verdict on each example by a classifier that learnt from the other folds, which the ids decide."""
    fold_of = [zlib.crc32(e.id.encode()) % folds for e in examples]
    found: dict[int, Verdict] = {}
    for fold in range(folds):
        tell(f"fold {fold + 1} of {folds}")
        test = [n for n, f in enumerate(fold_of) if f == fold]
        learnt = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
        found |= dict(zip(test, trainer.judge(learnt, [], [examples[n] for n in test]), strict=True))
    return [found[n] for n in range(len(examples))]


def few(examples: Sequence[Example], shots: int, seed: int) -> list[Example]:
    """Return at most `shots` examples of each label, drawn by the seed; all that are out of scope."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.label].append(example)
    rng = np.random.default_rng(seed)
    drawn = []
    for label, group in sorted(groups.items()):
        order = rng.permutation(len(group))[: len(group) if label == OOS else shots]
        drawn += [group[n] for n in order]
    return drawn


def figures(examples: Sequence[Example], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return accuracy, macro F1 over the labels there are, and how well what is out of scope is told."""
    right = [v.label == e.label for e, v in zip(examples, verdicts, strict=True)]
    inside = [n for n, e in enumerate(examples) if e.label != OOS]
    outside = [n for n, e in enumerate(examples) if e.label == OOS]
    told_oos = sum(v.label == OOS for v in verdicts)
    caught = sum(right[n] for n in outside)
    return {
        "rows": len(examples),
        "labels": len({e.label for e in examples} - {OOS}),
        "accuracy": _share(sum(right), len(right)),
        "macro_f1": _macro_f1([e.label for e in examples], [v.label for v in verdicts]),
        "in_scope_accuracy": _share(sum(right[n] for n in inside), len(inside)),
        "oos_recall": _share(caught, len(outside)) if outside else None,
        "oos_precision": _share(caught, told_oos) if outside and told_oos else None,
        "oos_auroc": auroc([verdicts[n].known for n in inside], [verdicts[n].known for n in outside]),
        "interval": interval([float(r) for r in right]),
    }


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return how often a text in scope is more surely known than one out of scope; None without both."""
    if not inside or not outside:
        return None
    ranks = np.argsort(np.argsort(np.concatenate([inside, outside]), kind="stable"), kind="stable")[: len(inside)] + 1
    lower = ranks.sum() - len(inside) * (len(inside) + 1) / 2
    return round(float(lower / (len(inside) * len(outside))), 4)


def milliseconds(judge: Callable[[str], object], texts: Sequence[str]) -> dict[str, float]:
    """Return how long one text takes, alone."""
    spans = []
    for text in texts[:_TIMED]:
        began = time.perf_counter()
        judge(text)
        spans.append((time.perf_counter() - began) * 1000)
    return {name: round(float(np.percentile(spans, q)), 2) for name, q in (("p50", 50), ("p99", 99))}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _macro_f1(gold: Sequence[str], told: Sequence[str]) -> float:
    right = Counter(g for g, t in zip(gold, told, strict=True) if g == t)
    are, said = Counter(gold), Counter(told)
    return round(float(np.mean([2 * right[label] / (are[label] + said[label]) for label in are])), 4)
