"""What the skill tagger's network is given: windows of neighbouring sentences, as pieces, word shapes, known names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from processors.skills.extract import Extractor
from processors.skills.models import Kind
from processors.skills.spans import taxonomy_spans
from processors.skills.wordpiece import WordPieces

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
"""The first pieces of every vocabulary, so their numbers are 0 to 3."""
_CLS, _SEP = 2, 3
_MOST_PIECES = 12
_KINDS = [kind.value for kind in Kind]
KNOWN_NAMES = 1 + 4 * len(_KINDS)
"""Numbers of the third input: outside a name, else by kind, whether the name is guarded, and whether it begins here."""
SHAPES = 9


@dataclass(slots=True)
class Window:
    """One run of the network. `words` says for each word where its first piece stands, and whose word it is."""

    pieces: list[int] = field(default_factory=lambda: [_CLS])
    shapes: list[int] = field(default_factory=lambda: [0])
    names: list[int] = field(default_factory=lambda: [0])
    words: list[tuple[int, int, int]] = field(default_factory=list)
    """(position, sentence, word)"""

    def add(self, pieces: Sequence[int], shape: int, name: int) -> None:
        """Append a word's pieces."""
        self.pieces += pieces
        self.shapes += [shape] * len(pieces)
        self.names += [name] * len(pieces)

    def end_sentence(self) -> None:
        """Append the mark between sentences."""
        self.add([_SEP], 0, 0)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A sentence's words: the pieces of each, its shape, the name it is part of."""

    pieces: list[tuple[int, ...]]
    shapes: list[int]
    names: list[int]

    @property
    def size(self) -> int:
        """Number of pieces."""
        return sum(map(len, self.pieces))


def encode(tokens: Sequence[str], splitter: WordPieces, extractor: Extractor) -> Encoded:
    """Return a sentence's words as numbers; a word keeps its first pieces only."""
    names = [0] * len(tokens)
    for first, behind, category in taxonomy_spans(tokens, extractor):
        kind = 1 + 4 * _KINDS.index(category.partition("/")[0].rstrip("?")) + 2 * category.endswith("?")
        names[first:behind] = [kind, *[kind + 1] * (behind - first - 1)]
    return Encoded([splitter.split(t)[:_MOST_PIECES] for t in tokens], list(map(shape, tokens)), names)


def windows(sentences: Sequence[Encoded], room: int) -> Iterator[Window]:
    """Yield windows of at most `room` pieces that hold each word once; a sentence is cut only where it is longer."""
    window = Window()
    for number, sentence in enumerate(sentences):
        if not sentence.pieces:
            continue
        if window.words and len(window.pieces) + sentence.size + 1 > room:
            yield window
            window = Window()
        for word, pieces in enumerate(sentence.pieces):
            if window.words and len(window.pieces) + len(pieces) + 1 > room:
                window.end_sentence()
                yield window
                window = Window()
            window.words.append((len(window.pieces), number, word))
            window.add(pieces, sentence.shapes[word], sentence.names[word])
        window.end_sentence()
    if window.words:
        yield window


def shape(word: str) -> int:
    """Return how a word is written, from 1: lower case, Capital, CAPITALS, one letter, MiXed, digits, both, neither."""
    letters = [c for c in word if c.isalpha()]
    if any(c.isdigit() for c in word):
        return 7 if letters else 6
    if not letters:
        return 8
    capitals = [c.isupper() for c in letters]
    if not any(capitals):
        return 1
    if all(capitals):
        return 3 if len(letters) > 1 else 4
    return 2 if capitals[0] and not any(capitals[1:]) else 5
