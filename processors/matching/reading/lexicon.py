"""Word lists that name industries and fields of study, from data."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files

from ahocorasick_rs import AhoCorasick

_PLAIN = re.compile(r"[\w -]*")
"""What stands for itself in a pattern."""


class Lexicon:
    """Names with the pattern of the words that tell of each; related ones stand in for each other in part."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]], related: frozenset[frozenset[str]]) -> None:
        self.patterns = patterns
        self.related = related
        # One pass over a text finds the few patterns that are worth a search.
        openings = {name: set(map(_opening, _alternatives(p.pattern))) for name, p in patterns.items()}
        self._always = frozenset(name for name, found in openings.items() if "" in found)
        self._openings = sorted(set().union(*openings.values()) - {""})
        self._owners = [[name for name, found in openings.items() if o in found] for o in self._openings]
        self._automaton = AhoCorasick(self._openings)

    def named(self, text: str) -> list[str]:
        """Return the names that a text in lower case tells of, in the list's order."""
        found = {index for index, *_ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        likely = self._always.union(*(self._owners[index] for index in found))
        return [name for name, pattern in self.patterns.items() if name in likely and pattern.search(text)]

    def akin(self, one: str, other: str) -> bool:
        """Whether two names are related."""
        return frozenset((one, other)) in self.related


def _alternatives(pattern: str) -> Iterator[str]:
    """Yield the alternatives of a pattern, those inside of groups not split."""
    depth = start = 0
    for at, sign in enumerate(pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            yield pattern[start:at]
            start = at + 1
    yield pattern[start:]


def _opening(alternative: str) -> str:
    """Return letters that every match of an alternative begins with, perhaps none."""
    plain = _PLAIN.match(alternative.removeprefix(r"\b"))
    assert plain
    optional = plain.string[plain.end() : plain.end() + 1] in ("?", "*", "{")
    return plain[0][:-1] if optional else plain[0]


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
