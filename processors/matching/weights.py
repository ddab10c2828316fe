"""How much each feature counts: by default what each says itself, and files of a user's own."""

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from processors.matching.features import FEATURES
from processors.matching.features.feature import Feature
from schemas.errors import LoomaError
from schemas.exits import Exit


class WeightsError(LoomaError, ValueError):
    """Weights are not valid; the message says why."""

    code = "weights"
    exit_status = Exit.USAGE


class Weights(Mapping[str, float]):
    """A weight for every feature, 0 for those not named; none is negative and they add up to 1. Raises WeightsError.

    `shares` are the numbers alone, in the order of the features.
    """

    __slots__ = ("_by_name", "_hash", "shares")

    def __init__(self, /, **named: float) -> None:
        unknown = named.keys() - FEATURES.keys()
        if unknown:
            raise WeightsError(f"unknown features {sorted(unknown)}; known are {list(FEATURES)}")
        self._by_name = {name: named.get(name, 0.0) for name in FEATURES}
        values = tuple(self._by_name.values())
        if not all(value >= 0 for value in values):
            raise WeightsError("a weight must not be negative")
        if abs(sum(values) - 1) > 1e-6:
            raise WeightsError(f"weights must add up to 1, not {sum(values)}")
        self._hash = hash(values)
        self.shares = np.array(values)
        self.shares.flags.writeable = False

    def __getitem__(self, name: str) -> float:
        """Return a feature's weight."""
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order of the features."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Return how many features there are."""
        return len(self._by_name)

    def __hash__(self) -> int:
        """Return the hash, computed once: weights are part of the key of every score that is kept."""
        return self._hash

    def __repr__(self) -> str:
        return f"Weights({', '.join(f'{name}={weight:g}' for name, weight in self.items() if weight)})"


def default_weights(features: Mapping[str, Feature] = FEATURES) -> dict[str, float]:
    """Return the features' own weights, scaled to add up to 1: a new one takes its share of all others."""
    whole = math.fsum(feature.weight for feature in features.values())
    return {name: feature.weight / whole for name, feature in features.items()}


def parse_weights(content: str) -> Weights:
    """Return the weights of a TOML text with one table, `weights`. Raises WeightsError."""
    try:
        table: Any = tomllib.loads(content).get("weights")
    except tomllib.TOMLDecodeError as error:
        raise WeightsError(f"not TOML: {error}") from None
    if not isinstance(table, dict):
        raise WeightsError("there is no table [weights]")
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in table.values()):
        raise WeightsError("a weight must be a number")
    return Weights(**{name: float(value) for name, value in table.items()})


def load_weights(path: Path | None = None) -> Weights:
    """Return the weights of a file; without one, DEFAULT. Raises WeightsError."""
    if path is None:
        return DEFAULT
    try:
        return parse_weights(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(str(error)) from error


def to_toml(weights: Weights) -> str:
    """Return the text that `parse_weights` reads."""
    return "[weights]\n" + "".join(f"{name} = {value!r}\n" for name, value in weights.items())


def version_of(weights: Mapping[str, float]) -> str:
    """Return what tells these weights from others: eight hexadecimal digits; what counts nothing does not count."""
    return _version(tuple(sorted((name, value) for name, value in weights.items() if value)))


@lru_cache(maxsize=64)
def _version(weights: tuple[tuple[str, float], ...]) -> str:
    text = "\n".join(f"{name} {value:.6f}" for name, value in weights)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


DEFAULT = Weights(**default_weights())
"""The weights that come with the package."""
