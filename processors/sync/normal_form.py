"""Normal forms: when two values say the same, and when one says all that another says and more."""

import re
import unicodedata
from itertools import permutations
from typing import Any

from processors.lexicon.script import all_han

_WORD = re.compile(r"[^\W_]+")

Normal = Any
"""A hashable value; equal normal forms say the same."""


def text_form(text: str) -> str:
    """Return text without what only looks different: width, case, spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def name_form(text: str) -> tuple[str, ...]:
    """Return the words of a name in alphabetical order; spaces within a Chinese name mean nothing."""
    words = _WORD.findall(text_form(text))
    if words and all(map(all_han, words)):
        return ("".join(words),)
    return tuple(sorted(words))


def form(value: Any, *, name: bool = False) -> Normal:
    """Return the normal form of a JSON value: lists are sets, what is null in an object is not there."""
    if isinstance(value, str):
        return name_form(value) if name else text_form(value)
    if isinstance(value, list):
        return frozenset(form(element) for element in value)
    if isinstance(value, dict):
        return frozenset((key, form(element)) for key, element in value.items() if element is not None)
    return value


def contains(whole: Normal, part: Normal) -> bool:
    """Return whether `whole` says all that `part` says, and more."""
    if whole == part or type(whole) is not type(part):
        return False
    if isinstance(part, str) and isinstance(whole, str):
        return part != "" and part in whole
    if isinstance(part, frozenset) and isinstance(whole, frozenset):
        return all(p in whole or (isinstance(p, frozenset) and any(contains(w, p) for w in whole)) for p in part)
    return isinstance(part, tuple) and _abbreviates(part, list(whole))


def _abbreviates(part: tuple[str, ...], whole: list[str]) -> bool:
    """Each word of `part` is a word of `whole`, its initial, within it or its pinyin where it is Chinese."""
    if len(whole) == 1 and all_han(whole[0]):
        if not part or all_han(part[0]):
            return len(part) == 1 and part[0] in whole[0]
        return _transliterates(part, whole[0])
    for word in sorted(part, key=len, reverse=True):
        match = next((w for w in whole if w == word), None) or next(
            (w for w in whole if len(word) == 1 and w.startswith(word)), None
        )
        if match is None:
            return False
        whole.remove(match)
    return bool(part)


def _transliterates(latin: tuple[str, ...], han: str) -> bool:
    """Latin letters say less than the characters that they spell, in any order of surname and given name."""
    if len(latin) > 4 or len(han) > 8:
        return False
    from pypinyin import lazy_pinyin  # its dictionary is large, and most workers never need it

    spelled = "".join(lazy_pinyin(han, v_to_u=False))
    return any("".join(words) == spelled for words in permutations(latin))


def tidiness(value: Any) -> int:
    """Rank spellings of the same text: neither full-width nor untrimmed, then not all in one case."""
    if not isinstance(value, str):
        return 0
    tidy = value == " ".join((value if value.isascii() else unicodedata.normalize("NFKC", value)).split())
    mixed = not (value.isupper() or value.islower())
    return 2 * tidy + mixed
