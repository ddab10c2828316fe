"""What a job title says: the trade and the sort of post, alike in Chinese and English, and how close two titles are."""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from processors.lexicon.script import fold
from processors.resume.work import normal_title
from processors.skills import Kind, extract_skills

_LONGEST = 200
_WORD = re.compile(r"[a-z][a-z+#.]*|[\u3400-\u9fff]+")
_EMPTY = frozenset(("of", "the", "and", "for", "in", "a", "to", "remote"))


class _Names(NamedTuple):
    pattern: re.Pattern[str]
    owners: Mapping[str, tuple[str, ...]]
    domains: frozenset[str]


@cache
def _names() -> _Names:
    data: dict[str, dict[str, str]] = tomllib.loads((files(__package__) / "data" / "roles.toml").read_text("utf-8"))
    owners: dict[str, list[str]] = {}
    for table in data.values():
        for concept, names in table.items():
            for name in names.split("|"):
                owners.setdefault(name, []).append(concept)
    ordered = sorted(owners, key=len, reverse=True)
    pattern = "|".join(rf"(?<![a-z]){re.escape(n)}s?(?![a-z])" if n.isascii() else re.escape(n) for n in ordered)
    return _Names(re.compile(pattern), {n: tuple(c) for n, c in owners.items()}, frozenset(data["domain"]))


@lru_cache(maxsize=20_000)
def features(title: str) -> frozenset[str]:
    """Return what a title says: concepts (`@backend`), skills (`#java`), and the words that are neither."""
    bare = re.sub(r"[-/&'’]", " ", normal_title(title[:_LONGEST]))
    found: set[str] = set()
    names = _names()

    def take(match: re.Match[str]) -> str:
        name = match[0] if match[0] in names.owners else match[0].removesuffix("s")
        found.update(f"@{concept}" for concept in names.owners[name])
        return " "

    rest = names.pattern.sub(take, bare)
    found.update(f"#{skill}" for skill in tools(title))
    for word in _WORD.findall(rest):
        if word.isascii():
            found.update({word} - _EMPTY)
        else:
            found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return frozenset(found)


@lru_cache(maxsize=20_000)
def tools(title: str) -> tuple[str, ...]:
    """Return the tools and programming languages that a title names; its other skills are the occupation's own name."""
    return tuple(
        m.skill_id
        for m in extract_skills(title[:_LONGEST])
        if m.kind is Kind.TOOL or m.category == "hard/programming-language"
    )


def domains(title: str) -> list[str]:
    """Return the trades that a title names, sorted."""
    known = _names().domains
    return sorted(f[1:] for f in features(title) if f[0] == "@" and f[1:] in known)


@dataclass(frozen=True)
class TitleIndex:
    """Titles compared by what they share, rare words weighing more; what few titles have tells more."""

    weights: Mapping[str, float]
    unknown: float

    @classmethod
    def of(cls, titles: Iterable[str]) -> "TitleIndex":
        """Count in how many titles each feature is."""
        counts: Counter[str] = Counter()
        number = 0
        for title in titles:
            counts.update(features(title))
            number += 1
        return cls({f: math.log1p(number / (n + 0.5)) for f, n in counts.items()}, math.log1p(number * 2))

    def closeness(self, sought: str, other: str) -> float:
        """Return how close a title is to the one sought, 0 to 1.

        It is the mean of their cosine and of the part that the title has of what is sought: what a longer title says
        beyond counts less against it than what it lacks.
        """
        a, b = features(fold(sought)), features(fold(other))
        both = self._square(a & b)
        if not both:
            return 0.0
        wanted = self._square(a)
        return (both / math.sqrt(wanted * self._square(b)) + both / wanted) / 2

    def _square(self, names: Iterable[str]) -> float:
        return sum(self._weight(f) ** 2 for f in names)

    def _weight(self, name: str) -> float:
        weight = self.weights.get(name, self.unknown)
        return weight if name[0] in "@#" else weight * _WORD_WEIGHT


_WORD_WEIGHT = 0.5
"""A word that no list knows may be a city or a product line: it tells less than a trade."""
