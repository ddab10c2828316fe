"""Short names of Chinese organisations: 中石化 for 中国石油化工集团有限公司. A rule, without a list of any.

A short name takes characters of the full one in their order, mostly the first of a word. What it leaves out costs: a
word with a meaning of its own more than 中国, 管理 or a legal form, and most where it stands first.
"""

import tomllib
from functools import lru_cache
from importlib.resources import files

from processors.lexicon.places import CITIES, PROVINCES
from processors.resolution.text import fold

_KNOWN = {
    kind: frozenset(text.split())
    for kind, text in tomllib.loads(
        files("processors.lexicon").joinpath("data/organisations.toml").read_text(encoding="utf-8")
    ).items()
}
_PLACES = frozenset((*CITIES, *PROVINCES, "香港", "澳门", "台湾"))
_WORDS = _PLACES.union(*_KNOWN.values())
_LONGEST = max(map(len, _WORDS))
_MOST = 40
"""Characters of a full name that are read; a longer one is a sentence."""

_LEFT_OUT = {"everywhere": 0.3, "light": 0.6, "usual": 0.8}
_COST_LEFT_OUT = {word: _LEFT_OUT[kind] for kind, words in _KNOWN.items() for word in words}
_FIRST_LEFT_OUT, _NOT_THE_FIRST, _LAST_OF_USUAL = 0.4, 0.7, 0.4
_NO_WAY = float("inf")

LIKELY = 2.0
"""Cost up to which a short name is likely to be of a full one, if both speak of one company for other reasons, too."""


def abbreviation_cost(short: str, full: str) -> float | None:
    """Return what it costs to read `short` as a short name of `full`: 0 is without doubt; None if it cannot be one."""
    letters, name = fold(short).replace(" ", ""), fold(full).replace(" ", "")
    return cost(letters, words(name)) if set(letters) <= set(name) else None


def cost(short: str, full: tuple[str, ...]) -> float | None:
    """Return the least cost, over all ways to find the characters of `short` in the words of `full`, in order."""
    most = len(short)
    least = [0.0, *[_NO_WAY] * most]
    for number, word in enumerate(full):
        left_out = _COST_LEFT_OUT.get(word, 1.0) + (_FIRST_LEFT_OUT if number == 0 else 0)
        now = [value + left_out for value in least]
        for start in range(most):
            if least[start] == _NO_WAY:
                continue
            at, here = -1, 0.0
            for end in range(start, most):
                first = at < 0
                at = word.find(short[end], at + 1)
                if at < 0:
                    break
                if first and at:
                    here = _LAST_OF_USUAL if word in _KNOWN["usual"] and at == len(word) - 1 else _NOT_THE_FIRST
                now[end + 1] = min(now[end + 1], least[start] + here)
        least = now
    return None if least[most] == _NO_WAY else round(least[most], 3)


@lru_cache(maxsize=50_000)
def words(full: str) -> tuple[str, ...]:
    """Divide a name into words: the longest known ones, and what is between them by twos, as most words are."""
    full = full[:_MOST]
    found: list[str] = []
    unknown = at = 0
    while at < len(full):
        known = next((n for n in range(min(_LONGEST, len(full) - at), 0, -1) if full[at : at + n] in _WORDS), 0)
        if known:
            found += (full[n : min(n + 2, at)] for n in range(unknown, at, 2))
            found.append(full[at : at + known])
            unknown = at + known
        at += known or 1
    found += (full[n : n + 2] for n in range(unknown, len(full), 2))
    return tuple(found)


def abbreviates(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether one of two Chinese names, given in words, is likely to be a short name of the other."""
    names = sorted((("".join(words), words) for words in (left, right)), key=lambda name: len(name[0]))
    (short, _), (full, parts) = names
    if not 2 <= len(short) <= _LONGEST_SHORT < len(full):
        return False
    found = cost(short, parts)
    return found is not None and found <= LIKELY


_LONGEST_SHORT = 5
"""Characters of a short name at most; a full one has more."""
