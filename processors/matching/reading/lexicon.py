"""Word lists that name industries and fields of study, from data."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names with the pattern of the words that tell of each; related ones stand in for each other in part."""

    patterns: Mapping[str, re.Pattern[str]]
    related: frozenset[frozenset[str]]

    def named(self, text: str) -> list[str]:
        """Return the names that a text in lower case tells of, in the list's order."""
        return [name for name, pattern in self.patterns.items() if pattern.search(text)]

    def akin(self, one: str, other: str) -> bool:
        """Whether two names are related."""
        return frozenset((one, other)) in self.related


def _read(name: str) -> Lexicon:
    content = tomllib.loads((files("processors.matching") / "data" / name).read_text(encoding="utf-8"))
    patterns = {key: re.compile(words) for key, words in content["words"].items()}
    pairs = frozenset(frozenset(pair) for pair in content["related"]["pairs"])
    unknown = {name for pair in pairs for name in pair} - patterns.keys()
    if unknown:
        raise ValueError(f"{name}: unknown {sorted(unknown)}")
    return Lexicon(patterns, pairs)


INDUSTRIES = _read("industries.toml")
DISCIPLINES = _read("disciplines.toml")
