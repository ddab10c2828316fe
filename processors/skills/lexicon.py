"""Finds every spelling of every skill in one pass over a text: Aho-Corasick, word boundaries, longest match."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import ahocorasick_rs

from processors.skills.fold import Folded, fold_name
from processors.skills.models import Skill
from processors.skills.taxonomy import Taxonomy

_SPELLINGS = (
    ("isation", "ization"), ("ising", "izing"), ("ise ", "ize "), ("ysing", "yzing"), ("modelling", "modeling"),
    ("labelling", "labeling"), ("labour", "labor"), ("behaviour", "behavior"), ("colour", "color"),
    ("centre", "center"), ("programme ", "program "), ("licence", "license"), (" and ", " & "),
)  # fmt: skip
_SPELT = re.compile("|".join(re.escape(form) for pair in _SPELLINGS for form in pair))
_JOINED = re.compile(r"[.\-]")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_VERSION = re.compile(r"\d{1,4}(?: \d{1,2}){0,2}\+?(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Hit:
    """A spelling found in a folded text, before context has its say."""

    skill: Skill
    spelling: str
    start: int
    end: int


def variants(name: str) -> set[str]:
    """Return the folded forms under which a name is also written: British and American, `&`, with and without space."""
    folded = fold_name(name)
    found = {folded}
    if _SPELT.search(folded + " "):
        for one, other in _SPELLINGS:
            for form in list(found):
                padded = form + " "
                found |= {padded.replace(one, other).strip(), padded.replace(other, one).strip()}
    # `Node.js` folds to `node js`; it is also written `nodejs`.
    if _JOINED.search(name.strip(".-")) and " " not in name.strip():
        found.add(folded.replace(" ", ""))
    return found


class Lexicon:
    """All spellings of a taxonomy, compiled."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.owners: dict[str, Skill] = {}
        names = dict(taxonomy.names)
        for skill in taxonomy.skills.values():
            for spelling in skill.spellings:
                for form in variants(spelling):
                    # A spelling that is written so in the data wins over one that is derived.
                    if names.get(form, skill.id) == skill.id and form:
                        self.owners.setdefault(form, skill)
        self._patterns = list(self.owners)
        self._automaton = ahocorasick_rs.AhoCorasick(self._patterns, matchkind=ahocorasick_rs.MatchKind.Standard)

    def find(self, folded: Folded) -> list[Hit]:
        """Return the hits from left to right; where they overlap, the leftmost, of those the longest, and no plural."""
        best: list[Hit] = []
        for hit in sorted(self._bounded(folded.text), key=lambda h: (h.start, -h.end, -len(h.spelling))):
            if not best or hit.start >= best[-1].end:
                best.append(hit)
        return best

    def _bounded(self, text: str) -> Iterator[Hit]:
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            spelling = self._patterns[index]
            if spelling[0] in _WORD and start and (text[start - 1] in _WORD or text[start - 1] in "#@"):
                continue
            if spelling[-1] in _WORD:
                end = _word_end(text, end, spelling)
                if end < 0:
                    continue
            yield Hit(self.owners[spelling], spelling, start, end)


def _word_end(text: str, end: int, spelling: str) -> int:
    """Return where the word ends that begins with the spelling: a plural or a version belongs to it; else -1."""
    if end == len(text):
        return end
    following = text[end]
    if following in "+#":
        return -1
    if following not in _WORD:
        return end
    if len(spelling) >= 4 and text.startswith("s", end) and (end + 1 == len(text) or text[end + 1] not in _WORD):
        return end + 1
    if len(spelling) >= 3 and not spelling[-1].isdigit() and (version := _VERSION.match(text, end)):
        return version.end()
    return -1
