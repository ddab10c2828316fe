"""Pairwise comparison: the evidence for one entity in bits, added up to a calibrated probability."""

import json
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path
from typing import Literal

from processors.resolution.clusters import Link
from processors.resolution.facts import Facts, TalentFacts
from processors.resolution.features import levels
from schemas.entities import Resolvable

FALSE_MERGE_COST = 9
"""A false merge costs as much as so many misses: it mixes two people's data and is seen late; a miss is a duplicate."""

THRESHOLD = FALSE_MERGE_COST / (FALSE_MERGE_COST + 1)
"""Probability from which merging is cheaper than not merging, at that cost."""

REVIEW = 0.5
"""From this probability up to the threshold a person should look."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One feature at its level, and the bits it adds for (or takes from) the two records being one entity."""

    feature: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The evidence of a pair. `bits` is the logarithm of its odds to base 2, prior included."""

    bits: float
    evidence: tuple[Evidence, ...]

    @property
    def decision(self) -> Literal["same", "unsure", "different"]:
        """`unsure` pairs are for a person to look at."""
        if self.probability >= THRESHOLD:
            return "same"
        return "unsure" if self.probability >= REVIEW else "different"

    @property
    def probability(self) -> float:
        """The probability that the records are one entity."""
        return 1 / (1 + 2 ** -max(-60.0, min(60.0, self.bits)))

    def link(self, left: str, right: str, threshold: float = THRESHOLD) -> Link:
        """Return the decision on this pair for clustering: above the threshold for, below even odds against, else 0."""
        needed = log2(threshold / (1 - threshold))
        weight = self.bits - needed if self.bits >= needed else min(self.bits, 0.0)
        return Link(left, right, round(1000 * weight))


Weights = dict[str, dict[str, float]]
"""Bits by feature and level; `prior` has the one level `""`."""


@cache
def weights(entity: Resolvable) -> Weights:
    """Return the fitted weights (see docs/guides/resolution.md for how)."""
    path = Path(__file__).with_name("weights.json")
    found: dict[str, Weights] = json.loads(path.read_text(encoding="utf-8"))
    return found[entity]


def compare(left: Facts, right: Facts) -> Comparison:
    """Compare two records of one kind, in the form of Fellegi and Sunter (1969); symmetric in its arguments."""
    table = weights("talent" if isinstance(left, TalentFacts) else "company")
    evidence = tuple(
        Evidence(feature, level, table.get(feature, {}).get(level, 0.0))
        for feature, level in levels(left, right).items()
    )
    return Comparison(table["prior"][""] + sum(e.bits for e in evidence), evidence)
