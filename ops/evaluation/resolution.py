"""Measures entity resolution on generated records of known truth, and fits its weights on seeds set apart for that."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from ops.evaluation.resolution_companies import companies
from ops.evaluation.resolution_forms import forms
from ops.evaluation.resolution_registers import registers
from ops.evaluation.resolution_talents import talents
from ops.evaluation.seeds import RESOLUTION_TEST, RESOLUTION_TUNE
from processors.resolution import compare
from processors.resolution.blocking import keys
from processors.resolution.clusters import clusters
from processors.resolution.compare import THRESHOLD, Weights
from processors.resolution.facts import Facts, facts
from processors.resolution.features import levels
from schemas.entities import Resolvable

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
SIZES: dict[Resolvable, int] = {"talent": 3000, "company": 1500}
Row = tuple[str, str, dict[str, Any]]
"""A record's id, the entity it is of, and its fields."""
_GENERATORS: dict[Resolvable, Callable[[int, int], list[Row]]] = {
    "talent": talents,
    "company": companies,
}
_FORMS: Mapping[Resolvable, Callable[[int, int], list[Row]]] = {"talent": forms, "company": registers}
_SLIPS: Mapping[Resolvable, frozenset[tuple[str, str]]] = {
    "talent": frozenset(
        [("name", level) for level in ("one_token", "other_token", "other_surname", "part_misspelt", "both_misspelt")]
        + [("email", "near")]
        + [
            ("birth", level)
            for level in ("same", "same_month", "same_year", "slip", "part", "other_day", "different", "generation")
        ]
        + [("birth_and_name", level) for level in ("part", "other", "twin")]
        + [("home", level) for level in ("same", "near", "street", "postal_code", "different")]
    ),
    "company": frozenset(("name", level) for level in ("misspelt", "reordered", "short_form", "other_number")),
}
"""Levels that forms and registers tell of, and records with a career or an industry hardly or never."""
_FIRST_SEEN = datetime(2026, 1, 1, tzinfo=UTC)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Data:
    """Records with their true entity, and the pairs that share a key."""

    records: dict[str, Facts]
    truth: dict[str, str]
    candidates: list[Pair]
    largest_block: int
    keys_per_record: float
    seconds: float

    @property
    def matches(self) -> set[Pair]:
        """Every pair of records of one entity."""
        return _pairs(_grouped(self.truth).values())


@dataclass(frozen=True)
class Quality:
    """Precision, recall and F1 of pairs and of clusters (B-cubed) at a threshold."""

    threshold: float
    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    false_merges: int
    misses: int


@dataclass(frozen=True)
class Report:
    """What was measured of one kind of entity. `calibration_error` is the expected one, over ten bins.

    `seed` is None for records that were not generated.
    """

    entity: Resolvable
    seed: int | None
    records: int
    entities: int
    at_threshold: Quality
    curve: list[Quality]
    blocking_recall: float
    comparisons_per_record: float
    keys_per_record: float
    largest_block: int
    calibration_error: float
    records_per_second: float


def generate(entity: Resolvable, seed: int, size: int) -> Data:
    """Generate records, read them and block them."""
    return blocked(entity, _GENERATORS[entity](seed, size))


def blocked(entity: Resolvable, rows: Sequence[Row]) -> Data:
    """Read records and block them."""
    started = time.perf_counter()
    records = {i: facts(entity, fields) for i, _, fields in rows}
    blocks: dict[str, list[str]] = defaultdict(list)
    count = 0
    for i, record in records.items():
        for key in keys(record):
            blocks[key].append(i)
            count += 1
    candidates = _pairs(blocks.values())
    seconds = time.perf_counter() - started
    return Data(
        records,
        {i: t for i, t, _ in rows},
        sorted(candidates),
        max(map(len, blocks.values()), default=0),
        count / len(rows),
        seconds,
    )


def evaluate(entity: Resolvable, seed: int = RESOLUTION_TEST, size: int | None = None) -> Report:
    """Resolve generated records and measure the result at every threshold."""
    return report(entity, generate(entity, seed, size or SIZES[entity]), seed)


def report(entity: Resolvable, data: Data, seed: int | None = None) -> Report:
    """Resolve records and measure the result at every threshold."""
    started = time.perf_counter()
    compared = [(a, b, compare.compare(data.records[a], data.records[b])) for a, b in data.candidates]
    seen = dict.fromkeys(data.records, _FIRST_SEEN)

    def resolved(threshold: float) -> dict[str, frozenset[str]]:
        return clusters(seen, [c.link(a, b, threshold) for a, b, c in compared])

    chosen = resolved(THRESHOLD)
    seconds = data.seconds + time.perf_counter() - started
    matches = data.matches
    return Report(
        entity=entity,
        seed=seed,
        records=len(data.records),
        entities=len(set(data.truth.values())),
        at_threshold=quality(THRESHOLD, chosen.values(), data.truth),
        curve=[quality(t, resolved(t).values(), data.truth) for t in THRESHOLDS],
        blocking_recall=len(matches & set(data.candidates)) / len(matches) if matches else 1.0,
        comparisons_per_record=len(data.candidates) / len(data.records),
        keys_per_record=data.keys_per_record,
        largest_block=data.largest_block,
        calibration_error=_calibration_error([(c.probability, data.truth[a] == data.truth[b]) for a, b, c in compared]),
        records_per_second=len(data.records) / seconds,
    )


