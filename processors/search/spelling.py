"""Words that no record has, read as what was probably meant: typing errors, and Chinese written in pinyin.

Only what found nothing is read again, and the answer says so: a name that we do not know may well be right.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

from processors.lexicon.places import found_places
from processors.lexicon.script import is_han
from processors.search.terms import occupations
from processors.skills.fold import fold, fold_name
from processors.skills.taxonomy import taxonomy

_WORD = re.compile(r"[a-z]+")
_LEAST = 4
"""Shorter words are within one edit of too many others."""
_WRONG_LETTER = 6
"""Shorter ones with a wrong letter may be other words: a mango is no Mongo."""
_TWO_EDITS = 8
"""From this length on, two errors are forgiven."""
_MOST_SYLLABLES = 12
_SYLLABLES = re.compile(r"(?:(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?[aeiouv]{1,4}(?:ng|n|r)?)+")


def respelled(query: str, unknown: Collection[str]) -> str | None:
    """Return the query with those of its Latin words that are `unknown`, folded, as they were probably meant.

    None if nothing is known that is like any of them. Words in pinyin are read together: `chanpin jingli` is 产品经理.
    """
    folded = fold(query)
    words = [(m[0], *folded.span(*m.span())) for m in _WORD.finditer(folded.text)]
    changes: list[tuple[int, int, str]] = []
    at = 0
    while at < len(words):
        run = at
        while run < len(words) and words[run][0] in unknown:
            run += 1
        if run == at:
            at += 1
            continue
        text, count = _meant([word for word, *_ in words[at:run]])
        if text:
            changes.append((words[at][1], words[at + count - 1][2], text))
        at += count
    if not changes:
        return None
    for start, end, text in reversed(changes):
        query = query[:start] + text + query[end:]
    return query


def _meant(words: list[str]) -> tuple[str | None, int]:
    """Return what the first words stand for, and how many of them; the longest pinyin first, then a typing error."""
    for count in range(min(len(words), 4), 0, -1):
        if chinese := _of_pinyin("".join(words[:count])):
            return chinese, count
    return _corrected(words[0]), 1


def _of_pinyin(letters: str) -> str | None:
    """Return the Chinese words that are written so, the fewest."""
    if len(letters) < _LEAST or not _SYLLABLES.fullmatch(letters):
        return None
    known = _pinyin()
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 40), end):
            before, word = best[start], known.get(letters[start:end])
            if before is not None and word and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = [*before, word]
    found = best[-1]
    return "".join(found) if found else None


@lru_cache(maxsize=1)
def _pinyin() -> dict[str, str]:
    from pypinyin import lazy_pinyin  # its dictionary is large, and most searches never need it

    found: dict[str, str] = {}
    for name in (*occupations(), *_skills_in_chinese()):
        if len(name) <= _MOST_SYLLABLES and all(map(is_han, name)):
            found.setdefault("".join(lazy_pinyin(name)).replace("ü", "v"), name)
    return found


def _skills_in_chinese() -> Iterator[str]:
    for skill in taxonomy().skills.values():
        if skill.source in ("looma", "user"):
            yield from (spelling for spelling in skill.spellings if is_han(spelling) and len(spelling) > 1)


def _corrected(word: str) -> str | None:
    """Return the one known word that a word is nearest to, if it is near enough and no other is as near."""
    if len(word) < _LEAST or found_places(word):
        return None
    vocabulary = _vocabulary()
    if word in vocabulary:
        return None
    alike = [name for name in vocabulary if name[0] == word[0] and not word.startswith(name)]
    if len(word) < _WRONG_LETTER:
        alike = [name for name in alike if len(name) != len(word) or sorted(name) == sorted(word)]
    for edits in range(1, 3 if len(word) >= _TWO_EDITS else 2):
        near = {name for name in alike if abs(len(name) - len(word)) <= edits and distance(word, name, edits) == edits}
        if near:
            return near.pop() if len(near) == 1 else None
    return None


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Return the known names of one Latin word, and the words of names of several, where they are not short."""
    names = {word for english in occupations().values() for word in english.split()}
    for skill in taxonomy().skills.values():
        if skill.source in ("looma", "user"):
            names.update(part for spelling in skill.spellings for part in _WORD.findall(fold_name(spelling)))
    return frozenset(name for name in names if len(name) >= _LEAST)


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped; of more than `most`, `most` + 1."""
    return OSA.distance(one, other, score_cutoff=most)
