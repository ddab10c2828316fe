"""How well messages are made whole by what was said before, against people's rewriting of them."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from ops.evaluation.rewriting import rewritten
from ops.runtime.json_rows import DataError, json_rows
from processors.lexicon.script import fold

_N = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A message with its context and how people say it whole; `slots` are values that must be in it."""

    context: tuple[str, ...]
    message: str
    gold: tuple[str, ...]
    slots: tuple[str, ...]
    is_whole: bool


def load(path: Path) -> tuple[list[Row], int]:
    """Return the rows of either format, and how many cannot be used. Raises DataError for a file without any."""
    found, left_out = [], 0
    for _, row in json_rows(path):
        read = _row(row)
        if read is None:
            left_out += 1
        else:
            found.append(read)
    if not found:
        raise DataError(f"{path.name} has no rows to rewrite")
    return found, left_out


def _row(row: dict[str, Any]) -> Row | None:
    gold = row.get("rewrite")
    if not isinstance(gold, str) or not gold.strip():
        return None
    if isinstance(row.get("utterance"), str):
        context = row.get("context")
        if (
            not row["utterance"].strip()
            or not isinstance(context, list)
            or not all(isinstance(c, str) for c in context)
        ):
            return None
        return Row(tuple(context), row["utterance"], (gold,), (), _plain(gold) == _plain(row["utterance"]))
    turns, place = row.get("turns"), row.get("rewritten_turn")
    if not isinstance(turns, list) or not isinstance(place, int) or not 0 <= place < len(turns):
        return None
    texts = [turn.get("text") if isinstance(turn, dict) else None for turn in turns]
    if not all(isinstance(text, str) for text in texts):
        return None
    said = [str(text) for text in texts]
    # What is asked back belongs to the message: its answer is said after it.
    context = tuple(text for n, text in enumerate(said) if n != place)
    alternatives = [a for a in row.get("alternatives") or () if isinstance(a, str)]
    slots = [s for s in row.get("slots") or () if isinstance(s, str)]
    return Row(context, said[place], (gold, *alternatives), tuple(slots), _plain(gold) == _plain(said[place]))


def figures(rows: Sequence[Row], rewrite: Callable[[Sequence[str], str], str] = rewritten) -> dict[str, Any]:
    """Return exact matches, overlaps, and what was harmed: a message that was whole and is changed."""
    told, milliseconds = [], []
    for row in rows:
        began = perf_counter()
        told.append(rewrite(row.context, row.message))
        milliseconds.append((perf_counter() - began) * 1000)
    pairs = list(zip(rows, told, strict=True))
    whole = [(row, said) for row, said in pairs if row.is_whole]
    slots = [fold(slot) in fold(said) for row, said in pairs for slot in row.slots]
    return {
        "rows": len(rows),
        "exact_match": _mean([any(_plain(said) == _plain(gold) for gold in row.gold[:1]) for row, said in pairs]),
        "bleu4": bleu([_words(said) for said in told], [[_words(gold) for gold in row.gold] for row in rows]),
        "rouge_l": _mean([rouge_l(_words(said), _words(row.gold[0])) for row, said in pairs]),
        "restored_f1": _restored(pairs),
        "slot_recall": _mean(slots) if slots else None,
        "unchanged": _mean([_plain(said) == _plain(row.message) for row, said in pairs]),
        "harmed": _mean([_plain(said) != _plain(row.message) for row, said in whole]) if whole else None,
        "ms": {name: round(float(np.percentile(milliseconds, q)), 3) for name, q in (("p50", 50), ("p99", 99))},
    }


def bleu(told: Sequence[Sequence[str]], gold: Sequence[Sequence[Sequence[str]]]) -> float:
    """Return BLEU-4 of the corpus, with several references a text (Papineni et al., 2002)."""
    hits, totals = [0] * _N, [0] * _N
    length = nearest = 0
    for said, references in zip(told, gold, strict=True):
        length += len(said)
        nearest += min((abs(len(r) - len(said)), len(r)) for r in references)[1]
        for n in range(_N):
            counted = _grams(said, n + 1)
            most: Counter[tuple[str, ...]] = Counter()
            for reference in references:
                most |= _grams(reference, n + 1)
            hits[n] += sum((counted & most).values())
            totals[n] += sum(counted.values())
    if not all(hits):
        return 0.0
    precision = sum(math.log(h / t) for h, t in zip(hits, totals, strict=True)) / _N
    return round(min(1.0, math.exp(1 - nearest / length)) * math.exp(precision), 4)


def rouge_l(told: Sequence[str], gold: Sequence[str]) -> float:
    """Return the F1 of the longest common subsequence."""
    row = [0] * (len(gold) + 1)
    for word in told:
        before = 0
        for n, other in enumerate(gold, 1):
            before, row[n] = row[n], before + 1 if word == other else max(row[n], row[n - 1])
    return 2 * row[-1] / (len(told) + len(gold)) if told and gold else 0.0


def _restored(pairs: Sequence[tuple[Row, str]]) -> float | None:
    """Return the F1 of the words that the message has not and its rewriting has."""
    right = said_in_all = gold_in_all = 0
    for row, said in pairs:
        own = Counter(_words(row.message))
        added, wanted = Counter(_words(said)) - own, Counter(_words(row.gold[0])) - own
        right += sum((added & wanted).values())
        said_in_all += sum(added.values())
        gold_in_all += sum(wanted.values())
    return round(2 * right / (said_in_all + gold_in_all), 4) if said_in_all + gold_in_all else None


def _words(text: str) -> list[str]:
    """Return the characters of a Chinese text, the words of another."""
    folded = fold(text)
    if folded.isascii():
        return "".join(c if c.isalnum() or c in "'" else " " for c in folded).split()
    return [c for c in folded if not c.isspace()]


def _plain(text: str) -> str:
    return "".join(_words(text))


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
