"""How much each feature counts: data, with a default and files of a user's own."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from schemas.errors import LoomaError
from schemas.exits import Exit


class WeightsError(LoomaError, ValueError):
    """Weights are not valid; the message says why."""

    code = "weights"
    exit_status = Exit.USAGE


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the features; none is negative and they add up to 1. Raises WeightsError otherwise."""

    skills: float = 0.0
    semantic: float = 0.0
    sections: float = 0.0
    title: float = 0.0
    experience: float = 0.0
    location: float = 0.0
    seniority: float = 0.0
    salary: float = 0.0
    education: float = 0.0
    languages: float = 0.0
    availability: float = 0.0
    stability: float = 0.0
    industry: float = 0.0
    field: float = 0.0
    management: float = 0.0

    def __post_init__(self) -> None:
        values = asdict(self).values()
        if not all(value >= 0 for value in values):
            raise WeightsError("a weight must not be negative")
        if abs(sum(values) - 1) > 1e-6:
            raise WeightsError(f"weights must add up to 1, not {sum(values)}")


def parse_weights(content: str) -> Weights:
    """Return the weights of a TOML text with one table, `weights`. Raises WeightsError."""
    try:
        table: Any = tomllib.loads(content).get("weights")
    except tomllib.TOMLDecodeError as error:
        raise WeightsError(f"not TOML: {error}") from None
    if not isinstance(table, dict):
        raise WeightsError("there is no table [weights]")
    unknown = table.keys() - set(Weights.__slots__)
    if unknown:
        raise WeightsError(f"unknown features {sorted(unknown)}; known are {list(Weights.__slots__)}")
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
    return "[weights]\n" + "".join(f"{name} = {value:.9f}\n" for name, value in asdict(weights).items())


def version_of(weights: Mapping[str, float]) -> str:
    """Return what tells these weights from others: eight hexadecimal digits; what counts nothing does not count."""
    return _version(tuple(sorted((name, value) for name, value in weights.items() if value)))


@lru_cache(maxsize=64)
def _version(weights: tuple[tuple[str, float], ...]) -> str:
    text = "\n".join(f"{name} {value:.6f}" for name, value in weights)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


DEFAULT = parse_weights((files("processors.matching") / "data" / "weights.toml").read_text(encoding="utf-8"))
"""The weights that come with the package."""
