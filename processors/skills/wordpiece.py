"""WordPiece, as uncased BERT models read words (Devlin et al. 2019): the longest piece of the vocabulary first."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_LONGEST_WORD = 100
_PARTS = re.compile(r"\w+|[^\w\s]|_")


class WordPieces:
    """Splits words into the numbers of a vocabulary's pieces; safe to share between threads.

    `vocabulary` has one piece a number, `##` before those inside a word, and among them `[UNK]`.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._ids["[UNK]"]
        self.split = lru_cache(maxsize=20_000)(self._split)

    def _split(self, word: str) -> tuple[int, ...]:
        """Return a word's pieces: at least one, and one `[UNK]` for each part with a character that no piece has."""
        bare = unicodedata.normalize("NFD", word[:_LONGEST_WORD].lower())
        bare = "".join(c for c in bare if unicodedata.category(c) != "Mn")
        found: list[int] = []
        for part in _PARTS.findall(bare):
            found += self._longest(part)
        return tuple(found) or (self._unknown,)

    def _longest(self, part: str) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(part):
            prefix = "##" if at else ""
            end = next((e for e in range(len(part), at, -1) if prefix + part[at:e] in self._ids), at)
            if end == at:
                return [self._unknown]
            found.append(self._ids[prefix + part[at:end]])
            at = end
        return found