def quality(threshold: float, found: Iterable[Iterable[str]], truth: Mapping[str, str]) -> Quality:
    """Compare found clusters with the truth."""
    groups = [list(group) for group in found]
    wanted, had = _pairs(_grouped(truth).values()), _pairs(groups)
    right = len(wanted & had)
    precision = right / len(had) if had else 1.0
    recall = right / len(wanted) if wanted else 1.0
    sizes = Counter(truth.values())
    b3_precision = b3_recall = 0.0
    for group in groups:
        for entity, n in Counter(truth[r] for r in group).items():
            b3_precision += n * n / len(group)
            b3_recall += n * n / sizes[entity]
    b3 = (b3_precision / len(truth), b3_recall / len(truth))
    return Quality(
        threshold, precision, recall, f1(precision, recall), *b3, f1(*b3), len(had - wanted), len(wanted - had)
    )


def fit(entity: Resolvable, seeds: Sequence[int] = RESOLUTION_TUNE, ridge: float = 1.0) -> Weights:
    """Fit bits by feature and level: logistic regression of being one entity on the levels of pairs that share a key.

    Estimating each level's m and u alone would count evidence twice where features depend on each other, as they do
    after blocking. The ridge pulls rare levels towards nothing. Full records come first. Then, with these weights as
    they are, forms and registers say what slips, dates of birth and addresses are worth.
    """
    full = Counter[_Compared]()
    for (found, same), n in _compared(entity, _GENERATORS[entity], seeds).items():
        full[tuple(pair for pair in found if pair not in _SLIPS[entity]), same] += n
    return _regression(_compared(entity, _FORMS[entity], seeds), ridge, _regression(full, ridge))


_Compared = tuple[tuple[tuple[str, str], ...], bool]
"""The levels of a pair, and whether it is one entity."""


def _compared(entity: Resolvable, world: Callable[[int, int], list[Row]], seeds: Iterable[int]) -> Counter[_Compared]:
    rows: Counter[_Compared] = Counter()
    for seed in seeds:
        data = blocked(entity, world(seed, SIZES[entity]))
        for a, b in data.candidates:
            found = tuple(sorted(levels(data.records[a], data.records[b]).items()))
            rows[found, data.truth[a] == data.truth[b]] += 1
    return rows


def _regression(rows: Counter[_Compared], ridge: float, known: Weights | None = None) -> Weights:
    """Fit the levels of which nothing is `known`; what is known stays, the prior included."""
    weights: Weights = {feature: dict(by_level) for feature, by_level in (known or {"prior": {"": 0.0}}).items()}
    names = sorted({(f, level) for found, _ in rows for f, level in found if level not in weights.get(f, {})})
    column = {pair: n + 1 for n, pair in enumerate(names)}
    x = np.zeros((len(rows), len(names) + 1))
    x[:, 0] = known is None
    base = np.zeros(len(rows))
    for n, (found, _) in enumerate(rows):
        x[n, [column[pair] for pair in found if pair in column]] = 1
        base[n] = weights["prior"][""] + sum(weights[f][level] for f, level in found if (f, level) not in column)
    base *= log(2)
    y = np.array([same for _, same in rows], dtype=float)
    n_of = np.array(list(rows.values()), dtype=float)
    penalty = np.full(len(names) + 1, ridge)
    penalty[0] = 1e-3
    beta = np.zeros(len(names) + 1)
    for _ in range(100):  # Newton's method, in steps that do not overshoot
        p = 1 / (1 + np.exp(-x @ beta - base))
        gradient = x.T @ (n_of * (y - p)) - penalty * beta
        hessian = (x * (n_of * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 3.0 / max(np.abs(step).max(), 1e-9))
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    if known is None:
        weights["prior"][""] = round(float(beta[0]) / log(2), 2)
    for (feature, level), n in column.items():
        weights.setdefault(feature, {})[level] = round(float(beta[n]) / log(2), 2)
    return weights


_BY_HAND = {
    ("birth_and_name", "twin"): -8.0,
    ("name", "other_surname"): 0.0,
    ("birth", "slip"): 1.7,
    ("birth", "part"): 1.5,
    ("birth", "other_day"): 0.5,
}
"""Bits that are set, not fitted, for merging people is worse than missing one.

What a household has in common agrees for twins as for one person, so more of it must not add up. A given name that two
people share speaks for nothing, and dates of birth that are nearly one merge no namesakes by themselves: a world of
thousands with many names has too few strangers to show either.
"""


def write_weights() -> None:
    """Fit the weights of both kinds and store them where `compare` reads them."""
    path = Path(compare.__file__).with_name("weights.json")
    found = {entity: fit(entity) for entity in _GENERATORS}
    for (feature, level), bits in _BY_HAND.items():
        found["talent"][feature][level] = bits
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _grouped(truth: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for record, entity in truth.items():
        groups[entity].append(record)
    return groups


def _pairs(groups: Iterable[Iterable[str]]) -> set[Pair]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _calibration_error(predicted: list[tuple[float, bool]]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for p, same in predicted:
        bins[min(int(p * 10), 9)].append((p, same))
    gaps = (abs(sum(p for p, _ in b) - sum(same for _, same in b)) for b in bins.values())
    return sum(gaps) / max(len(predicted), 1)


if __name__ == "__main__":
    write_weights()
