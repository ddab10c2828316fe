"""Forgives one typing error in a long, unmistakable name: `Kuberentes`, `PostgreSQl`, `Elasticserach`."""

import re
from collections.abc import Mapping, Sequence

from processors.skills.lexicon import Hit
from processors.skills.models import Kind, Skill

_MIN_LENGTH = 8
_TOKEN = re.compile(r"[a-z]{8,24}")
# Endings of ordinary words that are one letter away from a name.
_INFLECTED = re.compile(r"(?:ing|ers?|ed|ly|ions?|ness|ments?|able|ities|ity|ive|al|ance|ence)$")


class Typos:
    """Names within one edit (a letter missing, doubled, wrong, or two swapped), found by their deletions."""

    def __init__(self, owners: Mapping[str, Skill]) -> None:
        self._owners = owners
        self._deletions: dict[str, str | None] = {}
        for name, skill in owners.items():
            if skill.kind not in (Kind.HARD, Kind.TOOL) or name in skill.guarded or not _TOKEN.fullmatch(name):
                continue
            if _INFLECTED.search(name) or skill.source not in ("looma", "user"):
                continue
            for form in _deleted(name):
                # A form of two names corrects to neither.
                self._deletions[form] = name if self._deletions.get(form, name) == name else None

    def correct(self, word: str) -> str | None:
        """Return the id of the one name that is one edit away, or None."""
        skill = self._match(word)
        return skill.id if skill else None

    def find(self, text: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return misspelt names outside the given hits of a folded text."""
        found = []
        taken = {position for hit in hits for position in (hit.start, hit.end - 1)}
        for token in _TOKEN.finditer(text):
            start, end = token.span()
            if start in taken or end - 1 in taken or (text[start - 1 : start].isalnum() and text[start - 1].isascii()):
                continue
            if end < len(text) and text[end].isascii() and text[end].isalnum():
                continue
            skill = self._match(token[0])
            if skill:
                found.append(Hit(skill, token[0], start, end))
        return found

    def _match(self, word: str) -> Skill | None:
        if len(word) < _MIN_LENGTH or word in self._owners or _INFLECTED.search(word):
            return None
        names = {self._deletions[form] for form in _deleted(word) if form in self._deletions} - {None}
        close = {name for name in names if name and name[0] == word[0] and _one_edit(name, word)}
        return self._owners[close.pop()] if len(close) == 1 else None


def _deleted(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_edit(one: str, other: str) -> bool:
    """Return whether the words differ by one insertion, deletion, substitution or swap of neighbours."""
    if abs(len(one) - len(other)) > 1:
        return False
    head = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[head:], other[head:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
    short, long = sorted((a, b), key=len)
    return long[1:] == short
