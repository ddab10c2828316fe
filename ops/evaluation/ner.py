"""Measures entity recognition on labelled texts: exact and overlapping entities, by label."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.runtime.json_rows import DataError, json_rows
from processors.resume.ner import RULES, Entity, Recogniser, rules_for

_MAX_TEXT = 200_000
_MAX_ENTITIES = 5_000


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the entities people marked in it."""

    text: str
    gold: list[Entity]


@dataclass(slots=True)
class _Counts:
    gold: int = 0
    predicted: int = 0
    exact: int = 0
    overlap: int = 0


@dataclass(slots=True)
class Scores:
    """Counts by label, and the figures they give."""

    counts: dict[str, _Counts] = field(default_factory=lambda: defaultdict(_Counts))

    def add(self, gold: Iterable[Entity], predicted: Iterable[Entity]) -> None:
        """Compare the entities of one text; what is marked twice counts once."""
        sides: tuple[dict[str, set[tuple[int, int]]], ...] = (defaultdict(set), defaultdict(set))
        for side, found in zip(sides, (gold, predicted), strict=True):
            for e in found:
                side[e.label].add((e.start, e.end))
        for label in sides[0].keys() | sides[1].keys():
            want, got = sides[0][label], sides[1][label]
            count = self.counts[label]
            count.gold += len(want)
            count.predicted += len(got)
            count.exact += len(want & got)
            count.overlap += overlapping(want, got)

    def report(self) -> dict[str, Any]:
        """Return micro `f1` and `overlap_f1`, and the figures of every label."""
        total = _Counts()
        for c in self.counts.values():
            total.gold += c.gold
            total.predicted += c.predicted
            total.exact += c.exact
            total.overlap += c.overlap
        micro = _figures(total)
        return {
            "f1": micro["f1"],
            "overlap_f1": micro["overlap_f1"],
            "micro": micro,
            "labels": {label: _figures(c) for label, c in sorted(self.counts.items())},
        }


def overlapping(gold: set[tuple[int, int]], predicted: set[tuple[int, int]]) -> int:
    """Return how many pairs of spans share a character, each span in one pair at most.

    Greedy in reading order: the span of either side that ends first is paired with the first of the other side it
    touches. Where no two spans of one side overlap, no pairing has more pairs.
    """
    want, got = sorted(gold), sorted(predicted)
    i = j = pairs = 0
    while i < len(want) and j < len(got):
        if want[i][0] < got[j][1] and got[j][0] < want[i][1]:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif want[i][1] <= got[j][0]:
            i += 1
        else:
            j += 1
    return pairs


def _figures(c: _Counts) -> dict[str, float | int]:
    def f1(right: int) -> float:
        return 2 * right / (c.gold + c.predicted) if c.gold + c.predicted else 0.0

    def share(right: int, of: int) -> float:
        return right / of if of else 0.0

    return {
        "precision": round(share(c.exact, c.predicted), 4),
        "recall": round(share(c.exact, c.gold), 4),
        "f1": round(f1(c.exact), 4),
        "overlap_precision": round(share(c.overlap, c.predicted), 4),
        "overlap_recall": round(share(c.overlap, c.gold), 4),
        "overlap_f1": round(f1(c.overlap), 4),
        "support": c.gold,
        "predicted": c.predicted,
    }


def load(path: Path) -> tuple[list[Example], int]:
    """Read `text` and `entities[{start, end, label}]`, one JSON object a line. Raises `DataError`.

    Returns the texts, and how many were left out because the place of an entity in them is null: neither finding
    such an entity nor missing it could be judged, nor learned from.
    """
    examples = []
    left_out = 0
    for where, row in json_rows(path):
        try:
            text = row["text"]
            if any(e["start"] is None or e["end"] is None for e in row["entities"]):
                left_out += 1
                continue
            gold = [Entity(int(e["start"]), int(e["end"]), str(e["label"])) for e in row["entities"]]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{where}: not a text with entities ({error!r})") from error
        if not isinstance(text, str) or len(text) > _MAX_TEXT or len(gold) > _MAX_ENTITIES:
            raise DataError(f"{where}: the text is no string, or too long, or has too many entities")
        if any(not 0 <= e.start < e.end <= len(text) for e in gold):
            raise DataError(f"{where}: an entity lies outside the text")
        examples.append(Example(text, gold))
    if not examples:
        raise DataError(f"{path}: no texts")
    return examples, left_out


def language_of(examples: list[Example]) -> str | None:
    """Return the language whose rules know the labels of a file, if any do."""
    return rules_for(Counter(e.label for x in examples for e in x.gold))


def score(
    examples: list[Example], recogniser: Recogniser, progress: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Return the scores of a recogniser; labels that the file never uses are not held against it."""
    labels = {e.label for x in examples for e in x.gold}
    scores = Scores()
    for example in examples:
        scores.add(example.gold, (e for e in recogniser.recognise(example.text) if e.label in labels))
        progress()
    return {"texts": len(examples), **scores.report()}


def rules_of(examples: list[Example]) -> Recogniser:
    """Return the rules for the labels of a file; raises `DataError` when no rules know any of them."""
    language = language_of(examples)
    if language is None:
        raise DataError("no rules know the labels of this file; name a trained tagger with --tagger")
    return RULES[language]
